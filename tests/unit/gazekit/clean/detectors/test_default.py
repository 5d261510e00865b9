"""Does the default detector find what is there, at any rate, through noise, jitter and loss?"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazekit import detect_events
from gazekit.clean import DETECTORS, gaze_of
from gazekit.clean.detectors.default import Default, default
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table

Simulate = Callable[..., Any]

RATES = [30, 60, 90, 120, 250, 300, 500, 600, 1000, 1200, 2000]


def _spans(events: Any, kind: str) -> np.ndarray:
    rows = [r for r in events.to_pylist() if r["kind"] == kind]
    return np.array([(r["onset_us"], r["offset_us"]) for r in rows], float).reshape(-1, 2)


@pytest.mark.parametrize("rate_hz", RATES)
def test_every_fixation_at_every_rate(simulate: Simulate, rate_hz: float) -> None:
    truth = simulate(rate_hz=rate_hz)
    events = default(truth.gaze, truth.screen)
    check_table(events, "events")
    assert truth.found(events) == 1
    assert len(_spans(events, "fixation")) == len(truth.fixations)


@pytest.mark.parametrize("rate_hz", [120, 250, 500, 1000, 2000])
def test_saccades_begin_and_end_where_they_do(simulate: Simulate, rate_hz: float) -> None:
    truth = simulate(rate_hz=rate_hz, noise_deg=0.01)
    found = _spans(default(truth.gaze, truth.screen), "saccade")
    assert len(found) == len(truth.saccades)
    # A minimum-jerk saccade creeps at both ends: a person sees it a little later and shorter.
    tolerance_us = 8_000 + 1e6 / rate_hz
    np.testing.assert_allclose(found, truth.saccades, atol=tolerance_us)


def test_oscillations_belong_to_no_fixation(simulate: Simulate) -> None:
    truth = simulate(ringing=0.08)
    events = default(truth.gaze, truth.screen)
    ringing = _spans(events, "pso")
    assert len(ringing) >= 0.8 * len(truth.saccades)
    assert (np.diff(ringing, axis=1) <= 80_000).all()
    assert len(_spans(events, "saccade")) == len(truth.saccades)


def test_without_oscillation_none_is_found(simulate: Simulate) -> None:
    truth = simulate(ringing=0.0, noise_deg=0.01)
    assert len(_spans(default(truth.gaze, truth.screen), "pso")) <= 1


@pytest.mark.parametrize("noise_deg", [0.05, 0.1, 0.2, 0.3])
def test_nine_of_ten_fixations_through_noise(simulate: Simulate, noise_deg: float) -> None:
    shares = []
    for seed in range(5):
        truth = simulate(noise_deg=noise_deg, seed=seed)
        shares.append(truth.found(default(truth.gaze, truth.screen)))
    assert np.mean(shares) >= 0.9


def test_noise_that_comes_and_goes_makes_no_saccades(simulate: Simulate) -> None:
    calm, noisy = (simulate(rate_hz=300, noise_deg=noise) for noise in (0.02, 0.6))
    half = calm.time_us.size // 2
    mixed = np.concatenate([noisy.xy_px[:half], calm.xy_px[half:]])
    events = default(gaze_of(calm.time_us, mixed, screen=calm.screen), calm.screen)
    assert len(_spans(events, "saccade")) <= len(calm.saccades) + 2
    assert calm.found(events) >= 0.7


def test_pursuit_is_no_fixation() -> None:
    time_us = np.arange(0, 2_000_000, 2000)
    x = np.where(time_us < 1_000_000, 400.0, 400 + (time_us - 1_000_000) * 2.5e-4)
    xy = np.column_stack([x, np.full(x.size, 500.0)])
    xy[500:, 0] += 150  # a saccade to the target, then 250 px a second: about 6 deg/s
    xy += np.random.default_rng(3).normal(0, 0.4, xy.shape)
    truth_screen = _screen()
    kinds = default(gaze_of(time_us, xy, screen=truth_screen), truth_screen)["kind"].to_pylist()
    assert kinds == ["fixation", "saccade", "pursuit"]


def test_a_jump_between_two_samples_is_a_saccade() -> None:
    time_us = np.arange(0, 1_000_000, 1000)
    xy = np.column_stack([np.where(time_us < 500_000, 400.0, 700.0), np.full(1000, 300.0)])
    screen = _screen()
    kinds = default(gaze_of(time_us, xy, screen=screen), screen)["kind"].to_pylist()
    assert kinds.count("fixation") == 2
    assert "saccade" in kinds


def test_a_single_wild_sample_splits_no_fixation(simulate: Simulate) -> None:
    time_us = np.arange(0, 600_000, 2000)
    xy = np.full((300, 2), 500.0) + np.random.default_rng(1).normal(0, 0.3, (300, 2))
    xy[150] += [200.0, -90.0]
    screen = _screen()
    events = default(gaze_of(time_us, xy, screen=screen), screen)
    assert events["kind"].to_pylist() == ["fixation"]


def test_a_blink_is_neither_saccade_nor_fixation(simulate: Simulate) -> None:
    time_us = np.arange(0, 1_500_000, 2000)
    y = np.full(time_us.size, 500.0)
    y[350:375] += np.linspace(0, 300, 25)  # the lid pulls gaze down before it is lost
    y[375:450] = np.nan
    y[450:475] += np.linspace(300, 0, 25)
    xy = np.column_stack([np.full(time_us.size, 900.0), y])
    screen = _screen()
    events = default(gaze_of(time_us, xy, screen=screen), screen)
    assert events["kind"].to_pylist() == ["fixation", "blink", "fixation"]


@pytest.mark.parametrize(("lost_ms", "count"), [(30, 1), (60, 1), (200, 2)])
def test_a_short_loss_is_bridged_and_a_long_one_is_not(lost_ms: int, count: int) -> None:
    time_us = np.arange(0, 1_000_000, 2000)
    xy = np.full((500, 2), 500.0) + np.random.default_rng(2).normal(0, 0.3, (500, 2))
    xy[200 : 200 + lost_ms // 2] = np.nan
    screen = _screen()
    events = default(gaze_of(time_us, xy, screen=screen), screen)
    assert events["kind"].to_pylist().count("fixation") == count


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    rate_hz=st.floats(30, 2000),
    jitter=st.floats(0, 0.3),
    noise_deg=st.floats(0, 0.1),
    lost=st.lists(st.floats(0, 3500), max_size=3),
    seed=st.integers(0, 1000),
)
def test_any_rate_jitter_and_loss(
    simulate: Simulate,
    *,
    rate_hz: float,
    jitter: float,
    noise_deg: float,
    lost: list[float],
    seed: int,
) -> None:
    truth = simulate(
        rate_hz=rate_hz, jitter=jitter, noise_deg=noise_deg, loss_ms=tuple(lost), seed=seed
    )
    events = default(truth.gaze, truth.screen)
    check_table(events, "events")
    rows = [r for r in events.to_pylist() if r["kind"] != "blink"]
    for before, after in pairwise(rows):
        assert before["offset_us"] <= after["onset_us"]
    for row in rows:
        assert row["onset_us"] < row["offset_us"]
        assert np.isfinite([row["x_px"], row["y_px"], row["amplitude_deg"]]).all()


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0, 300.0, 1000.0, 2000.0])
def test_fixations_are_found_at_any_rate(simulate: Simulate, rate_hz: float) -> None:
    """Over many signals: one holds six fixations, so that a single miss would decide."""
    shares = []
    for seed in range(60):
        noise_deg = (0.0, 0.05, 0.1)[seed % 3]
        truth = simulate(rate_hz=rate_hz, jitter=0.005 * seed, noise_deg=noise_deg, seed=seed)
        shares.append(truth.found(default(truth.gaze, truth.screen)))
    assert np.mean(shares) >= 0.95


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_same_events_whatever_the_pixels(simulate: Simulate, scale: float) -> None:
    truth = simulate()
    screen = _screen(scale)
    one = default(truth.gaze, truth.screen)
    other = default(gaze_of(truth.time_us, truth.xy_px * scale, screen=screen), screen)
    for name in ("kind", "onset_us", "offset_us"):
        assert one[name].to_pylist() == other[name].to_pylist()


@pytest.mark.parametrize(
    ("time_us", "xy", "kinds"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([0], [[1, 2]], [], id="one sample"),
        pytest.param([0, 1000], [[1, 2], [1, 2]], [], id="two samples"),
        pytest.param([0, 0, 0], [[1, 2]] * 3, [], id="one time"),
        pytest.param(range(0, 400_000, 2000), [[300, 300]] * 200, ["fixation"], id="constant"),
        pytest.param(range(0, 400_000, 2000), [[np.nan] * 2] * 200, [], id="no gaze"),
    ],
)
def test_little_or_nothing(time_us: Any, xy: Any, kinds: list[str]) -> None:
    screen = _screen()
    time = np.array(time_us, np.int64)
    places = np.array(xy, float).reshape(-1, 2)
    events = default(gaze_of(time, places, screen=screen), screen)
    check_table(events, "events")
    assert events["kind"].to_pylist() == kinds


def test_offsets_are_half_open() -> None:
    screen = _screen()
    time = np.arange(0, 400_000, 2000)
    event = default(gaze_of(time, np.full((200, 2), 300.0), screen=screen), screen).to_pylist()[0]
    assert (event["onset_us"], event["offset_us"]) == (0, 400_000)
    assert event["dispersion_deg"] == 0


def test_parameters_are_obeyed(simulate: Simulate) -> None:
    truth = simulate()
    none = default(truth.gaze, truth.screen, Default(velocity_deg_s=5000.0))
    assert "saccade" not in none["kind"].to_pylist()
    long = default(truth.gaze, truth.screen, Default(min_fixation_ms=10_000.0))
    assert "fixation" not in long["kind"].to_pylist()


def _screen(scale: float = 1.0) -> ScreenRecord:
    return ScreenRecord(
        width_px=round(1920 * scale),
        height_px=round(1080 * scale),
        width_mm=531.0,
        height_mm=299.0,
        distance_mm=650.0,
    )


def test_exactly_the_corner_means_no_gaze(simulate: Simulate) -> None:
    truth = simulate(loss_ms=(800.0,))
    lost = np.isnan(truth.xy_px[:, 0])
    tables = [
        pa.table({"time_us": truth.time_us, "x_px": xy[:, 0], "y_px": xy[:, 1]})
        for xy in (truth.xy_px, np.where(lost[:, None], 0.0, truth.xy_px))
    ]
    marked, zero = (detect_events(table, screen=truth.screen) for table in tables)
    for name in ("kind", "onset_us", "offset_us"):
        assert zero[name].equals(marked[name])


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_every_detector_is_called_by_its_name(simulate: Simulate, name: str) -> None:
    truth = simulate()
    table = pa.table(
        {"time_us": truth.time_us, "x_px": truth.xy_px[:, 0], "y_px": truth.xy_px[:, 1]}
    )
    events = detect_events(table, screen=truth.screen, detector=name)
    check_table(events, "events")
    assert truth.found(events) >= 0.6
