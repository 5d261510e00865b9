r"""When was each word of a session's reports said? Its sound and reports in, its transcript out.

::

    reports.jsonl   audio-NNN.wav|flac + audio.jsonl
          \             /
       engine, one reading at a time
               |
    transcript.jsonl (whole or as it was), the earlier one kept, audit, SHA256SUMS
"""

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from gazekit.model.audit import AuditRecord, AuditTrail, check_audit
from gazekit.model.dictation import AudioSegment
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.model.files import (
    atomic_path,
    held,
    sha256_bytes,
    sha256_file,
    verify_checksums,
    write_bytes,
    write_checksums,
)
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ReadingRecord, Word
from gazekit.model.session import read_session_record, read_words, readings_of
from gazekit.model.stream import read_json_lines
from gazekit.speech.engines import SpeechEngine, Transcription
from gazekit.speech.reports import reading_sound, reports_of, segments_of

__all__ = ["SessionTranscript", "Silent", "transcribe_session"]

_WHO = "gazekit"
_REASONS = {
    "no_speech": "nobody speaks in the sound",
    "not_heard": "the sound does not hold these words",
    "unstable": "two looks found these words in different places",
    "too_short": "the text is too long for the sound",
}


@dataclass(frozen=True)
class Silent:
    """A reading, or some of its words, without times: how many of how many, and why."""

    reading_id: str
    untimed: int
    words: int
    reason: str


@dataclass(frozen=True)
class SessionTranscript:
    """What was done: readings asked for, words and those with times, what got none, and changes."""

    session: str
    engine: str
    readings: int
    words: int
    timed: int
    guessed: tuple[str, ...]
    silent: tuple[Silent, ...]
    changed: bool


def transcribe_session(
    root: Path,
    *,
    engine: SpeechEngine,
    reading_id: str | None = None,
    tick: Callable[[], None] = lambda: None,
) -> SessionTranscript:
    """Write the transcript of a closed session anew, from its reports and its sound.

    A reading of which no word gets a time keeps what stands there of it: the words of a reading
    without text, and times of the same words; it is told of. Where the outcome is what stands there
    already, nothing is touched.

    Raises
    ------
    DataError
        No session, not closed, changed since it was closed, or nothing was recorded to work from.
    UsageError
        There is no such reading.
    """
    layout = SessionLayout(root)
    if not read_session_record(root).closed:
        remedy = f"end it, or mend it with: capture recover {root.name}"
        raise DataError("the session was not closed", where=root.name, remedy=remedy)
    with held(root, where=root.name):
        cut = _refuse_changed(layout)
        chosen = _chosen(root, reading_id)
        before = read_words(root)
        done = _all_words(layout, chosen, before, engine, tick)
        words = _merged(before, done, readings_of(root))
        changed = words != before
        if changed:
            _replace(layout, before, words, engine.name)
        if changed or cut:
            write_checksums(root)
    return _told(root.name, engine.name, chosen, done, changed=changed)


@dataclass(frozen=True)
class _Done:
    """One reading's outcome; `words` None where it keeps what it had."""

    words: list[Word] | None
    guessed: tuple[str, ...] = ()
    silent: Silent | None = None


def _refuse_changed(layout: SessionLayout) -> bool:
    """Return whether a run before this one was cut; refuse what anybody else has changed."""
    for part in layout.root.glob(".*.part-*"):
        part.unlink()
    ours = {layout.transcript.name, layout.audit.name}
    problems = verify_checksums(layout.root)
    foreign = [one for one in problems if one.where not in ours and not _earlier(str(one.where))]
    names = {one.where for one in problems}
    if layout.transcript.name in names and not _announced(layout):
        foreign += [one for one in problems if one.where == layout.transcript.name]
    foreign += check_audit(layout.audit)
    if foreign:
        raise DataError(
            "the session is not as it was closed, and new checksums would hide that",
            where=layout.root.name,
            found=str(foreign[0]),
            remedy="restore the file from a copy",
        )
    return bool(problems)


def _earlier(name: str) -> bool:
    """Say whether a name is that of an earlier transcript, whatever its number."""
    return re.sub(r"[0-9]{3}", "000", name) == SessionLayout(Path()).earlier_transcript(0).name


def _announced(layout: SessionLayout) -> bool:
    """Say whether the last act of the audit trail names the transcript that stands here."""
    acts = read_json_lines(layout.audit, AuditRecord)
    return bool(acts) and sha256_file(layout.transcript) in acts[-1].what


def _chosen(root: Path, reading_id: str | None) -> list[ReadingRecord]:
    readings = readings_of(root)
    names = [reading.reading_id for reading in readings]
    if reading_id is not None and reading_id not in names:
        raise UsageError(
            "there is no such reading",
            where=root.name,
            expected=", ".join(names[:5]) + (" ..." if len(names) > 5 else ""),  # noqa: PLR2004
            found=reading_id,
            remedy=did_you_mean(reading_id, names),
        )
    return [one for one in readings if reading_id in {None, one.reading_id}]


def _all_words(
    layout: SessionLayout,
    chosen: Sequence[ReadingRecord],
    before: Sequence[Word],
    engine: SpeechEngine,
    tick: Callable[[], None],
) -> dict[str, _Done]:
    reports, segments = reports_of(layout), segments_of(layout)
    if not segments and not any(word.onset_us is not None for word in before):
        raise DataError(
            "nothing was dictated in this session",
            where=layout.root.name,
            expected=layout.audio_segments.name,
            remedy="record with a microphone, or give files: gazekit transcribe --audio --text",
        )
    done = {}
    for reading in chosen:
        name = reading.reading_id
        made = _one(layout, reading, segments, reports.get(name), engine)
        done[name] = _kept(made, [word for word in before if word.reading_id == name])
        tick()
    return done


def _kept(made: _Done, before: Sequence[Word]) -> _Done:
    """Leave a reading the times of its words where this run found none of them."""
    words = made.words or []
    same = [word.text for word in words] == [word.text for word in before]
    found = any(word.onset_us is not None for word in words)
    if not same or found or made.silent is None or all(one.onset_us is None for one in before):
        return made
    reason = f"{made.silent.reason}; its earlier times stand"
    return _Done(list(before), made.guessed, replace(made.silent, reason=reason))


def _one(
    layout: SessionLayout,
    reading: ReadingRecord,
    segments: Sequence[AudioSegment],
    text: str | None,
    engine: SpeechEngine,
) -> _Done:
    name = reading.reading_id
    if engine.needs_text and not (text or "").strip():
        reason = f"it has no report text, and the engine {engine.name} needs one"
        return _Done(None, silent=Silent(name, 0, 0, reason))
    try:
        heard, to_us = reading_sound(layout, reading, segments)
    except DataError as error:
        kept = [
            Word(reading_id=name, index=index, text=token)
            for index, token in enumerate((text or "").split())
        ]
        return _Done(kept or None, silent=Silent(name, len(kept), len(kept), str(error)))
    made = engine.transcribe(heard, text)
    words = [
        Word(
            reading_id=name,
            index=index,
            text=word.text,
            onset_us=None if word.onset_s is None else to_us(word.onset_s),
            offset_us=None if word.offset_s is None else to_us(word.offset_s),
            confidence=word.confidence,
            engine=made.engine if word.onset_s is not None else None,
        )
        for index, word in enumerate(made.words)
    ]
    guessed = tuple(word.text for word in made.words if word.guessed)
    return _Done(words or None, guessed, _silence(name, made))


def _silence(name: str, made: Transcription) -> Silent | None:
    if not made.words:
        return Silent(name, 0, 0, "nothing was heard")
    if not made.untimed:
        return None
    reasons = sorted({_REASONS.get(word.reason or "", "no time") for word in made.untimed})
    note = [made.note] if made.note else []
    return Silent(name, len(made.untimed), len(made.words), "; ".join(reasons + note))


def _merged(
    before: Sequence[Word], done: dict[str, _Done], readings: Sequence[ReadingRecord]
) -> list[Word]:
    held_by: dict[str, list[Word]] = {}
    for word in before:
        held_by.setdefault(word.reading_id, []).append(word)
    for name, one in done.items():
        if one.words is not None:
            held_by[name] = one.words
    return [word for reading in readings for word in held_by.get(reading.reading_id, [])]


def _replace(
    layout: SessionLayout, before: Sequence[Word], words: Iterable[Word], engine: str
) -> None:
    """Keep what stood there, announce what comes, write it; cut anywhere, the next run goes on."""
    if before:
        number = 0
        while layout.earlier_transcript(number).exists():
            number += 1
        with atomic_path(layout.earlier_transcript(number)) as part:
            shutil.copyfile(layout.transcript, part)
    lines = b"".join(msgspec.json.encode(word) + b"\n" for word in words)
    trail = AuditTrail(layout.audit)
    told = f"transcript written anew with engine {engine}; {len(before)} words kept apart"
    trail.append(_WHO, f"{told}; sha256 {sha256_bytes(lines)}")
    trail.close()
    write_bytes(layout.transcript, lines)


def _told(
    name: str,
    engine: str,
    chosen: Sequence[ReadingRecord],
    done: dict[str, _Done],
    *,
    changed: bool,
) -> SessionTranscript:
    words = [word for one in done.values() for word in one.words or ()]
    return SessionTranscript(
        session=name,
        engine=engine,
        readings=len(chosen),
        words=len(words),
        timed=sum(word.onset_us is not None for word in words),
        guessed=tuple(sorted({word for one in done.values() for word in one.guessed})),
        silent=tuple(one.silent for one in done.values() if one.silent is not None),
        changed=changed,
    )
