"""Where does each saccade begin, where does it end, and how long does the eye ring after it?"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from gazekit.clean.detectors.track import Track, runs_of, slope_deg_s, span_starts
from gazekit.quality.median import median_of

__all__ = ["SaccadeRule", "Saccades", "find_saccades", "noise_deg_s"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]

_REACH_MS = 120.0
"""No saccade is further from its peak than this: 40 degrees take about 130 ms in all."""
_RAYLEIGH_MEDIAN = float(np.sqrt(2 * np.log(2)))
"""Median of the length of a vector of two standard normal numbers."""
_MAD_TO_SD = 1.4826
_STEADY_SHARE = 0.5
"""A stretch that counts as one movement stays above this share of the threshold."""
_OFFSET_FLOOR = 0.7
"""The end is sought below the onset's threshold: braking is softer than starting."""
_NOISE_BLOCK_MS = 400.0
_LEAST_BLOCK, _AT_LEAST_BLOCKS = 8, 3
_NOISE_CHANGE = 1.5
"""Noise that differs less from that of the whole recording does so by chance."""
_JUMP_DEG = 1.0
"""However short, a movement this far is no flicker."""
_US_PER_MS = 1000
_US_PER_S = 1e6


@dataclass(frozen=True)
class SaccadeRule:
    """What makes a saccade; see the parameters of `gazekit.clean.detectors.default`."""

    window_ms: float
    edge_window_ms: float
    widest_window_ms: float
    velocity_deg_s: float
    noise_factor: float
    edge_deg_s: float
    edge_noise_factor: float
    onset_share: float
    min_saccade_ms: float
    ringing_deg_s: float
    ringing_noise_factor: float
    max_ringing_ms: float
    calm_ms: float
    rebound_share: float
    rebound_ms: float


@dataclass(frozen=True)
class Saccades:
    """Saccades in time order; int64 arrays of shape (k,), sample numbers.

    `onset` is a saccade's first sample, `offset` the first after it, `calm` the first after the
    oscillation that follows (equal to `offset` where there is none). `speed_deg_s`, shape (n,):
    the speed at each sample.
    """

    onset: _Ints
    offset: _Ints
    calm: _Ints
    speed_deg_s: _Floats


@dataclass(frozen=True)
class _Motion:
    """Velocity in the wide and in the fine window, and what to hold it against.

    `noise`: of the fine one; `least_peak`: float64, shape (n,), what a saccade's peak is at least;
    `blur`: share of its peak that a saccade shows before its onset,
    for being seen through a window longer than the edge's.
    """

    fast: _Floats
    speed: _Floats
    fine: _Floats
    fine_speed: _Floats
    noise: float
    least_peak: _Floats
    blur: float


def noise_deg_s(speed: _Floats) -> float:
    """Return the spread along one direction of the velocity of an eye at rest.

    Eyes rest most of the time, so the median speed belongs to rest; of two normal directions it
    is 1.18 standard deviations.
    """
    return median_of(speed) / _RAYLEIGH_MEDIAN if speed.size else 0.0


def find_saccades(track: Track, rule: SaccadeRule) -> Saccades:
    """Find saccades as peaks of speed, then follow each to its onset, its turn and its calm.

    The onset is where the speed along the saccade's direction at its peak leaves the noise; the
    offset is where the eye turns or stops along that direction. What still moves after that is
    the post-saccadic oscillation, up to where speed stays within the noise.
    """
    motion = _motion(track, rule)
    peaks = _peaks(motion.speed, track.segment, motion.least_peak)
    if peaks.size == 0:
        none = np.zeros(0, np.int64)
        return Saccades(none, none, none, motion.speed)
    top = motion.speed[peaks]
    direction = motion.fast[peaks] / top[:, None]
    floor = max(rule.edge_deg_s, rule.edge_noise_factor * motion.noise)
    onset_at = np.maximum((rule.onset_share + motion.blur) * top, floor)
    offset_at = np.maximum(motion.blur * top, _OFFSET_FLOOR * floor)
    onset = _follow(track, motion.fine, peaks, direction, onset_at, step=-1) + 1
    offset = _follow(track, motion.fine, peaks, direction, offset_at, step=1)
    ringing = max(rule.ringing_deg_s, rule.ringing_noise_factor * motion.noise)
    calm = _calm(track, motion.fine_speed > ringing, offset, rule)
    kept = _without_rebounds(track, (onset, offset, calm, top), rule)
    return Saccades(*kept, motion.speed)


def _motion(track: Track, rule: SaccadeRule) -> _Motion:
    white = _white_noise_deg(track) * _US_PER_S / track.step_us
    wide = _half_window(track, rule, white)
    fast, smallest = slope_deg_s(track, wide), _smallest_peak(wide, track, rule)
    narrow = min(wide, max(1, _half(track, rule.edge_window_ms)))
    while narrow < wide and rule.edge_noise_factor * white * _gain(narrow) > smallest:
        narrow += 1
    fine = fast if narrow == wide else slope_deg_s(track, narrow)
    speed, fine_speed = _length(fast), _length(fine)
    stretch = 2 * narrow * track.step_us / _US_PER_MS / rule.edge_window_ms
    return _Motion(
        fast=fast,
        speed=speed,
        fine=fine,
        fine_speed=fine_speed,
        noise=noise_deg_s(fine_speed),
        least_peak=np.maximum(smallest, rule.noise_factor * _noise_about(speed, track)),
        blur=rule.onset_share * max(0.0, stretch - 1),
    )


def _noise_about(speed: _Floats, track: Track) -> _Floats:
    """Return the noise about each sample; float64, shape (n,).

    It is that of the whole recording, but where gaze is noisier for a while: a tracker that loses
    its grip on an eye makes no saccades. The median of three blocks leaves out the one that a
    large saccade fills.
    """
    usual = noise_deg_s(speed)
    size = max(_LEAST_BLOCK, track.samples(_NOISE_BLOCK_MS))
    count = speed.size // size
    if count < _AT_LEAST_BLOCKS:
        return np.full(speed.size, usual)
    blocks = np.median(speed[: count * size].reshape(count, size), axis=1) / _RAYLEIGH_MEDIAN
    beside = np.concatenate([blocks[:1], blocks, blocks[-1:]])
    smooth = np.median([beside[:-2], blocks, beside[2:]], axis=0)
    smooth[smooth <= _NOISE_CHANGE * usual] = usual
    return np.repeat(smooth, np.append(np.full(count - 1, size), speed.size - (count - 1) * size))


def _half_window(track: Track, rule: SaccadeRule, white: float) -> int:
    """Widen the window until white noise alone stays under the threshold it is held against."""
    widest = _half(track, rule.widest_window_ms)
    half = max(1, _half(track, rule.window_ms))
    while half < widest:
        if rule.noise_factor * white * _gain(half) <= _smallest_peak(half, track, rule):
            break
        half += 1
    return half


def _half(track: Track, window_ms: float) -> int:
    return round(window_ms * _US_PER_MS / 2 / track.step_us)


def _gain(half: int) -> float:
    """Return the noise of the slope over that of a sample, for steps of one unit."""
    n = 2 * half + 1
    return float(np.sqrt(12 / (n * (n * n - 1))))


def _length(velocity: _Floats) -> _Floats:
    return cast("_Floats", np.sqrt(velocity[:, 0] ** 2 + velocity[:, 1] ** 2))


def _smallest_peak(half: int, track: Track, rule: SaccadeRule) -> float:
    """Return the peak that the smallest saccade still has after smoothing over the window."""
    window_ms = 2 * half * track.step_us / _US_PER_MS
    return rule.velocity_deg_s * min(1.0, rule.window_ms / window_ms)


def _white_noise_deg(track: Track) -> float:
    """Return the noise of one sample from second differences, which no slow movement enters."""
    whole = track.segment[2:] == track.segment[:-2]
    rows = np.flatnonzero(whole)
    bend = np.empty((2, rows.size))
    for axis, deg in enumerate(track.deg.T):
        (deg[2:] - 2 * deg[1:-1] + deg[:-2]).take(rows, out=bend[axis])
    return float(_MAD_TO_SD * median_of(np.abs(bend, out=bend)) / np.sqrt(6)) if bend.size else 0.0


def _peaks(speed: _Floats, segment: _Ints, threshold: _Floats) -> _Ints:
    """Return the fastest sample of each stretch that reaches the threshold; shape (n,) both."""
    runs = runs_of(speed > threshold * _STEADY_SHARE, segment)
    if len(runs) == 0:
        return np.zeros(0, np.int64)
    over = np.maximum.reduceat(np.append(speed - threshold, 0.0), runs.ravel())[::2]
    runs = runs[over > 0]
    peaks = [a + int(np.argmax(speed[a:b])) for a, b in runs.tolist()]
    return np.array(peaks, np.int64).reshape(len(runs))


def _follow(
    track: Track, velocity: _Floats, peaks: _Ints, direction: _Floats, below: _Floats, *, step: int
) -> _Ints:
    """Walk from each peak until the speed along its direction is `below`, or the segment ends."""
    reach = max(1, track.samples(_REACH_MS))
    first, end = _segment_bounds(track.segment, peaks)
    path = peaks[:, None] + step * np.arange(1, reach + 1)
    outside = (path < first[:, None]) | (path >= end[:, None])
    path = np.clip(path, 0, track.segment.size - 1)
    along = velocity[path, 0] * direction[:, :1] + velocity[path, 1] * direction[:, 1:]
    stop = outside | (along < below[:, None])
    stop[:, -1] = True
    return cast("_Ints", peaks + step * (np.argmax(stop, axis=1) + 1))


def _calm(track: Track, moving: _Bools, offset: _Ints, rule: SaccadeRule) -> _Ints:
    """Return the first sample from each offset on after which nothing moves for `calm_ms`."""
    hold = track.samples(rule.calm_ms)
    busy = np.concatenate([[0], np.cumsum(moving)])
    later = np.minimum(np.arange(moving.size) + hold + 1, moving.size)
    still = busy[later] == busy[:-1]
    reach = track.samples(rule.max_ringing_ms)
    _, end = _segment_bounds(track.segment, offset - 1)
    path = offset[:, None] + np.arange(reach + 1)
    outside = path >= end[:, None]
    stop = outside | still[np.minimum(path, moving.size - 1)]
    stop[:, -1] = True
    return cast("_Ints", offset + np.argmax(stop, axis=1))


def _segment_bounds(segment: _Ints, at: _Ints) -> tuple[_Ints, _Ints]:
    starts = span_starts(segment)
    ends = np.append(starts[1:], segment.size)
    return starts[segment[at]], ends[segment[at]]


def _without_rebounds(
    track: Track, found: tuple[_Ints, _Ints, _Ints, _Floats], rule: SaccadeRule
) -> tuple[_Ints, _Ints, _Ints]:
    """Count a much slower peak right after a saccade to its oscillation; drop the too short."""
    near = track.samples(rule.rebound_ms)
    real = _lasting(track, found[0], found[1], rule)
    kept: list[list[int]] = []
    height = 0.0
    columns = (*(part.tolist() for part in found), real.tolist())
    for onset, offset, calm, top, lasts in zip(*columns, strict=True):
        if kept and onset - kept[-1][1] <= near and top < rule.rebound_share * height:
            kept[-1][2] = max(kept[-1][2], calm)
        elif lasts:
            kept.append([onset, offset, calm])
            height = top
    table = np.array(kept, np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _lasting(track: Track, onset: _Ints, offset: _Ints, rule: SaccadeRule) -> _Bools:
    """Tell saccades from flicker: long enough, or too far for it (a jump between two samples)."""
    long = offset - onset >= track.samples(rule.min_saccade_ms)
    first, end = _segment_bounds(track.segment, onset)
    before, after = np.maximum(onset - 1, first), np.minimum(offset, end - 1)
    step = track.deg[after] - track.deg[before]
    return long | (_length(step) >= _JUMP_DEG)
