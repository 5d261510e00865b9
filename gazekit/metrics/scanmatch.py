"""How alike are two scanpaths in place, order and time, as strings over a grid (ScanMatch)?"""

import numpy as np
from numpy.typing import NDArray

from gazekit.metrics.scanpath import Scanpath, grid_cells
from gazekit.metrics.sequences import needleman_wunsch

__all__ = ["scanmatch"]

_US_PER_MS = 1000


def scanmatch(
    first: Scanpath,
    second: Scanpath,
    *,
    size_px: tuple[float, float],
    grid: tuple[int, int] = (8, 12),
    bin_ms: float | None = 50.0,
    threshold: float = 3.5,
    gap: float = 0.0,
) -> float | None:
    """Return the normalised ScanMatch score: 1 for equal paths, 0 where nothing is near.

    Cristino, Mathôt, Theeuwes & Gilchrist (2010), "ScanMatch: A novel method for comparing
    fixation sequences", Behavior Research Methods 42. A fixation is the letter of its cell,
    repeated once for every bin of time that it lasts, rounded. Two letters laid beside each other
    gain `threshold` less the distance of their cells; the best alignment's score is divided by
    `threshold` times the length of the longer string.

    Parameters
    ----------
    first, second
        The scanpaths.
    size_px, grid
        Width and height of the image, and rows and columns that it is divided in.
    bin_ms
        Length of a bin; None: each fixation is one letter, whatever it lasts.
    threshold
        The distance, in cells, beyond which a substitution costs; the toolbox takes 3.5, the paper
        twice the standard deviation of the saccades' amplitudes.
    gap
        What a letter left alone gains; the toolbox takes 0.

    Returns
    -------
    float or None
        None where a string is empty.
    """
    a, b = (
        np.repeat(grid_cells(path, size_px=size_px, grid=grid), _repeats(path, bin_ms))
        for path in (first, second)
    )
    if a.size == 0 or b.size == 0:
        return None
    columns = grid[1]
    apart = np.hypot(
        (a // columns)[:, None] - (b // columns)[None, :],
        (a % columns)[:, None] - (b % columns)[None, :],
    )
    return needleman_wunsch(threshold - apart, gap=gap) / (threshold * max(a.size, b.size))


def _repeats(path: Scanpath, bin_ms: float | None) -> NDArray[np.int64]:
    if bin_ms is None:
        return np.ones(len(path), np.int64)
    return np.floor(path.duration_us / (bin_ms * _US_PER_MS) + 0.5).astype(np.int64)
