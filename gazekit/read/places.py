"""Where do the public datasets keep their files, as published?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from gazekit.model.errors import GazekitError
from gazekit.read.cells import column_key
from gazekit.read.delimited import Delimited

__all__ = [
    "EgdPlaces",
    "MimicEyePlaces",
    "MimicImage",
    "ReflacxPlaces",
    "csv_headers",
    "published_table",
]

_IMAGE_SUFFIXES = (".dcm", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
_MISSING = ("nan", "NaN", "NAN", "n/a", "NA")
_CXR_FOLDERS = ("", "CXR-DICOM", "CXR-JPG", "files")


@dataclass(frozen=True)
class MimicImage:
    """An image of MIMIC-CXR by its numbers; none of them may enter a dataset."""

    dicom_id: str
    subject_id: str | None = None
    study_id: str | None = None

    @classmethod
    def at(cls, published: str, dicom_id: str, subject_id: str) -> "MimicImage":
        """Take the study from a path such as ``.../files/p19/p19999999/s59999999/<id>.dcm``."""
        parts = PurePosixPath(published.replace("\\", "/")).parts
        study = [p[1:] for p in parts if p[:1] == "s" and p[1:].isdigit()]
        return cls(dicom_id, subject_id, study[-1] if study else None)

    def known(self, root: Path) -> "MimicImage":
        """Return it with the patient and the study that its place under `root` tells.

        Where only the image's own number is known, the folder is walked, once for all images.
        """
        if self.subject_id is not None:
            return self
        path = _images_under(root).get(self.dicom_id)
        if path is None:
            return self
        above = path.relative_to(root).parts[:-1]
        patient, study = (
            [p[1:] for p in above if re.fullmatch(f"{letter}[0-9]{{8}}", p)] for letter in "ps"
        )
        if not patient:
            return self
        return MimicImage(self.dicom_id, patient[-1], study[-1] if study else None)

    def find(self, root: Path) -> Path | None:
        """Look where MIMIC-CXR, MIMIC-CXR-JPG and MIMIC-Eye keep it, and beside the folder."""
        for folder in self._folders():
            for suffix in _IMAGE_SUFFIXES:
                path = root / folder / f"{self.dicom_id}{suffix}"
                if path.is_file():
                    return path
        return None

    def _folders(self) -> Iterator[str]:
        yield ""
        for top in _CXR_FOLDERS:
            prefix = f"{top}/" if top else ""
            if self.study_id is not None:
                yield f"{prefix}s{self.study_id}"
                if self.subject_id is not None:
                    patient = f"p{self.subject_id}"
                    yield f"{prefix}{patient[:3]}/{patient}/s{self.study_id}"
            if top:
                yield top


@lru_cache(maxsize=4)
def _images_under(root: Path) -> dict[str, Path]:
    """Find every image under a folder, by its name without suffix."""
    return {
        path.stem: path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in _IMAGE_SUFFIXES
    }


@dataclass(frozen=True)
class ReflacxPlaces:
    """The parts of REFLACX: `tables` where the metadata are, `main` and `gaze` by reading."""

    tables: tuple[Path, ...]
    main: Path
    gaze: Path

    @classmethod
    def under(cls, root: Path) -> "ReflacxPlaces":
        """Find the parts under the dataset's folder, or from its ``main_data`` folder."""
        if not (root / "main_data").is_dir() and (root.parent / "main_data") == root:
            root = root.parent
        main = root / "main_data"
        tables = sorted(p for folder in (main, root) for p in folder.glob("metadata*.csv"))
        return cls(tuple(tables), main, root / "gaze_data")

    def samples(self, reading_id: str) -> Path:
        """Return the gaze samples of a reading."""
        return self.gaze / reading_id / "gaze.csv"

    def fixations(self, reading_id: str) -> Path:
        """Return the tracker's own fixations."""
        return self.main / reading_id / "fixations.csv"

    def words(self, reading_id: str) -> Path:
        """Return the words with their times."""
        return self.main / reading_id / "timestamps_transcription.csv"

    def transcript(self, reading_id: str) -> Path:
        """Return the transcript, one line."""
        return self.main / reading_id / "transcription.txt"

    def ellipses(self, reading_id: str) -> Path:
        """Return the drawn ellipses."""
        return self.main / reading_id / "anomaly_location_ellipses.csv"

    def chest(self, reading_id: str) -> Path:
        """Return the box around lungs and heart."""
        return self.main / reading_id / "chest_bounding_box.csv"

    def files(self, reading_id: str) -> tuple[Path, ...]:
        """Return every file of one reading, there or not."""
        return (
            self.samples(reading_id),
            self.fixations(reading_id),
            self.words(reading_id),
            self.transcript(reading_id),
            self.ellipses(reading_id),
            self.chest(reading_id),
        )


@dataclass(frozen=True)
class EgdPlaces:
    """The parts of EGD-CXR in one folder."""

    root: Path

    @property
    def master(self) -> Path:
        """The images, patients, pads and labels."""
        return self.root / "master_sheet.csv"

    @property
    def samples(self) -> Path:
        """All records of the tracker."""
        return self.root / "eye_gaze.csv"

    @property
    def fixations(self) -> Path:
        """One record a fixation, as the tracker's software finds them."""
        return self.root / "fixations.csv"

    @property
    def records(self) -> Path:
        """All records, or the fixations where these are all there is."""
        return self.samples if self.samples.is_file() else self.fixations

    @property
    def boxes(self) -> Path:
        """Anatomy boxes."""
        return self.root / "bounding_boxes.csv"

    def transcript(self, dicom_id: str) -> Path:
        """Return the dictation of an image."""
        return self.root / "audio_segmentation_transcripts" / dicom_id / "transcript.json"


@dataclass(frozen=True)
class MimicEyePlaces:
    """The parts of MIMIC-Eye: one folder a patient, with what each dataset has of them."""

    root: Path

    def patients(self) -> list[Path]:
        """Return the patients' folders."""
        own = self.root / "REFLACX", self.root / "EyeGaze"
        if any(folder.is_dir() for folder in own):
            return [self.root]
        return sorted(p for p in self.root.glob("patient_*") if p.is_dir())

    @staticmethod
    def reflacx(patient: Path) -> Path:
        """Return what REFLACX has of a patient."""
        return patient / "REFLACX"

    @staticmethod
    def egd(patient: Path) -> Path:
        """Return what EGD-CXR has of a patient."""
        return patient / "EyeGaze"


def csv_headers(folder: Path) -> Iterator[tuple[Path, frozenset[str]]]:
    """Yield the CSV files of a folder and the column names of each, in lower case."""
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
        try:
            names = published_table(path).header()
        except GazekitError:
            continue
        yield path, frozenset(column_key(name) for name in names)


def published_table(path: Path, reading_id: str | None = None) -> Delimited:
    """Return a CSV file as the datasets write them; errors name the reading that it is of."""
    called = None if reading_id is None else f"{reading_id}/{path.name}"
    return Delimited(path, ",", missing=_MISSING, called=called)
