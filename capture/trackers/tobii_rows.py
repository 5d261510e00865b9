"""What does tobii-research deliver in its dictionaries, and what of it do we keep?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from capture.trackers.base import Notice
from gazekit.model.records import EventValue

__all__ = [
    "NOTIFICATIONS",
    "notice_of",
    "openness_row",
    "pair_row",
    "position_row",
    "sample_row",
    "signal_row",
]

NOTIFICATIONS = (
    "CONNECTION_LOST",
    "CONNECTION_RESTORED",
    "CALIBRATION_MODE_ENTERED",
    "CALIBRATION_MODE_LEFT",
    "CALIBRATION_CHANGED",
    "DISPLAY_AREA_CHANGED",
    "GAZE_OUTPUT_FREQUENCY_CHANGED",
    "EYE_TRACKING_MODE_CHANGED",
    "DEVICE_FAULTS",
    "DEVICE_WARNINGS",
    "STREAM_BUFFER_OVERFLOW",
)
"""Ends of the SDK's names, after ``EYETRACKER_NOTIFICATION_``."""

_EYES = ("left", "right")
_MM = ("x_mm", "y_mm", "z_mm")
_SIGNAL_PREFIX = "external_signal_change_type_"
_SAID = {
    "gaze_output_frequency": "rate_hz",
    "faults": "text",
    "warnings": "text",
    "notification_source_stream": "stream",
    "error": "error",
    "source": "source",
    "message": "text",
}


def sample_row(data: Mapping[str, Any], received_us: int) -> dict[str, Any]:
    """Return a row of table ``raw_samples``."""
    row = _stamps(data, received_us)
    for eye in _EYES:
        # Numbers in a fixed type: None, which some SDKs give for a lost eye, becomes NaN.
        x, y = np.array(data[f"{eye}_gaze_point_on_display_area"], np.float64)
        row |= {f"{eye}_gaze_x_norm": x, f"{eye}_gaze_y_norm": y}
        for ours, theirs in (("gaze", "gaze_point"), ("origin", "gaze_origin")):
            place = np.array(data[f"{eye}_{theirs}_in_user_coordinate_system"], np.float32)
            names = (f"{eye}_{ours}_{axis}" for axis in _MM)
            row |= dict(zip(names, place, strict=True))
            row[f"{eye}_{ours}_valid"] = bool(data[f"{eye}_{theirs}_validity"])
        row[f"{eye}_pupil_mm"] = np.float32(data[f"{eye}_pupil_diameter"])
        row[f"{eye}_pupil_valid"] = bool(data[f"{eye}_pupil_validity"])
    return row


def pair_row(data: Mapping[str, Any], _: int) -> dict[str, Any]:
    """Return a row of table ``clock``."""
    return {
        "request_us": data["system_request_time_stamp"],
        "device_us": data["device_time_stamp"],
        "response_us": data["system_response_time_stamp"],
    }


def openness_row(data: Mapping[str, Any], received_us: int) -> dict[str, Any]:
    """Return a row of table ``openness``."""
    row = _stamps(data, received_us)
    for eye in _EYES:
        row[f"{eye}_openness_mm"] = np.float32(data[f"{eye}_eye_openness_value"])
        row[f"{eye}_openness_valid"] = bool(data[f"{eye}_eye_validity"])
    return row


def position_row(data: Mapping[str, Any], received_us: int) -> dict[str, Any]:
    """Return a row of table ``position``; the stream has no time stamps of its own."""
    row: dict[str, Any] = {"received_us": received_us}
    for eye in _EYES:
        place = np.array(data[f"{eye}_user_position"], np.float32)
        row |= dict(zip((f"{eye}_{axis}_norm" for axis in "xyz"), place, strict=True))
        row[f"{eye}_valid"] = bool(data[f"{eye}_user_position_validity"])
    return row


def signal_row(data: Mapping[str, Any], received_us: int) -> dict[str, Any]:
    """Return a row of table ``signal``."""
    change = str(data["change_type"]).removeprefix(_SIGNAL_PREFIX)
    return _stamps(data, received_us) | {"value": int(data["value"]), "change_type": change}


def notice_of(data: Mapping[str, Any]) -> Notice:
    """Return a notification or stream error as a notice."""
    value: EventValue = {
        ours: said if isinstance(said, int | float) else str(said)
        for theirs, ours in _SAID.items()
        if (said := data.get(theirs)) is not None
    }
    return Notice(int(data["system_time_stamp"]), str(data.get("kind", "stream_error")), value)


def _stamps(data: Mapping[str, Any], received_us: int) -> dict[str, Any]:
    return {
        "device_time_us": data["device_time_stamp"],
        "system_time_us": data["system_time_stamp"],
        "received_us": received_us,
    }
