"""How far is gaze from where it should be, and how much does it scatter, in degrees?

The definitions are those of Holmqvist, Nyström & Mulvey (2012), "Eye tracker data quality: what it
is and how to measure it", ETRA '12, doi:10.1145/2168556.2168563.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.geometry import angle_deg
from gazekit.model.records import ScreenRecord

__all__ = ["accuracy_deg", "rms_s2s_deg", "std_deg"]

_Floats = NDArray[np.float64]


def accuracy_deg(
    screen: ScreenRecord,
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    target_px: tuple[float, float],
    distance_mm: ArrayLike | None = None,
) -> float | None:
    """Return the median visual angle between gaze samples and a target.

    Parameters
    ----------
    screen
        The display and the nominal viewing distance.
    x_px, y_px
        Gaze, shape (n,), screen pixels; samples with a NaN are left out.
    target_px
        Where the target stood, screen pixels.
    distance_mm
        Eye to screen, a scalar or shape (n,); the screen's where None.

    Returns
    -------
    float or None
        Degrees; None without one valid sample.
    """
    x, y = _floats(x_px), _floats(y_px)
    angles = angle_deg(screen, x, y, *target_px, distance_mm=distance_mm)
    angles = angles[np.isfinite(angles)]
    return float(np.median(angles)) if angles.size else None


def rms_s2s_deg(
    screen: ScreenRecord,
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    distance_mm: float | None = None,
) -> float | None:
    """Return the root mean square of the angles between successive gaze samples.

    Parameters
    ----------
    screen
        The display and the nominal viewing distance.
    x_px, y_px
        Gaze of one fixation, shape (n,), screen pixels; a pair with a NaN is left out, and no
        pair is made across one.
    distance_mm
        Eye to screen; the screen's where None.

    Returns
    -------
    float or None
        Degrees; None without one valid pair.
    """
    x, y = _floats(x_px), _floats(y_px)
    angles = angle_deg(screen, x[:-1], y[:-1], x[1:], y[1:], distance_mm=distance_mm)
    angles = angles[np.isfinite(angles)]
    return float(np.sqrt(np.mean(angles**2))) if angles.size else None


def std_deg(
    screen: ScreenRecord,
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    distance_mm: float | None = None,
) -> float | None:
    """Return the root mean square angle between gaze samples and their mean.

    That is the square root of the sum of the variances along x and y: the spatial precision STD.

    Parameters
    ----------
    screen
        The display and the nominal viewing distance.
    x_px, y_px
        Gaze of one fixation, shape (n,), screen pixels; samples with a NaN are left out.
    distance_mm
        Eye to screen; the screen's where None.

    Returns
    -------
    float or None
        Degrees; None with fewer than two valid samples.
    """
    x, y = _floats(x_px), _floats(y_px)
    valid = np.isfinite(x) & np.isfinite(y)
    if np.count_nonzero(valid) < 2:  # noqa: PLR2004 - one sample has no scatter
        return None
    x, y = x[valid], y[valid]
    angles = angle_deg(screen, x, y, x.mean(), y.mean(), distance_mm=distance_mm)
    return float(np.sqrt(np.mean(angles**2)))


def _floats(values: ArrayLike) -> _Floats:
    return np.atleast_1d(np.asarray(values, np.float64))
