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
    start = np.cumsum(count) - count
    inside = np.arange(count.sum()) + np.repeat(runs[:, 0] - start, count)
    seconds = (track.time_us.take(inside) - track.time_us[0]) / 1e6
    time = _centred(seconds, start, count)
    right, down = (_centred(track.deg[:, axis].take(inside), start, count) for axis in (0, 1))
    spread = np.add.reduceat(time * time, start)
    safe = np.maximum(spread, 1e-12)
    slope = np.column_stack([np.add.reduceat(time * v, start) / safe for v in (right, down)])
    speed = np.hypot(slope[:, 0], slope[:, 1])
    unit = slope / np.maximum(speed, 1e-12)[:, None]
    right *= np.repeat(unit[:, 0], count)
    down *= np.repeat(unit[:, 1], count)
    along = np.add(right, down, out=right)
    variance = np.add.reduceat(np.multiply(along, along, out=along), start)
    explained = speed * speed * spread >= straightness * variance
    travel = speed * (track.time_us[runs[:, 1] - 1] - track.time_us[runs[:, 0]]) / 1e6
    found = (speed >= speed_deg_s) & (travel >= travel_deg) & explained & (spread > 0)
    return cast("_Bools", found)


def _centred(values: _Floats, start: _Ints, count: _Ints) -> _Floats:
    """Take its mean from each run; the array itself is changed."""
    values -= np.repeat(np.add.reduceat(values, start) / count, count)
    return values
