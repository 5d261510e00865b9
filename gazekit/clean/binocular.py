"""How do two eyes become one line of sight?"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import UsageError
from gazekit.model.geometry import angle_deg
from gazekit.model.records import ScreenRecord
from gazekit.quality.median import median_of

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
    seen_left, seen_right = _seen(left), _seen(right)
    both = seen_left & seen_right
    paired = np.flatnonzero(both)
    only_left = np.flatnonzero(seen_left & ~seen_right)
    only_right = np.flatnonzero(seen_right & ~seen_left)
    merged = np.empty(left.shape, order="F")
    shift = np.empty(left.shape, order="F")
    for axis in (0, 1):
        here, there = left[:, axis], right[:, axis]
        np.subtract(here, there, out=shift[:, axis])
        offset = median_of(shift[paired, axis]) if paired.size else 0.0
        np.add(here, there, out=merged[:, axis])
        merged[:, axis] /= 2
        merged[only_left, axis] = here[only_left] - offset / 2
        merged[only_right, axis] = there[only_right] + offset / 2
        shift[:, axis] -= offset
    merged[~(seen_left | seen_right)] = np.nan
    wrong = _apart(merged, shift, both, screen, max_disparity_deg)
    merged[wrong] = np.nan
    if eyes == "strict":
        merged[~both] = np.nan
    return merged


def _seen(eye: _Floats) -> NDArray[np.bool_]:
    seen: NDArray[np.bool_] = np.isfinite(eye[:, 0]) & np.isfinite(eye[:, 1])
    return seen


def _apart(
    merged: _Floats,
    shift: _Floats,
    both: NDArray[np.bool_],
    screen: ScreenRecord,
    max_disparity_deg: float,
) -> NDArray[np.intp]:
    """Return the samples whose eyes, levelled, lie further apart than this.

    The angle that a stretch of the screen subtends is at most its length over the distance of
    the eye, so that few samples need the exact one.
    """
    across = shift[:, 0] * (screen.width_mm / screen.width_px)
    down = shift[:, 1] * (screen.height_mm / screen.height_px)
    most_mm = np.radians(max_disparity_deg) * screen.distance_mm
    doubtful = np.flatnonzero(both & (across * across + down * down > most_mm * most_mm))
    x, y = merged[doubtful].T
    dx, dy = shift[doubtful].T / 2
    apart = angle_deg(screen, x + dx, y + dy, x - dx, y - dy)
    return doubtful[apart > max_disparity_deg]


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
