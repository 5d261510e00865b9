"""What is a scanpath, and how far are two of them apart: warped, as strings, or embedded?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.metrics.sequences import accumulated, levenshtein
from gazekit.model.errors import DataError

__all__ = ["Scanpath", "dtw", "edit_distance", "grid_cells", "stde"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Scanpath:
    """Fixations in the order in which they were made; arrays of shape (n,), finite.

    `x_px`, `y_px`: float64, pixels of the image or screen; `duration_us`: int64 microseconds.

    Raises
    ------
    DataError
        The lengths differ, a place is not finite, or a duration is negative.
    """

    x_px: _Floats
    y_px: _Floats
    duration_us: _Ints

    def __post_init__(self) -> None:
        """Refuse what is no scanpath."""
        lengths = [len(self.x_px), len(self.y_px), len(self.duration_us)]
        if len(set(lengths)) > 1:
            raise DataError("x, y and durations differ in length", found=lengths)
        if not (np.isfinite(self.x_px).all() and np.isfinite(self.y_px).all()):
            raise DataError("a fixation has no place", remedy="leave out those off the image")
        if (self.duration_us < 0).any():
            raise DataError("a fixation lasts less than nothing", where="duration_us")

    def __len__(self) -> int:
        """Count the fixations."""
        return len(self.x_px)

    @classmethod
    def of(cls, x_px: ArrayLike, y_px: ArrayLike, duration_us: ArrayLike = 0) -> "Scanpath":
        """Make one of anything like arrays; one duration serves all fixations."""
        x, y = (np.atleast_1d(np.asarray(v, np.float64)) for v in (x_px, y_px))
        duration = np.asarray(duration_us, np.int64)
        return cls(x, y, np.full(x.shape, duration) if duration.ndim == 0 else duration)


def dtw(first: Scanpath, second: Scanpath) -> float | None:
    """Return the least summed distance between two scanpaths warped onto each other, in pixels.

    Berndt & Clifford (1994), "Using dynamic time warping to find patterns in time series", KDD
    workshop: every fixation is matched with at least one of the other path, in order; the
    distances of all matches are summed. None where a path is empty.
    """
    if not len(first) or not len(second):
        return None
    return float(accumulated(_distances(first, second))[-1, -1])


def edit_distance(
    first: Scanpath,
    second: Scanpath,
    *,
    size_px: tuple[float, float],
    grid: tuple[int, int] = (5, 5),
) -> int:
    """Return how many insertions, deletions and substitutions make one grid string the other.

    The string edit distance of Brandt & Stark (1997), "Spontaneous eye movements during visual
    imagery reflect the content of the visual scene", J. Cognitive Neuroscience 9, with the costs
    of Levenshtein (1966): each fixation is the letter of its cell.

    Parameters
    ----------
    first, second
        The scanpaths; an empty one costs the length of the other.
    size_px, grid
        Width and height of the image, and rows and columns that it is divided in.
    """
    a, b = (grid_cells(path, size_px=size_px, grid=grid) for path in (first, second))
    return levenshtein(a, b)


def stde(
    first: Scanpath,
    second: Scanpath,
    *,
    size_px: tuple[float, float],
    longest: int | None = None,
) -> float | None:
    """Return the scaled time-delay embedding similarity, 1 for a path that is part of the other.

    Wang, Chen, Wang, Jiang, Fang & Gao (2011), "Simulating human saccadic scanpaths on natural
    images", CVPR. For each window length, each run of so many fixations of `first` takes the run
    of `second` that is nearest in mean distance; these least distances are averaged over the runs,
    divided by the image's diagonal and taken from 1; the result is the mean over window lengths.

    Parameters
    ----------
    first, second
        The candidate and the reference; the figure is not symmetric.
    size_px
        Width and height of the image.
    longest
        Longest window; that of the shorter path where None.

    Returns
    -------
    float or None
        At most 1; None where a path is empty.
    """
    most = min(len(first), len(second), longest or len(first))
    if most == 0:
        return None
    apart = _distances(first, second) / float(np.hypot(*size_px))
    found = []
    for length in range(1, most + 1):
        rows, columns = apart.shape[0] - length + 1, apart.shape[1] - length + 1
        runs = np.zeros((rows, columns))
        for step in range(length):
            runs += apart[step : step + rows, step : step + columns]
        found.append(1 - float((runs / length).min(axis=1).mean()))
    return float(np.mean(found))


def grid_cells(path: Scanpath, *, size_px: tuple[float, float], grid: tuple[int, int]) -> _Ints:
    """Return the cell of each fixation, numbered row by row; off the image counts as its edge."""
    rows, columns = grid
    column = np.clip(np.floor(path.x_px / size_px[0] * columns), 0, columns - 1)
    row = np.clip(np.floor(path.y_px / size_px[1] * rows), 0, rows - 1)
    cells: _Ints = (row * columns + column).astype(np.int64)
    return cells


def _distances(first: Scanpath, second: Scanpath) -> _Floats:
    apart: _Floats = np.hypot(
        first.x_px[:, None] - second.x_px[None, :], first.y_px[:, None] - second.y_px[None, :]
    )
    return apart
