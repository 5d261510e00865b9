"""Does every point of an image land where its pixel lands?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.letterbox import content_box, letterbox, letterbox_affine

SIDE = st.integers(8, 3000)


@given(SIDE, SIDE, st.sampled_from([32, 96, 224]))
def test_the_corners_of_the_image_are_the_corners_of_the_content(w: int, h: int, size: int) -> None:
    x0, y0, x1, y1 = content_box(w, h, size_px=size)
    x, y = letterbox_affine(w, h, size_px=size).apply([0, w], [0, h])
    assert x.tolist() == pytest.approx([x0, x1])
    assert y.tolist() == pytest.approx([y0, y1])
    assert size in {x1 - x0, y1 - y0}
    assert min(x0, y0) >= 0
    assert max(x1, y1) <= size


@given(SIDE, SIDE, st.floats(0, 1), st.floats(0, 1))
def test_the_map_is_undone_exactly(w: int, h: int, u: float, v: float) -> None:
    affine = letterbox_affine(w, h, size_px=96)
    x, y = affine.undo(*affine.apply(u * w, v * h))
    assert (float(x), float(y)) == pytest.approx((u * w, v * h), abs=1e-6)


@pytest.mark.parametrize("size", [(200, 100), (100, 200), (96, 96), (40, 30)])
def test_a_bright_block_is_where_the_affine_says(size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.zeros((height, width), np.uint8)
    pixels[height // 2 :, : width // 4] = 255
    square = letterbox(pixels, size_px=96)
    x, y = letterbox_affine(width, height, size_px=96).apply([0, width / 4], [height / 2, height])
    rows, columns = np.nonzero(square > 127)
    assert [columns.min(), columns.max() + 1] == pytest.approx(x.tolist(), abs=1)
    assert [rows.min(), rows.max() + 1] == pytest.approx(y.tolist(), abs=1)


def test_pixels_stored_smaller_keep_the_frame_of_the_original() -> None:
    stored = np.full((50, 25), 200, np.uint8)
    square = letterbox(stored, size_px=96, original=(1000, 2000))
    x0, y0, x1, y1 = content_box(1000, 2000, size_px=96)
    assert (square[y0:y1, x0:x1] == 200).all()
    assert square.sum() == 200 * (x1 - x0) * (y1 - y0)
