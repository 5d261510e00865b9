"""Do the filters smooth, keep what they should, never cross a gap and move nothing in time?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.clean import Smoothing, lookahead_ms, smooth
from gazekit.model.errors import UsageError

TIME = np.arange(200) * 2000


def _noisy(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(500, 5, (200, 2))


@pytest.mark.parametrize("method", ["median", "savgol"])
def test_noise_becomes_less_and_the_place_stays(method: Smoothing) -> None:
    out = smooth(TIME, _noisy(), method=method, window_ms=30)
    assert out.std() < 0.7 * _noisy().std()
    assert out.mean() == pytest.approx(500, abs=1)


def test_a_median_keeps_a_step_where_it_is_and_drops_a_spike() -> None:
    step = np.where(np.arange(200) < 100, 100.0, 400.0)
    xy = np.column_stack([step, step])
    xy[50] = 900
    out = smooth(TIME, xy, method="median", window_ms=20)
    expected = np.column_stack([step, step])
    np.testing.assert_array_equal(out, expected)


@given(st.floats(-5, 5), st.floats(-1, 1), st.sampled_from([10, 20, 50]))
def test_a_polynomial_passes_savgol_unchanged(slope: float, bend: float, window: int) -> None:
    n = np.arange(200.0)
    xy = np.column_stack([500 + slope * n, 300 + bend * n**2 / 100])
    out = smooth(TIME, xy, method="savgol", window_ms=window)
    np.testing.assert_allclose(out, xy, atol=1e-6)


@pytest.mark.parametrize("method", ["median", "savgol"])
def test_nothing_leaks_across_a_gap(method: Smoothing) -> None:
    xy = np.where(np.arange(200)[:, None] < 100, 100.0, 900.0) * np.ones(2)
    xy[95:105] = np.nan
    out = smooth(TIME, xy, method=method, window_ms=40)
    np.testing.assert_allclose(out[:95], 100)
    np.testing.assert_allclose(out[105:], 900)
    assert np.isnan(out[95:105]).all()
    late = TIME + np.where(np.arange(200) >= 100, 50_000, 0)  # samples that were never sent
    whole = np.where(np.arange(200)[:, None] < 100, 100.0, 900.0) * np.ones(2)
    np.testing.assert_allclose(smooth(late, whole, method=method, window_ms=40), whole)


@pytest.mark.parametrize("method", ["none", "median", "savgol"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_hardly_any_samples_are_left_as_they_are_or_smoothed(method: Smoothing, count: int) -> None:
    out = smooth(TIME[:count], np.full((count, 2), 7.0), method=method, window_ms=50)
    np.testing.assert_allclose(out, 7.0)


def test_a_window_shorter_than_three_samples_does_nothing() -> None:
    np.testing.assert_array_equal(smooth(TIME, _noisy(), method="median", window_ms=2), _noisy())


def test_the_delay_of_a_live_filter_is_half_its_window() -> None:
    assert lookahead_ms("median", 20) == 10
    assert lookahead_ms("none", 20) == 0


def test_an_unknown_filter_is_named() -> None:
    with pytest.raises(UsageError, match="expected none, median, savgol, found boxcar"):
        smooth(TIME, _noisy(), method="boxcar")  # type: ignore[arg-type]
