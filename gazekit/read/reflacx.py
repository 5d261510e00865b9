"""How is REFLACX 1.0.0 read? One source for every 64 readings, one reading at a time.

Who read is not published, and no audio is. A reading whose gaze is not there stands with the
tracker's own fixations, and its source is called so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from gazekit.model.errors import DataError, GazekitError
from gazekit.model.records import Event, FindingRecord, ImageRecord, ReadingRecord, ViewState
from gazekit.model.schemas import empty_table
from gazekit.read.cells import Row, shown_value
from gazekit.read.exclusions import Exclusion
from gazekit.read.inputs import Catalogue, ReadingInput, nothing_but
from gazekit.read.places import MimicImage, ReflacxPlaces, csv_headers, published_table
from gazekit.read.published import (
    Held,
    Pseudonyms,
    PublishedImages,
    need_pseudonyms,
    share_of,
    shares,
)
from gazekit.read.reflacx_gaze import SCREEN, read_fixations, read_gaze, time_span
from gazekit.read.reflacx_labels import label_columns, read_marks, whole_image_findings
from gazekit.read.reflacx_words import read_words

__all__ = ["ReflacxSource", "is_reflacx", "reflacx_sources"]

_KNOWN_BY = frozenset(
    ["id", "split", "eye_tracking_data_discarded", "dicom_id", "subject_id", "image_size_x"]
)
_ENOUGH = 4
_READER = "reflacx-unpublished"
_SPLITS = {"train": "train", "validate": "validation", "test": "test"}
_FACTS = (
    "id",
    "split",
    "eye_tracking_data_discarded",
    "image",
    "dicom_id",
    "subject_id",
    "image_size_x",
    "image_size_y",
)
_STEP_US = 1000
_ZERO = Event(time_us=0, kind="time_zero", value={"zero": "audio_start"})


def is_reflacx(path: Path) -> bool:
    """Say whether `path` holds REFLACX's tables of readings, by their columns."""
    tables = {
        table: names
        for folder in (path, path / "main_data")
        for table, names in csv_headers(folder)
    }
    return any(len(_KNOWN_BY & names) >= _ENOUGH for names in tables.values())


def reflacx_sources(
    root: Path,
    *,
    images: Path | None = None,
    pseudonyms: Pseudonyms | None = None,
    kind: str = "reflacx",
) -> list["ReflacxSource"]:
    """Return the sources that make up the dataset under `root`.

    Raises
    ------
    UsageError
        There are no pseudonyms.
    """
    names = need_pseudonyms(pseudonyms, "REFLACX")
    parts = shares(lambda: list(_rows(ReflacxPlaces.under(root))))
    return [ReflacxSource(root, names, images, share, kind) for share in parts]


@dataclass(frozen=True)
class ReflacxSource:
    """One share of REFLACX's readings."""

    root: Path
    pseudonyms: Pseudonyms
    images: Path | None = None
    share: int = 0
    kind: str = "reflacx"

    def catalogue(self) -> Catalogue:
        """Say which readings and images are there; the images are decoded, which names them."""
        places = ReflacxPlaces.under(self.root)
        try:
            rows = list(_rows(places))
        except GazekitError as error:
            found = Exclusion.because(
                "recording", "metadata", reason="recording_damaged", error=error
            )
            return nothing_but(found)
        twice = {name for name, n in Counter(r.optional("id") for r in rows).items() if n > 1}
        images = PublishedImages((self.images, self.root, self.root.parent), self.pseudonyms)
        made = _Made()
        for row in share_of(rows, self.share):
            try:
                self._add(row, made, places, images, twice=twice)
            except GazekitError as error:
                made.leave_out(row.optional("id") or f"row {row.number}", error)
        own = {r.reading_id: list(places.files(r.reading_id)) for r in made.readings}
        return made.catalogue(places.tables, own)

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Read these readings, in the order in which they are named."""
        places = ReflacxPlaces.under(self.root)
        rows = {row.optional("id"): row for row in _rows(places)}
        readings = {reading.reading_id: reading for reading in catalogue.readings}
        for name in reading_ids:
            yield self._load(readings[name], rows[name], places, catalogue)

    def _load(
        self, reading: ReadingRecord, row: Row, places: ReflacxPlaces, catalogue: Catalogue
    ) -> ReadingInput:
        name, image = reading.reading_id, catalogue.images[reading.image_id]
        gaze = _gaze(places, name, image.record)
        return ReadingInput(
            reading=reading,
            source=self.kind if gaze.fixations is None else f"{self.kind}_fixations",
            source_sha256=catalogue.sha256,
            screen=SCREEN,
            samples=gaze.samples,
            views=gaze.views,
            image=image,
            simulated=False,
            events=(_ZERO,),
            words=tuple(read_words(places, name)),
            findings=tuple(_findings(row, places, name)),
            px_per_deg=gaze.px_per_deg,
            fixations=gaze.fixations,
        )

    def _add(
        self,
        row: Row,
        made: "_Made",
        places: ReflacxPlaces,
        images: PublishedImages,
        *,
        twice: set[str | None],
    ) -> None:
        name = row.text("id")
        if name in twice:
            raise row.fault("id", expected="an id of its own", found="one that another row has")
        if row.flag("eye_tracking_data_discarded"):
            detail = f"{name}: its gaze was discarded by the dataset's makers"
            made.excluded.append(Exclusion("reading", name, "gaze_discarded", detail))
            return
        split, subject = row.text("split"), row.text("subject_id")
        if split not in _SPLITS:
            raise row.fault("split", expected=", ".join(_SPLITS), found=shown_value(split))
        if made.split_of.setdefault(subject, split) != split:
            raise row.fault("split", expected="one split a patient", found=split)
        size = row.whole("image_size_x"), row.whole("image_size_y")
        where = MimicImage.at(row.text("image"), row.text("dicom_id"), subject)
        image = images.get(where, name, size=size)
        if isinstance(image, Exclusion):
            made.excluded.append(image)
            return
        made.add(_reading(name, image.record, places), image, split=_SPLITS[split])


@dataclass(frozen=True)
class _Gaze:
    """What there is of a reading's gaze: samples, or the tracker's fixations."""

    views: tuple[ViewState, ...]
    samples: pa.Table
    px_per_deg: pa.Table | None = None
    fixations: pa.Table | None = None


@dataclass
class _Made(Held):
    """What is held, and the split that each patient has been given."""

    split_of: dict[str, str] = field(default_factory=dict)


def _rows(places: ReflacxPlaces) -> Iterator[Row]:
    """Yield the rows of every phase's table; label columns differ by phase."""
    if not places.tables:
        raise DataError(
            "there is no table of readings",
            where=places.main.name,
            expected="metadata_phase_1.csv, ..._2.csv, ..._3.csv",
            remedy="check that the download is complete",
        )
    for table in places.tables:
        yield from published_table(table).rows(_FACTS)


def _gaze(places: ReflacxPlaces, name: str, image: ImageRecord) -> _Gaze:
    samples = published_table(places.samples(name), name)
    if samples.path.is_file():
        read = read_gaze(samples, image, reading_id=name)
        return _Gaze(read.views, read.samples, read.px_per_deg)
    file = published_table(places.fixations(name), name)
    fixations, views = read_fixations(file, image, reading_id=name)
    return _Gaze(views, empty_table("samples"), fixations=fixations)


def _reading(name: str, image: ImageRecord, places: ReflacxPlaces) -> ReadingRecord:
    """Make the record; the reading runs from the first sample to the last."""
    samples = published_table(places.samples(name), name)
    if samples.path.is_file():
        first, last = time_span(samples)
        end = last + _STEP_US
    else:
        given, _ = read_fixations(
            published_table(places.fixations(name), name), image, reading_id=name
        )
        first, end = given["onset_us"][0].as_py(), max(given["offset_us"].to_pylist())
    return ReadingRecord(
        reading_id=name,
        reader_id=_READER,
        image_id=image.image_id,
        onset_us=first,
        offset_us=end,
        outcome="complete",
        patient_id=image.patient_id,
        study_id=image.study_id,
    )


def _findings(row: Row, places: ReflacxPlaces, name: str) -> Iterator[FindingRecord]:
    missing = [label for label in label_columns(name) if label.lower() not in row.values]
    if missing:
        raise row.fault(missing[0], expected="a column for it", found="none")
    yield from whole_image_findings(row, name)
    yield from read_marks(places.ellipses(name), places.chest(name), name)
