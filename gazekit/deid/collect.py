"""Where do the identifiers of a source stand? DICOM headers, session records, file names."""

import re
from pathlib import Path

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from gazekit.deid.identifiers import Identifiers
from gazekit.image import is_dicom_file, read_header
from gazekit.model.audit import AuditRecord
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.layout import SessionLayout
from gazekit.model.session import read_session_record
from gazekit.model.stream import read_json_lines

__all__ = ["add_file_name", "add_header", "add_image_file", "add_session"]

_NUMBERS = {
    "AccessionNumber": "accession number",
    "AdmissionID": "admission number",
    "DetectorID": "device number",
    "DeviceSerialNumber": "device serial number",
    "FillerOrderNumberImagingServiceRequest": "order number",
    "MedicalRecordLocator": "record number",
    "OtherPatientIDs": "patient number",
    "PatientID": "patient number",
    "PatientInsurancePlanCodeSequence": "insurance number",
    "PatientTelephoneNumbers": "telephone number",
    "PerformedProcedureStepID": "order number",
    "PlacerOrderNumberImagingServiceRequest": "order number",
    "RequestedProcedureID": "order number",
    "ScheduledProcedureStepID": "order number",
    "StationName": "station name",
    "StudyID": "study number",
}
_PLACES = {
    "CurrentPatientLocation": "place",
    "InstitutionAddress": "institution's address",
    "InstitutionName": "institution",
    "InstitutionalDepartmentName": "department",
    "PatientAddress": "patient's address",
    "PatientInstitutionResidence": "place",
    "ReferringPhysicianAddress": "physician's address",
}
_OF_PERSON = {"patient number", "study number", "accession number"}
_TEXT_VRS = {"LO", "SH", "LT", "ST", "UT", "UC", "UN", "AE"}
_MOST = 256
_FOLDERS = 3
_NUMBERED = re.compile(r"\d{6,}")


def add_image_file(identifiers: Identifiers, path: Path, *, named: bool = True) -> None:
    """Add what an image file says, where it is DICOM, and its name, where `named`.

    A damaged file adds its name alone.
    """
    if named:
        add_file_name(identifiers, path)
    try:
        if path.is_file() and is_dicom_file(path):
            add_header(identifiers, read_header(path))
    except DataError:
        return


def add_file_name(identifiers: Identifiers, path: Path) -> None:
    """Add a file's name, and the folders above it that bear a number of 6 digits or more."""
    identifiers.phrase("file name", path.name.partition(".")[0])
    for folder in path.parts[:-1][-_FOLDERS:]:
        if _NUMBERED.search(folder):
            identifiers.phrase("folder name", folder)


def add_header(identifiers: Identifiers, header: Dataset) -> None:
    """Add what a DICOM header says of people, places, dates and devices, private groups included.

    Of a file whose identity was removed already (0012,0062), its pseudonyms are none; nor are its
    dates where (0028,0303) says that they were removed or changed.
    """
    pseudonymous = str(header.get("PatientIdentityRemoved") or "").strip() == "YES"
    moved = str(header.get("LongitudinalTemporalInformationModified") or "").strip()
    dated = moved not in {"MODIFIED", "REMOVED"}
    for element in header.iterall():
        for text in _texts(element):
            if element.tag.is_private:
                _add_private(identifiers, element, text)
            else:
                _add(identifiers, element, text, pseudonymous=pseudonymous, dated=dated)


def _add(
    identifiers: Identifiers, element: DataElement, text: str, *, pseudonymous: bool, dated: bool
) -> None:
    number, place = _NUMBERS.get(element.keyword), _PLACES.get(element.keyword)
    if element.VR == "PN":
        if not pseudonymous:
            who = "patient's name" if element.keyword == "PatientName" else "person's name"
            identifiers.name(who, text)
    elif element.VR in {"DA", "DT"}:
        if dated:
            birth = element.keyword == "PatientBirthDate"
            identifiers.date("birth date" if birth else "date", text)
    elif element.VR == "UI":
        if not pseudonymous:
            identifiers.uid("UID", text)
    elif number is not None:
        if not (pseudonymous and number in _OF_PERSON):
            identifiers.number(number, text)
    elif place is not None:
        identifiers.place(place, text)


def _add_private(identifiers: Identifiers, element: DataElement, text: str) -> None:
    kind = f"private attribute {element.tag}"
    if element.VR == "PN":
        identifiers.name(kind, text)
    elif element.VR in {"DA", "DT"}:
        identifiers.date(kind, text)
    elif element.VR == "UI":
        identifiers.uid(kind, text)
    elif element.VR in _TEXT_VRS and not element.tag.is_private_creator:
        if "^" in text:
            identifiers.name(kind, text)
        identifiers.phrase(kind, text)


def _texts(element: DataElement) -> list[str]:
    """Return the values of an element as texts; long ones are prose and binary, no identifier."""
    value = element.value
    if element.VR == "SQ" or value is None:
        return []
    if isinstance(value, bytes):
        text = value.rstrip(b"\0 ").decode("ascii", "replace")
        return [text] if 0 < len(text) <= _MOST and text.isprintable() else []
    several = value if isinstance(value, (list, tuple)) else None
    if several is None and hasattr(value, "__iter__") and not isinstance(value, str):
        several = None if element.VR == "PN" else list(value)
    texts = [str(part) for part in (several if several is not None else [value])]
    return [text for text in texts if 0 < len(text) <= _MOST]


def add_session(identifiers: Identifiers, root: Path) -> None:
    """Add what a raw session says of its tracker and its people; a damaged one adds nothing."""
    try:
        record = read_session_record(root)
        trail = read_json_lines(SessionLayout(root).audit, AuditRecord)
    except GazekitError:
        return
    if record.tracker.serial is not None:
        identifiers.number("tracker serial", record.tracker.serial)
    if record.consent is not None:
        identifiers.number("consent reference", record.consent)
    for who in {act.who for act in trail} - {record.reader.reader_id}:
        identifiers.name("name in the audit trail", who)
