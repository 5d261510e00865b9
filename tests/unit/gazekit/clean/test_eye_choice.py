"""Which eye is taken, when one of them is worse or missing?"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import gazekit
from gazekit.clean import best_eye, merge_eyes
from gazekit.clean.detectors import DETECTORS
from gazekit.model.errors import DataError, UsageError
from gazekit.model.records import ScreenRecord

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
RANDOM = np.random.default_rng(5)
STEADY = RANDOM.normal([900, 500], 1.0, (400, 2))
SHAKY = RANDOM.normal([905, 500], 6.0, (400, 2))


def test_best_is_the_steadier_eye_whatever_its_side() -> None:
    assert best_eye(STEADY, SHAKY) == "left"
    assert best_eye(SHAKY, STEADY) == "right"
    np.testing.assert_array_equal(merge_eyes(SHAKY, STEADY, screen=SCREEN, eyes="best"), STEADY)


def test_best_without_a_common_sample_is_the_eye_seen_more_often() -> None:
    left, right = STEADY.copy(), SHAKY.copy()
    left[:300], right[300:] = np.nan, np.nan
    assert best_eye(left, right) == "right"
    nothing = np.full((4, 2), np.nan)
    assert best_eye(nothing, nothing) == "left"


def test_strict_needs_both_eyes() -> None:
    left = STEADY.copy()
    left[10:20] = np.nan
    merged = merge_eyes(left, STEADY, screen=SCREEN, eyes="strict")
    assert np.flatnonzero(np.isnan(merged[:, 0])).tolist() == list(range(10, 20))


def test_unknown_eyes_are_named() -> None:
    with pytest.raises(UsageError, match="found both"):
        merge_eyes(STEADY, SHAKY, screen=SCREEN, eyes="both")  # type: ignore[arg-type]


def _table(**columns: np.ndarray) -> pa.Table:
    return pa.table({"time_us": np.arange(400) * 2000, **columns})


@pytest.mark.parametrize("kind", [pa.Table, pd.DataFrame])
def test_a_table_with_one_eye_only(kind: type) -> None:
    table = _table(left_x_px=STEADY[:, 0], left_y_px=STEADY[:, 1])
    samples = table if kind is pa.Table else table.to_pandas()
    events = gazekit.detect_events(samples, screen=SCREEN)
    assert events["kind"].to_pylist() == ["fixation"]


def test_a_table_whose_second_eye_is_never_seen() -> None:
    nothing = np.full(400, np.nan)
    columns = {"left_x_px": STEADY[:, 0], "left_y_px": STEADY[:, 1]}
    columns |= {"right_x_px": nothing, "right_y_px": nothing}
    events = gazekit.detect_events(_table(**columns), screen=SCREEN)
    assert events["kind"].to_pylist() == ["fixation"]


@pytest.mark.parametrize("detector", sorted(DETECTORS))
@pytest.mark.parametrize("value", [np.nan, np.inf, 700.0])
@pytest.mark.parametrize("count", [0, 1, 2, 400])
def test_all_lost_constant_or_hardly_any_is_a_clear_result(
    detector: str, value: float, count: int
) -> None:
    place = np.full(count, value)
    table = pa.table({"time_us": np.arange(count) * 2000, "x_px": place, "y_px": place})
    events = gazekit.detect_events(table, screen=SCREEN, detector=detector)
    steady = np.isfinite(value) and count == 400
    assert events["kind"].to_pylist() == (["fixation"] if steady else [])


def test_duplicates_are_dropped_and_backwards_time_is_refused() -> None:
    time = np.repeat(np.arange(200) * 2000, 2)
    table = pa.table({"time_us": time, "x_px": STEADY[:, 0], "y_px": STEADY[:, 1]})
    assert gazekit.detect_events(table, screen=SCREEN).num_rows == 1
    back = time.copy()
    back[100] = 0
    table = pa.table({"time_us": back, "x_px": STEADY[:, 0], "y_px": STEADY[:, 1]})
    with pytest.raises(DataError, match="times go backwards"):
        gazekit.detect_events(table, screen=SCREEN)


@pytest.mark.parametrize("screen", [None, (1920, 1080)])
def test_without_a_screen_a_line_says_what_is_needed(screen: Any) -> None:
    place = np.full(10, 700.0)
    table = pa.table({"time_us": np.arange(10) * 2000, "x_px": place, "y_px": place})
    with pytest.raises(UsageError, match="nothing says how large the screen was"):
        gazekit.detect_events(table, screen=screen)


def test_what_is_no_table_is_refused() -> None:
    samples: Any = {"time_us": [0], "x_px": [1.0], "y_px": [1.0]}
    with pytest.raises(UsageError, match="found dict"):
        gazekit.detect_events(samples, screen=SCREEN)


def test_a_screen_without_size_is_refused() -> None:
    screen = ScreenRecord(
        width_px=1920, height_px=1080, width_mm=0.0, height_mm=299.0, distance_mm=650.0
    )
    with pytest.raises(DataError, match=r"screen\.width_mm must be positive"):
        gazekit.detect_events(_table(x_px=STEADY[:, 0], y_px=STEADY[:, 1]), screen=screen)
