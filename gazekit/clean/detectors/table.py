"""How do runs of samples become rows of table ``events``?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.detectors.track import Track
from gazekit.clean.gaze import Gaze
from gazekit.model.geometry import angle_deg, screen_px_to_mm
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import empty_table, schema_of

__all__ = ["blinks_of", "events_of"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


def events_of(
    track: Track,
    screen: ScreenRecord,
    *,
    runs: Mapping[str, _Ints],
    speed_deg_s: _Floats,
    blinks_us: _Ints,
) -> pa.Table:
    """Describe each run of samples by one row of table ``events``, in time order.

    Parameters
    ----------
    track, screen
        The samples and the display they were measured on.
    runs
        Kind of event to (first, end) sample of each; int64, shape (k, 2).
    speed_deg_s
        float64, shape (n,): the speed whose largest value an event reports.
    blinks_us
        int64, shape (b, 2): onset and offset of the blinks, which have no place.
    """
    parts = [_rows(track, screen, runs, speed_deg_s)]
    if len(blinks_us):
        parts.append(_blink_rows(blinks_us))
    table = pa.concat_tables(parts)
    return table.sort_by([("onset_us", "ascending"), ("kind", "ascending")])


def blinks_of(gaze: Gaze) -> _Ints:
    """Return onset and offset of the gaps that blinks made; int64, shape (k, 2)."""
    found = [(gap.onset_us, gap.offset_us) for gap in gaze.gaps if gap.cause == "blink"]
    return np.array(found, np.int64).reshape(-1, 2)


def _rows(
    track: Track, screen: ScreenRecord, runs: Mapping[str, _Ints], speed: _Floats
) -> pa.Table:
    """Describe all runs in one pass over the samples of each, side by side in memory."""
    kinds = [kind for kind, spans in runs.items() for _ in range(len(spans))]
    if not kinds:
        return empty_table("events")
    spans = np.concatenate(list(runs.values()))
    first, last, count = spans[:, 0], spans[:, 1] - 1, spans[:, 1] - spans[:, 0]
    start = np.cumsum(count) - count
    inside = np.arange(count.sum()) + np.repeat(first - start, count)
    x, y = track.x_px.take(inside), track.y_px.take(inside)
    middle = np.add.reduceat(x, start) / count, np.add.reduceat(y, start) / count
    ends = (track.x_px[first], track.y_px[first], track.x_px[last], track.y_px[last])
    peak = np.maximum.reduceat(speed.take(inside), start)
    off = _square_off(screen, (x, y), middle, count)
    spread = np.sqrt(np.add.reduceat(off, start) / count)
    times = (track.time_us[first], track.end_us[last])
    return _table(kinds, *times, *middle, angle_deg(screen, *ends), peak, spread)


def _square_off(
    screen: ScreenRecord, xy_px: tuple[_Floats, _Floats], middle: tuple[_Floats, _Floats], n: _Ints
) -> _Floats:
    """Return the squared angle (deg2) of each sample from its run's middle, as `angle_deg` has it.

    Results go where nothing is needed any more: fetching other memory takes longer than a product.
    """
    z = screen.distance_mm
    x, y = screen_px_to_mm(screen, *xy_px)
    to_x, to_y = (np.repeat(v, n) for v in screen_px_to_mm(screen, *middle))
    dot = x * to_x
    dot += y * to_y
    dot += z * z
    to_x -= x
    to_y -= y
    x *= to_y
    y *= to_x
    x -= y
    x *= x
    to_x *= to_x
    to_y *= to_y
    to_x += to_y
    to_x *= z * z
    to_x += x
    angle: _Floats = np.arctan2(np.sqrt(to_x, out=to_x), dot, out=dot)
    angle *= 180 / np.pi
    angle *= angle
    return angle


def _blink_rows(blinks_us: _Ints) -> pa.Table:
    nothing = np.full(len(blinks_us), np.nan)
    return _table(["blink"] * len(blinks_us), blinks_us[:, 0], blinks_us[:, 1], *[nothing] * 5)


def _table(kinds: list[str], *columns: NDArray[Any]) -> pa.Table:
    schema = schema_of("events")
    values = [kinds, *columns]
    arrays = [pa.array(v, f.type) for v, f in zip(values, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
