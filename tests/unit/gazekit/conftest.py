"""What tests of images and of their identifiers share: small radiographs as DICOM files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that saves stored values, with attributes, and gives the file's path."""

    def save(stored: Any, *, name: str = "film.dcm", bits: int = 12, **attributes: Any) -> Path:
        stored = np.asarray(stored)
        file = Dataset()
        file.file_meta = FileMetaDataset()
        file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.1.1")
        file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID
        file.SOPInstanceUID = file.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
        file.Modality, file.ViewPosition = "DX", "PA"
        file.SamplesPerPixel = 1
        file.PhotometricInterpretation = "MONOCHROME2"
        file.Rows, file.Columns = stored.shape
        file.BitsAllocated = 16
        file.BitsStored, file.HighBit = bits, bits - 1
        file.PixelRepresentation = 0
        for key, value in attributes.items():
            setattr(file, key, value)
        file.PixelData = stored.astype("<u2").tobytes()
        file["PixelData"].VR = "OW"
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save_as(path, enforce_file_format=True)
        return path

    return save
