"""How do recordings become readings? A source description gives image, screen and reader."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gazekit.model.errors import GazekitError
from gazekit.model.files import sha256_bytes, sha256_file
from gazekit.model.protocol import Step, load_protocol
from gazekit.model.records import Event, ReadingRecord, TrackerRecord, Word
from gazekit.read.described_words import words_of
from gazekit.read.description import ReadingEntry, SourceDescription, load_description
from gazekit.read.exclusions import Exclusion
from gazekit.read.inputs import Catalogue, ImageSource, ReadingInput
from gazekit.read.placement import check_screen_of, views_of
from gazekit.read.recording import VALIDATION, Contents, TrackerFile, contents_of, cut_spans
from gazekit.read.selection import Span, span_of
from gazekit.read.trackers import open_recording

__all__ = ["DescribedSource"]


@dataclass(frozen=True)
class DescribedSource:
    """Recordings of one kind, listed by a source description."""

    path: Path

    @property
    def kind(self) -> str:
        """Its name in ``readings.source``."""
        return load_description(self.path).source.kind

    def files(self) -> list[Path]:
        """List every file that it is made from, those that are not there among them."""
        return _Walked(self.path, load_description(self.path)).files()

    def catalogue(self) -> Catalogue:
        """Walk the recordings and decode the images; what cannot be read is left out."""
        description = load_description(self.path)
        readings: list[ReadingRecord] = []
        images: dict[str, ImageSource] = {}
        excluded: list[Exclusion] = []
        walked = _Walked(self.path, description)
        walked.steps()
        for order, entry in enumerate(description.reading):
            image = walked.image(entry)
            if isinstance(image, GazekitError):
                excluded.append(_left_out(entry, image, of_image=True))
                continue
            try:
                span = walked.span(entry)
                walked.check(entry, image, span)
                walked.words(entry, span)
            except GazekitError as error:
                excluded.append(_left_out(entry, error, of_image=False))
                continue
            images[image.record.image_id] = image
            readings.append(_reading(entry, image, order, span))
        return Catalogue(
            sha256=walked.sha256(),
            readings=tuple(readings),
            images=images,
            simulated=description.source.simulated,
            excluded=tuple(excluded),
            hashes=_hashes(walked, description, readings, images),
        )

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Read these readings; each recording is walked once, whatever it holds."""
        description = load_description(self.path)
        entries = {entry.reading_id: entry for entry in description.reading}
        walked = _Walked(self.path, description)
        steps = walked.steps()
        for group in _by_recording(catalogue.readings, entries, set(reading_ids)):
            recording = walked.recording(entries[group[0].reading_id])
            contents = walked.contents(entries[group[0].reading_id])
            spans = [walked.span(entries[reading.reading_id]) for reading in group]
            parts = cut_spans(
                (chunk.samples for chunk in recording.chunks()),
                [(span.onset_us, span.offset_us) for span in spans],
            )
            for reading, span, samples in zip(group, spans, parts, strict=True):
                entry, image = entries[reading.reading_id], catalogue.images[reading.image_id]
                yield ReadingInput(
                    reading=reading,
                    source=description.source.kind,
                    source_sha256=catalogue.sha256,
                    screen=description.screen,
                    samples=samples,
                    views=views_of(
                        span.states,
                        image.record,
                        description.screen,
                        placement=entry.placement,
                        onset_us=reading.onset_us,
                        where=Path(entry.recording).name,
                    ),
                    image=image,
                    simulated=description.source.simulated,
                    tracker=_tracker(description, contents),
                    events=_events_in(contents, span),
                    words=walked.words(entry, span),
                    steps=steps,
                    dictated=entry.report is not None or entry.words is not None,
                    accuracy_deg=_accuracy(contents, span),
                )


def _by_recording(
    readings: Iterable[ReadingRecord], entries: Mapping[str, ReadingEntry], wanted: Container[str]
) -> list[list[ReadingRecord]]:
    """Group the wanted readings by their recording, each group in the order of time."""
    groups: dict[tuple[str, str | None], list[ReadingRecord]] = {}
    for reading in readings:
        if reading.reading_id in wanted:
            entry = entries[reading.reading_id]
            groups.setdefault((entry.recording, entry.recording_name), []).append(reading)
    return [sorted(group, key=lambda reading: reading.onset_us) for group in groups.values()]


class _Walked:
    """The recordings and images of a description; each is walked or decoded once."""

    def __init__(self, path: Path, description: SourceDescription) -> None:
        self._path = path
        self._description = description
        self._contents: dict[tuple[str, str | None], Contents | GazekitError] = {}
        self._digests: dict[Path, str] = {}
        self._images: dict[tuple[str, str | None, str | None], ImageSource | GazekitError] = {}

    def recording(self, entry: ReadingEntry) -> TrackerFile:
        return open_recording(
            self._description.source.kind,
            self._path.parent / entry.recording,
            screen=self._description.screen,
            recording_name=entry.recording_name,
        )

    def contents(self, entry: ReadingEntry) -> Contents:
        key = (entry.recording, entry.recording_name)
        if key not in self._contents:
            try:
                found = contents_of(self.recording(entry))
                check_screen_of(
                    found.header, self._description.screen, where=Path(entry.recording).name
                )
                self._contents[key] = found
            except GazekitError as error:
                self._contents[key] = error
        known = self._contents[key]
        if isinstance(known, GazekitError):
            raise known
        return known

    def span(self, entry: ReadingEntry) -> Span:
        return span_of(entry, self.contents(entry), where=Path(entry.recording).name)

    def check(self, entry: ReadingEntry, image: ImageSource, span: Span) -> None:
        """Refuse a reading whose image cannot be placed."""
        views_of(
            span.states,
            image.record,
            self._description.screen,
            placement=entry.placement,
            onset_us=span.onset_us,
            where=Path(entry.recording).name,
        )

    def words(self, entry: ReadingEntry, span: Span) -> tuple[Word, ...]:
        return words_of(entry, self.contents(entry), span, folder=self._path.parent)

    def steps(self) -> tuple[Step, ...]:
        protocol = self._description.source.protocol
        return () if protocol is None else load_protocol(self._path.parent / protocol).steps

    def image(self, entry: ReadingEntry) -> ImageSource | GazekitError:
        from gazekit.image import read_image

        key = (entry.image, entry.patient, entry.study)
        if key not in self._images:
            path = self._path.parent / entry.image
            try:
                shown = read_image(path, patient_id=entry.patient, study_id=entry.study)
                self._images[key] = ImageSource(shown.record, path, stored=False)
            except GazekitError as error:
                self._images[key] = error
        return self._images[key]

    def files(self) -> list[Path]:
        files = {self._path, *self.shared_files()}
        for entry in self._description.reading:
            files.update(self.files_of(entry))
        return sorted(files)

    def shared_files(self) -> list[Path]:
        protocol = self._description.source.protocol
        return [] if protocol is None else [self._path.parent / protocol]

    def files_of(self, entry: ReadingEntry) -> list[Path]:
        said = (entry.image, entry.report, entry.words)
        named = [self._path.parent / name for name in said if name is not None]
        return sorted({*named, *self.recording(entry).files})

    def sha256(self, files: Sequence[Path] | None = None) -> str:
        listed = self.files() if files is None else files
        return sha256_bytes("".join(map(self._digest, listed)).encode())

    def _digest(self, file: Path) -> str:
        if file not in self._digests:
            self._digests[file] = sha256_file(file) if file.is_file() else ""
        return self._digests[file]


def _hashes(
    walked: _Walked,
    description: SourceDescription,
    readings: Sequence[ReadingRecord],
    images: dict[str, ImageSource],
) -> dict[str, str]:
    """Tell readings apart by their entries and files, and images by their pixels."""
    entries = {entry.reading_id: entry for entry in description.reading}
    hashes = {f"image/{name}": image.record.sha256 for name, image in images.items()}
    for reading in readings:
        entry = entries[reading.reading_id]
        files = walked.sha256([*walked.shared_files(), *walked.files_of(entry)])
        parts = [description.source, description.screen, entry, reading, files]
        hashes[reading.reading_id] = sha256_bytes(msgspec.json.encode(parts))
    return hashes


def _reading(entry: ReadingEntry, image: ImageSource, order: int, span: Span) -> ReadingRecord:
    return ReadingRecord(
        reading_id=entry.reading_id,
        reader_id=entry.reader,
        image_id=image.record.image_id,
        onset_us=span.onset_us,
        offset_us=span.offset_us,
        outcome="complete",
        patient_id=entry.patient,
        study_id=entry.study,
        order=order,
    )


def _left_out(entry: ReadingEntry, error: GazekitError, *, of_image: bool) -> Exclusion:
    """Leave a reading out; a file that is not named after it may be named after the patient."""
    files = [entry.image] if entry.id is None else [entry.image, entry.recording]
    detail = str(error)
    for name in (Path(file).name for file in files):
        detail = detail.replace(name, f"{entry.reading_id}: a file")
    if of_image:
        return Exclusion("reading", entry.reading_id, "image_undecodable", detail)
    return Exclusion("recording", entry.reading_id, "recording_damaged", detail)


def _tracker(description: SourceDescription, contents: Contents) -> TrackerRecord:
    return TrackerRecord(
        kind=description.source.kind,
        rate_hz=contents.rate_hz,
        simulated=description.source.simulated,
        model=contents.header.model,
    )


def _events_in(contents: Contents, span: Span) -> tuple[Event, ...]:
    return tuple(e for e in contents.events if span.onset_us <= e.time_us < span.offset_us)


def _accuracy(contents: Contents, span: Span) -> float | None:
    """Return the mean over the eyes of the last validation before the reading."""
    known = [e for e in contents.events if e.kind == VALIDATION and e.time_us <= span.onset_us]
    if not known:
        return None
    values = [e.value["accuracy_deg"] for e in known if e.time_us == known[-1].time_us]
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return sum(numbers) / len(numbers) if numbers else None
