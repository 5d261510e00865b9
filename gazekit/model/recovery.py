"""Whether a session folder is sound, and how a cut one is made valid again."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from gazekit.model.audit import AuditTrail, check_audit
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.files import verify_checksums, write_checksums, write_json
from gazekit.model.layout import SessionLayout
from gazekit.model.records import Event, EventValue
from gazekit.model.recovery_audio import audio_problems, mend_audio
from gazekit.model.session import (
    iter_samples,
    read_calibrations,
    read_events,
    read_findings,
    read_images,
    read_session_record,
    read_view_states,
    read_words,
    readings_of,
)
from gazekit.model.stream import (
    JsonLinesWriter,
    iter_batches,
    mend_json_lines,
    mend_stream,
    stream_state,
)

__all__ = ["Recovery", "is_recording", "recover_session", "verify_session"]


_RISING = (
    ("device_time_us", "the tracker's time does not rise"),
    ("system_time_us", "the time of the samples does not rise"),
)


@dataclass(frozen=True)
class Recovery:
    """What `recover_session` found and did; `changed` is False where nothing was amiss."""

    changed: bool
    samples: int
    cut_bytes: int
    aborted: tuple[str, ...]


def is_recording(root: Path) -> bool:
    """Say whether the program that records the session folder `root` still runs."""
    layout = SessionLayout(root)
    if not layout.lock.is_file():
        return False
    text = layout.lock.read_text("ascii", errors="replace").strip()
    return text.isdigit() and _alive(int(text))


def verify_session(root: Path) -> list[GazekitError]:
    """Return everything that is wrong with a session folder; [] when it is sound.

    Checks that it was closed, its checksums, that the streams are whole and their times rise,
    that readings, view states, words and images belong together, and the audit chain.
    """
    layout = SessionLayout(root)
    record = read_session_record(root)
    if not record.closed:
        remedy = f"mend it with: capture recover {root.name}"
        return [DataError("the session was not closed", where=root.name, remedy=remedy)]
    problems = verify_checksums(root)
    checks = (_stream_problems, _time_problems, _link_problems, _image_problems)
    for check in checks:
        try:
            problems += check(layout)
        except GazekitError as error:
            problems.append(error)
    return problems + check_audit(layout.audit)


def recover_session(root: Path) -> Recovery:
    """Make a valid session of one that was cut: nothing whole is lost, nothing is invented.

    Streams end after their last good batch and JSON lines after the last whole line; a reading
    without an end gets one, aborted, at the last moment that was recorded. Doing it again
    changes nothing.

    Raises
    ------
    DataError
        It is no session folder, or the program that records it still runs.
    """
    layout = SessionLayout(root)
    record = read_session_record(root)
    if record.closed and layout.checksums.is_file():
        samples = sum(batch.num_rows for batch in iter_samples(root))
        return Recovery(changed=False, samples=samples, cut_bytes=0, aborted=())
    _refuse_while_recording(layout)
    cut = samples = 0
    for path in layout.samples_files():
        size = path.stat().st_size
        state = mend_stream(path, "raw_samples")
        cut += size - state.good_bytes if state.cut else 0
        samples += state.rows
    for path, table in _other_streams(layout):
        size = path.stat().st_size
        state = mend_stream(path, table)
        cut += size - state.good_bytes if state.cut else 0
    for path in _line_files(layout):
        path.touch()
        cut += mend_json_lines(path)
    mend_audio(layout)
    aborted = _end_open_readings(layout)
    trail = AuditTrail(layout.audit)
    trail.append("capture", f"recovered: {samples} samples kept, {len(aborted)} readings aborted")
    trail.close()
    write_json(layout.session, msgspec.structs.replace(record, closed=True, recovered=True))
    layout.lock.unlink(missing_ok=True)
    for part in root.glob(".*.part-*"):
        part.unlink()
    write_checksums(root)
    return Recovery(changed=True, samples=samples, cut_bytes=cut, aborted=aborted)


def _other_streams(layout: SessionLayout) -> list[tuple[Path, str]]:
    """Return every stream but the samples, each with its table."""
    clocks = [(path, "clock") for path in layout.clock_files()]
    return clocks + [(path, name) for name in layout.STREAMS for path in layout.stream_files(name)]


def _line_files(layout: SessionLayout) -> tuple[Path, ...]:
    return (
        layout.view_states,
        layout.events,
        layout.calibrations,
        layout.transcript,
        layout.annotations,
        layout.log,
        layout.audit,
    )


def _end_open_readings(layout: SessionLayout) -> tuple[str, ...]:
    events = read_events(layout.root)
    ended = {e.value.get("reading_id") for e in events if e.kind == "reading_end"}
    started = [str(e.value.get("reading_id")) for e in events if e.kind == "reading_start"]
    aborted = tuple(reading_id for reading_id in started if reading_id not in ended)
    if aborted:
        last = _last_moment_us(layout, events)
        with JsonLinesWriter(layout.events) as writer:
            for reading_id in aborted:
                value: EventValue = {
                    "reading_id": reading_id,
                    "outcome": "aborted",
                    "recovered": True,
                }
                writer.append(Event(time_us=last, kind="reading_end", value=value))
    return aborted


def _last_moment_us(layout: SessionLayout, events: list[Event]) -> int:
    last = max(event.time_us for event in events)
    last = max([last, *(state.time_us for state in read_view_states(layout.root))])
    last = max([last, *(word.offset_us or 0 for word in read_words(layout.root))])
    for batch in iter_samples(layout.root):
        if batch.num_rows:
            last = max(last, int(batch.column("system_time_us")[batch.num_rows - 1].as_py()))
    return last


def _refuse_while_recording(layout: SessionLayout) -> None:
    if not layout.lock.is_file():
        return
    text = layout.lock.read_text("ascii", errors="replace").strip()
    if text.isdigit() and int(text) != os.getpid() and _alive(int(text)):
        raise DataError(
            "the session is still being recorded",
            where=layout.root.name,
            found=f"process {text} holds LOCK",
            remedy="wait for it to end; if no capture program runs, delete LOCK and try again",
        )


def _alive(pid: int) -> bool:
    if os.name == "nt":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)  # type: ignore[attr-defined,unused-ignore]
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined,unused-ignore]
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stream_problems(layout: SessionLayout) -> list[GazekitError]:
    files = [(path, "raw_samples") for path in layout.samples_files()]
    files += _other_streams(layout)
    return [
        DataError("the stream is cut", where=path.name, remedy="mend it with: capture recover")
        for path, table in files
        if stream_state(path, table).cut
    ]


def _time_problems(layout: SessionLayout) -> Iterator[GazekitError]:
    """Say where time does not rise: the tracker's within a segment, the session's throughout.

    A tracker that was switched off and on begins its own clock anew, and a segment with it.
    """
    last_us: dict[str, int] = {}
    for path in layout.samples_files():
        last_us.pop("device_time_us", None)
        row = 0
        for batch in filter(len, iter_batches(path, "raw_samples")):
            for column, what in _RISING:
                times = batch.column(column).to_numpy()
                steps = np.diff(times, prepend=last_us.get(column, int(times[0]) - 1))
                for offset in np.flatnonzero(steps <= 0)[:1]:
                    yield DataError(
                        what,
                        where=f"{path.name} row {row + int(offset)}",
                        found=f"step of {int(steps[offset])} us",
                    )
                last_us[column] = int(times[-1])
            row += batch.num_rows


def _link_problems(layout: SessionLayout) -> Iterator[GazekitError]:
    root = layout.root
    readings = {reading.reading_id: reading for reading in readings_of(root)}
    images = {image.image_id for image in read_images(root)}
    for reading in readings.values():
        if reading.offset_us is None:
            yield DataError("the reading has no end", where=reading.reading_id)
    previous = 0
    for index, state in enumerate(read_view_states(root)):
        where = f"{layout.view_states.name} line {index + 1}"
        if state.time_us < previous:
            yield DataError("view states go back in time", where=where)
        if state.image_id is not None and state.image_id not in images:
            yield DataError("the view shows an image that is not listed", where=where)
        previous = state.time_us
    for index, word in enumerate(read_words(root)):
        if word.reading_id not in readings:
            where = f"{layout.transcript.name} line {index + 1}"
            yield DataError("the word belongs to no reading", where=where, found=word.reading_id)
    for index, finding in enumerate(read_findings(root)):
        if finding.reading_id not in readings:
            where = f"{layout.annotations.name} line {index + 1}"
            yield DataError("the finding belongs to no reading", where=where)
    read_calibrations(root)
    yield from audio_problems(layout, set(readings))


def _image_problems(layout: SessionLayout) -> Iterator[GazekitError]:
    for image in read_images(layout.root):
        if not layout.image(image.image_id).is_file():
            yield DataError("the image is missing", where=image.image_id)
