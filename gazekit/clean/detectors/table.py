"""How do runs of samples become rows of table ``events``?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.detectors.track import Track
from gazekit.clean.gaze import Gaze
from gazekit.model.geometry import angle_deg
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
    parts = [_rows(track, screen, kind, spans, speed_deg_s) for kind, spans in runs.items()]
    parts = [part for part in parts if part.num_rows]
    if len(blinks_us):
        parts.append(_blink_rows(blinks_us))
    if not parts:
        return empty_table("events")
    table = pa.concat_tables(parts)
    return table.sort_by([("onset_us", "ascending"), ("kind", "ascending")])


def blinks_of(gaze: Gaze) -> _Ints:
    """Return onset and offset of the gaps that blinks made; int64, shape (k, 2)."""
    found = [(gap.onset_us, gap.offset_us) for gap in gaze.gaps if gap.cause == "blink"]
    return np.array(found, np.int64).reshape(-1, 2)


def _rows(track: Track, screen: ScreenRecord, kind: str, runs: _Ints, speed: _Floats) -> pa.Table:
    if len(runs) == 0:
        return empty_table("events")
    first, last = runs[:, 0], runs[:, 1] - 1
    count = runs[:, 1] - runs[:, 0]
    member = np.repeat(np.arange(len(runs)), count)
    inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[member]
    x = np.bincount(member, track.x_px[inside]) / count
    y = np.bincount(member, track.y_px[inside]) / count
    off = angle_deg(screen, track.x_px[inside], track.y_px[inside], x[member], y[member])
    amplitude = angle_deg(
        screen, track.x_px[first], track.y_px[first], track.x_px[last], track.y_px[last]
    )
    peak = np.maximum.reduceat(np.append(speed, 0.0), runs.ravel())[::2]
    spread = np.sqrt(np.bincount(member, off**2) / count)
    times = (track.time_us[first], track.end_us[last])
    return _table(kind, *times, x, y, amplitude, peak, spread)


def _blink_rows(blinks_us: _Ints) -> pa.Table:
    nothing = np.full(len(blinks_us), np.nan)
    return _table("blink", blinks_us[:, 0], blinks_us[:, 1], *[nothing] * 5)


def _table(kind: str, *columns: NDArray[Any]) -> pa.Table:
    schema = schema_of("events")
    values = [[kind] * len(columns[0]), *columns]
    arrays = [pa.array(v, f.type) for v, f in zip(values, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
