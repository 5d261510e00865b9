"""How fast does gaze move, in degrees a second, at unequal time steps?"""

import numpy as np
from numpy.typing import NDArray

from gazekit.model.geometry import angle_deg
from gazekit.model.records import ScreenRecord

__all__ = ["angular_velocity"]

_Floats = NDArray[np.float64]


def angular_velocity(
    time_us: NDArray[np.int64],
    x_px: _Floats,
    y_px: _Floats,
    *,
    screen: ScreenRecord,
    distance_mm: _Floats,
    window_us: int,
    segment: NDArray[np.int64],
) -> _Floats:
    """Return the angular velocity at each sample, over a window centred on it.

    The angle between the lines of sight at the window's first and last sample, divided by the
    time between them (Olsen 2012, section "Velocity calculator"). The window holds the samples
    nearest to half its length before and after, and at least one neighbour on each side; at the
    ends of a segment it is one-sided.

    Parameters
    ----------
    time_us
        int64, shape (n,), strictly rising.
    x_px, y_px, distance_mm
        float64, shape (n,), without NaN: gaze on the screen, eye to screen.
    screen
        The display.
    window_us
        Length of the window.
    segment
        int64, shape (n,), rising: samples of different segments are never compared.

    Returns
    -------
    ndarray
        float64, shape (n,), deg/s; NaN for a sample alone in its segment.
    """
    n = time_us.size
    if n == 0:
        return np.zeros(0)
    index = np.arange(n)
    before = np.minimum(_nearest(time_us, time_us - window_us / 2), index - 1)
    after = np.maximum(_nearest(time_us, time_us + window_us / 2), index + 1)
    first = np.searchsorted(segment, segment, side="left")
    last = np.searchsorted(segment, segment, side="right") - 1
    before, after = np.maximum(before, first), np.minimum(after, last)
    run = time_us[after] - time_us[before]
    angle = angle_deg(
        screen, x_px[before], y_px[before], x_px[after], y_px[after], distance_mm=distance_mm
    )
    return np.where(run > 0, angle * 1e6 / np.maximum(run, 1), np.nan)


def _nearest(time_us: NDArray[np.int64], wanted_us: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the index of the sample nearest to each wanted moment."""
    right = np.clip(np.searchsorted(time_us, wanted_us), 1, max(time_us.size - 1, 1))
    right = np.minimum(right, time_us.size - 1)
    left = np.maximum(right - 1, 0)
    nearer_left = wanted_us - time_us[left] <= time_us[right] - wanted_us
    return np.where(nearer_left, left, right)
