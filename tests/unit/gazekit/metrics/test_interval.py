"""Is a figure the ratio of its sums, with an interval over patients?"""

import numpy as np
import pytest

from gazekit.metrics import paired_difference, ratio, ratio_figure


def test_the_value_is_the_ratio_of_the_sums() -> None:
    figure = ratio_figure([1, 0, 3], [2, 2, 4], patients=["a", "a", "b"])
    assert figure is not None
    assert figure.value == pytest.approx(0.5)
    assert (figure.n, figure.patients) == (3, 2)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= figure.value <= figure.high


def test_readings_of_one_patient_stay_together() -> None:
    # Patient a has 1 of 4, patient b 3 of 4: a resample of two patients has only these ratios.
    figure = ratio_figure([1, 0, 0, 0, 1, 1, 1, 0], [1] * 8, patients=list("aaaabbbb"))
    assert figure is not None
    assert (figure.low, figure.high) == (0.25, 0.75)


def test_without_a_denominator_there_is_no_figure() -> None:
    assert ratio_figure([0, 0], [0, 0], patients=["a", "b"]) is None
    assert ratio_figure([], [], patients=[]) is None


def test_one_patient_has_no_interval() -> None:
    figure = ratio_figure([1], [1], patients=["a"])
    assert figure is not None
    assert figure.low is None
    assert figure.high is None


def test_the_seed_decides() -> None:
    rows = ([1, 0, 1, 1, 0], [1] * 5)
    first, again = (ratio_figure(*rows, patients=list("abcde"), seed=3) for _ in range(2))
    assert first == again


def test_a_paired_difference_is_surer_than_two_figures() -> None:
    random = np.random.default_rng(0)
    patients = [f"p{i}" for i in range(60)]
    hard = random.uniform(0, 1, 60)
    first = np.column_stack([hard + 0.05, np.ones(60)])
    second = np.column_stack([hard, np.ones(60)])
    found = paired_difference((first, patients), (second[::-1], patients[::-1]), ratio)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(0.05)
    assert found.high - found.low < 1e-9, "what is hard for both cancels"
    assert paired_difference((first, patients), (second, ["x"] * 60), ratio) is None
