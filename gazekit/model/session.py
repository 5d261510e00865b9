"""A raw session folder: how it is written, and how it is read back.

::

    tracker, viewer, microphone ... --> SessionWriter --> ses-<id>/  (append-only, LOCK held)
                                            | close
                                            v
                       session.json "closed": true, SHA256SUMS, LOCK gone
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar, cast, get_args

import msgspec
import pyarrow as pa

from gazekit.model.audit import AuditTrail
from gazekit.model.dictation import MarksRecord
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.files import fsync_folder, write_bytes, write_checksums, write_json
from gazekit.model.layout import SessionLayout
from gazekit.model.records import (
    CalibrationRecord,
    Event,
    FindingRecord,
    ImageRecord,
    Outcome,
    ReadingRecord,
    SessionRecord,
    ViewState,
    Word,
)
from gazekit.model.stream import (
    ArrowStreamWriter,
    JsonLinesWriter,
    iter_batches,
    read_json_lines,
)
from gazekit.model.version import SCHEMA_VERSION

__all__ = [
    "SessionWriter",
    "iter_clock",
    "iter_pairs",
    "iter_samples",
    "read_calibrations",
    "read_events",
    "read_findings",
    "read_images",
    "read_session_record",
    "read_view_states",
    "read_words",
    "readings_of",
]


_T = TypeVar("_T")


class SessionWriter:
    """Writes one session folder while it is recorded; everything is on disk as it comes.

    Samples, clock pairs and further streams may be appended from one thread, everything else from
    any.

    Raises
    ------
    DataError
        The folder exists already: a session is never overwritten.
    """

    def __init__(self, parent: Path, record: SessionRecord, protocol_toml: bytes) -> None:
        self.layout = SessionLayout.under(parent, record.session_id)
        self.record = record
        root = self.layout.root
        if root.exists():
            raise DataError(
                "the session folder exists already",
                where=root.name,
                remedy="choose another session id; a session is never overwritten",
            )
        root.mkdir(parents=True)
        write_json(self.layout.session, record)
        write_bytes(self.layout.lock, f"{os.getpid()}\n".encode())
        write_bytes(self.layout.protocol, protocol_toml)
        self._images: list[ImageRecord] = []
        write_json(self.layout.images, self._images)
        self._segment = 0
        self._samples = ArrowStreamWriter(self.layout.samples(0), "raw_samples")
        self._clock = ArrowStreamWriter(self.layout.clock(0), "clock")
        self._streams: dict[str, ArrowStreamWriter] = {}
        self._views = JsonLinesWriter(self.layout.view_states)
        self._events = JsonLinesWriter(self.layout.events)
        self._calibrations = JsonLinesWriter(self.layout.calibrations)
        self._transcript = JsonLinesWriter(self.layout.transcript)
        self._annotations = JsonLinesWriter(self.layout.annotations)
        self._log = JsonLinesWriter(self.layout.log)
        self._audit = AuditTrail(self.layout.audit)
        fsync_folder(root)

    def image(self, record: ImageRecord) -> Path:
        """List an image; return where its 16-bit PNG belongs (the caller writes it)."""
        self.layout.image_folder.mkdir(exist_ok=True)
        if record.image_id not in {known.image_id for known in self._images}:
            self._images.append(record)
            write_json(self.layout.images, self._images)
        return self.layout.image(record.image_id)

    def samples(self, batch: pa.RecordBatch) -> None:
        """Append gaze samples (table ``raw_samples``)."""
        self._samples.append(batch)

    def clock(self, batch: pa.RecordBatch) -> None:
        """Append time-synchronisation pairs (table ``clock``)."""
        self._clock.append(batch)

    def stream(self, name: str, batch: pa.RecordBatch) -> None:
        """Append to a further stream (see `SessionLayout.STREAMS`); its file begins with it."""
        if name not in self._streams:
            path = self.layout.stream(name, self._segment)
            self._streams[name] = ArrowStreamWriter(path, name)
        self._streams[name].append(batch)

    def new_segment(self) -> int:
        """Start new files for all streams, as after a tracker restart; return the number."""
        self._samples.close()
        self._clock.close()
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._segment += 1
        self._samples = ArrowStreamWriter(self.layout.samples(self._segment), "raw_samples")
        self._clock = ArrowStreamWriter(self.layout.clock(self._segment), "clock")
        return self._segment

    def view(self, state: ViewState) -> None:
        """Append a view state."""
        self._views.append(state)

    def event(self, event: Event) -> None:
        """Append an event."""
        self._events.append(event)

    def calibration(self, record: CalibrationRecord) -> None:
        """Append an attempt at calibration or validation."""
        self._calibrations.append(record)

    def word(self, word: Word) -> None:
        """Append a word of the transcript."""
        self._transcript.append(word)

    def finding(self, finding: FindingRecord) -> None:
        """Append a finding marked or stated in a reading."""
        self._annotations.append(finding)

    def log(self, level: str, message: str, *, time_us: int | None = None) -> None:
        """Append a log line; never an identity."""
        self._log.append({"time_us": time_us, "level": level, "message": message})

    def audit(self, who: str, what: str) -> None:
        """Append to the audit trail, which is chained by hashes."""
        self._audit.append(who, what)

    def sync(self) -> None:
        """Make everything durable now, as at the end of a reading."""
        self._samples.sync()
        self._clock.sync()
        for stream in list(self._streams.values()):
            stream.sync()
        for writer in self._writers():
            writer.sync()

    def close(self) -> Path:
        """Close every stream, mark the session closed, write checksums, release the lock."""
        self.abandon()
        self.record = msgspec.structs.replace(self.record, closed=True)
        write_json(self.layout.session, self.record)
        self.layout.lock.unlink(missing_ok=True)
        write_checksums(self.layout.root)
        return self.layout.root

    def abandon(self) -> None:
        """Let go of the files after a failure; the session stays open, as after a crash.

        Raises
        ------
        GazekitError
            One could not be closed properly; all were let go of.
        """
        closes = [stream.close for stream in (self._samples, self._clock)]
        closes += [stream.close for stream in self._streams.values()]
        closes += [writer.close for writer in self._writers()]
        failures = []
        for close in [*closes, self._audit.close]:
            try:
                close()
            except (OSError, GazekitError) as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def _writers(self) -> tuple[JsonLinesWriter, ...]:
        return (
            self._views,
            self._events,
            self._calibrations,
            self._transcript,
            self._annotations,
            self._log,
        )


def read_session_record(root: Path) -> SessionRecord:
    """Read ``session.json``; a missing, damaged or too new one is a DataError with a remedy."""
    layout = SessionLayout(root)
    if not layout.session.is_file():
        raise DataError(
            "this is not a session folder",
            where=root.name,
            expected="a folder with session.json",
            remedy="record one with: capture run PROTOCOL --reader R01 --out DIR",
        )
    record = _decode(layout.session, SessionRecord)
    if record.schema_version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise DataError(
            "the session has another schema version",
            where=root.name,
            expected=SCHEMA_VERSION,
            found=record.schema_version,
            remedy="use the gazekit that recorded it",
        )
    return record


def read_images(root: Path) -> list[ImageRecord]:
    """Read the images that the session showed or was about to show."""
    path = SessionLayout(root).images
    return _decode(path, list[ImageRecord]) if path.is_file() else []


def read_events(root: Path) -> list[Event]:
    """Read the events in the order in which they were written."""
    return read_json_lines(SessionLayout(root).events, Event)


def read_view_states(root: Path) -> list[ViewState]:
    """Read the view states in the order in which they were written."""
    return read_json_lines(SessionLayout(root).view_states, ViewState)


def read_words(root: Path) -> list[Word]:
    """Read the transcript of all readings."""
    return read_json_lines(SessionLayout(root).transcript, Word)


def read_findings(root: Path) -> list[FindingRecord]:
    """Read the findings of all readings.

    Where a session was cut while they were marked, what was marked until then and has a label.
    """
    layout = SessionLayout(root)
    found = read_json_lines(layout.annotations, FindingRecord)
    last: dict[str, tuple[FindingRecord, ...]] = {}
    for record in read_json_lines(layout.marks, MarksRecord):
        last[record.reading_id] = record.findings
    known = set(found)
    cut = [finding for findings in last.values() for finding in findings if finding.label]
    return [*found, *(finding for finding in cut if finding not in known)]


def read_calibrations(root: Path) -> list[CalibrationRecord]:
    """Read every attempt at calibration and validation."""
    return read_json_lines(SessionLayout(root).calibrations, CalibrationRecord)


def iter_samples(root: Path) -> Iterator[pa.RecordBatch]:
    """Yield the raw samples of all segments, a batch at a time; a cut tail is left out."""
    for path in SessionLayout(root).samples_files():
        yield from iter_batches(path, "raw_samples")


def iter_clock(root: Path) -> Iterator[pa.RecordBatch]:
    """Yield the clock pairs of all segments, a batch at a time."""
    for path in SessionLayout(root).clock_files():
        yield from iter_batches(path, "clock")


def iter_pairs(root: Path) -> Iterator[pa.RecordBatch]:
    """Yield the readings of the host's other clocks (table ``pairs``), a batch at a time."""
    for path in SessionLayout(root).stream_files("pairs"):
        yield from iter_batches(path, "pairs")


def readings_of(root: Path) -> list[ReadingRecord]:
    """Make the readings from the session's events; one without an end is aborted.

    Raises
    ------
    DataError
        A reading ends that never started, starts twice, or shows an image that is not listed.
    """
    session = read_session_record(root)
    images = {image.image_id: image for image in read_images(root)}
    open_: dict[str, ReadingRecord] = {}
    where = f"{root.name}/{SessionLayout(root).events.name}"
    for event in read_events(root):
        if event.kind not in {"reading_start", "reading_end"}:
            continue
        reading_id = str(event.value.get("reading_id"))
        if event.kind == "reading_start":
            if reading_id in open_:
                raise DataError("a reading starts twice", where=where, found=reading_id)
            open_[reading_id] = _started(event, reading_id, session, images, where)
        elif reading_id not in open_:
            raise DataError("a reading ends that never started", where=where, found=reading_id)
        else:
            open_[reading_id] = msgspec.structs.replace(
                open_[reading_id],
                offset_us=event.time_us,
                outcome=_outcome(event, where),
            )
    return list(open_.values())


def _outcome(event: Event, where: str) -> Outcome:
    found = event.value.get("outcome")
    if found not in get_args(Outcome):
        expected = ", ".join(get_args(Outcome))
        raise DataError("unknown outcome of a reading", where=where, expected=expected, found=found)
    return cast("Outcome", found)


def _started(
    event: Event,
    reading_id: str,
    session: SessionRecord,
    images: dict[str, ImageRecord],
    where: str,
) -> ReadingRecord:
    image_id = str(event.value.get("image_id"))
    if image_id not in images:
        raise DataError("a reading shows an image that is not listed", where=where, found=image_id)
    order = event.value.get("order")
    return ReadingRecord(
        reading_id=reading_id,
        reader_id=session.reader.reader_id,
        image_id=image_id,
        onset_us=event.time_us,
        offset_us=None,
        outcome="aborted",
        session_id=session.session_id,
        patient_id=images[image_id].patient_id,
        study_id=images[image_id].study_id,
        order=order if isinstance(order, int) else None,
    )


def _decode(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise DataError(f"damaged: {error}", where=f"{path.parent.name}/{path.name}") from error
