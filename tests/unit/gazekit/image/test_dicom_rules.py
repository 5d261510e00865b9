"""What real DICOM files get wrong or leave out: padding ranges, LUTs, meta groups, bad tags."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filebase import DicomFileLike
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from gazekit.image import read_image

STORED = np.arange(72 * 65, dtype=np.uint16).reshape(72, 65) % 4096


def table(curve: Any, *, first: int = 0, bits: int = 12) -> Sequence:
    item = Dataset()
    item.LUTDescriptor = [len(curve), first, bits]
    item.LUTData = np.asarray(curve, "<u2").tobytes()
    item["LUTData"].VR = "OW"
    item.ModalityLUTType = "US"
    return Sequence([item])


@pytest.mark.parametrize("reverse", [False, True], ids=["up", "down"])
def test_a_range_of_padding_is_black_and_does_not_move_the_window(
    film: Callable[..., Path], reverse: Any
) -> None:
    stored = np.full((72, 65), 2000, np.uint16)
    stored[:, 20:40] = 2100
    stored[:, :5], stored[:, 5:9] = 4000, 4095
    ends = (4095, 4000) if reverse else (4000, 4095)
    image = read_image(film(stored, PixelPaddingValue=ends[0], PixelPaddingRangeLimit=ends[1]))
    assert (image.pixels[:, :9] == 0).all()
    assert (image.record.window_low, image.record.window_high) == (2000, 2100)


def test_a_modality_lut_is_applied(film: Callable[..., Path]) -> None:
    curve = np.rint(4095 * (np.arange(4096) / 4095) ** 0.5).astype(np.uint16)
    image = read_image(film(STORED, ModalityLUTSequence=table(curve)))
    np.testing.assert_array_equal(image.pixels, curve[STORED])


def test_a_modality_lut_comes_before_the_window(film: Callable[..., Path]) -> None:
    curve = 4095 - np.arange(4096)
    image = read_image(
        film(
            STORED,
            ModalityLUTSequence=table(curve),
            WindowCenter="1000",
            WindowWidth="500",
            VOILUTFunction="LINEAR_EXACT",
        )
    )
    np.testing.assert_array_equal(image.pixels, 4095 - STORED)
    assert (image.record.window_low, image.record.window_high) == (750, 1250)


def test_a_short_lut_holds_its_ends(film: Callable[..., Path]) -> None:
    image = read_image(film(STORED, VOILUTSequence=table([0, 1000, 4095], first=100)))
    assert set(np.unique(image.pixels[STORED < 101])) == {0}
    assert set(np.unique(image.pixels[STORED > 101])) == {4095}


def test_a_lut_that_is_there_and_empty_is_none(film: Callable[..., Path]) -> None:
    empty = Dataset()
    empty.LUTExplanation = ""
    luts = {"ModalityLUTSequence": Sequence([empty]), "VOILUTSequence": Sequence([empty])}
    image = read_image(film(STORED, RescaleSlope=None, RescaleIntercept=None, **luts))
    np.testing.assert_array_equal(image.pixels, STORED)
    assert image.record.window_source.startswith("percentile")


def test_padded_strings_of_windows_are_read(film: Callable[..., Path]) -> None:
    path = film(STORED, WindowCenter=["00020", "00020"], WindowWidth=["00040", "00050"])
    record = read_image(path).record
    assert record.window_source == "dicom_window"
    assert record.window_high - record.window_low == 39


def test_a_file_without_its_meta_group_is_read(film: Callable[..., Path], tmp_path: Path) -> None:
    source = dcmread(film(STORED, WindowCenter="2000", WindowWidth="100"))
    bare = tmp_path / "bare.dcm"
    with bare.open("wb") as file:
        target = DicomFileLike(file)
        target.is_implicit_VR, target.is_little_endian = True, True
        write_dataset(target, Dataset(source))
    assert bare.read_bytes()[128:132] != b"DICM"
    np.testing.assert_array_equal(read_image(bare).pixels, STORED)


def test_a_meta_group_without_a_syntax_is_read_by_what_it_holds(
    film: Callable[..., Path], tmp_path: Path
) -> None:
    path = film(STORED)
    raw = path.read_bytes()
    uid = b"1.2.840.10008.1.2.1\0"
    element = b"\x02\x00\x10\x00UI" + len(uid).to_bytes(2, "little") + uid
    assert element in raw
    length = raw.index(b"UL\x04\x00") + 4
    whole = int.from_bytes(raw[length : length + 4], "little") - len(element)
    raw = raw[:length] + whole.to_bytes(4, "little") + raw[length + 4 :].replace(element, b"")
    (tmp_path / "unnamed.dcm").write_bytes(raw)
    np.testing.assert_array_equal(read_image(tmp_path / "unnamed.dcm").pixels, STORED)


def test_private_and_unreadable_elements_do_not_matter(film: Callable[..., Path]) -> None:
    path = film(STORED)
    source = dcmread(path)
    block = source.private_block(0x0019, "ACME", create=True)
    block.add_new(1, "LO", "private")
    block.add_new(2, "SQ", Sequence([Dataset()]))
    source.add_new(0x00280106, "US", 7)
    source.save_as(path)
    raw = path.read_bytes().replace(b"LO\x08\x00private ", b"DS\x08\x00private ")
    path.write_bytes(raw)
    np.testing.assert_array_equal(read_image(path).pixels, STORED)
