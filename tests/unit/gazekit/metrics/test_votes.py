"""Is the majority that of the others, and does order compare what both visit?"""

import numpy as np
import pytest
from scipy.stats import kendalltau

from gazekit.metrics import (
    Scanpath,
    Votes,
    cosine,
    icc2_1,
    icc_counts,
    icc_of_sums,
    kendall_tau,
    leave_one_out,
    majority,
    visit_order,
    votes_of,
)


def test_a_majority_is_more_than_half() -> None:
    votes = [{"a", "b"}, {"a", "c"}, {"a"}, {"b"}]
    assert majority(votes) == {"a"}, "two of four are not enough"
    assert majority([{"a"}]) == {"a"}
    assert majority([]) == frozenset()


def test_a_reader_is_not_its_own_truth() -> None:
    truth = leave_one_out({"R1": {"a", "b"}, "R2": {"a"}, "R3": {"c"}})
    assert truth == {"R1": set(), "R2": set(), "R3": {"a"}}
    assert leave_one_out({"R1": {"a"}}) == {}
    assert votes_of({"a", "x"}, {"a", "b", "c"}) == Votes(tp=1, fn=2, fp=1)


def test_tau_is_that_of_scipy() -> None:
    random = np.random.default_rng(0)
    for _ in range(10):
        a, b = random.permutation(7), random.permutation(7)
        assert kendall_tau(a, b) == pytest.approx(kendalltau(a, b).statistic)
    assert kendall_tau([1], [1]) is None


def test_order_is_of_the_first_visits_that_both_make() -> None:
    corners = Scanpath.of([5, 95, 95, 5, 5], [5, 5, 95, 95, 5])
    same = visit_order(corners, Scanpath.of([6, 50, 90, 94], [6, 50, 6, 94]), size_px=(100, 100))
    assert same is not None
    assert (same.tau, same.exact, same.places) == (1, True, 3)
    back = visit_order(corners, Scanpath.of([94, 90, 6], [94, 6, 6]), size_px=(100, 100))
    assert back is not None
    assert (back.tau, back.exact) == (-1, False)
    assert visit_order(corners, Scanpath.of([50], [50]), size_px=(100, 100)) is None


def test_icc_of_sums_is_icc() -> None:
    random = np.random.default_rng(1)
    ratings = random.normal(0, 1, (30, 1)) + random.normal(0.3, 0.5, (30, 2))
    sums = np.array([icc_counts(*row) for row in ratings]).sum(axis=0, keepdims=True)
    assert icc_of_sums(sums)[0] == pytest.approx(icc2_1(ratings))
    assert np.isnan(icc_of_sums(np.array([icc_counts(1, 1)])))[0]
    constant = np.array([icc_counts(1, 1)] * 3).sum(axis=0, keepdims=True)
    assert np.isnan(icc_of_sums(constant))[0]


def test_cosine_does_not_see_scale() -> None:
    one = np.array([[0.0, 1.0], [2.0, 0.0]])
    assert cosine(one, 3 * one) == pytest.approx(1)
    assert cosine(one, one[::-1, ::-1]) == pytest.approx(4 / 5)
    assert cosine(one, 0 * one) is None
