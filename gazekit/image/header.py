"""What does the header of a DICOM file say? The attributes alone, for those who remove them."""

import warnings
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from gazekit.image.dicom import FAULTS, is_dicom
from gazekit.model.errors import DataError

__all__ = ["OLD_DICOM", "is_dicom_file", "read_header"]

OLD_DICOM = {"", ".dcm", ".dicom", ".ima"}
"""Files from before the preamble have no mark: only their name can suggest DICOM."""

_HEAD = 132


def is_dicom_file(path: Path) -> bool:
    """Say whether a file is marked as DICOM, or named like it and holds an image's attributes."""
    with path.open("rb") as file:
        if is_dicom(file.read(_HEAD)):
            return True
    if path.suffix.lower() not in OLD_DICOM:
        return False
    try:
        return "Rows" in read_header(path)
    except DataError:
        return False


def read_header(path: Path, *, pixels: bool = False) -> Dataset:
    """Read the attributes of a DICOM file, every one of them decoded; with its pixels on demand.

    Raises
    ------
    DataError
        The header is damaged; the line holds nothing of what it says, nor the file's name.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            header = dcmread(path, force=True, stop_before_pixels=not pixels)
            for _ in header.iterall():
                pass
        except FAULTS as error:
            raise DataError(
                "a DICOM header is damaged", remedy="copy the file again from its source"
            ) from error
    return header
