"""Do two scanpaths visit the same places in the same order?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazekit.metrics.scanpath import Scanpath, grid_cells

__all__ = ["VisitOrder", "kendall_tau", "visit_order"]


@dataclass(frozen=True)
class VisitOrder:
    """Kendall's tau of the order of first visits, whether it is the same, and of how many."""

    tau: float
    exact: bool
    places: int


def visit_order(
    first: Scanpath,
    second: Scanpath,
    *,
    size_px: tuple[float, float],
    grid: tuple[int, int] = (5, 5),
) -> VisitOrder | None:
    """Compare the order in which two paths first come to the cells that both visit.

    Parameters
    ----------
    first, second
        The scanpaths.
    size_px, grid
        Width and height of the image, and rows and columns that it is divided in.

    Returns
    -------
    VisitOrder or None
        None where fewer than two cells are visited by both.
    """
    ours, theirs = (_first_visits(path, size_px, grid) for path in (first, second))
    common = sorted(ours.keys() & theirs.keys())
    tau = kendall_tau([ours[c] for c in common], [theirs[c] for c in common])
    if tau is None:
        return None
    return VisitOrder(tau, tau == 1.0, len(common))


def kendall_tau(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return Kendall's tau-a (1938) of two rankings without ties: 1 same, -1 reversed.

    Parameters
    ----------
    first, second
        Shape (n,): the rank of each thing.

    Returns
    -------
    float or None
        None for fewer than two things.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.size < 2:  # noqa: PLR2004 - a pair
        return None
    i, j = np.triu_indices(a.size, 1)
    return float((np.sign(a[i] - a[j]) * np.sign(b[i] - b[j])).mean())


def _first_visits(
    path: Scanpath, size_px: tuple[float, float], grid: tuple[int, int]
) -> dict[int, int]:
    cells = grid_cells(path, size_px=size_px, grid=grid).tolist()
    found: dict[int, int] = {}
    for when, cell in enumerate(cells):
        found.setdefault(cell, when)
    return found
