"""How large is the display that a tracker was set up for?"""

from collections.abc import Sequence

import numpy as np

__all__ = ["display_size_mm"]


def display_size_mm(
    top_left: Sequence[float], top_right: Sequence[float], bottom_left: Sequence[float]
) -> tuple[float, float]:
    """Return width and height from three corners in the tracker's user coordinates, in mm."""
    corner = np.asarray(top_left, np.float64)
    width = float(np.linalg.norm(np.asarray(top_right, np.float64) - corner))
    height = float(np.linalg.norm(np.asarray(bottom_left, np.float64) - corner))
    return width, height
