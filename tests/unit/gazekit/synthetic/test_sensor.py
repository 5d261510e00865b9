"""The simulated tracker: as accurate, as noisy, as lossy and as far off in time as asked."""

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gazekit.model.clocks import fit_clock
from gazekit.model.geometry import angle_deg
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.quality import accuracy_deg, rms_s2s_deg
from gazekit.synthetic import Sensor

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


def measured(
    sensor: Sensor,
    n: int = 6000,
    *,
    start: int = 10_000_000,
    x: Any = 960.0,
    y: Any = 540.0,
    lids: float = 1.0,
) -> pa.RecordBatch:
    time = start + np.arange(n, dtype=np.int64) * 8333
    ones = np.ones(n)
    return sensor.measure(time, sensor.received_us(time), x * ones, y * ones, lids * ones)


def gaze(batch: pa.RecordBatch, eye: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    valid = batch.column(f"{eye}_gaze_valid").to_numpy(zero_copy_only=False)
    x = batch.column(f"{eye}_gaze_x_norm").to_numpy() * SCREEN.width_px
    y = batch.column(f"{eye}_gaze_y_norm").to_numpy() * SCREEN.height_px
    assert (np.isfinite(x) == valid).all()
    return x[valid], y[valid]


@pytest.mark.parametrize(("accuracy", "precision"), [(0.25, 0.1), (0.6, 0.03), (0.0, 0.3)])
@pytest.mark.parametrize("eye", ["left", "right"])
def test_accuracy_and_precision_are_as_asked(accuracy: float, precision: float, eye: str) -> None:
    sensor = Sensor(
        SCREEN, rate_hz=120, seed=4, accuracy_deg=accuracy, precision_deg=precision, loss=0
    )
    x, y = gaze(measured(sensor, x=400.0, y=800.0), eye)
    assert rms_s2s_deg(SCREEN, x, y) == pytest.approx(precision, rel=0.06)
    found = angle_deg(SCREEN, x.mean(), y.mean(), 400.0, 800.0)
    assert found == pytest.approx(accuracy, abs=0.02)
    assert accuracy_deg(SCREEN, x, y, target_px=(400.0, 800.0)) is not None


def test_samples_have_the_columns_of_the_raw_table() -> None:
    batch = measured(Sensor(SCREEN, rate_hz=120, seed=1), 50)
    check_table(pa.Table.from_batches([batch]), "raw_samples")


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(1, 999), max_size=5, unique=True), seed=st.integers(0, 2**32))
def test_batches_do_not_change_the_samples(cuts: list[int], seed: int) -> None:
    time = np.arange(1000, dtype=np.int64) * 8333 + 7
    x, lids = np.linspace(0, 1900, 1000), np.ones(1000)
    lids[300:330] = 0.2

    def all_of(edges: list[int]) -> pa.Table:
        sensor = Sensor(SCREEN, rate_hz=120, seed=seed, loss=0.1)
        parts = [
            sensor.measure(time[a:b], time[a:b], x[a:b], x[a:b] / 2, lids[a:b])
            for a, b in pairwise(edges)
        ]
        return pa.Table.from_batches(parts).combine_chunks()

    whole, pieces = all_of([0, 1000]), all_of([0, *sorted(cuts), 1000])
    for name in whole.column_names:
        a, b = (t.column(name).to_numpy() for t in (whole, pieces))
        np.testing.assert_array_equal(a, b)


def test_loss_is_as_asked_and_sometimes_takes_one_eye() -> None:
    batch = measured(Sensor(SCREEN, rate_hz=120, seed=2, loss=0.05), 60_000)
    left, right = (
        batch.column(f"{eye}_gaze_valid").to_numpy(zero_copy_only=False)
        for eye in ("left", "right")
    )
    assert np.mean(~left & ~right) == pytest.approx(0.05, rel=0.35)
    assert 0.005 < np.mean(left != right) < 0.06


def test_a_shut_eye_is_lost_and_a_half_shut_one_has_a_smaller_pupil() -> None:
    assert len(gaze(measured(Sensor(SCREEN, rate_hz=120, seed=3), 200, lids=0.1), "left")[0]) == 0
    pupils = [
        np.nanmean(
            measured(Sensor(SCREEN, rate_hz=120, seed=3, loss=0), 200, lids=lids)
            .column("left_pupil_mm")
            .to_numpy()
        )
        for lids in (1.0, 0.7)
    ]
    assert pupils[1] < pupils[0] - 0.2


def test_gaze_without_a_place_is_invalid() -> None:
    assert len(gaze(measured(Sensor(SCREEN, rate_hz=120, seed=3), 200, x=np.nan), "right")[0]) == 0


def test_the_device_clock_can_be_fitted_from_its_pairs() -> None:
    sensor = Sensor(SCREEN, rate_hz=120, seed=5, clock_offset_us=123_456_789, drift_ppm=35.0)
    rows = [sensor.clock_pair(int(t)) for t in range(0, 600_000_000, 2_000_000)]
    pairs = pa.Table.from_batches(rows)
    clock = fit_clock(
        *(pairs.column(n).to_numpy() for n in ("request_us", "device_us", "response_us"))
    )
    batch = measured(sensor, 500, start=300_000_000)
    device, system = (batch.column(f"{n}_time_us").to_numpy() for n in ("device", "system"))
    assert np.abs(device - system - 123_456_789).max() > 5_000
    assert np.abs(clock.to_session(device) - system).max() < 200


def test_samples_arrive_late_and_in_order() -> None:
    batch = measured(Sensor(SCREEN, rate_hz=120, seed=6), 3000)
    system, received = (batch.column(n).to_numpy() for n in ("system_time_us", "received_us"))
    late = received - system
    assert late.min() >= 2000
    assert np.std(late) > 500
    assert (np.diff(received) >= 0).all()


def test_eyes_are_apart_at_the_viewing_distance() -> None:
    batch = measured(Sensor(SCREEN, rate_hz=120, seed=7, loss=0), 3000)
    left, right = (batch.column(f"{eye}_origin_x_mm").to_numpy() for eye in ("left", "right"))
    assert np.allclose(right - left, 62.0, atol=0.1)
    assert np.allclose(batch.column("left_origin_z_mm").to_numpy(), 650.0, atol=3.5)
