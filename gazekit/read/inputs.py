"""What does a source hand to the pipeline? Readings, with everything that was recorded of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from gazekit.model.dictation import AudioSegment
from gazekit.model.errors import DataError
from gazekit.model.protocol import Step
from gazekit.model.records import (
    Event,
    FindingRecord,
    ImageRecord,
    ReadingRecord,
    ScreenRecord,
    TrackerRecord,
    ViewState,
    Word,
)
from gazekit.read.exclusions import Exclusion

if TYPE_CHECKING:
    from gazekit.image import DisplayImage

__all__ = [
    "GIVEN_FIXATIONS",
    "Catalogue",
    "ImageSource",
    "ReadingInput",
    "SoundPart",
    "Source",
    "nothing_but",
]

GIVEN_FIXATIONS = pa.schema(
    [
        ("onset_us", pa.int64()),
        ("offset_us", pa.int64()),
        ("x_px", pa.float64()),
        ("y_px", pa.float64()),
        ("screen_x_px", pa.float64()),
        ("screen_y_px", pa.float64()),
        ("sigma_x_px", pa.float64()),
        ("sigma_y_px", pa.float64()),
        ("shown", pa.float64()),
        ("view_index", pa.int64()),
    ]
)
"""Fixations as a source gives them: image px, half-open times; NaN for what it does not say."""


@dataclass(frozen=True)
class ImageSource:
    """An image and where its pixels are: as a session keeps them (`stored`), or as they came.

    `gaze_in_file`: views, fixations and findings refer to pixels of the file, which an image that
    was turned to hang right does not show where they were; see `gazekit.read.frame`.
    """

    record: ImageRecord
    path: Path
    stored: bool
    gaze_in_file: bool = False

    def load(self) -> "DisplayImage":
        """Decode the pixels.

        Raises
        ------
        DataError
            The file does not decode; it names the image by its id, since the name of a file may
            be a patient's.
        """
        from gazekit.image import read_display_png, read_image

        record = self.record
        try:
            if self.stored:
                return read_display_png(self.path, record)
            return read_image(self.path, patient_id=record.patient_id, study_id=record.study_id)
        except DataError as error:
            raise DataError(
                error.what,
                where=record.image_id,
                expected=error.expected,
                found=error.found,
                remedy=error.remedy,
            ) from error


@dataclass(frozen=True)
class SoundPart:
    """A stretch of recorded sound and where it lies; it may hold more than one reading."""

    segment: AudioSegment
    path: Path


@dataclass(frozen=True)
class ReadingInput:
    """One reading as it was recorded; times on the session clock, nothing cleaned yet.

    `samples` has the columns of table ``samples``. `dictated` says that a transcript was meant to
    be there. `accuracy_deg` is that of the last accepted validation before it.

    `report`: the text as its reader left it, where that was asked; else the words are all there is.

    `px_per_deg`: where the tracker says how many screen pixels a degree covers, a table with a
    row for each of `samples` and columns ``x_px_per_deg``, ``y_px_per_deg``; it goes before what
    the screen's measures give. `further`: the other images of the study that its views show, in
    the order of their ids. `sound`: the stretches that may hold what was said. `fixations`: where
    a source holds fixations and no samples, these (columns: `GIVEN_FIXATIONS`); nothing is detected
    then, and `source` says what they were.
    """

    reading: ReadingRecord
    source: str
    source_sha256: str
    screen: ScreenRecord
    samples: pa.Table
    views: tuple[ViewState, ...]
    image: ImageSource
    simulated: bool
    tracker: TrackerRecord | None = None
    events: tuple[Event, ...] = ()
    words: tuple[Word, ...] = ()
    report: str | None = None
    findings: tuple[FindingRecord, ...] = ()
    steps: tuple[Step, ...] = ()
    dictated: bool = True
    accuracy_deg: float | None = None
    px_per_deg: pa.Table | None = None
    fixations: pa.Table | None = None
    further: tuple[ImageSource, ...] = ()
    sound: tuple[SoundPart, ...] = ()

    @property
    def images(self) -> tuple[ImageSource, ...]:
        """All images of the study that its views show; the one that names the reading first."""
        return (self.image, *self.further)


@dataclass(frozen=True)
class Catalogue:
    """What a source holds, without its samples; `sha256` is over its files' hashes.

    `splits`: the split that a dataset's makers gave a reading, by its id; empty for most sources.
    `hashes`: over what decides one reading (by its id) or an image's pixels (``image/<id>``),
    where a source can tell them apart; `sha256` stands for the others. `further`: the images that
    a reading shows beside its first, by its id, where there are some.
    """

    sha256: str
    readings: tuple[ReadingRecord, ...] = ()
    images: dict[str, ImageSource] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    simulated: bool = False
    excluded: tuple[Exclusion, ...] = ()
    splits: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    further: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def images_of(self, reading: ReadingRecord) -> tuple[str, ...]:
        """Return the ids of the images of a reading; the one that names it first."""
        return (reading.image_id, *self.further.get(reading.reading_id, ()))

    def hash_of(self, reading_id: str) -> str:
        """Return the hash over what decides a reading."""
        return self.hashes.get(reading_id, self.sha256)

    def hash_of_image(self, image_id: str) -> str:
        """Return the hash over what decides the pixels of an image."""
        return self.hashes.get(f"image/{image_id}", self.sha256)


def nothing_but(excluded: Exclusion) -> Catalogue:
    """Return the catalogue of a source that cannot be read: it holds why, and no reading."""
    return Catalogue(sha256="", excluded=(excluded,))


class Source(Protocol):
    """A folder or file from which readings come; picklable, so that workers can read it."""

    @property
    def kind(self) -> str:
        """Its name in ``readings.source``."""

    def catalogue(self) -> Catalogue:
        """Say what is there, without reading samples."""

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Read these readings, one at a time, in time order."""
