"""What does TittaPy deliver beside gaze, under which names, and what of it do we keep?

Names are those of TittaPy 2.1.0. Eye openness comes merged into the gaze stream; what only one of
the two has is marked as not available by it, and is not taken for an invalid sample here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from capture.trackers.base import Notice
from gazekit.model.records import EventValue
from gazekit.model.schemas import schema_of

__all__ = ["batch_of", "further_of_gaze", "has_gaze", "notices_of", "position_of", "signal_of"]

_EYES = ("left", "right")


def batch_of(arrays: Mapping[str, NDArray[Any]], table: str) -> pa.RecordBatch:
    """Return a batch of `table` from one array a column."""
    schema = schema_of(table)
    columns = [
        pa.array(arrays[field.name].astype(field.type.to_pandas_dtype())) for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def has_gaze(data: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Say which rows hold a gaze sample, and not openness alone; bool, shape (n,)."""
    return _available(data, "gaze_point", absent=True)


def further_of_gaze(data: Mapping[str, Any], received_us: int) -> dict[str, pa.RecordBatch]:
    """Return what comes with gaze: lids, and on trackers of SDK 1 the eyes in the track box."""
    streams = {}
    open_ = _available(data, "eye_openness", absent=False)
    if open_.any():
        arrays = {
            "device_time_us": np.asarray(data["device_time_stamp"])[open_],
            "system_time_us": np.asarray(data["system_time_stamp"])[open_],
            "received_us": np.full(int(open_.sum()), received_us, np.int64),
        }
        for eye in _EYES:
            arrays[f"{eye}_openness_mm"] = np.asarray(data[f"{eye}_eye_openness_diameter"])[open_]
            arrays[f"{eye}_openness_valid"] = np.asarray(data[f"{eye}_eye_openness_valid"])[open_]
        streams["openness"] = batch_of(arrays, "openness")
    if "left_gaze_origin_in_track_box_coordinates_x" in data:
        places = {
            f"{eye}_{axis}_norm": np.asarray(
                data[f"{eye}_gaze_origin_in_track_box_coordinates_{axis}"]
            )
            for eye in _EYES
            for axis in "xyz"
        }
        times = {"device_time_us": np.asarray(data["device_time_stamp"])}
        streams["trackbox"] = batch_of(times | places, "trackbox")
    return streams


def _available(data: Mapping[str, Any], what: str, *, absent: bool) -> NDArray[np.bool_]:
    rows = len(data["device_time_stamp"])
    names = [f"{eye}_{what}_available" for eye in _EYES]
    if names[0] not in data:
        return np.full(rows, absent)
    left, right = (np.asarray(data[name], np.bool_) for name in names)
    return left | right


def position_of(data: Mapping[str, Any], received_us: int) -> pa.RecordBatch:
    """Return stream ``positioning`` as table ``position``."""
    rows = len(data["left_user_position_valid"])
    arrays = {"received_us": np.full(rows, received_us, np.int64)}
    for eye in _EYES:
        for axis in "xyz":
            arrays[f"{eye}_{axis}_norm"] = np.asarray(data[f"{eye}_user_position_{axis}"])
        arrays[f"{eye}_valid"] = np.asarray(data[f"{eye}_user_position_valid"])
    return batch_of(arrays, "position")


def signal_of(data: Mapping[str, Any], received_us: int) -> pa.RecordBatch:
    """Return stream ``external_signal`` as table ``signal``."""
    times = np.asarray(data["device_time_stamp"])
    columns = {
        "device_time_us": times,
        "system_time_us": np.asarray(data["system_time_stamp"]),
        "received_us": np.full(times.size, received_us, np.int64),
        "value": np.asarray(data["value"], np.int64),
        "change_type": [_name(change) for change in data["change_type"]],
    }
    return pa.RecordBatch.from_pydict(columns, schema=schema_of("signal"))


def notices_of(data: Mapping[str, Any]) -> Sequence[Notice]:
    """Return stream ``notification`` as notices, under the vendor's own names."""
    notices = []
    columns = ("notification_type", "output_frequency", "display_area", "errors_or_warnings")
    rows = zip(data["system_time_stamp"], *(data[column] for column in columns), strict=True)
    for time_us, kind, rate_hz, area, text in rows:
        value: EventValue = {"rate_hz": rate_hz, "text": text or None}
        if area is not None:
            value |= {"width_mm": float(area["width"]), "height_mm": float(area["height"])}
        known: EventValue = {key: said for key, said in value.items() if said is not None}
        notices.append(Notice(int(time_us), _name(kind), known))
    return notices


def _name(member: Any) -> str:  # noqa: ANN401 - a member of one of TittaPy's enumerations
    return str(getattr(member, "name", member))
