"""Which stretches does clustering keep together, window after window? Made for noisy gaze.

Hessels, R. S., Niehorster, D. C., Kemner, C. & Hooge, I. T. C. (2017). "Noise-robust fixation
detection in eye movement data: Identification by two-means clustering (I2MC)." Behavior Research
Methods 49, 1802-1823. Each window of 200 ms, every 20 ms, is split in two; a sample where the
cluster changes gets the inverse of the number of changes as weight, in the signal and in three
thinned copies, where a change counts for all samples it stands for. Fixations are where the mean
weight stays below mean + 2 standard deviations, less the samples at either end that lie 3 median
absolute deviations apart (as in the authors' program); neighbours at most 30 ms and 0.7 degree
(30 px there) apart are merged; from 40 ms on. Defaults are the paper's. All windows are clustered
at once, from the two ends of the longer side.
"""

from typing import cast

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.detectors.table import blinks_of, events_of
from gazekit.clean.detectors.track import Track, beside, runs_of, slope_deg_s, track_of
from gazekit.clean.gaze import Gaze
from gazekit.model.records import ScreenRecord

__all__ = ["I2mc", "i2mc"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]

_THINNING = (1, 2, 5, 10)
_ROUNDS = 20
_AT_ONCE = 2000
"""Windows clustered together: bounds the memory of a long recording."""
_LEAST_POINTS = 4
_MAD_TO_SD = 1.4826
_SPEED_HALF_MS = 10.0
"""Half the window of the peak velocity that events report; detection does not use it."""


class I2mc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the detector; the defaults are the paper's."""

    window_ms: float = 200.0
    step_ms: float = 20.0
    cutoff_sd: float = 2.0
    edge_mad: float = 3.0
    merge_ms: float = 30.0
    merge_deg: float = 0.7
    min_fixation_ms: float = 40.0
    max_gap_ms: float = 75.0


def i2mc(gaze: Gaze, screen: ScreenRecord, params: I2mc | None = None) -> pa.Table:
    """Detect fixations, and saccades as what lies between two of them.

    Parameters
    ----------
    gaze
        One line of sight with its gaps filled or named (`gazekit.clean.clean_samples`).
    screen
        The display.
    params
        The paper's values where None.

    Returns
    -------
    pyarrow.Table
        Table ``events`` in time order, half-open times.
    """
    chosen = params or I2mc()
    track = track_of(gaze, screen, max_gap_ms=chosen.max_gap_ms)
    weight = _weights(track, chosen)
    cutoff = float(weight.mean() + chosen.cutoff_sd * weight.std()) if weight.size else 0.0
    candidates = _trimmed(track, runs_of(weight <= cutoff, track.segment), chosen.edge_mad)
    fixations = _merged(track, candidates, chosen)
    least = max(1, track.samples(chosen.min_fixation_ms))
    fixations = fixations[fixations[:, 1] - fixations[:, 0] >= least]
    velocity = slope_deg_s(track, max(1, track.samples(_SPEED_HALF_MS)))
    return events_of(
        track,
        screen,
        runs={"fixation": fixations, "saccade": beside(track, fixations)},
        speed_deg_s=np.hypot(velocity[:, 0], velocity[:, 1]),
        blinks_us=blinks_of(gaze),
    )


def _weights(track: Track, params: I2mc) -> _Floats:
    """Return the mean weight of each sample over the windows that held it; float64, shape (n,)."""
    size = max(_LEAST_POINTS, track.samples(params.window_ms))
    total, tested = np.zeros(track.segment.size), np.zeros(track.segment.size)
    starts = np.arange(0, track.segment.size - size + 1, max(1, track.samples(params.step_ms)))
    starts = starts[track.segment[starts] == track.segment[starts + size - 1]]
    for i in range(0, starts.size, _AT_ONCE):
        inside = starts[i : i + _AT_ONCE, None] + np.arange(size)
        low, high = int(inside[0, 0]), int(inside[-1, -1]) + 1
        at = inside.ravel() - low
        weights = _window_weights(track.deg[inside]).ravel()
        total[low:high] += np.bincount(at, weights, minlength=high - low)
        tested[low:high] += np.bincount(at, minlength=high - low)
    return cast("_Floats", total / np.maximum(tested, 1.0))


def _window_weights(places: _Floats) -> _Floats:
    """Return the weights of each sample in each window; shape (windows, size)."""
    size = places.shape[1]
    weights = np.zeros(places.shape[:2])
    for thin in _THINNING:
        used = size // thin
        if used < _LEAST_POINTS:
            continue
        blocks = places[:, : used * thin].reshape(len(places), used, thin, 2).mean(axis=2)
        change = np.diff(_two_means(blocks).astype(np.int8), axis=1, prepend=0) != 0
        change[:, 0] = False
        share = change / np.maximum(change.sum(axis=1), 1)[:, None]
        weights[:, : used * thin] += np.repeat(share, thin, axis=1)
    return weights


def _two_means(places: _Floats) -> _Bools:
    """Split each window's points in two clusters (Lloyd); bool, shape (windows, points)."""
    side = np.argmax(np.ptp(places, axis=1), axis=1)
    along = np.take_along_axis(places, side[:, None, None], axis=2)[:, :, 0]
    rows = np.arange(len(places))
    low, high = places[rows, along.argmin(axis=1)], places[rows, along.argmax(axis=1)]
    second = np.zeros(places.shape[:2], bool)
    left = rows  # windows that still change
    for _ in range(_ROUNDS):
        axis = high[left] - low[left]
        middle = ((high[left] + low[left]) / 2 * axis).sum(axis=1)
        here = places[left]
        now = here[:, :, 0] * axis[:, :1] + here[:, :, 1] * axis[:, 1:] > middle[:, None]
        changed = (now != second[left]).any(axis=1)
        left, here, now = left[changed], here[changed], now[changed]
        if left.size == 0:
            break
        second[left] = now
        low[left], high[left] = _centre(here, ~now, low[left]), _centre(here, now, high[left])
    return second


def _centre(places: _Floats, member: _Bools, otherwise: _Floats) -> _Floats:
    count = member.sum(axis=1)
    mean = np.einsum("wpk,wp->wk", places, member.astype(np.float64))
    mean /= np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, mean, otherwise)


def _trimmed(track: Track, runs: _Ints, edge_mad: float) -> _Ints:
    """Walk inwards from both ends while a sample lies apart from where the others are."""
    out = []
    for first, end in runs.tolist():
        away = np.hypot(*(track.deg[first:end] - np.median(track.deg[first:end], axis=0)).T)
        middle = np.median(away)
        most = middle + edge_mad * _MAD_TO_SD * np.median(np.abs(away - middle))
        near = np.flatnonzero(away <= most)
        out.append((first + int(near[0]), first + int(near[-1]) + 1))
    return np.array(out, np.int64).reshape(-1, 2)


def _merged(track: Track, runs: _Ints, params: I2mc) -> _Ints:
    """Join neighbours that are near in time and place; a place is the median of its samples."""
    out: list[list[int]] = []
    for first, end in runs.tolist():
        if out and _near(track, out[-1], (first, end), params):
            out[-1][1] = end
        else:
            out.append([first, end])
    return np.array(out, np.int64).reshape(-1, 2)


def _near(track: Track, before: list[int], after: tuple[int, int], params: I2mc) -> bool:
    if track.segment[before[1] - 1] != track.segment[after[0]]:
        return False
    pause_us = track.time_us[after[0]] - track.end_us[before[1] - 1]
    if pause_us > params.merge_ms * 1000:
        return False
    a, b = (np.median(track.deg[i:j], axis=0) for i, j in (before, after))
    return bool(np.hypot(*(a - b)) <= params.merge_deg)
