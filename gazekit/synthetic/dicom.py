"""How a phantom becomes a DICOM file: a digital radiograph of nobody."""

import io
from pathlib import Path
from typing import Literal

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGLSLossless, generate_uid

from gazekit.model.display import DisplayImage
from gazekit.model.files import write_bytes
from gazekit.model.version import __version__

__all__ = ["write_dicom"]

_DX_FOR_PRESENTATION = UID("1.2.840.10008.5.1.4.1.1.1.1")
_COMMENT = "Simulated phantom; no person was imaged. Research use only; not a medical device."


def write_dicom(
    path: Path,
    display: DisplayImage,
    *,
    photometric: Literal["MONOCHROME1", "MONOCHROME2"] = "MONOCHROME2",
    compressed: bool = False,
    durable: bool = True,
) -> None:
    """Write display pixels as a Digital X-Ray image.

    Both photometric interpretations show the same: under MONOCHROME1 the stored values are the
    complement. The file depends on nothing but its arguments; its identifiers are plainly invented.

    Parameters
    ----------
    path
        Where to.
    display
        Pixels of at most `record.bits_stored` bits.
    photometric
        How stored values mean brightness.
    compressed
        JPEG-LS lossless instead of plain little-endian; about a third of the size.
    durable
        Whole or absent under that name; False is for folders that are made anew when they are
        not finished, and saves two waits for the disk.
    """
    record = display.record
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID = _DX_FOR_PRESENTATION
    file.SOPClassUID = _DX_FOR_PRESENTATION
    file.SOPInstanceUID = _uid(record.sha256, photometric)
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID
    _identify(file, display)
    _describe(file, display)
    _fill(file, display, photometric)
    if compressed:
        file.compress(JPEGLSLossless, encoding_plugin="pyjpegls", generate_instance_uid=False)
    buffer = io.BytesIO()
    file.save_as(buffer, enforce_file_format=True)
    if durable:
        write_bytes(path, buffer.getvalue())
    else:
        path.write_bytes(buffer.getvalue())


def _uid(*sources: str) -> UID:
    return UID(generate_uid(entropy_srcs=["gazekit phantom", *sources]))


def _identify(file: Dataset, display: DisplayImage) -> None:
    record = display.record
    file.PatientName = "SYNTHETIC^PHANTOM"
    file.PatientID = f"SYN-{record.patient_id or record.image_id}"
    file.PatientBirthDate = ""
    file.PatientSex = "O"
    file.StudyDate = ""
    file.StudyTime = ""
    file.StudyID = record.study_id or ""
    file.AccessionNumber = ""
    file.ReferringPhysicianName = ""
    file.StudyInstanceUID = _uid(record.sha256, "study")
    file.SeriesInstanceUID = _uid(record.sha256, "series")
    file.SeriesNumber = 1
    file.InstanceNumber = 1
    file.InstitutionName = "SYNTHETIC"
    file.ImageComments = _COMMENT
    file.PatientIdentityRemoved = "YES"
    file.DeidentificationMethod = "simulated: there is nobody"


def _describe(file: Dataset, display: DisplayImage) -> None:
    record = display.record
    file.Modality = "DX"
    file.PresentationIntentType = "FOR PRESENTATION"
    file.Manufacturer = "gazekit"
    file.SoftwareVersions = __version__
    file.BodyPartExamined = "CHEST"
    file.ViewPosition = record.view_position or "PA"
    file.PatientOrientation = ["L", "F"]
    file.ImageLaterality = "U"
    file.ImageType = ["DERIVED", "PRIMARY"]
    file.BurnedInAnnotation = "NO"
    file.LossyImageCompression = "00"
    file.PixelIntensityRelationship = "LOG"
    if record.pixel_spacing_mm is not None:
        file.ImagerPixelSpacing = [f"{value:.6g}" for value in record.pixel_spacing_mm]


def _fill(file: Dataset, display: DisplayImage, photometric: str) -> None:
    record = display.record
    complement = photometric == "MONOCHROME1"
    top = (1 << record.bits_stored) - 1
    stored = top - display.pixels if complement else display.pixels
    low, high = record.window_low, record.window_high
    low, high = (top - high, top - low) if complement else (low, high)
    file.SamplesPerPixel = 1
    file.PhotometricInterpretation = photometric
    file.PresentationLUTShape = "INVERSE" if complement else "IDENTITY"
    file.PixelIntensityRelationshipSign = 1 if complement else -1
    file.Rows, file.Columns = display.pixels.shape
    file.BitsAllocated = 16
    file.BitsStored = record.bits_stored
    file.HighBit = record.bits_stored - 1
    file.PixelRepresentation = 0
    file.RescaleIntercept = "0"
    file.RescaleSlope = "1"
    file.RescaleType = "US"
    file.WindowCenter = f"{(low + high + 1) / 2:g}"
    file.WindowWidth = f"{high - low + 1:g}"
    file.PixelData = stored.astype("<u2").tobytes()
    file["PixelData"].VR = "OW"
    file.SmallestImagePixelValue = int(np.min(stored))
    file.LargestImagePixelValue = int(np.max(stored))
