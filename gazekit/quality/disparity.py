"""How far apart do the two eyes look?"""

import numpy as np
from numpy.typing import ArrayLike

from gazekit.model.geometry import angle_deg
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
    apart = angle_deg(
        screen, left[:, 0], left[:, 1], right[:, 0], right[:, 1], distance_mm=distance_mm
    )
    apart = apart[np.isfinite(apart)]
    return float(np.median(apart)) if apart.size else None
