"""Is the fast median the very number that numpy's is?"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gazekit.quality.median import median_of


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_median_is_numpys(values: list[float]) -> None:
    assert median_of(np.array(values)) == np.median(values)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40))
def test_median_of_whole_numbers_in_two_columns_is_numpys(values: list[int]) -> None:
    pairs = np.column_stack([values, values])
    assert median_of(pairs) == np.median(pairs)
