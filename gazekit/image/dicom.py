"""DICOM files to display pixels: decode, padding, Modality LUT, VOI, one inversion."""

import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from gazekit.image.grey import GreyImage, grey_of
from gazekit.image.orient import Turn, turn_of
from gazekit.model.display import DisplayImage
from gazekit.model.errors import DataError

__all__ = ["FAULTS", "decode", "has_decoder", "is_dicom", "read_dicom", "syntax_of"]

FAULTS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    BytesLengthException,
    InvalidDicomError,
    struct.error,
    zlib.error,
)
"""What pydicom and its decoders raise on broken files."""

_GPL_SYNTAXES = {
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
}
_PROJECTIONS = {"CR", "DX", "RG", "RF"}
"""Modalities whose patient orientation says how a radiograph is hung."""

_SQUARE = 1e-3
"""Pixels whose sides differ by less are square: spacings are rounded in the file."""

_LUMA = np.array([0.299, 0.587, 0.114])
_CODE = re.compile(r"[A-Z0-9_ ]{1,16}")


def is_dicom(head: bytes) -> bool:
    """Say whether the first 132 bytes of a file are those of a DICOM file."""
    return head[128:132] == b"DICM"


def read_dicom(
    path: Path, *, patient_id: str | None = None, study_id: str | None = None
) -> DisplayImage:
    """Read one DICOM image as it is displayed (PS3.3 C.11, PS3.4 N.2).

    Stored values keep their bits; the Modality LUT, where it is a line, moves the window instead
    of the pixels, so display pixels are linear in the modality values. Only a VOI LUT, which no
    window can stand for, is applied to them.

    Raises
    ------
    DataError
        The file is not DICOM, has no or several frames, or its pixels do not decode.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = _open(path)
        try:
            grey = _colour(source, path) if _samples(source) > 1 else _mono(source, path)
            facts = _Facts.of(source)
        except FAULTS as error:
            raise _damaged(path) from error
    height, width = grey.pixels.shape
    return DisplayImage.of(
        facts.turn.pixels(grey.pixels),
        grey.window,
        window_source=grey.window_source,
        photometric=facts.photometric,
        bits_stored=grey.bits,
        patient_id=patient_id,
        study_id=study_id,
        modality=facts.modality,
        view_position=facts.view_position,
        pixel_spacing_mm=facts.turn.pair(facts.spacing_mm),
        pixel_aspect=facts.turn.ratio(facts.aspect),
        source_to_display=facts.turn.affine(width, height),
    )


@dataclass(frozen=True)
class _Facts:
    """The few attributes that go into the record: codes and sizes, nothing about the patient."""

    photometric: str
    modality: str | None
    view_position: str | None
    spacing_mm: tuple[float, float] | None
    aspect: float | None
    turn: Turn

    @classmethod
    def of(cls, source: Dataset) -> "_Facts":
        modality = _code(source, "Modality")
        projection = modality in _PROJECTIONS
        return cls(
            photometric=_code(source, "PhotometricInterpretation") or "UNKNOWN",
            modality=modality,
            view_position=_code(source, "ViewPosition"),
            spacing_mm=_spacing(source),
            aspect=_aspect(source),
            turn=turn_of(_words(source, "PatientOrientation") if projection else ()),
        )


def _code(source: Dataset, name: str) -> str | None:
    """Return a code string, None where it is absent or holds anything that is no code."""
    value = str(source.get(name) or "").strip()
    return value if _CODE.fullmatch(value) else None


def _spacing(source: Dataset) -> tuple[float, float] | None:
    """Return row and column spacing at the detector; zero and less mean missing."""
    for name in ("ImagerPixelSpacing", "PixelSpacing"):
        try:
            row, column = (float(value) for value in source.get(name) or ())
        except (TypeError, ValueError):
            continue
        if np.isfinite([row, column]).all() and row > 0 and column > 0:
            return row, column
    return None


def _aspect(source: Dataset) -> float | None:
    """Return the height of a pixel over its width, None where square or unstated (C.7.6.3.1.7)."""
    spacing = _spacing(source)
    try:
        high, wide = spacing or [float(v) for v in source.get("PixelAspectRatio") or ()]
    except (TypeError, ValueError):
        return None
    if not (high > 0 and wide > 0 and np.isfinite([high, wide]).all()):
        return None
    return None if abs(high / wide - 1) < _SQUARE else high / wide


def _words(source: Dataset, name: str) -> tuple[str, ...]:
    value = source.get(name) or ()
    parts = [value] if isinstance(value, str) else list(value)
    return tuple(str(part).strip().upper() for part in parts)


def _open(path: Path) -> Dataset:
    try:
        source = dcmread(path, force=True)
        has_image = "PixelData" in source and "Rows" in source and "Columns" in source
        frames = int(source.get("NumberOfFrames") or 1)
    except FAULTS as error:
        raise _damaged(path) from error
    if not has_image:
        raise DataError("there is no DICOM image in it", where=path.name, expected="pixel data")
    if "FOR PROCESSING" in _words(source, "PresentationIntentType"):
        raise DataError(
            "the image is FOR PROCESSING: raw detector values, not what a reader sees",
            where=path.name,
            expected="FOR PRESENTATION",
            remedy="export the processed image of the same exposure",
        )
    if frames != 1:
        raise DataError(
            "the image has several frames",
            where=path.name,
            expected="1",
            found=frames,
            remedy="export the frame that is to be read",
        )
    return source


def _damaged(path: Path) -> DataError:
    return DataError(
        "the DICOM header is damaged", where=path.name, remedy="copy it again from its source"
    )


def _samples(source: Dataset) -> int:
    palette = source.get("PhotometricInterpretation") == "PALETTE COLOR"
    return 3 if palette else int(source.get("SamplesPerPixel") or 1)


def syntax_of(source: Dataset) -> UID:
    """Return the transfer syntax; where the file names none, the one that it was read with."""
    meta = getattr(source, "file_meta", None)
    uid = meta.get("TransferSyntaxUID") if meta is not None else None
    if uid:
        return UID(str(uid))
    implicit = source.original_encoding[0]
    return UID("1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1")


def decode(source: Dataset, path: Path) -> NDArray[np.generic]:
    """Return the decoded pixels; a failure is one line with the transfer syntax and the remedy."""
    syntax = syntax_of(source)
    source.ensure_file_meta()
    source.file_meta.TransferSyntaxUID = syntax
    if syntax.is_compressed and syntax.is_encapsulated and not _decodable(syntax):
        raise DataError(
            f"no decoder for {syntax.name} is installed",
            where=path.name,
            remedy=_remedy(syntax),
        )
    try:
        return np.asarray(pixel_array(source))
    except FAULTS as error:
        raise DataError(
            f"the pixels do not decode ({syntax.name})", where=path.name, remedy=_remedy(syntax)
        ) from error


def has_decoder(source: Dataset) -> bool:
    """Say whether the pixels of every sound file of this transfer syntax decode here."""
    syntax = syntax_of(source)
    if not (syntax.is_compressed and syntax.is_encapsulated):
        return True
    return _decodable(syntax) and not (syntax in _GPL_SYNTAXES and find_spec("libjpeg") is None)


def _decodable(syntax: UID) -> bool:
    try:
        return bool(get_decoder(syntax).is_available)
    except NotImplementedError:
        return False


def _remedy(syntax: UID) -> str:
    if syntax in _GPL_SYNTAXES and find_spec("libjpeg") is None:
        return "the extra dicom-gpl has a decoder for it: pip install 'gazekit[dicom-gpl]'"
    return "the file may be cut short: copy it again from its source"


def _mono(source: Dataset, path: Path) -> GreyImage:
    stored = decode(source, path)
    try:
        return grey_of(source, stored)
    except FAULTS as error:
        raise DataError(
            "the grey levels cannot be worked out",
            where=path.name,
            remedy="bit depth, rescale and LUT attributes must agree with the pixel data",
        ) from error


def _colour(source: Dataset, path: Path) -> GreyImage:
    pixels = decode(source, path)
    try:
        if source.get("PhotometricInterpretation") == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, source)
        top = 255 if pixels.dtype.itemsize == 1 else 65535
        luma = pixels[..., :3].astype(np.float64) @ _LUMA
    except FAULTS as error:
        raise DataError("the colours cannot be worked out", where=path.name) from error
    return GreyImage(
        np.rint(luma).astype(np.uint16), (0.0, float(top)), "full_range", top.bit_length()
    )
