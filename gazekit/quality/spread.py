"""How much does gaze scatter inside each fixation: sample to sample, about the mean, as an area?

Every figure is of small angles, so that the screen is taken as flat about each fixation: what a
step of mm means in degrees there follows from the place on the screen and the distance of the eye
(relative error below 1e-4 for one degree).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.geometry import screen_px_to_mm
from gazekit.model.records import ScreenRecord

__all__ = ["Scatter", "bcea_deg2", "scatter_of"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_LEAST = 2
_AXES = ((0, 0), (1, 1), (0, 1))
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
    return _scatter(
        xy_px[start:stop], np.column_stack([first, end]) - start, screen, distance_mm, share
    )


def _scatter(
    xy_px: _Floats, bounds: _Ints, screen: ScreenRecord, z: float, share: float
) -> Scatter:
    """Measure samples of which the first and the last belong to the first and the last fixation."""
    lost = np.flatnonzero(~(np.isfinite(xy_px[:, 0]) & np.isfinite(xy_px[:, 1])))
    apart = np.union1d(lost - 1, lost)  # a pair is named by its first sample
    pairs = bounds - np.array([0, 1])
    count, count_pairs = _without(bounds, lost), _without(pairs, apart)
    origin = np.nan_to_num(xy_px[bounds[:, 0]])
    moved = [_moved(xy_px[:, axis], bounds[:, 0], origin[:, axis], lost) for axis in (0, 1)]
    size = np.maximum(count, 1)
    mean = [_sums(v, bounds) / size for v in moved]
    middle = screen_px_to_mm(screen, origin[:, 0] + mean[0], origin[:, 1] + mean[1])
    scale = (screen.width_mm / screen.width_px, screen.height_mm / screen.height_px)
    squares = [_sums(moved[a] * moved[b], bounds) / size - mean[a] * mean[b] for a, b in _AXES]
    std, area = _angles(squares, middle, scale, z)
    enough = count >= _LEAST
    return Scatter(
        float(_sums(_square_steps(screen, xy_px, z, apart), pairs).sum()),
        int(count_pairs.sum()),
        np.sqrt(std[enough]),
        -2 * np.pi * np.log(1 - share) * np.sqrt(area[enough]),
    )


def _without(bounds: _Ints, lost: _Ints) -> _Ints:
    """Count the samples of each span that are not lost (rising sample numbers)."""
    missing = np.searchsorted(lost, bounds)
    size = (bounds[:, 1] - bounds[:, 0]) - (missing[:, 1] - missing[:, 0])
    return np.maximum(size, 0)


def _moved(values: _Floats, first: _Ints, origin: _Floats, lost: _Ints) -> _Floats:
    """Return the way from each fixation's origin, 0 where lost.

    About a point near the mean, since squares of large numbers would lose the small spread.
    """
    moved: _Floats = values - np.repeat(origin, np.diff(first, append=values.size))
    moved[lost] = 0
    return moved


def _square_steps(screen: ScreenRecord, xy_px: _Floats, z: float, apart: _Ints) -> _Floats:
    """Return the squared angle to the sample after each, about the middle; 0 where there is none.

    Results go where nothing is needed any more: fetching fresh memory takes longer than a product.
    """
    x, y = screen_px_to_mm(screen, xy_px[:, 0], xy_px[:, 1])
    dx, dy = np.diff(x), np.diff(y)
    x, y = x[1:], y[1:]
    x -= dx / 2
    y -= dy / 2
    twist = x * dy
    twist -= y * dx
    reach = np.multiply(x, x, out=x)
    reach += np.multiply(y, y, out=y)
    reach += z * z
    along = np.multiply(dx, dx, out=dx)
    along += np.multiply(dy, dy, out=dy)
    along *= z * z
    along += np.multiply(twist, twist, out=twist)
    square = np.zeros(len(xy_px))
    np.divide(along, np.multiply(reach, reach, out=reach), out=square[:-1])
    square[apart[apart >= 0]] = 0
    square *= _DEG**2
    return square


def _sums(values: _Floats, bounds: _Ints) -> _Floats:
    """Sum the values of each span; shape (k,), 0 for an empty one."""
    edges = bounds.ravel()
    sums: _Floats = np.add.reduceat(values, edges[edges < values.size])[::2]
    sums[bounds[:, 1] <= bounds[:, 0]] = 0
    return sums


def _angles(
    squares: list[_Floats],
    middle: tuple[_Floats, _Floats],
    scale: tuple[float, float],
    z: float,
) -> tuple[_Floats, _Floats]:
    """Return the squared angle, and the squared solid angle, of squares in px about a place."""
    xx, yy, xy = (v * scale[a] * scale[b] for v, (a, b) in zip(squares, _AXES, strict=True))
    x, y = middle
    reach = x * x + y * y + z * z
    along = xx * (z * z + y * y) + yy * (z * z + x * x) - 2 * xy * x * y
    area = (xx * yy - xy * xy) * (z * z) / reach**3
    return np.maximum(along, 0) / reach**2 * _DEG**2, np.maximum(area, 0) * _DEG**4
