"""Do the figures of quality hold what their definitions say, eye by eye and over parts?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.geometry import screen_px_per_degree
from gazekit.model.protocol import QualityLimits
from gazekit.model.records import ScreenRecord
from gazekit.quality import (
    bcea_deg2,
    disparity_deg,
    measure,
    outside_limits,
    rms_s2s_deg,
    std_deg,
    summarise,
)

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
CENTRE = (960.0, 540.0)
PX_PER_DEG = float(screen_px_per_degree(SCREEN, *CENTRE)[0])


def _noise(count: int, *, seed: int, at: tuple[float, float] = CENTRE) -> np.ndarray:
    return np.random.default_rng(seed).normal(at, 0.2 * PX_PER_DEG, (count, 2))


def test_the_area_of_a_round_cloud() -> None:
    # Four points at 1 degree right, left, above, below: each variance 1/2, no correlation.
    per = np.array(screen_px_per_degree(SCREEN, *CENTRE), float)
    x, y = (np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]) * per + CENTRE).T
    expected = 2 * np.pi * -np.log(1 - 0.68) * 0.5
    assert bcea_deg2(SCREEN, x, y) == pytest.approx(expected, rel=1e-6)
    wide = bcea_deg2(SCREEN, x, y, share=0.95)
    assert wide == pytest.approx(expected * np.log(0.05) / np.log(0.32), rel=1e-6)


def test_a_line_has_no_area_and_one_sample_none_at_all() -> None:
    assert bcea_deg2(SCREEN, [900, 950, 1000], [500, 500, 500]) == pytest.approx(0, abs=1e-9)
    assert bcea_deg2(SCREEN, [900, np.nan], [500, 500]) is None


def test_the_eyes_apart_by_a_degree() -> None:
    left = np.array([[960.0, 540], [np.nan, np.nan], [960, 540]])
    right = np.add(left, [PX_PER_DEG, 0])
    assert disparity_deg(SCREEN, left, right) == pytest.approx(1, rel=1e-3)
    assert disparity_deg(SCREEN, left[:0], right[:0]) is None
    assert disparity_deg(SCREEN, left, np.full((3, 2), np.nan)) is None


@given(
    x=st.floats(100, 1800), y=st.floats(100, 980), seed=st.integers(0, 99), count=st.integers(2, 40)
)
def test_flat_figures_agree_with_exact_angles(x: float, y: float, seed: int, count: int) -> None:
    xy = _noise(count, seed=seed, at=(x, y))
    part = measure(np.arange(count), {"gaze": xy}, screen=SCREEN, fixations_us=[[0, count]])
    eye = summarise([part]).eyes["gaze"]
    assert eye.rms_s2s_deg == pytest.approx(rms_s2s_deg(SCREEN, *xy.T), rel=2e-3)
    assert eye.std_deg == pytest.approx(std_deg(SCREEN, *xy.T), rel=2e-3)


def test_parts_add_up_to_the_whole() -> None:
    time = np.arange(0, 400_000, 1000)
    left, right = _noise(400, seed=1), _noise(400, seed=2)
    left[20:30] = np.nan
    right[25:28] = np.nan
    spans = np.array([[0, 100_000], [120_000, 200_000], [200_000, 390_000]])
    whole = summarise(
        [measure(time, {"left": left, "right": right}, screen=SCREEN, fixations_us=spans)]
    )
    halves = summarise(
        [
            measure(
                time[rows],
                {"left": left[rows], "right": right[rows]},
                screen=SCREEN,
                fixations_us=spans[kept],
            )
            for rows, kept in ((slice(0, 200), slice(0, 2)), (slice(200, None), slice(2, None)))
        ]
    )
    assert whole.n_samples == halves.n_samples == 400
    assert whole.rate_hz == halves.rate_hz == pytest.approx(1000)
    assert whole.data_loss == halves.data_loss == pytest.approx(3 / 400)
    assert whole.largest_gap_us == halves.largest_gap_us == 4000
    assert whole.eyes["left"].data_loss == pytest.approx(10 / 400)
    assert whole.eyes["left"].largest_gap_us == 11_000
    for eye in ("left", "right"):
        one, other = whole.eyes[eye], halves.eyes[eye]
        assert one.rms_s2s_deg == pytest.approx(other.rms_s2s_deg)
        assert one.std_deg == pytest.approx(other.std_deg)
        assert one.bcea_deg2 == pytest.approx(other.bcea_deg2)
        assert one.rms_s2s_deg == pytest.approx(0.2 * 2, rel=0.1)  # white noise along x and y


def test_nothing_seen_is_lost_and_has_no_precision() -> None:
    xy = np.full((5, 2), np.nan)
    part = measure(np.arange(5) * 1000, {"left": xy, "right": xy}, screen=SCREEN)
    found = summarise([part])
    assert found.data_loss == 1
    assert found.disparity_deg is None
    assert found.eyes["left"].rms_s2s_deg is None
    assert found.eyes["left"].largest_gap_us == 4000
    assert summarise([]).data_loss == 1


def test_limits_are_the_protocols() -> None:
    time, xy = np.arange(100) * 1000, _noise(100, seed=4)
    xy[:20] = np.nan
    found = summarise(
        [measure(time, {"gaze": xy}, screen=SCREEN, fixations_us=[[20_000, 100_000]])]
    )
    assert outside_limits(found, QualityLimits()) == ("data loss",)
    assert outside_limits(found, QualityLimits(max_data_loss=0.5)) == ()
    strict = QualityLimits(max_data_loss=0.5, max_gap_ms=10, max_rms_s2s_deg=0.1)
    assert outside_limits(found, strict) == ("gap", "precision")
