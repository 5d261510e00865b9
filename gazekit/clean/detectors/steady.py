"""Does the eye rest between two saccades, or does it follow something?"""

from typing import cast

import numpy as np
from numpy.typing import NDArray

from gazekit.clean.detectors.track import Track

__all__ = ["follows"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]


def follows(
    track: Track, runs: _Ints, *, travel_deg: float, speed_deg_s: float, straightness: float
) -> _Bools:
    """Tell smooth pursuit from fixation; bool, one for each (first, end) of `runs`.

    A pursuit travels: the line fitted to place over time rises by at least `travel_deg`, at
    `speed_deg_s` or more, and explains at least the share `straightness` of the variance along
    its direction. A fixation drifts as fast at times, but back and forth.
    """
    if len(runs) == 0:
        return np.zeros(0, bool)
    count = runs[:, 1] - runs[:, 0]
    member = np.repeat(np.arange(len(runs)), count)
    inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    inside += runs[member, 0]
    time = _centred((track.time_us[inside] - track.time_us[0]) / 1e6, member, count)
    right = _centred(track.deg[inside, 0], member, count)
    down = _centred(track.deg[inside, 1], member, count)
    spread = np.bincount(member, time * time)
    safe = np.maximum(spread, 1e-12)
    slope = np.column_stack([np.bincount(member, time * place) / safe for place in (right, down)])
    speed = np.hypot(slope[:, 0], slope[:, 1])
    unit = slope / np.maximum(speed, 1e-12)[:, None]
    along = right * unit[member, 0] + down * unit[member, 1]
    variance = np.bincount(member, along * along)
    explained = speed * speed * spread >= straightness * variance
    travel = speed * (track.time_us[runs[:, 1] - 1] - track.time_us[runs[:, 0]]) / 1e6
    found = (speed >= speed_deg_s) & (travel >= travel_deg) & explained & (spread > 0)
    return cast("_Bools", found)


def _centred(values: _Floats, member: _Ints, count: _Ints) -> _Floats:
    return values - (np.bincount(member, values) / count)[member]
