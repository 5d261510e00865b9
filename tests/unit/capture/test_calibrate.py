"""Does a validation accept what the protocol allows, and say what it refuses?"""

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from capture.calibrate import judge, measure_point, target_grid
from gazekit.model.geometry import screen_px_per_degree
from gazekit.model.protocol import CalibrationPlan
from gazekit.model.records import ScreenRecord, ValidationPoint
from gazekit.synthetic import Sensor

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
GOOD = ValidationPoint(
    x_norm=0.5,
    y_norm=0.5,
    eye="left",
    accuracy_deg=0.3,
    rms_s2s_deg=0.1,
    std_deg=0.1,
    data_loss=0.0,
)


@pytest.mark.parametrize("points", [5, 9, 13])
def test_grid_has_so_many_different_targets_inside_the_screen(points: int) -> None:
    grid = target_grid(points)
    assert len(set(grid)) == len(grid) == points
    assert all(0.1 <= value <= 0.9 for target in grid for value in target)
    assert {(0.1, 0.1), (0.9, 0.9), (0.5, 0.5)} <= set(grid)


def fixation(offset_deg: float, loss: float) -> pa.Table:
    times = np.arange(0, 300_000, 3_333, dtype=np.int64)
    sensor = Sensor(SCREEN, rate_hz=300.0, seed=4, accuracy_deg=0.0, precision_deg=0.1, loss=loss)
    per_degree, _ = screen_px_per_degree(SCREEN, 960.0, 540.0)
    x = np.full(times.size, 960.0 + offset_deg * float(per_degree))
    y = np.full(times.size, 540.0)
    batch = sensor.measure(times, times, x, y, np.ones(times.size))
    return pa.Table.from_batches([batch])


def test_error_and_noise_of_each_eye_are_measured() -> None:
    left, right = measure_point(fixation(0.5, 0.0), SCREEN, target_norm=(0.5, 0.5))
    assert (left.eye, right.eye) == ("left", "right")
    for point in (left, right):
        assert point.accuracy_deg == pytest.approx(0.5, abs=0.03)
        assert point.rms_s2s_deg == pytest.approx(0.1, abs=0.02)
        assert point.data_loss == 0.0


def test_no_gaze_is_loss_and_not_an_error_of_zero() -> None:
    empty = fixation(0.0, 0.0).slice(0, 0)
    left, _ = measure_point(empty, SCREEN, target_norm=(0.5, 0.5))
    assert left.accuracy_deg is None
    assert left.data_loss == 1.0
    record = judge([left], CalibrationPlan(), time_us=5, attempt=1)
    assert not record.accepted
    assert record.reason == "no gaze on any target"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"accuracy_deg": 0.9}, "mean accuracy"),
        ({"rms_s2s_deg": 0.5}, "RMS-S2S"),
        ({"data_loss": 0.3}, "data loss"),
    ],
)
def test_each_limit_of_the_protocol_is_held(change: dict[str, float], reason: str) -> None:
    plan = CalibrationPlan()
    assert judge([GOOD], plan, time_us=0, attempt=1).accepted
    bad = msgspec.structs.replace(GOOD, **change)
    record = judge([bad], plan, time_us=0, attempt=2)
    assert not record.accepted
    assert reason in (record.reason or "")


def test_one_bad_point_is_refused_although_the_mean_is_good() -> None:
    bad = msgspec.structs.replace(GOOD, accuracy_deg=1.7)
    record = judge([GOOD] * 9 + [bad], CalibrationPlan(), time_us=0, attempt=1)
    assert record.accuracy_deg is not None
    assert record.accuracy_deg < 0.6
    assert "worst point 1.70 deg exceeds 1.5" in (record.reason or "")
