"""How do two eyes become one line of sight?"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gazekit.model.geometry import angle_deg
from gazekit.model.records import ScreenRecord

__all__ = ["EyeChoice", "merge_eyes"]

_Floats = NDArray[np.float64]
EyeChoice = Literal["average", "left", "right"]


def merge_eyes(
    left: _Floats,
    right: _Floats,
    *,
    screen: ScreenRecord,
    eyes: EyeChoice = "average",
    max_disparity_deg: float = 5.0,
) -> _Floats:
    """Merge the gaze of both eyes into one line of sight.

    The eyes differ by a nearly constant offset (vergence and calibration). Where only one is
    valid it stands in for both, moved by half the reading's median offset, so that an eye that
    comes and goes makes no step that a detector would take for a saccade.

    Parameters
    ----------
    left, right
        float64, shape (n, 2): x, y in screen pixels; NaN where invalid.
    screen
        The display, for the disparity in degrees.
    eyes
        ``"average"``, falling back to the one valid eye; or one eye alone.
    max_disparity_deg
        Samples whose eyes lie further apart than this, beyond the median offset, are dropped:
        one of the two is wrong, and nothing says which.

    Returns
    -------
    ndarray
        float64, shape (n, 2); NaN where there is no gaze.
    """
    if eyes != "average":
        return left if eyes == "left" else right
    both = np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
    offset = np.median((left - right)[both], axis=0) if both.any() else np.zeros(2)
    levelled_left, levelled_right = left - offset / 2, right + offset / 2
    merged = np.where(np.isfinite(left), levelled_left, levelled_right)
    merged[both] = (left[both] + right[both]) / 2
    apart = angle_deg(
        screen,
        levelled_left[both, 0],
        levelled_left[both, 1],
        levelled_right[both, 0],
        levelled_right[both, 1],
    )
    merged[np.flatnonzero(both)[apart > max_disparity_deg]] = np.nan
    return merged
