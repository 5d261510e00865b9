"""How far apart do the two eyes look?"""

import numpy as np
from numpy.typing import ArrayLike

from gazekit.model.geometry import screen_px_to_mm
from gazekit.model.records import ScreenRecord

__all__ = ["disparity_deg"]


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
    ax, ay = screen_px_to_mm(screen, left[:, 0], left[:, 1])
    bx, by = screen_px_to_mm(screen, right[:, 0], right[:, 1])
    dx, dy = bx - ax, by - ay
    cross = (dx * dx + dy * dy) * z * z + (ax * dy - ay * dx) ** 2
    tangent = cross / (ax * bx + ay * by + z * z) ** 2
    tangent = tangent[np.isfinite(tangent)]
    # The median of a rising function is the function of the median: one arc tangent for all.
    return float(np.degrees(np.arctan(np.sqrt(np.median(tangent))))) if tangent.size else None
