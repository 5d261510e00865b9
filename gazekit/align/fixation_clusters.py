"""Which fixations of a sentence rest on one place? Those within reach of each other."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

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
    count, place = connected_components(near, directed=False)
    groups = [np.flatnonzero(place == one).astype(np.int64) for one in range(count)]
    return sorted(groups, key=lambda members: int(members[0]))
