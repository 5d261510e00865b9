"""How do two eyes become one line of sight?"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import UsageError
from gazekit.model.geometry import angle_deg
from gazekit.model.records import ScreenRecord

__all__ = ["EyeChoice", "best_eye", "merge_eyes"]

_Floats = NDArray[np.float64]
EyeChoice = Literal["average", "strict", "left", "right", "best"]


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
        ``"average"``, falling back to the one valid eye; ``"strict"``: the average, only where
        both are valid; ``"left"`` or ``"right"`` alone; ``"best"``: the one whose gaze is steadier
        from sample to sample, which Hooge et al. (2019, Behavior Research Methods 51) find better
        than the average where one eye is badly tracked.
    max_disparity_deg
        Samples whose eyes lie further apart than this, beyond the median offset, are dropped:
        one of the two is wrong, and nothing says which. One eye alone is not checked.

    Returns
    -------
    ndarray
        float64, shape (n, 2); NaN where there is no gaze.

    Raises
    ------
    UsageError
        No such choice of eyes.
    """
    if eyes not in get_args(EyeChoice):
        raise UsageError("no such eyes", expected=", ".join(get_args(EyeChoice)), found=eyes)
    if eyes == "best":
        eyes = best_eye(left, right)
    if eyes in {"left", "right"}:
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
    if eyes == "strict":
        merged[~both] = np.nan
    return merged


def best_eye(left: _Floats, right: _Floats) -> Literal["left", "right"]:
    """Return the eye whose usual step from sample to sample is smaller, where both are valid.

    The median step is one inside a fixation, whatever the saccades do. Where the eyes are never
    valid together, or equally steady, the one that is valid more often; the left of equals.
    """
    both = np.isfinite((left + right)[:, 0] + (left + right)[:, 1])
    pair = both[1:] & both[:-1]
    if pair.any():
        steps = [float(np.median(np.hypot(*np.diff(eye, axis=0)[pair].T))) for eye in (left, right)]
        if steps[0] != steps[1]:
            return "left" if steps[0] < steps[1] else "right"
    seen = [int(np.isfinite(eye).all(axis=1).sum()) for eye in (left, right)]
    return "left" if seen[0] >= seen[1] else "right"
