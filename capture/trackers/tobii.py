"""How is a Tobii tracker reached through the tobii-research package, which calls back?

Written against tobii-research 2.1.0 (Python 3.10 only); "no tracker answers" is the part that can
be run without a device, the rest was run against a fake with its names. Nobody has connected a
device to it yet.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from capture.trackers.base import Calibrator, Tracker
from capture.trackers.display import display_size_mm
from capture.trackers.inbox import Inbox
from gazekit.model.records import TrackerRecord
from gazekit.model.schemas import schema_of

__all__ = ["TobiiTracker", "find"]

_QUEUE_ROWS = 36_000
"""Half a minute at 1200 Hz."""

_MM = ("x_mm", "y_mm", "z_mm")
_Sample = tuple[Mapping[str, Any], int]


def find() -> Tracker | None:
    """Return the first tracker that answers within two seconds, None where none does.

    Raises
    ------
    ImportError
        tobii-research is not installed.
    """
    import tobii_research

    found = tobii_research.find_all_eyetrackers()
    return TobiiTracker(tobii_research, found[0]) if found else None


class TobiiTracker:
    """A tracker behind tobii-research: its thread calls back, the callback appends and returns."""

    def __init__(self, sdk: Any, device: Any) -> None:  # noqa: ANN401 - tobii_research and its EyeTracker
        self._sdk = sdk
        self._device = device
        self._samples: Inbox[_Sample] = Inbox(_QUEUE_ROWS)
        self._pairs: Inbox[_Sample] = Inbox(_QUEUE_ROWS)

    @property
    def info(self) -> TrackerRecord:
        """What the device says of itself."""
        device = self._device
        return TrackerRecord(
            kind="tobii",
            rate_hz=float(device.get_gaze_output_frequency()),
            simulated=False,
            model=str(device.model),
            firmware=str(device.firmware_version),
            serial=str(device.serial_number),
        )

    @property
    def display_mm(self) -> tuple[float, float]:
        """The size of the display area that was set in Tobii's Eye Tracker Manager."""
        area = self._device.get_display_area()
        return display_size_mm(area.top_left, area.top_right, area.bottom_left)

    @property
    def lost_rows(self) -> int:
        """Samples that did not fit into the queue."""
        return self._samples.lost_rows

    @property
    def calibrator(self) -> Calibrator:
        """The device's calibration."""
        return _TobiiCalibrator(self._sdk, self._device)

    def start(self) -> None:
        """Subscribe to gaze and time synchronisation, as dictionaries."""
        for stream, callback in self._streams():
            self._device.subscribe_to(stream, callback, as_dictionary=True)

    def stop(self) -> None:
        """Unsubscribe; what waits can still be drained."""
        for stream, callback in self._streams():
            self._device.unsubscribe_from(stream, callback)

    def drain(self) -> pa.RecordBatch | None:
        """Make a batch of the samples that wait."""
        samples = self._samples.take()
        if not samples:
            return None
        schema = schema_of("raw_samples")
        rows = [_sample_row(data, received_us) for data, received_us in samples]
        return pa.RecordBatch.from_pylist(rows, schema=schema)

    def drain_clock(self) -> pa.RecordBatch | None:
        """Make a batch of the clock pairs that wait."""
        pairs = self._pairs.take()
        if not pairs:
            return None
        rows = [
            {
                "request_us": data["system_request_time_stamp"],
                "device_us": data["device_time_stamp"],
                "response_us": data["system_response_time_stamp"],
            }
            for data, _ in pairs
        ]
        return pa.RecordBatch.from_pylist(rows, schema=schema_of("clock"))

    def _streams(self) -> Sequence[tuple[Any, Any]]:
        return (
            (self._sdk.EYETRACKER_GAZE_DATA, self._on_gaze),
            (self._sdk.EYETRACKER_TIME_SYNCHRONIZATION_DATA, self._on_time),
        )

    def _on_gaze(self, data: Mapping[str, Any]) -> None:
        self._samples.put((data, time.perf_counter_ns() // 1000))

    def _on_time(self, data: Mapping[str, Any]) -> None:
        self._pairs.put((data, time.perf_counter_ns() // 1000))


def _sample_row(data: Mapping[str, Any], received_us: int) -> dict[str, Any]:
    row = {
        "device_time_us": data["device_time_stamp"],
        "system_time_us": data["system_time_stamp"],
        "received_us": received_us,
    }
    for eye in ("left", "right"):
        x, y = data[f"{eye}_gaze_point_on_display_area"]
        row |= {f"{eye}_gaze_x_norm": x, f"{eye}_gaze_y_norm": y}
        for ours, theirs in (("gaze", "gaze_point"), ("origin", "gaze_origin")):
            place = data[f"{eye}_{theirs}_in_user_coordinate_system"]
            names = (f"{eye}_{ours}_{axis}" for axis in _MM)
            row |= dict(zip(names, map(np.float32, place), strict=True))
            row[f"{eye}_{ours}_valid"] = bool(data[f"{eye}_{theirs}_validity"])
        row[f"{eye}_pupil_mm"] = data[f"{eye}_pupil_diameter"]
        row[f"{eye}_pupil_valid"] = bool(data[f"{eye}_pupil_validity"])
    return row


class _TobiiCalibrator:
    """tobii-research's screen based calibration; `collect` and `compute` block."""

    def __init__(self, sdk: Any, device: Any) -> None:  # noqa: ANN401 - untyped module
        self._sdk = sdk
        self._device = device
        self._calibration = sdk.ScreenBasedCalibration(device)

    def start(self) -> None:
        self._calibration.enter_calibration_mode()

    def collect(self, x_norm: float, y_norm: float) -> bool:
        status = self._calibration.collect_data(x_norm, y_norm)
        return bool(status == self._sdk.CALIBRATION_STATUS_SUCCESS)

    def discard(self, x_norm: float, y_norm: float) -> None:
        self._calibration.discard_data(x_norm, y_norm)

    def compute(self) -> bool:
        result = self._calibration.compute_and_apply()
        return bool(result.status == self._sdk.CALIBRATION_STATUS_SUCCESS)

    def saved(self) -> bytes | None:
        data: bytes | None = self._device.retrieve_calibration_data()
        return data

    def restore(self, data: bytes) -> None:
        self._device.apply_calibration_data(data)

    def stop(self) -> None:
        with contextlib.suppress(self._sdk.EyeTrackerInvalidOperationError):
            self._calibration.leave_calibration_mode()
