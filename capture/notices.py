"""What does the operator read when the tracker says something of itself?"""

from capture.trackers.base import Notice

__all__ = ["line_of"]

_LINES = {
    "connection_lost": "the tracker's connection is lost: no gaze is recorded until it is back",
    "connection_restored": "the tracker is connected again; a new segment begins",
    "stream_buffer_overflow": "the tracker's buffer overflowed: samples were lost before they "
    "reached this program; close other programs",
    "display_area_changed": "the tracker's display area was changed: calibrate again",
    "gaze_output_frequency_changed": "the tracker's rate was changed",
    "eye_tracking_mode_changed": "the tracker's mode was changed: calibrate again",
    "device_faults": "the tracker reports a fault",
    "device_warnings": "the tracker warns",
    "stream_error": "the tracker's library reports an error",
    "silent": "no sample has come for seconds: check the tracker and its cable",
    "heard": "samples come again",
    "clock_step": "a clock of this computer was set; the session's own clock goes on unchanged",
    "disk_low": "the disk is almost full: end the session after this reading and make room",
    "recording_ended": "the recording that is replayed has ended",
}
"""Notices that are for the operator; others, such as ``calibration_mode_entered``, are routine."""


def line_of(notice: Notice) -> str | None:
    """Return the line for the operator, None where it is not for them."""
    if notice.kind not in _LINES:
        return None
    more = ", ".join(f"{key} {value}" for key, value in notice.value.items() if value is not None)
    return f"{_LINES[notice.kind]} ({more})" if more else _LINES[notice.kind]
