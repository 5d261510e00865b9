"""How much does gaze scatter inside each fixation: sample to sample, about the mean, as an area?

Every figure is of small angles, so that the screen is taken as flat about each fixation: what a
step of mm means in degrees there follows from the place on the screen and the distance of the eye
(relative error below 1e-4 for one degree).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.geometry import screen_px_to_mm
from gazekit.model.records import ScreenRecord

__all__ = ["Scatter", "bcea_deg2", "scatter_of"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_LEAST = 2
_DEG = 180 / np.pi


@dataclass(frozen=True)
class Scatter:
    """The scatter of gaze in fixations.

    Attributes
    ----------
    square_deg2, pairs
        Sum of the squared angles between successive samples, and how many there were:
        RMS-S2S is the root of their quotient.
    std_deg, bcea_deg2
        float64, shape (k,): one value for each fixation with at least two samples.
    """

    square_deg2: float
    pairs: int
    std_deg: _Floats
    bcea_deg2: _Floats


def bcea_deg2(
    screen: ScreenRecord,
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    share: float = 0.68,
    distance_mm: float | None = None,
) -> float | None:
    """Return the bivariate contour ellipse area: the ellipse that holds this share of gaze.

    Steinman (1965), "Effect of target size, luminance, and color on monocular fixation", JOSA 55;
    Crossland & Rubin (2002), "The use of an infrared eyetracker to measure fixation stability",
    Optometry and Vision Science 79: ``2 k pi sx sy sqrt(1 - r^2)``, where ``share = 1 - exp(-k)``,
    with the standard deviations and correlation of the samples as they are (divided by n).

    Parameters
    ----------
    screen
        The display and the nominal viewing distance.
    x_px, y_px
        Gaze of one fixation, shape (n,), screen pixels; samples with a NaN are left out.
    share
        Of gaze, between 0 and 1.
    distance_mm
        Eye to screen; the screen's where None.

    Returns
    -------
    float or None
        Square degrees; None with fewer than two valid samples.
    """
    xy = np.column_stack([np.atleast_1d(np.asarray(v, np.float64)) for v in (x_px, y_px)])
    time = np.arange(len(xy), dtype=np.int64)
    found = scatter_of(
        time,
        xy,
        screen=screen,
        distance_mm=distance_mm or screen.distance_mm,
        fixations_us=np.array([[0, len(xy)]], np.int64),
        share=share,
    )
    return float(found.bcea_deg2[0]) if found.bcea_deg2.size else None


def scatter_of(
    time_us: _Ints,
    xy_px: _Floats,
    *,
    screen: ScreenRecord,
    distance_mm: float,
    fixations_us: _Ints,
    share: float = 0.68,
) -> Scatter:
    """Measure the scatter of one eye's samples in all fixations at once.

    RMS-S2S and STD are those of Holmqvist, Nyström & Mulvey (2012), "Eye tracker data quality:
    what it is and how to measure it", ETRA '12; the area is that of `bcea_deg2`.

    Parameters
    ----------
    time_us, xy_px
        int64, shape (n,), in time order; float64, shape (n, 2), screen pixels, NaN for none. A
        pair of samples is never made across a NaN.
    screen, distance_mm
        The display, and the eye's distance from it.
    fixations_us
        int64, shape (k, 2): onset and offset of each fixation, half-open, in time order, apart.
    share
        Of gaze, that the area holds.
    """
    first, end = np.searchsorted(time_us, fixations_us.T)
    held = end > first
    first, end = first[held], end[held]
    if first.size == 0:
        return Scatter(0.0, 0, np.zeros(0), np.zeros(0))
    start, stop = int(first[0]), int(end[-1])
    x, y = screen_px_to_mm(screen, xy_px[start:stop, 0], xy_px[start:stop, 1])
    bounds = np.column_stack([first, end]) - start
    dx, dy = np.diff(x), np.diff(y)
    square = _square_deg2(x[1:] - dx / 2, y[1:] - dy / 2, dx, dy, distance_mm)
    pair = np.isfinite(square)
    square[~pair] = 0.0
    pairs = bounds - [0, 1]  # a pair is named by its first sample
    return Scatter(
        float(_sums(square, pairs).sum()),
        int(_sums(pair.astype(np.int64), pairs).sum()),
        *_about_mean(x, y, bounds, distance_mm, share),
    )


def _sums(values: NDArray[Any], bounds: _Ints) -> NDArray[Any]:
    """Sum the values of each span; shape (k,), 0 for an empty one."""
    sums: NDArray[Any] = np.add.reduceat(np.append(values, 0), bounds.ravel())[::2]
    sums[bounds[:, 1] <= bounds[:, 0]] = 0
    return sums


def _about_mean(
    x: _Floats, y: _Floats, bounds: _Ints, z: float, share: float
) -> tuple[_Floats, _Floats]:
    """Return STD and area of each fixation with enough samples."""
    seen = np.isfinite(x) & np.isfinite(y)
    count = _sums(seen.astype(np.int64), bounds)
    enough = count >= _LEAST
    size = np.maximum(count, 1)
    x, y = (np.where(seen, v, 0.0) for v in (x, y))
    mean_x, mean_y = _sums(x, bounds) / size, _sums(y, bounds) / size
    # About a point near the mean, since squares of large numbers would lose the small spread.
    length = np.diff(np.append(bounds[:, 0], x.size))
    dx = (x - np.repeat(mean_x, length)) * seen
    dy = (y - np.repeat(mean_y, length)) * seen
    xx, yy, xy = (_sums(v, bounds) / size for v in (dx * dx, dy * dy, dx * dy))
    reach = mean_x**2 + mean_y**2 + z * z
    spread = xx * (z * z + mean_y**2) + yy * (z * z + mean_x**2) - 2 * xy * mean_x * mean_y
    std = np.sqrt(np.maximum(spread, 0)) / reach * _DEG
    k = -np.log(1 - share)
    area = 2 * np.pi * k * np.sqrt(np.maximum(xx * yy - xy * xy, 0)) * z / reach**1.5 * _DEG**2
    return std[enough], area[enough]


def _square_deg2(x: _Floats, y: _Floats, dx: _Floats, dy: _Floats, z: float) -> _Floats:
    """Return the squared angle of a small step about its middle x, y on the screen; all in mm."""
    along = z * z * (dx * dx + dy * dy) + (x * dy - y * dx) ** 2
    square: _Floats = along / (x * x + y * y + z * z) ** 2 * _DEG**2
    return square
