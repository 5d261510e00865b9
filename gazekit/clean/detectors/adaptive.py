"""Which events does a threshold that adapts to the recording find? Oscillations and pursuits too.

Nyström, M. & Holmqvist, K. (2010). "An adaptive algorithm for fixation, saccade, and glissade
detection in eyetracking data." Behavior Research Methods 42, 188-204: a peak threshold iterated
from 100 deg/s, six spreads over the mean of what lies below; onsets and offsets at local minima of
the speed, offsets from the noise before each saccade too; glissades (post-saccadic oscillations)
within 40 ms. The threshold never rises above its start, which the movements of a lid would make it
do. Fastest first and pursuit after Dar, A. H., Wagner, A. S. & Hanke, M. (2021). "REMoDNaV: robust
eye-movement classification for dynamic stimulation." Behavior Research Methods 53, 399-414:
between saccades, velocity below 4 Hz of at least 2 deg/s for 40 ms. Defaults are the papers'.
"""

from dataclasses import replace

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.detectors.table import blinks_of, events_of
from gazekit.clean.detectors.track import Track, runs_of, slope_deg_s, track_of
from gazekit.clean.gaze import Gaze
from gazekit.model.records import ScreenRecord

__all__ = ["Adaptive", "adaptive"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]

_CLOSE_DEG_S = 1.0
_MOST_ROUNDS = 100


class Adaptive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the detector; `pursuit_deg_s` None finds no pursuits, as the first paper."""

    window_ms: float = 20.0
    start_deg_s: float = 100.0
    peak_factor: float = 6.0
    onset_factor: float = 3.0
    own_share: float = 0.7
    most_deg_s: float = 1000.0
    min_saccade_ms: float = 10.0
    min_fixation_ms: float = 40.0
    pursuit_deg_s: float | None = 2.0
    pursuit_hz: float = 4.0
    min_pursuit_ms: float = 40.0
    max_gap_ms: float = 75.0


def adaptive(gaze: Gaze, screen: ScreenRecord, params: Adaptive | None = None) -> pa.Table:
    """Detect fixations, saccades, post-saccadic oscillations, pursuits and blinks.

    Parameters
    ----------
    gaze
        One line of sight with its gaps filled or named (`gazekit.clean.clean_samples`).
    screen
        The display.
    params
        The papers' values where None.

    Returns
    -------
    pyarrow.Table
        Table ``events`` in time order, half-open times.
    """
    chosen = params or Adaptive()
    track = track_of(gaze, screen, max_gap_ms=chosen.max_gap_ms)
    velocity = slope_deg_s(track, max(1, track.samples(chosen.window_ms / 2)))
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    saccades, ringing = _saccades(track, speed, chosen)
    rest = speed <= chosen.most_deg_s
    for first, end in [*saccades.tolist(), *ringing.tolist()]:
        rest[first:end] = False
    pursuit = _drifting(track, rest, chosen)
    pursuits = _lasting(track, pursuit, chosen.min_pursuit_ms)
    for first, end in pursuits.tolist():
        rest[first:end] = False
    runs = {
        "fixation": _lasting(track, rest, chosen.min_fixation_ms),
        "saccade": saccades,
        "pso": ringing,
        "pursuit": pursuits,
    }
    return events_of(track, screen, runs=runs, speed_deg_s=speed, blinks_us=blinks_of(gaze))


def _thresholds(speed: _Floats, params: Adaptive) -> tuple[float, float]:
    """Return the peak and the onset threshold: iterate until the peak's moves less than 1 deg/s."""
    peak, onset = params.start_deg_s, params.start_deg_s
    for _ in range(_MOST_ROUNDS):
        calm = speed[speed < peak]
        if calm.size == 0:
            break
        mean, spread = float(calm.mean()), float(calm.std())
        before, peak = peak, min(mean + params.peak_factor * spread, params.start_deg_s)
        onset = mean + params.onset_factor * spread
        if abs(before - peak) < _CLOSE_DEG_S:
            break
    return peak, onset


def _saccades(track: Track, speed: _Floats, params: Adaptive) -> tuple[_Ints, _Ints]:
    """Return saccades and the oscillations after them; (first, end), shape (k, 2) each."""
    peak, onset_at = _thresholds(speed, params)
    valleys = _valleys(speed, track.segment)
    near = max(1, track.samples(params.min_fixation_ms))
    least = track.samples(params.min_saccade_ms)
    taken = np.zeros(speed.size, bool)
    saccades: list[tuple[int, int]] = []
    ringing: list[tuple[int, int]] = []
    for first, end in _fastest_first(track, speed, peak, params):
        begin = _valley_before(valleys, speed, first, onset_at)
        calm = speed[max(0, begin - near) : begin]
        offset_at = _offset_threshold(calm, peak, onset_at, params)
        stop = _valley_after(valleys, speed, end - 1, offset_at)
        if stop - begin < least or taken[max(0, begin - near) : stop + near].any():
            continue
        taken[begin:stop] = True
        saccades.append((begin, stop))
        calm_at = _ringing_end(valleys, speed, stop, stop + near, offset_at)
        ringing.append((stop, calm_at))
    return _table(saccades), _table([(a, b) for a, b in ringing if b > a])


def _fastest_first(
    track: Track, speed: _Floats, peak: float, params: Adaptive
) -> list[tuple[int, int]]:
    """Return the stretches above the peak threshold: a slower one beside a faster is its echo."""
    runs = runs_of((speed > peak) & (speed <= params.most_deg_s), track.segment)
    if len(runs) == 0:
        return []
    top = np.maximum.reduceat(np.append(speed, 0.0), runs.ravel())[::2]
    return [(int(a), int(b)) for a, b in runs[np.argsort(-top, kind="stable")]]


def _offset_threshold(calm: _Floats, peak: float, onset: float, params: Adaptive) -> float:
    """Mix the onset's threshold with the noise just before the saccade, where it is calm."""
    if calm.size == 0:
        return onset
    local = min(float(calm.mean() + params.onset_factor * calm.std()), peak)
    return params.own_share * onset + (1 - params.own_share) * local


def _valleys(speed: _Floats, segment: _Ints) -> _Ints:
    """Return the local minima of the speed; the ends of a segment are some."""
    lower = np.ones(speed.size, bool)
    lower[1:] &= (speed[1:] <= speed[:-1]) | (segment[1:] != segment[:-1])
    lower[:-1] &= (speed[:-1] <= speed[1:]) | (segment[1:] != segment[:-1])
    edge = np.ones(speed.size, bool)
    edge[1:-1] = (segment[1:-1] != segment[:-2]) | (segment[1:-1] != segment[2:])
    return np.flatnonzero(lower | edge)


def _valley_before(valleys: _Ints, speed: _Floats, first: int, below: float) -> int:
    index = int(np.searchsorted(valleys, first, side="right")) - 1
    while index > 0 and speed[valleys[index]] >= below:
        index -= 1
    return int(valleys[max(index, 0)])


def _valley_after(valleys: _Ints, speed: _Floats, last: int, below: float) -> int:
    index = int(np.searchsorted(valleys, last))
    while index < valleys.size - 1 and speed[valleys[index]] >= below:
        index += 1
    return int(valleys[min(index, valleys.size - 1)])


def _ringing_end(valleys: _Ints, speed: _Floats, begin: int, end: int, above: float) -> int:
    """Return where the last peak above the offset's threshold within reach has died away."""
    high = np.flatnonzero(speed[begin:end] > above)
    if high.size == 0:
        return begin
    return _valley_after(valleys, speed, begin + int(high[-1]), above)


def _drifting(track: Track, rest: _Bools, params: Adaptive) -> _Bools:
    """Tell where gaze, smoothed over one period of `pursuit_hz`, moves fast enough at rest."""
    if params.pursuit_deg_s is None:
        return np.zeros(rest.size, bool)
    cut = np.concatenate([[0], np.cumsum(rest[1:] != rest[:-1])])[: rest.size]
    between = replace(track, segment=track.segment + cut)
    slow = slope_deg_s(between, max(1, track.samples(1000 / params.pursuit_hz / 2)))
    return np.asarray(rest & (np.hypot(slow[:, 0], slow[:, 1]) >= params.pursuit_deg_s), bool)


def _lasting(track: Track, member: _Bools, least_ms: float) -> _Ints:
    runs = runs_of(member, track.segment)
    return runs[runs[:, 1] - runs[:, 0] >= max(1, track.samples(least_ms))]


def _table(runs: list[tuple[int, int]]) -> _Ints:
    return np.array(sorted(runs), np.int64).reshape(-1, 2)
