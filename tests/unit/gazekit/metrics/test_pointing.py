"""Does the pointing game find the strongest point and the right box?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.metrics import peak_cell, pointing_game


def test_a_lonely_peak_is_at_the_centre_of_its_cell() -> None:
    heat = np.zeros((4, 6))
    heat[1, 4] = 1
    assert peak_cell(heat) == (4.5, 1.5)


def test_a_strong_neighbour_draws_the_peak() -> None:
    heat = np.zeros((3, 3))
    heat[1, 1], heat[1, 2] = 3, 1
    assert peak_cell(heat) == pytest.approx((1.75, 1.5))


def test_a_flat_map_peaks_in_its_first_cell() -> None:
    x, y = peak_cell(np.ones((3, 3)))
    assert 0 <= x <= 1.5
    assert 0 <= y <= 1.5


@given(st.floats(2, 10), st.floats(2, 10))
def test_the_peak_of_a_coarse_gaussian_is_near_its_middle(x: float, y: float) -> None:
    centres = np.arange(12) + 0.5
    heat = np.exp(-0.5 * (((centres - x) / 0.7) ** 2 + ((centres - y) / 0.7)[:, None] ** 2))
    found = peak_cell(heat)
    assert abs(found[0] - x) < 0.25
    assert abs(found[1] - y) < 0.25


def test_one_box_is_enough() -> None:
    assert pointing_game(5, 5, [(0, 0, 1, 1), (4, 4, 6, 6)])
    assert not pointing_game(2, 2, [(0, 0, 1, 1), (4, 4, 6, 6)])
    assert not pointing_game(2, 2, [])
