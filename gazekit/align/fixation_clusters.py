"""Which fixations of a sentence rest on one place? Those within reach of each other."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["cluster_fixations"]

_Floats = NDArray[np.floating]


def cluster_fixations(
    x_px: _Floats, y_px: _Floats, *, sigma_x_px: _Floats, sigma_y_px: _Floats, reach_deg: float
) -> list[NDArray[np.int64]]:
    """Group fixations into places, in the order in which the places were first looked at.

    Two fixations share a place when they are at most `reach_deg` apart, and when a chain of such
    steps joins them: DBSCAN with one point as the least, in degrees of visual angle.

    Parameters
    ----------
    x_px, y_px
        Shape (n,), image pixels, in time order.
    sigma_x_px, sigma_y_px
        Shape (n,), one degree of visual angle at each, along x and y; of two, the mean counts.
    reach_deg
        Largest distance of neighbours, in degrees.

    Returns
    -------
    list of ndarray
        int64, the members of each place in time order; every fixation is in exactly one.
    """
    across = (x_px[:, None] - x_px) / ((sigma_x_px[:, None] + sigma_x_px) / 2)
    down = (y_px[:, None] - y_px) / ((sigma_y_px[:, None] + sigma_y_px) / 2)
    near = np.hypot(across, down) <= reach_deg
    left = np.ones(x_px.size, bool)
    groups = []
    while left.any():
        members = _joined(near, int(left.argmax()))
        left &= ~members
        groups.append(np.flatnonzero(members).astype(np.int64))
    return groups


def _joined(near: NDArray[np.bool_], first: int) -> NDArray[np.bool_]:
    """Mark what a chain of neighbours joins to `first`; each row of `near` is read once."""
    members = np.zeros(near.shape[0], bool)
    members[first] = True
    new = members
    while new.any():
        new = near[new].any(axis=0) & ~members
        members |= new
    return members
