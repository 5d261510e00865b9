"""Do the adapters keep every further stream and every notification, under the vendors' names?"""

import enum
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from capture.notices import line_of
from capture.trackers import titta, tobii
from gazekit.model.schemas import schema_of
from tests.unit.capture.test_tracker_adapters import (
    EYES,
    NOTIFICATIONS,
    FakeTitta,
    FakeTobii,
    titta_gaze,
    tobii_gaze,
    tobii_sdk,
)

Kind = enum.Enum("Kind", ["gaze_output_frequency_changed", "connection_lost"])
Change = enum.Enum("Change", ["value_changed", "initial_value", "connection_restored"])
Capability = enum.Enum("Capability", ["has_gaze_data", "has_eye_openness_data"])


class FullTitta(FakeTitta):
    """A device with every stream."""

    capabilities = tuple(Capability)
    merged = False

    def has_stream(self, stream: str) -> bool:
        return stream in {"positioning", "external_signal", "notification"}

    def set_include_eye_openness_in_gaze(self, include: bool) -> bool:  # noqa: FBT001 - TittaPy's own
        self.merged = include
        return True

    def consume_N(self, stream: str) -> dict[str, Any]:  # noqa: N802 - TittaPy's name
        if stream == "gaze":
            return self.gaze_with_lids()
        if stream == "positioning":
            data: dict[str, Any] = {}
            for eye in EYES:
                for axis, place in zip("xyz", (0.5, 0.4, 0.6), strict=True):
                    data[f"{eye}_user_position_{axis}"] = np.array([place])
                data[f"{eye}_user_position_valid"] = np.array([eye == "left"])
            return data
        if stream == "external_signal":
            return {
                "device_time_stamp": np.array([5_000], np.int64),
                "system_time_stamp": np.array([6_000], np.int64),
                "value": np.array([3], np.uint32),
                "change_type": [Change.value_changed],
            }
        if stream == "notification":
            return {
                "system_time_stamp": np.array([70, 80], np.int64),
                "notification_type": [Kind.gaze_output_frequency_changed, Kind.connection_lost],
                "output_frequency": [120.0, None],
                "display_area": [None, None],
                "errors_or_warnings": [None, None],
            }
        return super().consume_N(stream)

    def gaze_with_lids(self) -> dict[str, Any]:
        data = titta_gaze([1_000, 2_667, 4_333])
        for eye in EYES:
            data[f"{eye}_eye_openness_diameter"] = np.array([9.5, np.nan, 9.0], np.float32)
            data[f"{eye}_eye_openness_valid"] = np.array([True, False, True])
            data[f"{eye}_eye_openness_available"] = np.array([True, False, True])
            # The third has lids alone: the two streams of the SDK did not meet.
            data[f"{eye}_gaze_point_available"] = np.array([True, True, False])
        return data


def test_titta_merges_lids_into_gaze_and_they_part_again() -> None:
    device = FullTitta("tet-tcp://1")
    tracker = titta.TittaTracker(device)
    tracker.start()
    assert device.merged
    assert device.running == {"gaze", "time_sync", "positioning", "external_signal", "notification"}
    samples = tracker.drain()
    assert samples is not None
    assert samples.column("device_time_us").to_pylist() == [1_000, 2_667]
    streams = tracker.drain_streams()
    assert {name: batch.schema for name, batch in streams.items()} == {
        name: schema_of(name) for name in ("openness", "position", "signal")
    }
    assert streams["openness"].column("device_time_us").to_pylist() == [1_000, 4_333]
    assert streams["openness"].column("left_openness_mm").to_pylist() == [9.5, 9.0]
    assert streams["position"].column("right_valid").to_pylist() == [False]
    assert streams["position"].column("left_z_norm").to_pylist() == pytest.approx([0.6])
    assert streams["signal"].column("value").to_pylist() == [3]
    assert streams["signal"].column("change_type").to_pylist() == ["value_changed"]
    rate, lost = tracker.drain_notices()
    assert (rate.kind, rate.value) == ("gaze_output_frequency_changed", {"rate_hz": 120.0})
    assert (lost.kind, lost.time_us) == ("connection_lost", 80)
    tracker.stop()
    assert not device.running


def test_titta_of_sdk_1_keeps_the_track_box() -> None:
    class Old(FakeTitta):
        def consume_N(self, stream: str) -> dict[str, Any]:  # noqa: N802 - TittaPy's name
            assert stream == "gaze"
            data = titta_gaze([1_000])
            for eye in EYES:
                for axis in "xyz":
                    name = f"{eye}_gaze_origin_in_track_box_coordinates_{axis}"
                    data[name] = np.array([0.25], np.float32)
            return data

    tracker = titta.TittaTracker(Old("tet-tcp://1"))
    tracker.start()
    assert tracker.drain() is not None
    streams = tracker.drain_streams()
    assert streams.keys() == {"trackbox"}
    assert streams["trackbox"].column("right_y_norm").to_pylist() == [0.25]
    assert tracker.drain_streams() == {}


class FullTobii(FakeTobii):
    """A device with every stream, one of which it refuses in the end."""

    device_capabilities: tuple[str, ...] = (
        "capability_has_eye_openness_data",
        "capability_has_external_signal",
    )
    refuses: tuple[str, type[Exception]] | None = None

    def subscribe_to(self, stream: str, callback: Any, *, as_dictionary: bool) -> None:
        if self.refuses is not None and stream == self.refuses[0]:
            raise self.refuses[1]
        super().subscribe_to(stream, callback, as_dictionary=as_dictionary)


def say_everything(callbacks: Mapping[str, Any]) -> None:
    stamps = {"device_time_stamp": 5_000, "system_time_stamp": 6_000}
    lids = {"left_eye_openness_value": 9.5, "left_eye_validity": 1}
    lids |= {"right_eye_openness_value": float("nan"), "right_eye_validity": 0}
    callbacks["openness"](stamps | lids)
    places = {f"{eye}_user_position": (0.5, 0.4, 0.6) for eye in EYES}
    callbacks["position"](places | {f"{eye}_user_position_validity": 1 for eye in EYES})
    change = "external_signal_change_type_initial_value"
    callbacks["signal"](stamps | {"value": 1, "change_type": change})
    said = {"system_time_stamp": 7_000, "notification_source_stream": "gaze"}
    callbacks["notification STREAM_BUFFER_OVERFLOW"](said)
    error = {"error": "stream_error_connection_lost", "source": "x", "message": "m"}
    callbacks["errors"]({"system_time_stamp": 8_000, **error})


def test_tobii_subscribes_to_everything_and_keeps_it() -> None:
    device = FullTobii()
    tracker = tobii.TobiiTracker(tobii_sdk(device), device)
    tracker.start()
    assert len(device.callbacks) == 6 + len(NOTIFICATIONS)
    say_everything(device.callbacks)
    streams = tracker.drain_streams()
    assert {name: batch.schema for name, batch in streams.items()} == {
        name: schema_of(name) for name in ("openness", "position", "signal")
    }
    assert streams["openness"].column("left_openness_mm").to_pylist() == [9.5]
    assert streams["openness"].column("right_openness_valid").to_pylist() == [False]
    assert streams["position"].column("left_z_norm").to_pylist() == pytest.approx([0.6])
    assert streams["signal"].column("change_type").to_pylist() == ["initial_value"]
    overflow, error = tracker.drain_notices()
    assert (overflow.kind, overflow.time_us) == ("stream_buffer_overflow", 7_000)
    assert "samples were lost" in str(line_of(overflow))
    assert (error.kind, error.value["error"]) == ("stream_error", "stream_error_connection_lost")
    tracker.stop()
    assert not device.callbacks


def test_a_stream_that_tobii_refuses_is_absent_and_gaze_goes_on() -> None:
    device = FullTobii()
    sdk = tobii_sdk(device)
    device.refuses = ("openness", sdk.EyeTrackerFeatureNotSupportedError)
    tracker = tobii.TobiiTracker(sdk, device)
    tracker.start()
    assert "openness" not in device.callbacks
    device.callbacks["gaze"](tobii_gaze(100))
    samples = tracker.drain()
    assert samples is not None
    assert samples.num_rows == 1
    tracker.stop()


def test_lost_eyes_that_an_sdk_calls_none_are_missing() -> None:
    device = FakeTobii()
    tracker = tobii.TobiiTracker(tobii_sdk(device), device)
    tracker.start()
    gaze = tobii_gaze(100) | {"left_gaze_point_on_display_area": (None, None)}
    device.callbacks["gaze"](gaze | {"left_pupil_diameter": None, "left_pupil_validity": 0})
    samples = tracker.drain()
    assert samples is not None
    assert np.isnan(samples.column("left_gaze_x_norm").to_numpy()).all()
    assert np.isnan(samples.column("left_pupil_mm").to_numpy()).all()
