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
    """Return x, y of the strongest point of a map, in cells, finer than a cell.

    The centre of mass of the strongest cell (the first one of equals) and its eight neighbours,
    what all nine share taken off: a coarse map still points inside a cell, and a flat
    neighbourhood points to the centre of its cell.

    Parameters
    ----------
    saliency
        The map, shape (rows, columns), not negative.
    """
    values = np.asarray(saliency, np.float64)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    around = np.pad(values, 1)[row : row + 3, column : column + 3]
    around = around - around.min()
    if around.sum() == 0:
        return float(column) + 0.5, float(row) + 0.5
    along_y, along_x = around.sum(axis=1), around.sum(axis=0)
    shift_y = float(along_y[2] - along_y[0]) / float(around.sum())
    shift_x = float(along_x[2] - along_x[0]) / float(around.sum())
    return float(column) + 0.5 + shift_x, float(row) + 0.5 + shift_y


def pointing_game(x: float, y: float, boxes: Sequence[ArrayLike]) -> bool:
    """Tell whether the point lies in at least one of the boxes, in the same unit as these."""
    return any(point_in_box(x, y, box) for box in boxes)
