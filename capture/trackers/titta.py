"""How is a Tobii tracker reached through TittaPy, whose own thread buffers the samples?

Written against TittaPy 2.1.0; only "no tracker answers" has been run with the real package, the
rest against a fake with its names. Nobody has connected a device to it yet.
"""

import importlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from capture.trackers.base import Calibrator, Notice, Tracker
from capture.trackers.display import display_size_mm
from capture.trackers.titta_streams import (
    batch_of,
    further_of_gaze,
    has_gaze,
    notices_of,
    position_of,
    signal_of,
)
from gazekit.model.errors import GazekitError, UnfitError
from gazekit.model.records import TrackerRecord

__all__ = ["TittaTracker", "find"]

_MODULES = ("TittaPy_v2", "TittaPy_v1")
"""SDK 2 first; version 1 still knows discontinued models such as the TX300."""

_EYE_COLUMNS = {
    "gaze_x_norm": "gaze_point_on_display_area_x",
    "gaze_y_norm": "gaze_point_on_display_area_y",
    "gaze_valid": "gaze_point_valid",
    "gaze_x_mm": "gaze_point_in_user_coordinates_x",
    "gaze_y_mm": "gaze_point_in_user_coordinates_y",
    "gaze_z_mm": "gaze_point_in_user_coordinates_z",
    "origin_x_mm": "gaze_origin_in_user_coordinates_x",
    "origin_y_mm": "gaze_origin_in_user_coordinates_y",
    "origin_z_mm": "gaze_origin_in_user_coordinates_z",
    "origin_valid": "gaze_origin_valid",
    "pupil_mm": "pupil_diameter",
    "pupil_valid": "pupil_valid",
}
_COLUMNS = {
    "device_time_us": "device_time_stamp",
    "system_time_us": "system_time_stamp",
    **{
        f"{eye}_{ours}": f"{eye}_{theirs}"
        for eye in ("left", "right")
        for ours, theirs in _EYE_COLUMNS.items()
    },
}
_CLOCK_COLUMNS = {
    "request_us": "system_request_time_stamp",
    "device_us": "device_time_stamp",
    "response_us": "system_response_time_stamp",
}
_NEEDED = ("gaze", "time_sync")
_FURTHER = ("positioning", "external_signal", "notification")
_TABLES = (
    ("positioning", "position", "left_user_position_valid", position_of),
    ("external_signal", "signal", "device_time_stamp", signal_of),
)
_DONE = 0
_POLL_S = 0.01
_PATIENCE_S = 30.0


def find() -> Tracker | None:
    """Return the first tracker that answers, None where none does.

    Raises
    ------
    ImportError
        TittaPy is not installed.
    UnfitError
        A tracker is there, but cannot be reached.
    """
    for name in _MODULES:
        module = importlib.import_module(name)
        found = module.find_all_eye_trackers()
        if found:
            try:
                return TittaTracker(module.EyeTracker(found[0]["address"]))
            except RuntimeError as error:
                raise UnfitError(
                    "the tracker does not let this program connect",
                    where="TittaPy",
                    found=" ".join(str(error).split()),
                    remedy="switch it off and on, and end other programs that use it",
                ) from error
    return None


class TittaTracker:
    """A tracker behind TittaPy: polled by the recorder, with no Python callback for each sample."""

    lost_rows = 0

    def __init__(self, device: Any) -> None:  # noqa: ANN401 - TittaPy's EyeTracker
        self._device = device
        self._further: list[str] = []
        self._of_gaze: Mapping[str, pa.RecordBatch] = {}

    @property
    def info(self) -> TrackerRecord:
        """What the device says of itself."""
        device = self._device
        return TrackerRecord(
            kind="titta",
            rate_hz=float(device.frequency),
            simulated=False,
            model=str(device.model),
            firmware=str(device.firmware_version),
            serial=str(device.serial_number),
        )

    @property
    def display_mm(self) -> tuple[float, float]:
        """The size of the display area that was set in Tobii's Eye Tracker Manager."""
        area = self._device.display_area
        return display_size_mm(area["top_left"], area["top_right"], area["bottom_left"])

    @property
    def calibrator(self) -> Calibrator:
        """The device's calibration."""
        return _TittaCalibrator(self._device)

    def start(self) -> None:
        """Begin to buffer samples, clock pairs and whatever else the device gives.

        Raises
        ------
        GazekitError
            It refuses gaze or time synchronisation; any other stream may be absent.
        """
        if "has_eye_openness_data" in self._capabilities:
            self._device.set_include_eye_openness_in_gaze(True)
        for stream in _NEEDED:
            if not self._device.start(stream):
                raise GazekitError(
                    "the tracker refused to start",
                    where=stream,
                    remedy="check it with Tobii's Eye Tracker Manager",
                )
        self._further = [
            stream
            for stream in _FURTHER
            if self._device.has_stream(stream) and self._device.start(stream)
        ]

    def stop(self) -> None:
        """End sampling; the buffers keep what is in them."""
        for stream in (*_NEEDED, *self._further):
            self._device.stop(stream)

    def drain(self) -> pa.RecordBatch | None:
        """Take the samples out of the buffer; `received_us` is the moment of this call."""
        data = self._device.consume_N("gaze")
        if _rows(data, "device_time_stamp") == 0:
            return None
        received_us = time.perf_counter_ns() // 1000
        self._of_gaze = further_of_gaze(data, received_us)
        gaze = has_gaze(data)
        arrays = {ours: np.asarray(data[theirs])[gaze] for ours, theirs in _COLUMNS.items()}
        arrays["received_us"] = np.full(int(gaze.sum()), received_us, np.int64)
        return batch_of(arrays, "raw_samples")

    def drain_clock(self) -> pa.RecordBatch | None:
        """Take the time synchronisation out of the buffer."""
        data = self._device.consume_N("time_sync")
        if _rows(data, "device_time_stamp") == 0:
            return None
        arrays = {ours: np.asarray(data[theirs]) for ours, theirs in _CLOCK_COLUMNS.items()}
        return batch_of(arrays, "clock")

    def drain_streams(self) -> Mapping[str, pa.RecordBatch]:
        """Return what came with the gaze that was drained last, position and external signal."""
        streams, self._of_gaze = dict(self._of_gaze), {}
        received_us = time.perf_counter_ns() // 1000
        for stream, ours, count, convert in _TABLES:
            data = self._device.consume_N(stream) if stream in self._further else None
            if data and _rows(data, count):
                streams[ours] = convert(data, received_us)
        return streams

    def drain_notices(self) -> Sequence[Notice]:
        """Take the notifications out of the buffer."""
        if "notification" not in self._further:
            return []
        data = self._device.consume_N("notification")
        return notices_of(data) if _rows(data, "system_time_stamp") else []

    @property
    def _capabilities(self) -> set[str]:
        return {str(getattr(each, "name", each)) for each in self._device.capabilities}


def _rows(data: Mapping[str, Any] | None, column: str) -> int:
    return 0 if not data else len(data[column])


class _TittaCalibrator:
    """TittaPy's calibration: each call queues work, whose result is polled for."""

    def __init__(self, device: Any) -> None:  # noqa: ANN401 - TittaPy's EyeTracker
        self._device = device
        self._data: bytes | None = None

    def start(self) -> None:
        self._data = None
        self._device.enter_calibration_mode(False)
        self._await("enter calibration mode")

    def collect(self, x_norm: float, y_norm: float) -> bool:
        self._device.calibration_collect_data([x_norm, y_norm])
        return bool(self._result()["status"] == _DONE)

    def discard(self, x_norm: float, y_norm: float) -> None:
        self._device.calibration_discard_data([x_norm, y_norm])
        self._await("discard a point")

    def compute(self) -> bool:
        self._device.calibration_compute_and_apply()
        result = self._result()
        outcome = result.get("calibration_result") or {}
        failed = "failure" in str(outcome.get("status", "failure"))
        done = bool(result["status"] == _DONE) and not failed
        self._data = self._retrieved() if done else None
        return done

    def saved(self) -> bytes | None:
        return self._data

    def restore(self, data: bytes) -> None:
        self._device.enter_calibration_mode(False)
        try:
            self._await("enter calibration mode")
            self._device.calibration_apply_data(list(data))
            self._await("take a calibration back")
        finally:
            self.stop()

    def stop(self) -> None:
        self._device.leave_calibration_mode(True)

    def _retrieved(self) -> bytes | None:
        """Ask for the calibration, which is only answered in calibration mode."""
        self._device.calibration_get_data()
        result = self._result()
        data = result.get("calibration_data")
        return bytes(data) if result["status"] == _DONE and data is not None else None

    def _await(self, what: str) -> None:
        result = self._result()
        if result["status"] != _DONE:
            raise GazekitError(f"the tracker could not {what}", found=result.get("status_string"))

    def _result(self) -> dict[str, Any]:
        give_up_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < give_up_s:
            result: dict[str, Any] | None = self._device.calibration_retrieve_result()
            if result is not None:
                return result
            time.sleep(_POLL_S)
        raise GazekitError(
            "the tracker does not answer", where="calibration", remedy="switch it off and on"
        )
