"""What is known of the last seconds: rate, validity of each eye, place of the head?"""

import numpy as np
import pyarrow as pa
import pytest

from capture.monitor.recent import RecentGaze
from gazekit.model.columns import columns_of
from gazekit.model.schemas import schema_of


def batch(times_us: list[int], **columns: object) -> pa.RecordBatch:
    """Make samples at these times; every column not given is 0, and valid."""
    size = len(times_us)
    arrays = []
    for column in columns_of("raw_samples"):
        value = columns.get(column.name, True if column.type == pa.bool_() else 0)
        filled = value if isinstance(value, list) else [value] * size
        arrays.append(
            pa.array(times_us if column.name == "system_time_us" else filled, column.type)
        )
    return pa.record_batch(arrays, schema=schema_of("raw_samples"))


def test_only_the_last_seconds_are_kept() -> None:
    recent = RecentGaze(seconds=1.0)
    for start in range(0, 3_000_000, 100_000):
        recent.add(batch([start, start + 50_000]))
    gaze = recent.gaze
    assert gaze.time_us[0] >= 1_950_000
    assert gaze.last_us == 2_950_000
    assert gaze.rate_hz == pytest.approx(20.0)


def test_a_rate_counts_what_is_missing() -> None:
    recent = RecentGaze()
    recent.add(batch([0, 10_000, 20_000, 1_000_000]))
    assert recent.gaze.rate_hz == pytest.approx(3.0)


def test_an_invalid_eye_is_nowhere_and_counted() -> None:
    recent = RecentGaze()
    recent.add(batch([0, 1], left_gaze_valid=[True, False], left_gaze_x_norm=0.25))
    gaze = recent.gaze
    assert gaze.valid == (0.5, 1.0)
    assert gaze.x_norm[0, 0] == 0.25
    assert np.isnan(gaze.x_norm[0, 1])


def test_the_head_is_between_the_eyes_that_are_known() -> None:
    recent = RecentGaze()
    both = {"left_origin_x_mm": -30.0, "right_origin_x_mm": 40.0, "right_origin_z_mm": 640.0}
    recent.add(batch([0, 1, 2], left_origin_z_mm=660.0, **both))
    assert recent.gaze.head_mm == (5.0, 0.0, 650.0)
    recent.clear()
    recent.add(batch([3], left_origin_valid=False, **both))
    assert recent.gaze.head_mm == (40.0, 0.0, 640.0)
    recent.clear()
    recent.add(batch([4], left_origin_valid=False, right_origin_valid=False))
    assert recent.gaze.head_mm is None


def test_without_samples_nothing_is_known() -> None:
    gaze = RecentGaze().gaze
    assert (gaze.last_us, gaze.rate_hz, gaze.valid, gaze.head_mm) == (
        None,
        None,
        (None, None),
        None,
    )
