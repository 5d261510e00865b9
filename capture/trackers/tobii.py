"""How is a Tobii tracker reached through the tobii-research package, which calls back?

Written against tobii-research 2.1.0 (Python 3.10 only); "no tracker answers" is the part that can
be run without a device, the rest was run against a fake with its names. Nobody has connected a
device to it yet.
"""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from capture.trackers.base import Calibrator, Notice, Tracker
from capture.trackers.display import display_size_mm
from capture.trackers.inbox import Inbox
from capture.trackers.tobii_rows import (
    NOTIFICATIONS,
    notice_of,
    openness_row,
    pair_row,
    position_row,
    sample_row,
    signal_row,
)
from gazekit.model.errors import UnfitError
from gazekit.model.records import TrackerRecord
from gazekit.model.schemas import schema_of

__all__ = ["TobiiTracker", "find"]

_QUEUE_ROWS = 36_000
"""Half a minute at 1200 Hz."""

_REFUSALS = (
    "EyeTrackerFeatureNotSupportedError",
    "EyeTrackerOperationFailedError",
    "EyeTrackerLicenseError",
    "EyeTrackerUnavailableError",
    "EyeTrackerInternalError",
)
"""A tracker may say that it has a stream and then refuse it, as the Fusion does with openness."""

_Sample = tuple[Mapping[str, Any], int]


def find() -> Tracker | None:
    """Return the first tracker that answers within two seconds, None where none does.

    Raises
    ------
    ImportError
        tobii-research is not installed.
    UnfitError
        The SDK cannot look for trackers.
    """
    import tobii_research

    try:
        found = tobii_research.find_all_eyetrackers()
    except tuple(getattr(tobii_research, name) for name in _REFUSALS) as error:
        raise UnfitError(
            "the SDK cannot look for trackers",
            where="tobii-research",
            found=str(error),
            remedy="check the network, and Tobii's Eye Tracker Manager",
        ) from error
    return TobiiTracker(tobii_research, found[0]) if found else None


class TobiiTracker:
    """A tracker behind tobii-research: its thread calls back, the callback appends and returns."""

    def __init__(self, sdk: Any, device: Any) -> None:  # noqa: ANN401 - tobii_research and its EyeTracker
        self._sdk = sdk
        self._device = device
        self._samples: Inbox[_Sample] = Inbox(_QUEUE_ROWS)
        self._pairs: Inbox[_Sample] = Inbox(_QUEUE_ROWS)
        self._openness: Inbox[_Sample] = Inbox(_QUEUE_ROWS)
        self._positions: Inbox[_Sample] = Inbox(_QUEUE_ROWS)
        self._signals: Inbox[_Sample] = Inbox(_QUEUE_ROWS)
        self._notices: Inbox[_Sample] = Inbox(_QUEUE_ROWS)
        self._subscribed: list[tuple[Any, Any]] = []

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
        """Subscribe to everything that the device gives, as dictionaries; from the main thread.

        The SDK takes the wrong lock where two threads subscribe.
        """
        refusals = tuple(getattr(self._sdk, name) for name in _REFUSALS)
        for stream, callback in self._needed():
            self._device.subscribe_to(stream, callback, as_dictionary=True)
            self._subscribed.append((stream, callback))
        for stream, callback in self._further():
            try:
                self._device.subscribe_to(stream, callback, as_dictionary=True)
            except refusals:
                continue
            self._subscribed.append((stream, callback))

    def stop(self) -> None:
        """Unsubscribe; what waits can still be drained."""
        while self._subscribed:
            self._device.unsubscribe_from(*self._subscribed.pop())

    def drain(self) -> pa.RecordBatch | None:
        """Make a batch of the samples that wait."""
        return _batch("raw_samples", sample_row, self._samples)

    def drain_clock(self) -> pa.RecordBatch | None:
        """Make a batch of the clock pairs that wait."""
        return _batch("clock", pair_row, self._pairs)

    def drain_streams(self) -> Mapping[str, pa.RecordBatch]:
        """Make batches of openness, position and external signal, where some wait."""
        batches = {
            "openness": _batch("openness", openness_row, self._openness),
            "position": _batch("position", position_row, self._positions),
            "signal": _batch("signal", signal_row, self._signals),
        }
        return {name: batch for name, batch in batches.items() if batch is not None}

    def drain_notices(self) -> Sequence[Notice]:
        """Return the notifications and stream errors that wait."""
        return [notice_of(data) for data, _ in self._notices.take()]

    def _needed(self) -> Sequence[tuple[Any, Any]]:
        return (
            (self._sdk.EYETRACKER_GAZE_DATA, _putter(self._samples)),
            (self._sdk.EYETRACKER_TIME_SYNCHRONIZATION_DATA, _putter(self._pairs)),
        )

    def _further(self) -> Sequence[tuple[Any, Any]]:
        sdk, has = self._sdk, self._device.device_capabilities
        streams = [
            (sdk.EYETRACKER_USER_POSITION_GUIDE, _putter(self._positions)),
            (sdk.EYETRACKER_STREAM_ERRORS, _putter(self._notices)),
        ]
        if sdk.CAPABILITY_HAS_EYE_OPENNESS_DATA in has:
            streams.append((sdk.EYETRACKER_EYE_OPENNESS_DATA, _putter(self._openness)))
        if sdk.CAPABILITY_HAS_EXTERNAL_SIGNAL in has:
            streams.append((sdk.EYETRACKER_EXTERNAL_SIGNAL, _putter(self._signals)))
        for name in NOTIFICATIONS:
            kind = getattr(sdk, f"EYETRACKER_NOTIFICATION_{name}")
            streams.append((kind, _putter(self._notices, kind=name.lower())))
        return streams


def _putter(inbox: Inbox[_Sample], **more: str) -> Callable[[Mapping[str, Any]], None]:
    """Return a callback that appends and returns; one that raised would be lost in the SDK."""

    def put(data: Mapping[str, Any]) -> None:
        inbox.put(({**data, **more}, time.perf_counter_ns() // 1000))

    return put


def _batch(
    table: str, row: Callable[[Mapping[str, Any], int], dict[str, Any]], inbox: Inbox[_Sample]
) -> pa.RecordBatch | None:
    waiting = inbox.take()
    if not waiting:
        return None
    rows = [row(data, received_us) for data, received_us in waiting]
    return pa.RecordBatch.from_pylist(rows, schema=schema_of(table))


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
