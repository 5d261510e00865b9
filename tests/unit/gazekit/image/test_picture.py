"""PNG, JPEG and TIFF pictures, and the PNG that keeps display pixels."""

import io
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from numpy.typing import NDArray
from PIL import Image

from gazekit.image import DisplayImage, encode_png, read_display_png, read_image, write_display_png
from gazekit.model.errors import DataError


def ramp(top: int, dtype: Any) -> NDArray[Any]:
    return np.linspace(0, top, 35 * 20).reshape(35, 20).astype(dtype)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize(("top", "dtype"), [(255, np.uint8), (65535, np.uint16), (4095, np.uint16)])
def test_grey_pictures_keep_every_level(tmp_path: Path, kind: str, top: int, dtype: Any) -> None:
    pixels = ramp(top, dtype)
    path = tmp_path / "noname"
    Image.fromarray(pixels).save(path, kind)
    image = read_image(path)
    np.testing.assert_array_equal(image.pixels, pixels)
    if dtype is np.uint8:
        assert (image.record.window_low, image.record.window_high) == (0, 255)
        assert image.record.window_source == "full_range"
        np.testing.assert_array_equal(image.to_uint8(), pixels)
    else:
        assert image.record.window_source == "percentile_0.5_99.5"
        assert image.record.window_high == pytest.approx(0.995 * top, rel=0.01)


def test_colour_picture_becomes_grey(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = (255, 0, 0)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    image = read_image(path)
    assert image.pixels.shape == (8, 8)
    assert image.pixels[0, 0] == 76
    assert image.pixels[7, 0] == 0


def test_jpeg_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(ramp(255, np.uint8)).save(path, quality=95)
    assert np.abs(read_image(path).pixels.astype(int) - ramp(255, np.uint8)).max() < 8


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_cut_picture_is_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "cut"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    Image.fromarray(noise).save(path, kind)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(DataError, match=r"^cut: the picture does not decode"):
        read_image(path)


@pytest.mark.parametrize(
    ("content", "what"), [(b"", "not an image"), (b"hello world" * 30, "not an image")]
)
def test_other_files_are_named_as_such(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=what):
        read_image(path)


def test_missing_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such image"):
        read_image(tmp_path / "none.png")


@settings(max_examples=30, deadline=None)
@given(nps.arrays(np.uint16, nps.array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_display_png_round_trip_is_exact(
    tmp_path_factory: pytest.TempPathFactory, pixels: Any
) -> None:
    image = DisplayImage.of(
        pixels, (0, 1), window_source="test", photometric="MONOCHROME2", bits_stored=16
    )
    path = tmp_path_factory.mktemp("png") / "image.png"
    write_display_png(path, image)
    again = read_display_png(path, image.record)
    np.testing.assert_array_equal(again.pixels, pixels)
    assert again.record == image.record


def test_display_png_of_another_image_is_refused(tmp_path: Path) -> None:
    image = DisplayImage.of(
        ramp(4095, np.uint16), (0, 1), window_source="t", photometric="MONOCHROME2", bits_stored=12
    )
    write_display_png(tmp_path / "a.png", image)
    other = msgspec.structs.replace(image.record, sha256="0" * 64)
    with pytest.raises(DataError, match="not the one that was shown"):
        read_display_png(tmp_path / "a.png", other)


def test_the_id_comes_from_the_pixels_alone() -> None:
    one = DisplayImage.of(
        ramp(4095, np.uint16), (0, 1), window_source="t", photometric="MONOCHROME1", bits_stored=12
    )
    two = DisplayImage.of(
        ramp(4095, np.uint16), (5, 9), window_source="u", photometric="MONOCHROME2", bits_stored=16
    )
    assert one.record.image_id == two.record.image_id == f"img-{one.record.sha256[:16]}"


@given(low=st.floats(-100, 4000), width=st.floats(1, 5000))
def test_a_window_maps_its_ends_to_black_and_white(low: Any, width: float) -> None:
    image = DisplayImage.of(
        ramp(4095, np.uint16), (0, 1), window_source="t", photometric="MONOCHROME2", bits_stored=12
    )
    shown = image.to_uint8(low=low, high=low + width)
    assert (shown[image.pixels <= low] == 0).all()
    assert (shown[image.pixels >= low + width] == 255).all()
    assert (np.diff(shown.ravel().astype(int)) >= 0).all()
    np.testing.assert_array_equal(
        image.to_uint8(low=low, high=low + width, inverted=True), 255 - shown
    )


@pytest.mark.parametrize(("size", "expected"), [((40, 80), (25, 50)), ((10, 20), (10, 20))])
def test_encode_png_bounds_the_longest_side(size: Any, expected: Any) -> None:
    pixels = np.full((size[1], size[0]), 90, np.uint8)
    with Image.open(io.BytesIO(encode_png(pixels, max_px=50))) as picture:
        assert picture.size == expected
        assert picture.getpixel((3, 3)) == 90
