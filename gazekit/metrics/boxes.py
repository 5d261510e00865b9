"""How much do two boxes share, and does a box hold a point? Boxes are x0, y0, x1, y1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["box_iou", "point_in_box"]


def box_iou(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return intersection over union of every pair of boxes.

    Parameters
    ----------
    first, second
        Shapes (n, 4) and (m, 4), in one unit; a box without area shares nothing.

    Returns
    -------
    ndarray
        float64, shape (n, m), in [0, 1].
    """
    a = np.asarray(first, np.float64).reshape(-1, 1, 4)
    b = np.asarray(second, np.float64).reshape(1, -1, 4)
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    union = _area(a) + _area(b) - shared
    iou: NDArray[np.float64] = np.zeros_like(shared)
    np.divide(shared, union, out=iou, where=union > 0)
    return iou


def point_in_box(x: float, y: float, box: ArrayLike) -> bool:
    """Tell whether a point lies in a box; the left and top edges belong to it."""
    x0, y0, x1, y1 = np.asarray(box, np.float64)
    return bool(x0 <= x < x1 and y0 <= y < y1)


def _area(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    area: NDArray[np.float64] = np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(axis=-1)
    return area
