"""DICOM decoding: every bit kept, one inversion, windows mapped, faults in one line."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from gazekit.image import read_image
from gazekit.model.errors import DataError

ROWS, COLUMNS = 72, 65


def made(
    stored: Any,
    *,
    bits: int = 12,
    syntax: UID = ExplicitVRLittleEndian,
    photometric: str = "MONOCHROME2",
    **attributes: Any,
) -> Dataset:
    """Make a small radiograph with these stored values."""
    stored = np.asarray(stored)
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.1.1")
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = UID("1.2.3.4")
    file.PatientName, file.PatientID = "SECRET^NAME", "SECRET-ID"
    file.Modality, file.ViewPosition = "DX", "PA"
    file.SamplesPerPixel = 1
    file.PhotometricInterpretation = photometric
    file.Rows, file.Columns = stored.shape
    file.BitsAllocated = 8 if stored.dtype.itemsize == 1 else 16
    file.BitsStored, file.HighBit = bits, bits - 1
    file.PixelRepresentation = int(stored.dtype.kind == "i")
    for name, value in attributes.items():
        setattr(file, name, value)
    if syntax == ExplicitVRBigEndian:
        stored = stored.astype(stored.dtype.newbyteorder(">"))
    file.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    file["PixelData"].VR = "OB" if file.BitsAllocated == 8 else "OW"
    if syntax.is_encapsulated:
        file.compress(syntax, generate_instance_uid=False)
    else:
        file.file_meta.TransferSyntaxUID = syntax
    return file


def saved(folder: Path, file: Dataset) -> Path:
    path = folder / "film.dcm"
    file.save_as(path, enforce_file_format=True)
    return path


def grey(seed: int = 0, *, top: int = 4095, dtype: Any = np.uint16, low: Any = 0) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(low, top + 1, (ROWS, COLUMNS)).astype(dtype)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
    ids=lambda uid: uid.name,
)
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_every_lossless_syntax_gives_the_stored_values(
    tmp_path: Path, syntax: UID, bits: int
) -> None:
    dtype = np.uint8 if bits == 8 else np.uint16
    stored = grey(1, top=2**bits - 1, dtype=dtype)
    image = read_image(saved(tmp_path, made(stored, bits=bits, syntax=syntax)))
    assert image.pixels.dtype == np.uint16
    np.testing.assert_array_equal(image.pixels, stored)
    assert image.record.bits_stored == bits
    assert (image.record.height_px, image.record.width_px) == (ROWS, COLUMNS)


@pytest.mark.parametrize("attributes", [{}, {"PresentationLUTShape": "INVERSE"}], ids=["CR", "DX"])
def test_monochrome1_is_inverted_once(tmp_path: Path, attributes: Any) -> None:
    stored = grey(2)
    file = made(stored, photometric="MONOCHROME1", **attributes)
    np.testing.assert_array_equal(read_image(saved(tmp_path, file)).pixels, 4095 - stored)


def test_inverse_presentation_alone_inverts(tmp_path: Path) -> None:
    stored = grey(3)
    file = made(stored, PresentationLUTShape="INVERSE")
    np.testing.assert_array_equal(read_image(saved(tmp_path, file)).pixels, 4095 - stored)


def test_signed_values_keep_their_order(tmp_path: Path) -> None:
    stored = grey(4, low=-2048, top=2047, dtype=np.int16)
    stored[0, 0] = -2048
    image = read_image(saved(tmp_path, made(stored)))
    np.testing.assert_array_equal(image.pixels, stored.astype(int) + 2048)


def test_bits_of_an_overlay_are_masked(tmp_path: Path) -> None:
    stored = grey(5)
    hidden = stored.copy()
    hidden[::2] |= 0x8000
    image = read_image(saved(tmp_path, made(hidden)))
    np.testing.assert_array_equal(image.pixels, stored)


@pytest.mark.parametrize(
    ("function", "low", "high"), [("LINEAR", 1000, 2999), ("LINEAR_EXACT", 1000, 3000)]
)
def test_window_is_that_of_the_standard(tmp_path: Path, function: str, low: Any, high: Any) -> None:
    stored = np.tile(np.linspace(0, 4095, COLUMNS).astype(np.uint16), (ROWS, 1))
    file = made(stored, WindowCenter="2000", WindowWidth="2000", VOILUTFunction=function)
    record = read_image(saved(tmp_path, file)).record
    assert record.window_source == "dicom_window"
    assert (record.window_low, record.window_high) == (low, high)


@settings(max_examples=25, deadline=None)
@given(
    slope=st.sampled_from([0.5, 1.0, 2.5, -1.0, -3.0]),
    intercept=st.integers(-2000, 2000),
    inverted=st.booleans(),
)
def test_window_falls_on_the_same_grey_levels_after_any_rescale(
    tmp_path_factory: pytest.TempPathFactory, slope: float, intercept: int, inverted: Any
) -> None:
    stored = grey(6)
    stored[0, :2] = 500, 3000
    values = (slope * v + intercept for v in (500, 3000))
    low, high = sorted(values)
    file = made(
        stored,
        photometric="MONOCHROME1" if inverted else "MONOCHROME2",
        RescaleSlope=f"{slope:g}",
        RescaleIntercept=str(intercept),
        WindowCenter=f"{(low + high) / 2:g}",
        WindowWidth=f"{high - low:g}",
        VOILUTFunction="LINEAR_EXACT",
    )
    image = read_image(saved(tmp_path_factory.mktemp("rescale"), file))
    brighter = (slope > 0) != inverted
    dark, bright = image.pixels[0, :2] if brighter else image.pixels[0, 1::-1]
    assert (image.record.window_low, image.record.window_high) == pytest.approx((dark, bright))
    shown = image.to_uint8()[0, :2]
    assert tuple(shown) == ((0, 255) if brighter else (255, 0))


def test_several_windows_use_the_first(tmp_path: Path) -> None:
    file = made(grey(), WindowCenter=["2000", "100"], WindowWidth=["1001", "50"])
    record = read_image(saved(tmp_path, file)).record
    assert record.window_high - record.window_low == 1000


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"WindowCenter": "90000", "WindowWidth": "10"},
        {"WindowCenter": "100", "WindowWidth": "0"},
        {"WindowCenter": "2000"},
    ],
    ids=["none", "outside the data", "no width", "half of one"],
)
def test_unusable_window_becomes_percentiles(tmp_path: Path, attributes: Any) -> None:
    stored = np.linspace(1000, 3000, ROWS * COLUMNS).astype(np.uint16).reshape(ROWS, COLUMNS)
    record = read_image(saved(tmp_path, made(stored, **attributes))).record
    assert record.window_source == "percentile_0.5_99.5"
    assert record.window_low == pytest.approx(1010, abs=2)
    assert record.window_high == pytest.approx(2990, abs=2)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_outside_the_window(tmp_path: Path, photometric: str) -> None:
    stored = grey(7, low=1000, top=1200)
    pad = 0 if photometric == "MONOCHROME1" else 4095
    stored[:, 0] = pad
    image = read_image(
        saved(tmp_path, made(stored, photometric=photometric, PixelPaddingValue=pad))
    )
    assert (image.pixels[:, 0] == 0).all()
    assert image.record.window_high - image.record.window_low <= 200
    assert (image.to_uint8()[:, 0] == 0).all()


def test_voi_lut_is_applied_and_preferred_to_a_window(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 12]
    curve = np.rint(4095 * (np.arange(4096) / 4095) ** 2).astype(np.uint16)
    table.LUTData = curve.astype("<u2").tobytes()
    table["LUTData"].VR = "OW"
    stored = grey(8)
    file = made(stored, WindowCenter="2000", WindowWidth="100", VOILUTSequence=Sequence([table]))
    image = read_image(saved(tmp_path, file))
    np.testing.assert_array_equal(image.pixels, curve[stored])
    assert image.record.window_source == "voi_lut"
    assert (image.record.window_low, image.record.window_high) == (0, 4095)


@pytest.mark.parametrize("spacing", [["0", "0"], ["-1", "1"], None, ["0.2", "0"]])
def test_spacing_that_is_not_positive_is_missing(tmp_path: Path, spacing: Any) -> None:
    attributes = {} if spacing is None else {"PixelSpacing": spacing}
    assert read_image(saved(tmp_path, made(grey(), **attributes))).record.pixel_spacing_mm is None


def test_colour_becomes_luma(tmp_path: Path) -> None:
    colours = np.random.default_rng(9).integers(0, 256, (ROWS, COLUMNS, 3)).astype(np.uint8)
    file = made(colours[..., 0], bits=8, photometric="RGB")
    file.SamplesPerPixel, file.PlanarConfiguration = 3, 0
    file.PixelData = colours.tobytes()
    image = read_image(saved(tmp_path, file))
    expected = np.rint(colours.astype(float) @ [0.299, 0.587, 0.114])
    np.testing.assert_array_equal(image.pixels, expected)
    assert image.record.photometric == "RGB"


def test_nothing_about_the_patient_is_kept(tmp_path: Path) -> None:
    record = read_image(saved(tmp_path, made(grey())), patient_id="P1", study_id="S1").record
    assert "SECRET" not in str(record)
    assert (record.patient_id, record.study_id) == ("P1", "S1")
    assert (record.modality, record.view_position) == ("DX", "PA")


def test_a_code_that_is_free_text_is_left_out(tmp_path: Path) -> None:
    file = made(grey())
    file.add_new("ViewPosition", "CS", "PA")
    path = saved(tmp_path, file)
    raw = path.read_bytes().replace(b"CS\x02\x00PA", b"CS\x02\x00pa")
    path.write_bytes(raw)
    assert read_image(path).record.view_position is None


def test_cut_file_is_one_line_without_the_patient(tmp_path: Path) -> None:
    path = saved(tmp_path, made(grey(), syntax=JPEG2000Lossless))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 60])
    with pytest.raises(DataError) as caught:
        read_image(path)
    line = str(caught.value)
    assert line.startswith("film.dcm: ")
    assert "\n" not in line
    assert "SECRET" not in line


def test_missing_decoder_names_the_syntax_and_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(grey())
    path = saved(tmp_path, file)
    raw = path.read_bytes()
    lossless = b"1.2.840.10008.1.2.4.70\0\0"
    explicit = b"1.2.840.10008.1.2.1\0"
    length = struct.pack("<H", len(lossless))
    raw = raw.replace(b"UI\x14\x00" + explicit, b"UI" + length + lossless)
    path.write_bytes(raw)
    monkeypatch.setattr("gazekit.image.dicom.find_spec", lambda _name: None)
    monkeypatch.setattr("gazekit.image.dicom._decodable", lambda _syntax: False)
    with pytest.raises(DataError, match=r"JPEG Lossless.*dicom-gpl"):
        read_image(path)


@pytest.mark.parametrize(
    ("attributes", "what"),
    [({"NumberOfFrames": 3}, "several frames"), ({"RescaleSlope": "0"}, "grey levels")],
)
def test_impossible_attributes_are_one_line(tmp_path: Path, attributes: Any, what: str) -> None:
    with pytest.raises(DataError, match=what):
        read_image(saved(tmp_path, made(grey(), **attributes)))


def test_dicom_without_an_image_says_so(tmp_path: Path) -> None:
    file = made(grey())
    del file.PixelData
    with pytest.raises(DataError, match="no DICOM image"):
        read_image(saved(tmp_path, file))


def test_the_name_does_not_matter_to_a_marked_file(tmp_path: Path) -> None:
    path = saved(tmp_path, made(grey()))
    other = path.rename(tmp_path / "picture.png")
    assert dcmread(other).Rows == read_image(other).record.height_px


@settings(max_examples=120)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    whole = bytearray(
        saved(folder, made(grey()[:8, :8], WindowCenter="9", WindowWidth="9")).read_bytes()
    )
    places = st.tuples(st.integers(132, len(whole) - 1), st.integers(0, 255))
    for at, value in data.draw(st.lists(places, min_size=1, max_size=8)):
        whole[at] = value
    end = data.draw(st.one_of(st.just(len(whole)), st.integers(132, len(whole))))
    path = folder / "damaged.dcm"
    path.write_bytes(whole[:end])
    line = "damaged.dcm: read"
    try:
        read_image(path)
    except DataError as error:
        line = str(error)
    assert line.startswith("damaged.dcm: ")
    assert "\n" not in line
    assert "SECRET" not in line
