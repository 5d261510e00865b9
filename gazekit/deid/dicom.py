"""What is left of a DICOM file when it says nothing of anybody? (DICOM PS3.15 annex E)"""

import datetime as dt
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import RE_VALID_UID, UID, ExplicitVRLittleEndian

from gazekit.deid.dates import date_of
from gazekit.deid.profile import DATES, KEPT, OPTIONS, PROFILE, TIMES, Option
from gazekit.deid.pseudonym import KeyedPseudonyms
from gazekit.image import decode, syntax_of
from gazekit.model.version import __version__

__all__ = ["corners_of", "deidentify", "encoded", "image_of", "patient_of"]

_CODE = re.compile(r"[A-Z0-9_ ]{0,16}")
_OLDEST = 89
_UID = re.compile(RE_VALID_UID)
_AGE = re.compile(r"(\d{3})Y")
_MOST_DAYS = 3650
_CORNER = 0.12
_EMPTY = (
    *("PatientBirthDate", "PatientSex", "AccessionNumber", "ReferringPhysicianName", "StudyID"),
    *("StudyDate", "StudyTime"),
)
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")


def patient_of(source: Dataset, pseudonyms: KeyedPseudonyms) -> str:
    """Return the pseudonym of the patient: by number, else by name, else by the study."""
    for name in ("PatientID", "PatientName", "StudyInstanceUID"):
        text = str(source.get(name) or "").strip()
        if text:
            return pseudonyms("patient", text)
    return pseudonyms("patient", image_of(source, pseudonyms))


def image_of(source: Dataset, pseudonyms: KeyedPseudonyms) -> str:
    """Return the pseudonym of the image, by its UID, else by its pixels."""
    uid = str(source.get("SOPInstanceUID") or "").strip()
    return pseudonyms("image", uid or bytes(source.get("PixelData") or b"")[-4096:].hex())


def deidentify(
    source: Dataset, pseudonyms: KeyedPseudonyms, *, options: Sequence[str] = ()
) -> Dataset:
    """Make a data set that holds what the profile and the options let stay.

    Parameters
    ----------
    source
        Read with its pixels; it is not changed.
    pseudonyms
        Names, UIDs and the shift of dates come from its key: the same in every run.
    options
        Names in `gazekit.deid.profile.OPTIONS`.

    Raises
    ------
    DataError
        Pixels are to be cleaned and do not decode.
    """
    chosen = [OPTIONS[name] for name in sorted(set(options))]
    keeps = KEPT.union(*(option.keeps for option in chosen))
    made = _kept(source, keeps)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax_of(source)
    for name in _EMPTY:
        if name not in made:
            setattr(made, name, "")
    made.PatientName = made.PatientID = patient_of(source, pseudonyms)
    _clean_age(made)
    _name(source, made, pseudonyms, kept="retain-uids" in options)
    shifted = "retain-longitudinal-modified-dates" in options
    if shifted:
        _shift_dates(source, made, days=_days(made.PatientID, pseudonyms))
    made.LongitudinalTemporalInformationModified = "MODIFIED" if shifted else "REMOVED"
    if "clean-pixel-data" in options:
        _blank_corners(source, made)
    else:
        _mask(made)
    _declare(made, [PROFILE, *chosen])
    return made


def encoded(made: Dataset) -> bytes:
    """Return a data set as the bytes of a file, its preamble zero."""
    buffer = io.BytesIO()
    dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()


def corners_of(pixels: NDArray[np.generic]) -> dict[str, tuple[slice, slice]]:
    """Return where the four corners of an image are, the places of burned-in text."""
    rows, columns = (max(1, round(side * _CORNER)) for side in pixels.shape[:2])
    top, left = slice(0, rows), slice(0, 2 * columns)
    bottom, right = slice(-rows, None), slice(-2 * columns, None)
    return {
        "top-left": (top, left),
        "top-right": (top, right),
        "bottom-left": (bottom, left),
        "bottom-right": (bottom, right),
    }


def _kept(source: Dataset, keeps: frozenset[str]) -> Dataset:
    made = Dataset()
    for element in source:
        if element.keyword not in keeps or not _is_as_defined(element):
            continue
        if element.VR == "SQ":
            items = [_kept(item, keeps) for item in element.value if not _is_own_code(item)]
            if items:
                setattr(made, element.keyword, Items(items))
        else:
            made[element.tag] = DataElement(element.tag, element.VR, element.value)
    return made


def _is_as_defined(element: DataElement) -> bool:
    """Say whether an element is of the kind that the standard says, and a code where one is due."""
    if element.VR not in dictionary_VR(element.tag).split(" or "):
        return False
    if element.VR != "CS" or element.value is None:
        return True
    values = [element.value] if isinstance(element.value, str) else element.value
    return all(_CODE.fullmatch(str(value)) for value in values)


def _is_own_code(item: Dataset) -> bool:
    """Say whether a coded item is of a scheme of somebody's own, in which anything may stand."""
    if "CodeMeaning" not in item:
        return False
    scheme = str(item.get("CodingSchemeDesignator") or "")
    return not scheme or scheme.startswith("99")


def _clean_age(made: Dataset) -> None:
    """Put every age above 89 into one class: 090Y."""
    match = _AGE.fullmatch(str(made.get("PatientAge") or ""))
    if "PatientAge" in made and match and int(match.group(1)) > _OLDEST:
        made.PatientAge = f"{_OLDEST + 1:03d}Y"


def _name(source: Dataset, made: Dataset, pseudonyms: KeyedPseudonyms, *, kept: bool) -> None:
    """Set the UIDs: a new one for each old one, the same wherever it stands."""

    def renamed(uid: str) -> UID:
        if kept and _UID.fullmatch(uid):
            return UID(uid)
        digits = "".join(pseudonyms(f"uid-{part}", uid)[-16:] for part in "ab")
        return UID(f"2.25.{int(digits, 16)}")

    for name in _UIDS:
        uid = str(source.get(name) or "").strip()
        if uid or name != "FrameOfReferenceUID":
            setattr(made, name, renamed(uid or f"{name} of {image_of(source, pseudonyms)}"))
    uid = str(source.get("SOPInstanceUID") or "").strip()
    made.SOPInstanceUID = renamed(uid or image_of(source, pseudonyms))
    if "SOPClassUID" not in made:
        made.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID


def _days(patient: str, pseudonyms: KeyedPseudonyms) -> int:
    """Return by how many days a patient's dates go back, from 1 to 3,650."""
    return 1 + int(pseudonyms("days", patient)[-16:], 16) % _MOST_DAYS


def _shift_dates(source: Dataset, made: Dataset, *, days: int) -> None:
    for name in DATES:
        date = date_of(str(source.get(name) or ""))
        if date is not None:
            setattr(made, name, f"{date - dt.timedelta(days=days):%Y%m%d}")
    for name in TIMES:
        time = str(source.get(name) or "")
        if re.fullmatch(r"[\d.]{2,16}", time):
            setattr(made, name, time)


def _mask(made: Dataset) -> None:
    """Clear the bits beside the pixel values: old files hide overlays there."""
    if made.file_meta.TransferSyntaxUID.is_encapsulated or "PixelData" not in made:
        return
    allocated, stored = int(made.get("BitsAllocated", 0)), int(made.get("BitsStored", 0))
    if allocated not in (8, 16) or not 0 < stored < allocated or made.get("PixelRepresentation"):
        return
    order = ">" if made.file_meta.TransferSyntaxUID == UID("1.2.840.10008.1.2.2") else "<"
    values = np.frombuffer(made.PixelData, f"{order}u{allocated // 8}")
    shift = max(int(made.get("HighBit", stored - 1)) + 1 - stored, 0)
    mask = np.asarray(((1 << stored) - 1) << shift, values.dtype)
    made["PixelData"] = DataElement("PixelData", made["PixelData"].VR, (values & mask).tobytes())


def _blank_corners(source: Dataset, made: Dataset) -> None:
    """Overwrite the corners with black, and store the pixels as they are, uncompressed."""
    pixels = np.array(decode(source, Path("a file")))
    signed = bool(made.get("PixelRepresentation"))
    bits = int(made.BitsStored)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    inverted = made.PhotometricInterpretation == "MONOCHROME1"
    for rows, columns in corners_of(pixels).values():
        pixels[rows, columns] = high if inverted else low
    if int(made.get("SamplesPerPixel", 1)) > 1:
        made.PhotometricInterpretation, made.PlanarConfiguration = "RGB", 0
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    made.BitsAllocated = 8 * pixels.dtype.itemsize
    kind = "OB" if pixels.dtype.itemsize == 1 else "OW"
    made["PixelData"] = DataElement("PixelData", kind, data + b"\0" * (len(data) % 2))


def _declare(made: Dataset, options: Sequence[Option]) -> None:
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = f"gazekit {__version__}: list of kept attributes"
    codes = []
    for option in options:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = option.code, "DCM"
        item.CodeMeaning = option.meaning
        codes.append(item)
    made.DeidentificationMethodCodeSequence = Items(codes)
