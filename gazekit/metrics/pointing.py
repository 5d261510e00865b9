"""Does the strongest point of a map fall into the right box?

The pointing game of Zhang et al., "Top-down neural attention by excitation backprop", IJCV 2018,
without the tolerance margin of 15 pixels that they add.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from gazekit.metrics.boxes import point_in_box

__all__ = ["peak_cell", "pointing_game"]


def peak_cell(saliency: ArrayLike) -> tuple[float, float]:
    """Return x, y of the centre of the strongest cell, in cells; the first one of equals."""
    values = np.asarray(saliency)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return float(column) + 0.5, float(row) + 0.5


def pointing_game(x: float, y: float, boxes: Sequence[ArrayLike]) -> bool:
    """Tell whether the point lies in at least one of the boxes, in the same unit as these."""
    return any(point_in_box(x, y, box) for box in boxes)
