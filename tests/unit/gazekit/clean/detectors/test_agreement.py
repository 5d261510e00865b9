"""Do the benchmark's figures of agreement equal those worked out by hand?"""

import numpy as np
import pytest

from benchmarks.agreement import agreement, cohen_kappa, matched_events, summarise


def test_kappa_of_a_two_by_two_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed .7, expected .5 (Wikipedia's example).
    a = np.repeat([True, True, False, False], [20, 5, 10, 15])
    b = np.repeat([True, False, True, False], [20, 5, 10, 15])
    assert cohen_kappa(a, b) == pytest.approx(0.4)


def test_kappa_of_no_events_at_all_is_unknown() -> None:
    assert np.isnan(cohen_kappa(np.zeros(5, bool), np.zeros(5, bool)))


def test_events_match_from_half_of_their_union_on() -> None:
    theirs = np.array([[0, 10], [20, 30], [40, 50]])
    ours = np.array([[0, 5], [21, 36], [47, 57]])
    assert matched_events(theirs, ours) == 2
    assert matched_events(theirs, np.zeros((0, 2), np.int64)) == 0


def test_two_coders_are_averaged_and_their_events_added() -> None:
    ours = np.array([1, 1, 1, 0, 0, 2, 2, 0], np.int8)
    labels = np.array([ours, [0, 0, 0, 0, 0, 2, 2, 0]], np.int8)
    saccades = agreement(ours, labels, code=2, long_samples=3)
    assert saccades.kappa == pytest.approx(1)
    assert saccades.f1 == 1
    assert saccades.long == 0
    fixations = agreement(ours, labels, code=1, long_samples=3)
    assert fixations.kappa == pytest.approx(0.5)
    assert fixations.f1 == pytest.approx(2 / 3)
    assert fixations.long_recall == 1
    both = summarise([saccades, fixations])
    assert both.kappa == pytest.approx(0.75)
    assert both.matched == 3
