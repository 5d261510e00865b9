"""Do the adapters turn what the vendors' packages deliver into raw samples?

The fakes have the vendors' exact names; no device has been connected.
"""

import math
import sys
import types
from typing import Any

import numpy as np
import pytest

from capture.checks import check_display_area
from capture.trackers import titta, tobii
from capture.trackers.base import KeepsCalibration
from capture.trackers.find import find_tracker
from gazekit.model.errors import GazekitError, UnfitError, UsageError
from gazekit.model.protocol import ImagePlan, Protocol
from gazekit.model.schemas import schema_of

EYES = ("left", "right")
SDK_ERRORS = (
    "EyeTrackerFeatureNotSupportedError",
    "EyeTrackerInternalError",
    "EyeTrackerInvalidOperationError",
    "EyeTrackerLicenseError",
    "EyeTrackerOperationFailedError",
    "EyeTrackerUnavailableError",
)
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


def titta_gaze(times: list[int]) -> dict[str, np.ndarray]:
    count = len(times)
    data = {
        "device_time_stamp": np.array(times, np.int64),
        "system_time_stamp": np.array(times, np.int64) + 500,
    }
    for eye in EYES:
        for axis, value in (("x", 0.25), ("y", 0.75)):
            data[f"{eye}_gaze_point_on_display_area_{axis}"] = np.full(count, value)
        for name in ("gaze_point", "gaze_origin"):
            for axis in "xyz":
                data[f"{eye}_{name}_in_user_coordinates_{axis}"] = np.full(count, 1.5)
            data[f"{eye}_{name}_valid"] = np.full(count, fill_value=True)
            data[f"{eye}_{name}_available"] = np.full(count, fill_value=True)
        data[f"{eye}_pupil_diameter"] = np.full(count, np.nan)
        data[f"{eye}_pupil_valid"] = np.full(count, fill_value=False)
        data[f"{eye}_pupil_available"] = np.full(count, fill_value=True)
    return data


class FakeTitta:
    """TittaPy's EyeTracker."""

    display_area = {  # noqa: RUF012 - TittaPy's property
        "top_left": (-265.0, 300.0, 0.0),
        "top_right": (265.0, 300.0, 0.0),
        "bottom_left": (-265.0, 0.0, 0.0),
    }
    frequency = 600.0
    model = "Tobii Pro Spectrum"
    firmware_version = "2.6.1"
    serial_number = "TPSP1-010"

    def __init__(self, address: str) -> None:
        self.address = address
        self.running: set[str] = set()
        self.results: list[dict[str, Any]] = []
        self.collect_status = 0
        self.applied: list[list[int]] = []
        self.calibrating = False

    capabilities: tuple[Any, ...] = ("has_gaze_data",)

    def has_stream(self, stream: str) -> bool:
        return stream in {"gaze", "time_sync"}

    def start(self, stream: str) -> bool:
        self.running.add(stream)
        return True

    def stop(self, stream: str) -> bool:
        self.running.discard(stream)
        return True

    def consume_N(self, stream: str) -> dict[str, np.ndarray]:  # noqa: N802 - TittaPy's name
        if stream == "gaze":
            return titta_gaze([1_000, 2_667])
        times = np.array([10], np.int64)
        return {
            "system_request_time_stamp": times,
            "device_time_stamp": times + 5,
            "system_response_time_stamp": times + 8,
        }

    def enter_calibration_mode(self, do_monocular: bool) -> bool:  # noqa: FBT001 - TittaPy's own
        self.results.append({"status": 0, "monocular": do_monocular})
        self.calibrating = True
        return True

    def calibration_get_data(self) -> None:
        assert self.calibrating, "the worker thread only runs in calibration mode"
        self.results.append({"status": 0, "calibration_data": [7, 0, 255]})

    def calibration_apply_data(self, cal_data: list[int]) -> None:
        assert self.calibrating, "the worker thread only runs in calibration mode"
        self.applied.append(list(cal_data))
        self.results.append({"status": self.collect_status})

    def calibration_collect_data(self, coordinates: list[float]) -> None:
        self.results.append({"status": self.collect_status, "coordinates": coordinates})

    def calibration_compute_and_apply(self) -> None:
        self.results.append({"status": 0, "calibration_result": {"status": "success"}})

    def calibration_retrieve_result(self) -> dict[str, Any] | None:
        return self.results.pop(0) if self.results else None

    def leave_calibration_mode(self, force: bool) -> bool:  # noqa: FBT001 - TittaPy's own
        self.results.clear()
        self.calibrating = False
        return force


def test_titta_samples_keep_times_places_and_validity() -> None:
    tracker = titta.TittaTracker(FakeTitta("tet-tcp://1"))
    batch = tracker.drain()
    assert batch is not None
    assert batch.schema == schema_of("raw_samples")
    assert batch.column("device_time_us").to_pylist() == [1_000, 2_667]
    assert batch.column("system_time_us").to_pylist() == [1_500, 3_167]
    assert batch.column("left_gaze_x_norm").to_pylist() == [0.25, 0.25]
    assert batch.column("right_gaze_valid").to_pylist() == [True, True]
    assert math.isnan(batch.column("left_pupil_mm")[0].as_py())
    assert batch.column("left_pupil_valid").to_pylist() == [False, False]
    pairs = tracker.drain_clock()
    assert pairs is not None
    assert pairs.to_pylist() == [{"request_us": 10, "device_us": 15, "response_us": 18}]


def test_titta_runs_gaze_and_time_sync_between_start_and_stop() -> None:
    device = FakeTitta("tet-tcp://1")
    tracker = titta.TittaTracker(device)
    tracker.start()
    assert device.running == {"gaze", "time_sync"}
    tracker.stop()
    assert device.running == set()


def test_titta_calibration_says_which_points_failed() -> None:
    device = FakeTitta("tet-tcp://1")
    calibrator = titta.TittaTracker(device).calibrator
    calibrator.start()
    assert calibrator.collect(0.5, 0.5)
    device.collect_status = 1
    assert not calibrator.collect(0.1, 0.1)
    assert calibrator.compute()
    calibrator.stop()


def test_titta_gives_a_calibration_and_takes_it_back() -> None:
    device = FakeTitta("tet-tcp://1")
    first = titta.TittaTracker(device).calibrator
    assert isinstance(first, KeepsCalibration)
    first.start()
    assert first.saved() is None
    assert first.compute()
    first.stop()
    kept = first.saved()
    assert kept == bytes([7, 0, 255])
    later = titta.TittaTracker(device).calibrator
    assert isinstance(later, KeepsCalibration)
    later.restore(kept)
    assert device.applied == [[7, 0, 255]]
    assert not device.calibrating
    device.collect_status = 1
    with pytest.raises(GazekitError, match="take a calibration back"):
        later.restore(kept)
    assert not device.calibrating


def test_titta_is_found_by_the_address_that_it_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.SimpleNamespace(
        EyeTracker=FakeTitta, find_all_eye_trackers=lambda: [{"address": "tet-tcp://7"}]
    )
    monkeypatch.setitem(sys.modules, "TittaPy_v2", module)
    tracker = find_tracker("titta")
    assert tracker.info.model == "Tobii Pro Spectrum"
    assert tracker.info.kind == "titta"
    assert not tracker.info.simulated


class FakeTobii:
    """tobii_research's EyeTracker."""

    model = "Tobii Pro Fusion"
    firmware_version = "2.7.2"
    serial_number = "TPFC2-020"

    def __init__(self) -> None:
        self.callbacks: dict[str, Any] = {}

    device_capabilities: tuple[str, ...] = ("capability_has_gaze_data",)

    def get_display_area(self) -> types.SimpleNamespace:
        return types.SimpleNamespace(
            top_left=(-265.0, 293.0, 60.0),
            top_right=(265.0, 293.0, 60.0),
            bottom_left=(-265.0, 5.0, -25.0),
        )

    def get_gaze_output_frequency(self) -> float:
        return 250.0

    def subscribe_to(self, stream: str, callback: Any, *, as_dictionary: bool) -> None:
        assert as_dictionary
        self.callbacks[stream] = callback

    def unsubscribe_from(self, stream: str, callback: Any) -> None:
        assert self.callbacks.pop(stream) == callback


def tobii_sdk(device: FakeTobii | None) -> types.SimpleNamespace:
    errors = {name: type(name, (Exception,), {}) for name in SDK_ERRORS}
    notifications = {f"EYETRACKER_NOTIFICATION_{n}": f"notification {n}" for n in NOTIFICATIONS}
    return types.SimpleNamespace(
        EYETRACKER_GAZE_DATA="gaze",
        EYETRACKER_TIME_SYNCHRONIZATION_DATA="time",
        EYETRACKER_EYE_OPENNESS_DATA="openness",
        EYETRACKER_USER_POSITION_GUIDE="position",
        EYETRACKER_EXTERNAL_SIGNAL="signal",
        EYETRACKER_STREAM_ERRORS="errors",
        CAPABILITY_HAS_EYE_OPENNESS_DATA="capability_has_eye_openness_data",
        CAPABILITY_HAS_EXTERNAL_SIGNAL="capability_has_external_signal",
        **errors,
        **notifications,
        find_all_eyetrackers=lambda: () if device is None else (device,),
    )


def tobii_gaze(time_us: int) -> dict[str, Any]:
    nan = float("nan")
    data: dict[str, Any] = {"device_time_stamp": time_us, "system_time_stamp": time_us + 70}
    for eye, x, valid in (("left", 0.4, 1), ("right", nan, 0)):
        data[f"{eye}_gaze_point_on_display_area"] = (x, x)
        data[f"{eye}_gaze_point_in_user_coordinate_system"] = (x, x, x)
        data[f"{eye}_gaze_point_validity"] = valid
        data[f"{eye}_gaze_origin_in_user_coordinate_system"] = (1.0, 2.0, 640.0)
        data[f"{eye}_gaze_origin_validity"] = 1
        data[f"{eye}_pupil_diameter"] = 3.25
        data[f"{eye}_pupil_validity"] = 1
    return data


def test_tobii_callbacks_become_samples_in_order() -> None:
    device = FakeTobii()
    tracker = tobii.TobiiTracker(tobii_sdk(device), device)
    tracker.start()
    for time_us in (100, 4_100, 8_100):
        device.callbacks["gaze"](tobii_gaze(time_us))
    device.callbacks["time"](
        {
            "system_request_time_stamp": 1,
            "device_time_stamp": 2,
            "system_response_time_stamp": 3,
        }
    )
    callbacks = dict(device.callbacks)
    tracker.stop()
    assert not device.callbacks
    assert {"gaze", "time", "position", "errors"} <= callbacks.keys()
    batch = tracker.drain()
    assert batch is not None
    assert batch.schema == schema_of("raw_samples")
    assert batch.column("device_time_us").to_pylist() == [100, 4_100, 8_100]
    assert batch.column("left_gaze_x_norm").to_pylist() == [0.4] * 3
    assert batch.column("right_gaze_valid").to_pylist() == [False] * 3
    assert batch.column("left_origin_z_mm").to_pylist() == [640.0] * 3
    assert tracker.drain() is None
    pairs = tracker.drain_clock()
    assert pairs is not None
    assert pairs.num_rows == 1


def test_auto_goes_on_to_tobii_where_titta_finds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = types.SimpleNamespace(find_all_eye_trackers=list)
    for name in ("TittaPy_v2", "TittaPy_v1"):
        monkeypatch.setitem(sys.modules, name, empty)
    monkeypatch.setitem(sys.modules, "tobii_research", tobii_sdk(FakeTobii()))
    assert find_tracker("auto").info.kind == "tobii"


@pytest.mark.parametrize("name", ["auto", "titta", "tobii"])
def test_no_device_is_one_line_with_a_remedy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = types.SimpleNamespace(find_all_eye_trackers=list)
    for module in ("TittaPy_v2", "TittaPy_v1"):
        monkeypatch.setitem(sys.modules, module, empty)
    monkeypatch.setitem(sys.modules, "tobii_research", tobii_sdk(None))
    with pytest.raises(UnfitError, match=r"no eye tracker answers.*Connect the tracker"):
        find_tracker(name)


def test_a_tracker_that_refuses_the_connection_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(address: str) -> FakeTitta:
        raise RuntimeError(f"Titta::cpp Error: Cannot get eye tracker {address!r}\nError code: 204")

    module = types.SimpleNamespace(
        EyeTracker=refuse, find_all_eye_trackers=lambda: [{"address": "tet-tcp://7"}]
    )
    monkeypatch.setitem(sys.modules, "TittaPy_v2", module)
    with pytest.raises(UnfitError, match=r"does not let this program connect.*204.*Switch it off"):
        find_tracker("titta")


def test_no_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("TittaPy_v2", "TittaPy_v1", "tobii_research"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnfitError, match=r"not installed.*gazekit\[capture\]"):
        find_tracker("auto")


def test_unknown_tracker_suggests_the_near_name() -> None:
    with pytest.raises(UsageError, match="Did you mean 'titta'"):
        find_tracker("tita")


def test_the_display_area_is_measured_along_the_screen() -> None:
    device = FakeTobii()
    assert titta.TittaTracker(FakeTitta("tet-tcp://1")).display_mm == (530.0, 300.0)
    width, height = tobii.TobiiTracker(tobii_sdk(device), device).display_mm
    assert (width, height) == pytest.approx((530.0, 300.28), abs=0.01)


@pytest.mark.parametrize(("width_mm", "fits"), [(535.0, True), (500.0, False)])
def test_a_display_area_of_another_size_is_refused(width_mm: float, fits: bool) -> None:  # noqa: FBT001 - a parameter of the test
    protocol = Protocol(title="t", version="1", images=ImagePlan(synthetic=1))
    if fits:
        check_display_area((width_mm, 299.0), protocol)
        check_display_area(None, protocol)
    else:
        with pytest.raises(UnfitError, match="set up for another display"):
            check_display_area((width_mm, 299.0), protocol)
