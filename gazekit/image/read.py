"""Which kind of image a file is, told by its content, and what it looks like on the screen."""

from pathlib import Path

from gazekit.image.dicom import is_dicom, read_dicom
from gazekit.image.header import OLD_DICOM
from gazekit.image.picture import is_picture, read_picture
from gazekit.model.display import DisplayImage
from gazekit.model.errors import DataError

__all__ = ["read_image"]

_HEAD = 132


def read_image(
    path: Path, *, patient_id: str | None = None, study_id: str | None = None
) -> DisplayImage:
    """Read a DICOM, PNG, JPEG or TIFF file as it is displayed.

    Parameters
    ----------
    path
        The file; its name says nothing about its kind.
    patient_id, study_id
        Pseudonyms for the record; what the file says about the patient is never read.

    Raises
    ------
    DataError
        The file is missing, is of another kind, or does not decode: one line each.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("no such image", where=path.name, remedy="check the path")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    # DICOM first: a dual-personality file starts like a TIFF and is a DICOM file from byte 128 on.
    if is_dicom(head):
        return read_dicom(path, patient_id=patient_id, study_id=study_id)
    if is_picture(head):
        return read_picture(path, patient_id=patient_id, study_id=study_id)
    if path.suffix.lower() in OLD_DICOM:
        return read_dicom(path, patient_id=patient_id, study_id=study_id)
    raise DataError(
        "not an image that can be read", where=path.name, expected="DICOM, PNG, JPEG or TIFF"
    )
