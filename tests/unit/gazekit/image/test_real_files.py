"""Real radiographs and every transfer syntax, where the shared data is present."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from gazekit.image import read_image
from gazekit.model.errors import DataError


@pytest.mark.parametrize("name", ["RG1_J2KI.dcm", "966_fixed.dcm"])
def test_bones_are_bright_and_lungs_dark(shared_data: Callable[[str], Path], name: str) -> None:
    image = read_image(shared_data("dicom_cxr") / name)
    shown = image.to_uint8()
    rows, columns = shown.shape
    spine = shown[int(0.55 * rows) : int(0.7 * rows), int(0.47 * columns) : int(0.53 * columns)]
    lung = shown[int(0.25 * rows) : int(0.45 * rows), int(0.2 * columns) : int(0.35 * columns)]
    assert np.median(spine) > np.median(lung) + 40
    assert image.record.photometric == "MONOCHROME1"
    assert image.record.window_source == "dicom_window"


def test_a_spacing_of_zero_is_missing(shared_data: Callable[[str], Path]) -> None:
    assert read_image(shared_data("dicom_cxr") / "RG1_J2KI.dcm").record.pixel_spacing_mm is None


def test_truncated_codestream_is_one_line(shared_data: Callable[[str], Path]) -> None:
    with pytest.raises(
        DataError, match=r"^966\.dcm: the pixels do not decode \(JPEG 2000"
    ) as caught:
        read_image(shared_data("dicom_cxr") / "966.dcm")
    assert "\n" not in str(caught.value)


def test_one_picture_in_four_syntaxes_is_one_picture(shared_data: Callable[[str], Path]) -> None:
    names = ["MR_small", "MR_small_RLE", "MR_small_bigendian", "MR_small_implicit"]
    names.append("MR_small_jpeg_ls_lossless")
    assert (
        len(
            {
                read_image(shared_data("dicom_codecs") / f"{name}.dcm").record.sha256
                for name in names
            }
        )
        == 1
    )


def test_voi_lut_of_a_test_pattern_is_applied(shared_data: Callable[[str], Path]) -> None:
    record = read_image(shared_data("dicom_codecs") / "vlut_04.dcm").record
    assert record.window_source == "voi_lut"


@pytest.mark.skipif(find_spec("libjpeg") is not None, reason="the GPL decoder is installed")
@pytest.mark.parametrize("name", ["JPEGLossless_1s_1f_u_16_12.dcm", "RG2_JPLY_fixed.dcm"])
def test_gpl_only_syntaxes_name_the_extra(shared_data: Callable[[str], Path], name: str) -> None:
    with pytest.raises(DataError, match="dicom-gpl"):
        read_image(shared_data("dicom_codecs") / name)


@pytest.mark.skipif(find_spec("libjpeg") is None, reason="the GPL decoder is not installed")
@pytest.mark.parametrize(
    "name",
    [
        "JPEGLossless_1s_1f_u_16_12.dcm",
        "JPEGLosslessP14SV1_1s_1f_u_16_16.dcm",
        "RG2_JPLY_fixed.dcm",
    ],
)
def test_gpl_decoder_reads_the_rest(shared_data: Callable[[str], Path], name: str) -> None:
    assert read_image(shared_data("dicom_codecs") / name).pixels.max() > 0
