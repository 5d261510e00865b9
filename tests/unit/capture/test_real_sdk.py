"""Do the vendors' real packages, with no tracker attached, have what the adapters ask of them?

What needs a device cannot be asked here: `test_tracker_adapters.py` has fakes with these names.
"""

import importlib
import sys
import time
from types import ModuleType

import pytest

from capture.clock import SessionClock
from capture.trackers import titta, tobii
from capture.trackers.find import find_tracker
from capture.trackers.tobii_rows import NOTIFICATIONS
from gazekit.model.errors import UnfitError

NO_TITTA = "TittaPy is not installed: pip install 'gazekit[capture]'"
NO_TOBII = "tobii-research is not installed: it exists for Python 3.10 only"
CALL_US = 20_000


@pytest.fixture(params=["TittaPy_v2", "TittaPy_v1"])
def titta_module(request: pytest.FixtureRequest) -> ModuleType:
    name: str = request.param
    module: ModuleType = pytest.importorskip(name, reason=NO_TITTA)
    return module


@pytest.fixture
def tobii_module() -> ModuleType:
    module: ModuleType = pytest.importorskip("tobii_research", reason=NO_TOBII)
    return module


def test_titta_has_the_names_that_the_adapter_uses(titta_module: ModuleType) -> None:
    device = titta_module.EyeTracker
    names = (
        "calibration_apply_data calibration_collect_data calibration_compute_and_apply "
        "calibration_discard_data calibration_get_data "
        "calibration_retrieve_result capabilities consume_N display_area enter_calibration_mode "
        "firmware_version frequency has_stream leave_calibration_mode model serial_number "
        "set_include_eye_openness_in_gaze start stop"
    )
    assert [name for name in names.split() if not hasattr(device, name)] == []
    assert hasattr(titta_module.capability, "has_eye_openness_data")
    missing = [n for n in NOTIFICATIONS if not hasattr(titta_module.notification_type, n.lower())]
    assert missing in ([], ["STREAM_BUFFER_OVERFLOW"])


def test_titta_tells_the_time_of_the_session_clock(titta_module: ModuleType) -> None:
    before_us = SessionClock().now_us()
    stamp_us = titta_module.get_system_timestamp()
    assert before_us - 1 <= stamp_us <= SessionClock().now_us() + 1


def test_titta_refuses_an_address_where_nothing_is(titta_module: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="eye tracker"):
        titta_module.EyeTracker("tet-tcp://127.0.0.1")


def test_titta_finds_nothing_and_says_so_in_one_line() -> None:
    for name in titta._MODULES:  # noqa: SLF001 - what the adapter asks
        pytest.importorskip(name, reason=NO_TITTA)
    started_s = time.monotonic()
    with pytest.raises(UnfitError, match=r"no eye tracker answers.*Connect the tracker"):
        find_tracker("titta")
    assert time.monotonic() - started_s > 1.0, "discovery did not look for trackers"


def test_tobii_has_the_names_that_the_adapter_uses(tobii_module: ModuleType) -> None:
    needed = [f"EYETRACKER_NOTIFICATION_{name}" for name in NOTIFICATIONS]
    needed += [
        "CALIBRATION_STATUS_SUCCESS",
        "CAPABILITY_HAS_EXTERNAL_SIGNAL",
        "CAPABILITY_HAS_EYE_OPENNESS_DATA",
        "EYETRACKER_EXTERNAL_SIGNAL",
        "EYETRACKER_EYE_OPENNESS_DATA",
        "EYETRACKER_GAZE_DATA",
        "EYETRACKER_STREAM_ERRORS",
        "EYETRACKER_TIME_SYNCHRONIZATION_DATA",
        "EYETRACKER_USER_POSITION_GUIDE",
        "EyeTrackerInvalidOperationError",
        "ScreenBasedCalibration",
        *tobii._REFUSALS,  # noqa: SLF001 - what the adapter catches
    ]
    assert [name for name in needed if not hasattr(tobii_module, name)] == []
    device = tobii_module.EyeTracker
    for name in ("device_capabilities", "firmware_version", "model", "serial_number"):
        assert hasattr(device, name)
    for name in ("get_display_area", "get_gaze_output_frequency", "subscribe_to"):
        assert callable(getattr(device, name))


def test_tobii_tells_the_time_of_the_session_clock(tobii_module: ModuleType) -> None:
    before_us = SessionClock().now_us()
    stamp_us = tobii_module.get_system_time_stamp()
    assert before_us - CALL_US <= stamp_us <= SessionClock().now_us() + CALL_US


def test_tobii_refuses_an_address_where_nothing_is(tobii_module: ModuleType) -> None:
    errors = tuple(getattr(tobii_module, name) for name in tobii._REFUSALS)  # noqa: SLF001
    with pytest.raises((*errors, tobii_module.EyeTrackerConnectionFailedError)):
        tobii_module.EyeTracker("tet-tcp://127.0.0.1")


def test_tobii_finds_nothing_and_says_so_in_one_line(tobii_module: ModuleType) -> None:
    assert tobii_module is sys.modules["tobii_research"]
    with pytest.raises(UnfitError, match=r"no eye tracker answers.*Connect the tracker"):
        find_tracker("tobii")


def test_tobiis_own_classes_take_what_the_fakes_deliver(tobii_module: ModuleType) -> None:
    fakes = importlib.import_module("tests.unit.capture.test_tracker_adapters")
    gaze = tobii_module.GazeData(fakes.tobii_gaze(1_000))
    assert gaze.device_time_stamp == 1_000
    assert gaze.left_eye.pupil.diameter == 3.25
    lids = {"left_eye_openness_value": 9.5, "left_eye_validity": 1}
    lids |= {"right_eye_openness_value": 9.0, "right_eye_validity": 0}
    stamps = {"device_time_stamp": 1, "system_time_stamp": 2}
    assert tobii_module.EyeOpennessData(stamps | lids).left_eye_openness_value == 9.5
    places: dict[str, object] = {}
    for eye in ("left", "right"):
        places[f"{eye}_user_position"] = (0.5, 0.4, 0.6)
        places[f"{eye}_user_position_validity"] = 1
    assert tobii_module.UserPositionGuide(places).left_eye.user_position == (0.5, 0.4, 0.6)
