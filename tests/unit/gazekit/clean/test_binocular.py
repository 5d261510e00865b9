"""Do two eyes become one line of sight without steps, and without trusting a wrong eye?"""

import numpy as np

from gazekit.clean import merge_eyes
from gazekit.model.records import ScreenRecord

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


def _eyes() -> tuple[np.ndarray, np.ndarray]:
    centre = np.column_stack([np.full(100, 900.0), np.full(100, 500.0)])
    apart = np.array([10.0, 4.0])
    return centre - apart, centre + apart


def test_the_average_of_both_eyes() -> None:
    left, right = _eyes()
    np.testing.assert_allclose(merge_eyes(left, right, screen=SCREEN), [[900.0, 500.0]] * 100)


def test_an_eye_that_comes_and_goes_makes_no_step() -> None:
    left, right = _eyes()
    left[20:40] = np.nan
    right[60:80] = np.nan
    np.testing.assert_allclose(merge_eyes(left, right, screen=SCREEN), [[900.0, 500.0]] * 100)


def test_without_either_eye_there_is_no_gaze() -> None:
    left, right = _eyes()
    left[:5], right[:5] = np.nan, np.nan
    merged = merge_eyes(left, right, screen=SCREEN)
    assert np.isnan(merged[:5]).all()
    assert np.isfinite(merged[5:]).all()


def test_a_sample_whose_eyes_contradict_each_other_is_dropped() -> None:
    left, right = _eyes()
    right[50] += [600.0, 0.0]
    merged = merge_eyes(left, right, screen=SCREEN)
    assert np.flatnonzero(np.isnan(merged[:, 0])).tolist() == [50]


def test_one_eye_alone_is_taken_as_it_is() -> None:
    left, right = _eyes()
    np.testing.assert_array_equal(merge_eyes(left, right, screen=SCREEN, eyes="right"), right)


def test_eyes_that_are_never_valid_together_are_not_moved() -> None:
    left, right = _eyes()
    left[:50], right[50:] = np.nan, np.nan
    merged = merge_eyes(left, right, screen=SCREEN)
    np.testing.assert_array_equal(merged[:50], right[:50])
