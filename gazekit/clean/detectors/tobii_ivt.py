"""Tobii's velocity-threshold fixation filter, complete.

Olsen, A. (2012). "The Tobii I-VT Fixation Filter: Algorithm description." Tobii Technology AB.
Defaults are the paper's: velocity over 20 ms, threshold 30 deg/s, adjacent fixations merged when
at most 75 ms and 0.5 degree apart, fixations shorter than 60 ms discarded.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.gaze import Gaze
from gazekit.clean.velocity import angular_velocity
from gazekit.model.geometry import angle_deg
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import schema_of

__all__ = ["TobiiIvt", "tobii_ivt"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_US_PER_MS = 1000


class TobiiIvt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the filter; the defaults are the paper's."""

    window_ms: float = 20.0
    velocity_deg_s: float = 30.0
    merge_ms: float = 75.0
    merge_deg: float = 0.5
    min_fixation_ms: float = 60.0
    max_gap_ms: float = 75.0


@dataclass(frozen=True)
class _Signal:
    """The samples that hold gaze; `segment` rises across each gap that was not filled."""

    time_us: _Ints
    end_us: _Ints
    x_px: _Floats
    y_px: _Floats
    distance_mm: _Floats
    segment: _Ints
    velocity: _Floats
    screen: ScreenRecord


def tobii_ivt(gaze: Gaze, screen: ScreenRecord, params: TobiiIvt | None = None) -> pa.Table:
    """Detect fixations, saccades and blinks.

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
        Table ``events`` in time order. _Times are half-open: an event ends where the sample after
        its last one begins. No event reaches across a gap longer than `max_gap_ms`.
    """
    chosen = params or TobiiIvt()
    signal = _signal(gaze, screen, chosen)
    slow = signal.velocity < chosen.velocity_deg_s
    fixations = _kept(signal, _merged(signal, _runs(slow, signal.segment), chosen), chosen)
    saccades = _runs(signal.velocity >= chosen.velocity_deg_s, signal.segment)
    rows = _rows(signal, "fixation", fixations) + _rows(signal, "saccade", saccades)
    rows += [
        ("blink", gap.onset_us, gap.offset_us, *[np.nan] * 5)
        for gap in gaze.gaps
        if gap.cause == "blink"
    ]
    rows.sort(key=lambda row: (row[1], row[0]))
    schema = schema_of("events")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _signal(gaze: Gaze, screen: ScreenRecord, params: TobiiIvt) -> _Signal:
    valid = gaze.valid
    time, x, y = gaze.time_us[valid], gaze.x_px[valid], gaze.y_px[valid]
    distance = gaze.distance_mm[valid]
    step = int(np.median(np.diff(gaze.time_us))) if gaze.time_us.size > 1 else 1
    run = np.diff(time)
    segment = np.concatenate([[0], np.cumsum(run > params.max_gap_ms * _US_PER_MS)])[: time.size]
    following = np.append(time[1:], time[-1:] + step)
    velocity = angular_velocity(
        time,
        x,
        y,
        screen=screen,
        distance_mm=distance,
        window_us=round(params.window_ms * _US_PER_MS),
        segment=segment,
    )
    end = np.minimum(following, time + 2 * step)
    return _Signal(time, end, x, y, distance, segment, velocity, screen)


def _runs(member: NDArray[np.bool_], segment: _Ints) -> _Ints:
    """Return (first, last) of each run of members inside one segment; int64, shape (k, 2)."""
    if not member.any():
        return np.zeros((0, 2), np.int64)
    joined = member[1:] & member[:-1] & (segment[1:] == segment[:-1])
    first = np.flatnonzero(member & ~np.concatenate([[False], joined]))
    last = np.flatnonzero(member & ~np.concatenate([joined, [False]]))
    return np.column_stack([first, last])


def _merged(signal: _Signal, runs: _Ints, params: TobiiIvt) -> _Ints:
    """Join neighbours that are near in time and in angle; the place is the mean of all samples."""
    if len(runs) == 0:
        return runs
    sums_x = np.concatenate([[0.0], np.cumsum(signal.x_px)])
    sums_y = np.concatenate([[0.0], np.cumsum(signal.y_px)])

    def centre(first: int, last: int) -> tuple[float, float]:
        count = last + 1 - first
        x = (sums_x[last + 1] - sums_x[first]) / count
        return float(x), float((sums_y[last + 1] - sums_y[first]) / count)

    distance = float(np.median(signal.distance_mm))

    def apart(a: tuple[float, float], b: tuple[float, float]) -> float:
        return float(angle_deg(signal.screen, *a, *b, distance_mm=distance))

    out = [(int(runs[0, 0]), int(runs[0, 1]))]
    for first, last in runs[1:].tolist():
        before = out[-1]
        pause = signal.time_us[first] - signal.end_us[before[1]]
        near = (
            pause <= params.merge_ms * _US_PER_MS
            and signal.segment[before[1]] == (signal.segment[first])
        )
        if near and apart(centre(*before), centre(first, last)) <= params.merge_deg:
            out[-1] = (before[0], last)
        else:
            out.append((first, last))
    return np.array(out, np.int64)


def _kept(signal: _Signal, runs: _Ints, params: TobiiIvt) -> _Ints:
    if len(runs) == 0:
        return runs
    duration = signal.end_us[runs[:, 1]] - signal.time_us[runs[:, 0]]
    return runs[duration >= params.min_fixation_ms * _US_PER_MS]


def _rows(signal: _Signal, kind: str, runs: _Ints) -> list[tuple[str | float, ...]]:
    if len(runs) == 0:
        return []
    first, last = runs[:, 0], runs[:, 1]
    edges = np.column_stack([first, last + 1]).ravel()
    pad = np.array([0.0])

    def mean(values: _Floats) -> _Floats:
        sums: _Floats = np.add.reduceat(np.append(values, pad), edges)[::2]
        return sums / (last + 1 - first)

    x, y = mean(signal.x_px), mean(signal.y_px)
    member = np.repeat(np.arange(len(runs)), last + 1 - first)
    inside = np.concatenate([np.arange(a, b + 1) for a, b in runs.tolist()])
    off = angle_deg(
        signal.screen,
        signal.x_px[inside],
        signal.y_px[inside],
        x[member],
        y[member],
        distance_mm=signal.distance_mm[inside],
    )
    dispersion = np.sqrt(np.bincount(member, off**2) / (last + 1 - first))
    speed = np.where(np.isnan(signal.velocity), 0.0, signal.velocity)
    peak = np.maximum.reduceat(np.append(speed, pad), edges)[::2]
    amplitude = angle_deg(
        signal.screen,
        signal.x_px[first],
        signal.y_px[first],
        signal.x_px[last],
        signal.y_px[last],
        distance_mm=signal.distance_mm[first],
    )
    kinds = [kind] * len(runs)
    arrays = (signal.time_us[first], signal.end_us[last], x, y, amplitude, peak, dispersion)
    return list(zip(kinds, *(a.tolist() for a in arrays), strict=True))
