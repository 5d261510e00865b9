"""Are gaps found, named and filled as the rule says, and never across a longer one?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.clean import fill_gaps, find_gaps
from gazekit.model.records import ScreenRecord

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
STEP_US = 5_000


def _signal(*lost: tuple[int, int], n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Gaze that moves in a straight line at 200 Hz, with rows [a, b) lost."""
    xy = np.column_stack([np.linspace(500, 700, n), np.full(n, 400.0)])
    for a, b in lost:
        xy[a:b] = np.nan
    return np.arange(n) * STEP_US, xy


def test_a_short_gap_is_filled_with_a_straight_line() -> None:
    time, xy = _signal((50, 60))
    filled_xy, filled = fill_gaps(time, xy, max_fill_us=75_000)
    assert filled.sum() == 10
    np.testing.assert_allclose(filled_xy, _signal()[1])


def test_a_gap_of_exactly_the_limit_is_filled_and_one_sample_more_is_not() -> None:
    time, xy = _signal((50, 64), (100, 115))
    filled_xy, filled = fill_gaps(time, xy, max_fill_us=75_000)
    assert filled[50:64].all()
    assert not filled[100:115].any()
    assert np.isnan(filled_xy[100:115]).all()


def test_the_ends_are_never_filled() -> None:
    time, xy = _signal((0, 3), (197, 200))
    filled_xy, filled = fill_gaps(time, xy, max_fill_us=75_000)
    assert not filled.any()
    assert np.isnan(filled_xy[:3]).all()


@given(
    st.lists(st.booleans(), min_size=2, max_size=80),
    st.lists(st.integers(1, 40_000), min_size=80, max_size=80),
)
def test_nothing_is_ever_made_across_more_than_the_limit(
    valid: list[bool], steps: list[int]
) -> None:
    time = np.cumsum(steps[: len(valid)])
    xy = np.where(np.array(valid)[:, None], 1.0, np.nan) * np.ones((len(valid), 2))
    _, filled = fill_gaps(time, xy, max_fill_us=75_000)
    known = time[np.array(valid)]
    for moment in time[filled]:
        after = np.searchsorted(known, moment)
        assert known[after] - known[after - 1] <= 75_000


@pytest.mark.parametrize(
    ("lost", "place", "cause"),
    [
        ((50, 90), 960.0, "blink"),
        ((50, 55), 960.0, "tracker_loss"),
        ((20, 180), 960.0, "tracker_loss"),
        ((50, 90), 1915.0, "off_screen"),
    ],
    ids=["as long as a blink", "too short", "too long", "over the edge"],
)
def test_a_gap_has_its_cause(lost: tuple[int, int], place: float, cause: str) -> None:
    time, xy = _signal(lost)
    x = np.where(np.isnan(xy[:, 0]), np.nan, place)
    (gap,) = find_gaps(time, x, xy[:, 1], screen=SCREEN, max_fill_us=75_000)
    assert gap.cause == cause
    assert gap.onset_us == time[lost[0] - 1]
    assert gap.offset_us == time[lost[1]]


def test_absent_samples_are_a_gap_of_their_own_kind() -> None:
    time, xy = _signal()
    keep = np.r_[0:50, 100:200]
    (gap,) = find_gaps(time[keep], *xy[keep].T, screen=SCREEN, max_fill_us=75_000)
    assert (gap.cause, gap.filled) == ("no_samples", False)


def test_no_gaze_at_all_is_one_gap() -> None:
    time, xy = _signal((0, 200))
    (gap,) = find_gaps(time, *xy.T, screen=SCREEN, max_fill_us=75_000)
    assert gap.cause == "tracker_loss"
