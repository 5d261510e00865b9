"""How is a raw session folder read? One reading at a time, in one pass over its samples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa

from gazekit.model.clocks import ClockModel, fit_clock
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.files import sha256_bytes, verify_checksums
from gazekit.model.geometry import check_screen
from gazekit.model.layout import IDENTIFIER, SessionLayout
from gazekit.model.protocol import Protocol, load_protocol
from gazekit.model.records import (
    CalibrationRecord,
    ImageRecord,
    ReadingRecord,
    ScreenRecord,
    SessionRecord,
    ViewState,
    Word,
)
from gazekit.model.session import (
    read_calibrations,
    read_events,
    read_findings,
    read_images,
    read_session_record,
    read_view_states,
    read_words,
    readings_of,
)
from gazekit.model.spoken import latest_reports, read_audio_segments
from gazekit.model.stream import iter_batches, read_stream
from gazekit.read.exclusions import Exclusion
from gazekit.read.inputs import Catalogue, ImageSource, ReadingInput, SoundPart, nothing_but
from gazekit.read.raw import samples_of_raw
from gazekit.read.recording import cut_spans
from gazekit.read.session_hashes import reading_hashes

__all__ = ["SessionSource", "open_session", "session_samples"]

_ROWS = 8192


@dataclass(frozen=True)
class SessionSource:
    """One raw session folder."""

    root: Path

    @property
    def kind(self) -> str:
        """Its name in ``readings.source``."""
        return "session"

    def catalogue(self) -> Catalogue:
        """Say which readings and images are there; a cut or damaged session is left out whole."""
        try:
            session = read_session_record(self.root)
            if not session.closed:
                return _left_out(self.root, session)
            problems = verify_checksums(self.root)
            if problems:
                raise problems[0]
            check_screen(session.screen, where=self.root.name)
            images = read_images(self.root)
            _check_pseudonyms(self.root, session, images)
            readings = readings_of(self.root)
            further = _further(self.root, readings, images)
            layout = SessionLayout(self.root)
            return Catalogue(
                sha256=sha256_bytes(layout.checksums.read_bytes()),
                readings=tuple(readings),
                images={
                    record.image_id: ImageSource(record, layout.image(record.image_id), stored=True)
                    for record in images
                },
                steps=load_protocol(layout.protocol).steps,
                simulated=session.simulated,
                hashes=reading_hashes(self.root, readings, further),
                further=further,
                excluded=() if readings else (_without_readings(self.root, session),),
            )
        except GazekitError as error:
            found = Exclusion.because(
                "session", self.root.name, reason="session_damaged", error=error
            )
            return nothing_but(found)

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Read these readings in time order; the sample stream is walked once, batch by batch."""
        wanted = set(reading_ids)
        session, protocol = read_session_record(self.root), _protocol(self.root)
        readings = sorted(catalogue.readings, key=lambda reading: reading.onset_us)
        spans = [
            (reading, _end_of(reading, following))
            for reading, following in zip(readings, [*readings[1:], None], strict=True)
            if reading.reading_id in wanted
        ]
        rest = _Rest(self.root)
        parts = cut_spans(
            session_samples(self.root, session.screen), [(r.onset_us, end) for r, end in spans]
        )
        for (reading, _), samples in zip(spans, parts, strict=True):
            yield ReadingInput(
                reading=reading,
                source=self.kind,
                source_sha256=catalogue.sha256,
                screen=session.screen,
                samples=samples,
                views=rest.views_of(reading, catalogue.images_of(reading)),
                image=catalogue.images[reading.image_id],
                further=tuple(catalogue.images[name] for name in catalogue.images_of(reading)[1:]),
                simulated=session.simulated,
                tracker=session.tracker,
                events=tuple(e for e in rest.events if _within(e.time_us, reading)),
                sound=rest.sound_of(reading),
                words=rest.words_of(reading.reading_id),
                report=rest.report_of(reading.reading_id),
                findings=tuple(f for f in rest.findings if f.reading_id == reading.reading_id),
                steps=catalogue.steps,
                dictated=protocol.reading.dictation,
                accuracy_deg=_accuracy_before(rest.calibrations, reading.onset_us),
            )


def open_session(path: str | Path) -> Iterator[ReadingInput]:
    """Read every reading of a raw session folder, one at a time.

    Raises
    ------
    DataError
        There is no closed, sound session at `path`; the line says what to do.
    """
    source = SessionSource(Path(path))
    catalogue = source.catalogue()
    if catalogue.excluded:
        raise DataError(catalogue.excluded[0].detail)
    return source.load([reading.reading_id for reading in catalogue.readings], catalogue)


class _Rest:
    """What a session holds beside its samples, read once."""

    def __init__(self, root: Path) -> None:
        self.views = sorted(read_view_states(root), key=lambda state: state.time_us)
        self.events = read_events(root)
        self.words = read_words(root)
        self.findings = read_findings(root)
        self.calibrations = read_calibrations(root)
        self._reports = latest_reports(root)
        self._layout = SessionLayout(root)
        self._segments = read_audio_segments(root)

    def report_of(self, reading_id: str) -> str | None:
        """Return the text of a reading as its reader left it; None where none was asked."""
        report = self._reports.get(reading_id)
        return None if report is None else report.text

    def sound_of(self, reading: ReadingRecord) -> tuple[SoundPart, ...]:
        """Return the stretches of sound of a reading, and those that several readings share."""
        return tuple(
            SoundPart(segment, self._sound_file(segment.segment))
            for segment in self._segments
            if segment.reading_id in {None, reading.reading_id}
        )

    def _sound_file(self, segment: int) -> Path:
        flac = self._layout.audio(segment, "flac")
        return flac if flac.is_file() else self._layout.audio(segment, "wav")

    def words_of(self, reading_id: str) -> tuple[Word, ...]:
        """Return the words of a reading; those of its report, without times, where none else."""
        words = tuple(word for word in self.words if word.reading_id == reading_id)
        typed = (self.report_of(reading_id) or "").split()
        return words or tuple(
            Word(reading_id=reading_id, index=index, text=text) for index, text in enumerate(typed)
        )

    def views_of(self, reading: ReadingRecord, images: Sequence[str]) -> tuple[ViewState, ...]:
        """Return the views of a reading, with the one that held at its onset first.

        An image that is none of its study's is, for this reading, no image.
        """
        own = [state for state in self.views if _within(state.time_us, reading)]
        before = [state for state in self.views if state.time_us < reading.onset_us]
        return tuple(
            state
            if state.image_id is None or state.image_id in images
            else msgspec.structs.replace(state, image_id=None, image_to_screen=None)
            for state in (*before[-1:], *own)
        )


def _left_out(root: Path, session: SessionRecord) -> Catalogue:
    detail = f"{root.name}: the session was not closed. Mend it with: capture recover {root.name}"
    found = Exclusion("session", session.session_id, "session_not_closed", detail)
    return nothing_but(found)


def _without_readings(root: Path, session: SessionRecord) -> Exclusion:
    events = SessionLayout(root).events.name
    detail = f"{root.name}/{events}: no reading was begun (expected reading_start). Leave it out"
    return Exclusion("session", session.session_id, "session_without_readings", detail)


def _check_pseudonyms(root: Path, session: SessionRecord, images: list[ImageRecord]) -> None:
    """Refuse what can only be a name; it is not repeated."""
    said = [(name, image) for image in images for name in (image.patient_id, image.study_id)]
    named = [(session.reader.reader_id, "the reader"), *((n, i.image_id) for n, i in said)]
    for name, where in named:
        if name is not None and not IDENTIFIER.fullmatch(name):
            raise DataError(
                "reader, patient or study is no pseudonym",
                where=f"{root.name}: {where}",
                expected="1 to 64 letters, digits, '_', '.' or '-'",
            )


def _further(
    root: Path, readings: Sequence[ReadingRecord], images: Sequence[ImageRecord]
) -> dict[str, tuple[str, ...]]:
    """Return the images that a reading shows beside its first, in the order of their ids."""
    known = {image.image_id for image in images}
    if len(known) < 2:  # noqa: PLR2004 - one image has no other beside it
        return {}
    shown: dict[str, set[str]] = {reading.reading_id: set() for reading in readings}
    for state in read_view_states(root):
        for reading in readings:
            if state.image_id in known and _within(state.time_us, reading):
                shown[reading.reading_id].add(str(state.image_id))
    found = {r.reading_id: sorted(shown[r.reading_id] - {r.image_id}) for r in readings}
    return {name: tuple(others) for name, others in found.items() if others}


def _protocol(root: Path) -> Protocol:
    return load_protocol(SessionLayout(root).protocol)


def _within(time_us: int, reading: ReadingRecord) -> bool:
    end = reading.offset_us
    return reading.onset_us <= time_us and (end is None or time_us < end)


def _end_of(reading: ReadingRecord, following: ReadingRecord | None) -> int | None:
    """Return where a reading's samples end: at its end, else where the next one starts."""
    if reading.offset_us is not None:
        return reading.offset_us
    return None if following is None else following.onset_us


def _accuracy_before(attempts: list[CalibrationRecord], time_us: int) -> float | None:
    known = [
        attempt.accuracy_deg
        for attempt in attempts
        if attempt.accepted and attempt.accuracy_deg is not None and attempt.time_us <= time_us
    ]
    return known[-1] if known else None


def _clock_of(path: Path) -> ClockModel | None:
    """Fit the clock of one segment; None where the device was never asked."""
    if not path.is_file():
        return None
    pairs = read_stream(path, "clock")
    if pairs.num_rows == 0:
        return None
    request, device, response = (
        pairs.column(name).to_numpy() for name in ("request_us", "device_us", "response_us")
    )
    return fit_clock(request, device, response)


def session_samples(root: Path, screen: ScreenRecord) -> Iterator[pa.Table]:
    """Yield the samples of a session, a batch at a time, on the session clock."""
    layout = SessionLayout(root)
    for segment, path in enumerate(layout.samples_files()):
        clock = _clock_of(layout.clock(segment))
        for batch in _larger(iter_batches(path, "raw_samples")):
            yield samples_of_raw(batch, screen, clock=clock)


def _larger(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Join the batches of a second each, so that what a batch costs is paid less often."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= _ROWS:
            yield from pa.Table.from_batches(held).combine_chunks().to_batches()
            held, rows = [], 0
    if held:
        yield from pa.Table.from_batches(held).combine_chunks().to_batches()
