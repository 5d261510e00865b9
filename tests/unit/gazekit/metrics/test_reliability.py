"""Does the intraclass correlation give the published example's value?"""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from gazekit.metrics import icc2_1
from gazekit.model.errors import DataError

JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_the_example_of_shrout_and_fleiss() -> None:
    assert icc2_1(JUDGES) == pytest.approx(0.2898, abs=5e-5)


def test_agreement_is_absolute() -> None:
    same = np.array([[1.0, 1], [2, 2], [4, 4]])
    assert icc2_1(same) == pytest.approx(1)
    shifted = icc2_1(np.add(same, [0, 1]))
    assert shifted is not None
    assert shifted < 1


def test_a_row_with_a_hole_is_left_out() -> None:
    assert icc2_1(np.vstack([JUDGES, [1, np.nan, 3, 4]])) == icc2_1(JUDGES)


@pytest.mark.parametrize("ratings", [[[1, 2]], [[1], [2]], [[3, 3], [3, 3]], np.zeros((0, 2))])
def test_nothing_to_compare_is_absent(ratings: ArrayLike) -> None:
    assert icc2_1(ratings) is None


def test_a_list_is_no_table() -> None:
    with pytest.raises(DataError, match="table"):
        icc2_1([1, 2, 3])
