"""Do the quality figures say what their definitions say?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.geometry import mm_to_screen_px
from gazekit.model.records import ScreenRecord
from gazekit.quality import (
    accuracy_deg,
    data_loss,
    effective_rate_hz,
    largest_gap_us,
    rms_s2s_deg,
    std_deg,
)

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
NAN = float("nan")


def _px_of_deg(x_deg: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Screen px of points so many degrees right of the centre."""
    x_mm = SCREEN.distance_mm * np.tan(np.radians(x_deg))
    return mm_to_screen_px(SCREEN, x_mm, np.zeros(len(x_deg)))


def test_accuracy_is_the_median_angle_to_the_target() -> None:
    x, y = _px_of_deg([0.2, 0.4, 3.0])
    assert accuracy_deg(SCREEN, x, y, target_px=(960.0, 540.0)) == pytest.approx(0.4)


def test_samples_without_gaze_do_not_count() -> None:
    x, y = _px_of_deg([0.2, 0.4, 3.0])
    x[2] = NAN
    assert accuracy_deg(SCREEN, x, y, target_px=(960.0, 540.0)) == pytest.approx(0.3)


def test_rms_is_of_successive_samples_and_not_across_a_gap() -> None:
    x, y = _px_of_deg([0.0, 0.1, 0.0, NAN, 5.0])
    assert rms_s2s_deg(SCREEN, x, y) == pytest.approx(0.1, rel=1e-6)


def test_a_slow_drift_has_a_large_std_and_a_small_rms() -> None:
    x, y = _px_of_deg(list(np.linspace(-1, 1, 101)))
    rms, std = rms_s2s_deg(SCREEN, x, y), std_deg(SCREEN, x, y)
    assert rms == pytest.approx(0.02, rel=1e-3)
    assert std == pytest.approx(np.std(np.linspace(-1, 1, 101)), rel=1e-3)


@pytest.mark.parametrize("x", [[], [NAN, NAN]], ids=["no sample", "no valid sample"])
def test_without_gaze_there_is_no_figure(x: list[float]) -> None:
    assert accuracy_deg(SCREEN, x, x, target_px=(0.0, 0.0)) is None
    assert rms_s2s_deg(SCREEN, x, x) is None
    assert std_deg(SCREEN, x, x) is None


def test_loss_rate_and_gap_of_a_signal_with_a_hole() -> None:
    time = np.array([0, 10, 20, 30, 40, 50]) * 1000
    valid = [True, True, False, False, True, True]
    assert data_loss(valid) == pytest.approx(1 / 3)
    assert effective_rate_hz(time) == pytest.approx(100.0)
    assert largest_gap_us(time, valid) == 30_000


def test_nothing_recorded_is_all_lost() -> None:
    assert data_loss([]) == 1.0
    assert effective_rate_hz([5]) is None
    assert largest_gap_us([], []) == 0
    assert largest_gap_us([0, 10, 20], [False, False, False]) == 20


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_the_largest_gap_never_exceeds_the_span(valid: list[bool]) -> None:
    time = np.arange(len(valid)) * 4000
    assert 0 <= largest_gap_us(time, valid) <= time[-1]
