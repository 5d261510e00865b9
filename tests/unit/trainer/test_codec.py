"""Do places survive being written in tokens?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.codec import CoordCodec

SIZES = st.tuples(st.integers(50, 3000), st.integers(50, 3000))


@given(SIZES, st.integers(8, 224), st.floats(0, 1), st.floats(0, 1))
def test_a_point_comes_back_within_half_a_bin(
    size: tuple[int, int], bins: int, x: float, y: float
) -> None:
    codec = CoordCodec(bins, 96, size)
    x_px, y_px = x * size[0], y * size[1]
    back = codec.point_px(*codec.point(x_px, y_px))
    # A bin is 1 / bins of the square, whose side is the longer one of the image; the letterbox
    # rounds the shorter side to whole pixels of the square.
    half = 0.5 * max(size) / bins * 1.02 * (1 + 1 / min(96 * s / max(size) for s in size)) + 1e-6
    assert abs(back[0] - x_px) <= half * 2
    assert abs(back[1] - y_px) <= half * 2


@given(SIZES, st.integers(0, 63), st.integers(0, 63))
def test_a_bin_comes_back_as_itself(size: tuple[int, int], x: int, y: int) -> None:
    codec = CoordCodec(64, 96, size)
    assert codec.point(*codec.point_px(x, y)) == (x, y)


def test_places_off_the_image_are_clipped_and_boxes_keep_their_order() -> None:
    codec = CoordCodec(64, 96, (160, 200))
    assert codec.point(-1e4, 1e4) == (0, 63)
    x0, y0, x1, y1 = codec.box((40.0, 50.0, 40.1, 50.1))
    assert (x0, y0) == (x1, y1)
    assert codec.box_px(codec.box((40, 50, 120, 150))) == pytest.approx((40, 50, 120, 150), abs=2)
