"""Do boxes share what they share?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.metrics import box_iou, point_in_box

SIDE = st.floats(-100, 100)
BOX = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), SIDE, SIDE, *[st.floats(0.5, 50)] * 2)


def test_iou_by_hand() -> None:
    found = box_iou([[0, 0, 2, 2]], [[0, 0, 2, 2], [1, 0, 3, 2], [2, 0, 4, 2], [5, 5, 6, 6]])
    np.testing.assert_allclose(found, [[1, 2 / 6, 0, 0]])


def test_a_box_without_area_shares_nothing() -> None:
    assert box_iou([[1, 1, 1, 1]], [[0, 0, 2, 2], [1, 1, 1, 1]]).tolist() == [[0, 0]]


@given(BOX, BOX)
def test_iou_is_symmetric_and_a_share(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    forth, back = box_iou([a], [b])[0, 0], box_iou([b], [a])[0, 0]
    assert forth == pytest.approx(back)
    assert 0 <= forth <= 1 + 1e-9


def test_the_left_and_top_edges_belong_to_a_box() -> None:
    box = (1, 2, 3, 4)
    assert point_in_box(1, 2, box)
    assert not point_in_box(3, 2, box)
    assert not point_in_box(1, 4, box)
