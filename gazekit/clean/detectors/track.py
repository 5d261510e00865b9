"""What does a detector see? Measured or bridged gaze in degrees, cut where it is lost for long."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from gazekit.clean.gaze import Gaze
from gazekit.model.geometry import screen_px_to_mm
from gazekit.model.records import ScreenRecord
from gazekit.quality.median import median_of

__all__ = [
    "Track",
    "beside",
    "runs_of",
    "slope_deg_s",
    "span_starts",
    "track_of",
    "velocity_deg_s",
    "without_spikes",
]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]

_US_PER_S = 1e6
_MIN_FOR_SLOPE = 2
_HELD_STEPS = 2
"""A last sample before missing ones stands for this many steps at most."""


@dataclass(frozen=True)
class Track:
    """The samples that hold gaze; arrays of shape (n,) but `deg`, no NaN anywhere.

    Attributes
    ----------
    time_us, end_us
        int64: when each sample was taken, and when it stops being the newest.
    x_px, y_px
        float64, screen pixels.
    deg
        float64, shape (n, 2): direction of gaze, right and down of the straight line to the
        screen's centre, in degrees.
    filled
        bool: made by interpolation.
    segment
        int64, rising from 0: a new one begins after each gap that was not bridged.
    step_us
        The usual time between samples; 1 where there are fewer than two.
    """

    time_us: _Ints
    end_us: _Ints
    x_px: _Floats
    y_px: _Floats
    deg: _Floats
    filled: _Bools
    segment: _Ints
    step_us: float

    def samples(self, duration_ms: float) -> int:
        """Return how many usual steps last nearest to `duration_ms`."""
        return max(0, round(duration_ms * 1000 / self.step_us))

    @cached_property
    def narrowing(self) -> _Floats:
        """What a degree to the right counts for at each height; float64, shape (n,)."""
        return cast("_Floats", np.cos(np.radians(self.deg[:, 1])))


def track_of(gaze: Gaze, screen: ScreenRecord, *, max_gap_ms: float = 75.0) -> Track:
    """Take the samples with gaze and express them in degrees.

    One viewing distance, the median, serves the whole recording: a distance that flickers would
    move gaze that rests off the centre.
    """
    valid = gaze.valid
    time, x, y = gaze.time_us[valid], gaze.x_px[valid], gaze.y_px[valid]
    step = median_of(np.diff(gaze.time_us)) if gaze.time_us.size > 1 else 1.0
    run = np.diff(time)
    segment = np.concatenate([[0], np.cumsum(run > max_gap_ms * 1000)])[: time.size]
    following = np.append(time[1:], time[-1:] + round(step))
    distance = gaze.usual_distance_mm if time.size else screen.distance_mm
    return Track(
        time_us=time,
        end_us=np.minimum(following, time + round(_HELD_STEPS * step)),
        x_px=x,
        y_px=y,
        deg=_degrees(x, y, screen, distance),
        filled=gaze.filled[valid],
        segment=segment.astype(np.int64),
        step_us=step,
    )


def slope_deg_s(track: Track, half: int) -> _Floats:
    """Return the velocity as the slope of a line over `half` samples to either side.

    The derivative of Savitzky & Golay (1964, Analytical Chemistry 36) of first or second degree;
    see `velocity_deg_s` for the rest.
    """
    return velocity_deg_s(track, np.arange(-half, half + 1, dtype=np.float64))


def velocity_deg_s(track: Track, weights: _Floats) -> _Floats:
    """Return the velocity as the weighted sum of places over that of their times.

    Exact for a steady movement whatever the time stamps do. At the ends of a segment the movement
    is mirrored through the end point.

    Parameters
    ----------
    track
        Gaze without gaps.
    weights
        float64, odd in number, antisymmetric: what each sample around the middle counts.

    Returns
    -------
    ndarray
        float64, shape (n, 2): along the two directions of `Track.deg`, in degrees of visual angle
        a second; 0 for a sample alone in its segment.
    """
    velocity = np.zeros(track.deg.shape, order="F")
    seconds = (track.time_us - track.time_us[:1]) / _US_PER_S
    bounds = [*span_starts(track.segment).tolist(), track.segment.size]
    for first, end in pairwise(bounds):
        if end - first >= _MIN_FOR_SLOPE:
            run = _rise(seconds[first:end], weights)
            for axis in (0, 1):
                velocity[first:end, axis] = _rise(track.deg[first:end, axis], weights) / run
    velocity[:, 0] *= track.narrowing
    return velocity


def without_spikes(track: Track, *, least_deg: float = 0.5) -> Track:
    """Move single samples that lie apart from both neighbours, while these agree, between them.

    Stampe, D. M. (1993). "Heuristic filtering and reliable calibration methods for video-based
    pupil-tracking systems." Behavior Research Methods 25, 137-142, stage 1, here with a least
    size so that noise stays as it is. No eye goes and returns within two samples.
    """
    before, here, after = track.deg[:-2], track.deg[1:-1], track.deg[2:]
    out = ((here - (before + after) / 2) ** 2).sum(axis=1)
    apart = ((after - before) ** 2).sum(axis=1)
    far = (out >= least_deg**2) & (apart < out / 4)
    spike = far & (track.segment[2:] == track.segment[:-2])
    if not spike.any():
        return track
    deg = track.deg.copy()
    deg[1:-1][spike] = (before + after)[spike] / 2
    return replace(track, deg=deg)


def span_starts(values: NDArray[np.generic]) -> _Ints:
    """Return where each stretch of equal neighbours begins; int64, from 0."""
    if values.size == 0:
        return np.zeros(0, np.int64)
    return np.concatenate([[0], np.flatnonzero(values[1:] != values[:-1]) + 1]).astype(np.int64)


def runs_of(member: _Bools, segment: _Ints) -> _Ints:
    """Return (first, end) of each run of members inside one segment; int64, shape (k, 2)."""
    joined = member[1:] & member[:-1] & (segment[1:] == segment[:-1])
    first = np.flatnonzero(member & ~np.concatenate([[False], joined])[: member.size])
    end = np.flatnonzero(member & ~np.concatenate([joined, [False]])[: member.size]) + 1
    return np.column_stack([first, end]).astype(np.int64)


def beside(track: Track, runs: _Ints) -> _Ints:
    """Return what of a segment lies beside and between the given runs, and touches one of them.

    Where a segment holds none, nothing tells what its samples are.
    """
    inside = np.zeros(track.segment.size, bool)
    for first, end in runs.tolist():
        inside[first:end] = True
    rest = runs_of(~inside, track.segment)
    starts = span_starts(track.segment)
    ends = np.append(starts[1:], track.segment.size)
    owner = track.segment[rest[:, 0]]
    whole = (rest[:, 0] == starts[owner]) & (rest[:, 1] == ends[owner])
    touching: _Ints = rest[~whole]
    return touching


def _degrees(x_px: _Floats, y_px: _Floats, screen: ScreenRecord, distance_mm: float) -> _Floats:
    x, y = screen_px_to_mm(screen, x_px, y_px)
    deg = np.empty((x.size, 2), order="F")  # each direction in one piece of memory: twice as fast
    np.arctan(x / distance_mm, out=deg[:, 0])
    np.arctan(y / np.sqrt(x * x + distance_mm**2), out=deg[:, 1])
    deg *= 180 / np.pi
    return deg


def _rise(values: _Floats, weights: _Floats) -> _Floats:
    return cast("_Floats", np.correlate(_mirrored(values, weights.size // 2), weights, "valid"))


def _mirrored(values: _Floats, half: int) -> _Floats:
    """Prolong values by `half` at either end, mirrored through the end point."""
    if half >= values.size:
        return np.pad(values, half, mode="reflect", reflect_type="odd")
    padded = np.empty(values.size + 2 * half)
    padded[:half] = 2 * values[0] - values[half:0:-1]
    padded[half : half + values.size] = values
    padded[half + values.size :] = 2 * values[-1] - values[-1 - half : -1][::-1]
    return padded
