"""How far apart do the two eyes look?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.geometry import screen_px_to_mm
from gazekit.model.records import ScreenRecord
from gazekit.quality.median import median_of

__all__ = ["disparity_deg"]

_Floats = NDArray[np.float64]


def disparity_deg(
    screen: ScreenRecord,
    left_px: ArrayLike,
    right_px: ArrayLike,
    *,
    distance_mm: ArrayLike | None = None,
) -> float | None:
    """Return the median angle between where the left and the right eye look on the screen.

    An offset between the eyes is normal (vergence, calibration); one of degrees says that an eye
    is badly tracked: Hooge, Holleman, Haukes & Hessels (2019), "Gaze tracking accuracy in humans:
    One eye is sometimes better than two", Behavior Research Methods 51.

    Parameters
    ----------
    screen
        The display and the nominal viewing distance.
    left_px, right_px
        Shape (n, 2): x, y in screen pixels; a sample with a NaN in either is left out.
    distance_mm
        Eye to screen, a scalar or shape (n,); the screen's where None.

    Returns
    -------
    float or None
        Degrees; None where the eyes are never valid together.
    """
    left, right = (np.asarray(v, np.float64).reshape(-1, 2) for v in (left_px, right_px))
    z = np.asarray(screen.distance_mm if distance_mm is None else distance_mm, np.float64)
    x, y = screen_px_to_mm(screen, left[:, 0], left[:, 1])
    dx = (right[:, 0] - left[:, 0]) * (screen.width_mm / screen.width_px)
    dy = (right[:, 1] - left[:, 1]) * (screen.height_mm / screen.height_px)
    tangent = _square_tangent(x, y, dx, dy, z)
    seen = np.isfinite(tangent)
    if not seen.all():
        tangent = tangent[seen]
    # The median of a rising function is the function of the median: one arc tangent for all.
    return float(np.degrees(np.arctan(np.sqrt(median_of(tangent))))) if tangent.size else None


def _square_tangent(x: _Floats, y: _Floats, dx: _Floats, dy: _Floats, z: _Floats) -> _Floats:
    """Return the squared tangent of the angle from x, y to x + dx, y + dy on the screen; in mm."""
    cross = (dx * dx + dy * dy) * (z * z)
    twist = x * dy
    twist -= y * dx
    twist *= twist
    cross += twist
    dx += x
    dx *= x
    dy += y
    dy *= y
    dx += dy
    dx += z * z
    dx *= dx
    cross /= dx
    return cross
