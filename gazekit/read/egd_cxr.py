"""How is EGD-CXR 1.0.0 read? One source for every 64 images, one image at a time.

One radiologist read every image, on a 60 Hz tracker, without zoom. Times count from the moment
the image came up; that the audio starts there too is assumed, and the reading's events say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gazekit.model.errors import DataError, GazekitError
from gazekit.model.records import Event, FindingRecord, ImageRecord, ReadingRecord
from gazekit.model.schemas import empty_table
from gazekit.read.cells import Row
from gazekit.read.egd_gaze import SCREEN, Canvas, Pads, read_fixations, read_gaze
from gazekit.read.egd_index import Stretch
from gazekit.read.egd_labels import box_of, boxes_by_image, findings_of
from gazekit.read.egd_tables import EgdTables
from gazekit.read.egd_words import read_words
from gazekit.read.exclusions import Exclusion
from gazekit.read.inputs import Catalogue, ReadingInput, nothing_but
from gazekit.read.places import EgdPlaces, MimicImage, csv_headers
from gazekit.read.published import (
    Held,
    Pseudonyms,
    PublishedImages,
    need_pseudonyms,
    share_of,
    shares,
)

__all__ = ["EgdSource", "egd_sources", "is_egd"]

_KNOWN_BY = (
    frozenset(["dicom_id", "patient_id", "image_top_pad", "image_left_pad", "normal_reports"]),
    frozenset(["session_id", "media_id", "dicom_id", "fpogx", "bpogx", "x_original"]),
)
_ENOUGH = 4
_READER = "egd-radiologist"
_STEP_US = 16_667
_PADS = ("top", "bottom", "left", "right")


def is_egd(path: Path) -> bool:
    """Say whether `path` holds EGD-CXR's master sheet and gaze records, by their columns."""
    tables = [names for _, names in csv_headers(path)]
    return all(any(len(known & names) >= _ENOUGH for names in tables) for known in _KNOWN_BY)


def egd_sources(
    root: Path,
    *,
    images: Path | None = None,
    pseudonyms: Pseudonyms | None = None,
    kind: str = "egd_cxr",
) -> list["EgdSource"]:
    """Return the sources that make up the dataset under `root`.

    Raises
    ------
    UsageError
        There are no pseudonyms.
    """
    names = need_pseudonyms(pseudonyms, "EGD-CXR")
    parts = shares(lambda: EgdTables(EgdPlaces(root)).stretches)
    return [EgdSource(root, names, images, share, kind) for share in parts]


@dataclass(frozen=True)
class EgdSource:
    """One share of EGD-CXR's images."""

    root: Path
    pseudonyms: Pseudonyms
    images: Path | None = None
    share: int = 0
    kind: str = "egd_cxr"

    def catalogue(self) -> Catalogue:
        """Say which readings and images are there; the images are decoded, which names them."""
        places = EgdPlaces(self.root)
        try:
            tables = EgdTables(places)
        except GazekitError as error:
            found = Exclusion.because(
                "recording", "tables", reason="recording_damaged", error=error
            )
            return nothing_but(found)
        images = PublishedImages((self.images, self.root, self.root.parent), self.pseudonyms)
        held = Held(excluded=tables.strangers() if self.share == 0 else [])
        for stretch in share_of(tables.stretches, self.share):
            name = self._name(stretch, tables)
            try:
                _add(held, name, stretch, tables, images)
            except GazekitError as error:
                held.leave_out(name, error)
        own = {self._name(s, tables): [places.transcript(s.dicom_id)] for s in tables.stretches}
        kept = {reading.reading_id: own[reading.reading_id] for reading in held.readings}
        return held.catalogue([places.master, places.records, places.boxes], kept)

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Read these readings, in the order in which they are named."""
        places = EgdPlaces(self.root)
        tables = EgdTables(places)
        boxes = boxes_by_image(places.boxes)
        stretches = {self._name(stretch, tables): stretch for stretch in tables.stretches}
        readings = {reading.reading_id: reading for reading in catalogue.readings}
        for name in reading_ids:
            stretch, reading = stretches[name], readings[name]
            yield self._load(
                reading,
                stretch,
                tables=tables,
                boxes=boxes.get(stretch.dicom_id, ()),
                catalogue=catalogue,
            )

    def _load(
        self,
        reading: ReadingRecord,
        stretch: Stretch,
        *,
        tables: EgdTables,
        boxes: Sequence[Row],
        catalogue: Catalogue,
    ) -> ReadingInput:
        name, row = reading.reading_id, tables.master[stretch.dicom_id]
        image = catalogue.images[reading.image_id]
        canvas = Canvas.of(_pads(row), image.record, where=f"{row.where}, row {row.number}")
        file = tables.file(stretch)
        accuracy = tables.accuracy_before(stretch)
        made = ReadingInput(
            reading=reading,
            source=self.kind,
            source_sha256=catalogue.sha256,
            screen=SCREEN,
            samples=empty_table("samples"),
            views=(canvas.state(image.record, name),),
            image=image,
            simulated=False,
            events=_events(canvas, accuracy),
            words=tuple(read_words(tables.places.transcript(stretch.dicom_id), name)),
            findings=tuple(_findings(row, boxes, name)),
            accuracy_deg=accuracy,
        )
        if tables.has_samples:
            return replace(made, samples=read_gaze(file, canvas))
        given = read_fixations(file, canvas, image.record)
        return replace(made, fixations=given, source=f"{self.kind}_fixations")

    def _name(self, stretch: Stretch, tables: EgdTables) -> str:
        """Name a reading after its image's pseudonym; a second showing gets a number."""
        name = f"egd-{self.pseudonyms('image', stretch.dicom_id)[4:]}"
        again = tables.showing(stretch)
        return name if again == 0 else f"{name}-{again + 1}"


def _add(
    held: Held, name: str, stretch: Stretch, tables: EgdTables, images: PublishedImages
) -> None:
    row = tables.master[stretch.dicom_id]
    if stretch.dicom_id in tables.twice:
        raise row.fault("dicom_id", expected="one row an image", found="several")
    where = MimicImage.at(row.text("path"), stretch.dicom_id, row.text("patient_id"))
    image = images.get(where, name)
    if isinstance(image, Exclusion):
        held.excluded.append(image)
        return
    Canvas.of(_pads(row), image.record, where=f"{row.where}, row {row.number}")
    held.add(_reading(name, stretch, image.record, order=tables.place(stretch)), image)


def _reading(name: str, stretch: Stretch, image: ImageRecord, *, order: int) -> ReadingRecord:
    """Make the record; an image's last time is its whole duration."""
    try:
        end = round(float(stretch.last_s) * 1e6) + _STEP_US
    except (ValueError, OverflowError):
        raise DataError(
            "the last row has no time",
            where=f"session {stretch.session}, media {stretch.media}, column Time (in secs)",
            expected="seconds",
        ) from None
    return ReadingRecord(
        reading_id=name,
        reader_id=_READER,
        image_id=image.image_id,
        onset_us=0,
        offset_us=end,
        outcome="complete",
        session_id=f"egd-{stretch.session}",
        patient_id=image.patient_id,
        study_id=image.study_id,
        order=order,
    )


def _pads(row: Row) -> Pads:
    """Read the pads; older tables call them without ``_pad``."""
    names = [
        next((n for n in (f"image_{side}_pad", f"image_{side}") if n in row.values), None)
        for side in _PADS
    ]
    for side, name in zip(_PADS, names, strict=True):
        if name is None:
            raise row.fault(f"image_{side}_pad", expected="a column", found="none")
    return Pads(*(row.whole(name) for name in names if name is not None))


def _findings(row: Row, boxes: Sequence[Row], name: str) -> Iterator[FindingRecord]:
    yield from findings_of(row, name)
    for box in boxes:
        yield box_of(box, name)


def _events(canvas: Canvas, accuracy_deg: float | None) -> tuple[Event, ...]:
    made = [Event(time_us=0, kind="time_zero", value={"zero": "media_onset(assumed)"})]
    if not canvas.expected:
        made.append(Event(time_us=0, kind="canvas_height", value={"px": canvas.height_px}))
    if accuracy_deg is not None:
        made.append(Event(time_us=0, kind="drift_check", value={"error_deg": accuracy_deg}))
    return tuple(made)
