"""Where does gaze stay within a small square for long enough? The dispersion threshold.

Salvucci, D. D. & Goldberg, J. H. (2000). "Identifying fixations and saccades in eye-tracking
protocols." ETRA '00, 71-78, algorithm I-DT: dispersion is (max x - min x) + (max y - min y).
Defaults lie in the paper's ranges (0.5 to 1 degree, 100 to 200 ms). The sample that breaks the
threshold is not part of the fixation, and time stamps may jitter: windows are measured in time.
"""

from itertools import pairwise

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.detectors.table import blinks_of, events_of
from gazekit.clean.detectors.track import Track, beside, slope_deg_s, span_starts, track_of
from gazekit.clean.gaze import Gaze
from gazekit.model.records import ScreenRecord

__all__ = ["Idt", "idt"]

_Floats = NDArray[np.float64]

_AHEAD = 512
"""Samples looked at in one go while a fixation grows."""
_SPEED_HALF_MS = 10.0
"""Half the window of the peak velocity that events report; detection does not use it."""


class Idt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the detector."""

    dispersion_deg: float = 1.0
    min_fixation_ms: float = 100.0
    max_gap_ms: float = 75.0


def idt(gaze: Gaze, screen: ScreenRecord, params: Idt | None = None) -> pa.Table:
    """Detect fixations, and saccades as what lies between two of them.

    Parameters
    ----------
    gaze
        One line of sight with its gaps filled or named (`gazekit.clean.clean_samples`).
    screen
        The display.
    params
        The defaults where None.

    Returns
    -------
    pyarrow.Table
        Table ``events`` in time order, half-open times.
    """
    chosen = params or Idt()
    track = track_of(gaze, screen, max_gap_ms=chosen.max_gap_ms)
    found: list[tuple[int, int]] = []
    bounds = [*span_starts(track.segment).tolist(), track.segment.size]
    for first, end in pairwise(bounds):
        found += _fixations(track, first, end, chosen)
    fixations = np.array(found, np.int64).reshape(-1, 2)
    velocity = slope_deg_s(track, max(1, track.samples(_SPEED_HALF_MS)))
    return events_of(
        track,
        screen,
        runs={"fixation": fixations, "saccade": beside(track, fixations)},
        speed_deg_s=np.hypot(velocity[:, 0], velocity[:, 1]),
        blinks_us=blinks_of(gaze),
    )


def _fixations(track: Track, first: int, end: int, params: Idt) -> list[tuple[int, int]]:
    """Slide a window of the least duration; where it holds still, let it grow."""
    time = track.end_us[first:end]
    least_us = params.min_fixation_ms * 1000
    full = first + np.searchsorted(time, track.time_us[first:end] + least_us) + 1
    found = []
    start = first
    while start < end and full[start - first] <= end:
        stop = int(full[start - first])
        if _dispersion(track.deg[start:stop]) > params.dispersion_deg:
            start += 1
            continue
        stop = _grown(track.deg, start, stop, end, params.dispersion_deg)
        found.append((start, stop))
        start = stop
    return found


def _dispersion(deg: _Floats) -> float:
    return float(np.ptp(deg[:, 0]) + np.ptp(deg[:, 1]))


def _grown(deg: _Floats, start: int, stop: int, end: int, most_deg: float) -> int:
    """Return the first sample after `stop` that would break the threshold, or `end`."""
    low, high = deg[start:stop].min(axis=0), deg[start:stop].max(axis=0)
    while stop < end:
        ahead = deg[stop : min(stop + _AHEAD, end)]
        lows = np.minimum(np.minimum.accumulate(ahead, axis=0), low)
        highs = np.maximum(np.maximum.accumulate(ahead, axis=0), high)
        broken = np.flatnonzero((highs - lows).sum(axis=1) > most_deg)
        if broken.size:
            return stop + int(broken[0])
        low, high = lows[-1], highs[-1]
        stop += len(ahead)
    return end
