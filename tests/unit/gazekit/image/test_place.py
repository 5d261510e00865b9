"""Crop and resize: the record carries an affine, and gaze goes through it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.image import DisplayImage, content_box, crop, resize
from gazekit.model.errors import DataError
from gazekit.model.geometry import Affine


def picture(width: int = 40, height: int = 30) -> DisplayImage:
    pixels = np.random.default_rng(0).integers(1, 4096, (height, width)).astype(np.uint16)
    return DisplayImage.of(
        pixels,
        (0, 4095),
        window_source="full_range",
        photometric="MONOCHROME2",
        bits_stored=12,
        pixel_spacing_mm=(0.2, 0.2),
    )


@given(x0=st.integers(0, 20), y0=st.integers(0, 15), width=st.integers(1, 20), height=st.just(9))
def test_a_pixel_keeps_its_value_through_a_crop(x0: int, y0: int, width: int, height: int) -> None:
    whole = picture()
    cut = crop(whole, (x0, y0, x0 + width, y0 + height))
    x, y = Affine(*(cut.record.source_to_display or ())).undo(0.5, 0.5)
    assert whole.pixels[int(y), int(x)] == cut.pixels[0, 0]
    assert (cut.record.width_px, cut.record.height_px) == (width, height)
    assert cut.record.image_id != whole.record.image_id or width == 40


def test_crop_and_resize_compose() -> None:
    cut = resize(crop(picture(), (10, 5, 30, 25)), (10, 40))
    assert cut.pixels.shape == (40, 10)
    x, y = Affine(*(cut.record.source_to_display or ())).apply([10, 30, 20], [5, 25, 15])
    np.testing.assert_allclose(x, [0, 10, 5])
    np.testing.assert_allclose(y, [0, 40, 20])
    assert cut.record.pixel_spacing_mm == pytest.approx((0.1, 0.4))
    assert cut.record.pixel_aspect == pytest.approx(0.25)


def test_shrinking_by_a_whole_factor_averages() -> None:
    whole = picture()
    half = resize(whole, (20, 15))
    expected = whole.pixels.reshape(15, 2, 20, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(half.pixels, expected, atol=0.51)
    assert half.record.pixel_aspect is None


def test_the_padded_border_is_found() -> None:
    framed = picture()
    framed.pixels[:3] = framed.pixels[:, 35:] = 0
    assert content_box(framed) == (0, 3, 35, 30)
    framed.pixels[:] = 0
    assert content_box(framed) == (0, 0, 40, 30)


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (-1, 0, 5, 5), (0, 0, 41, 5), (9, 9, 3, 12)])
def test_a_box_outside_is_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(DataError, match="the box is not in the image"):
        crop(picture(), box)


def test_an_empty_size_is_refused() -> None:
    with pytest.raises(DataError, match="the size is empty"):
        resize(picture(), (0, 10))
