"""Which readings did a person mark to be left out? A TOML file that people read and edit.

::

    [[reading]]
    id = "R01-8034a3bc-002"
    reason = "calibration"
    note = "drift from the third sentence on"
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec

from gazekit.model.config import load_toml, parse_toml, read_toml_text
from gazekit.model.config_problems import config_problems
from gazekit.model.errors import DataError, GazekitError, ProblemsError, UsageError
from gazekit.model.files import held, write_bytes
from gazekit.model.marked_text import changed_text

__all__ = [
    "MARK_REASONS",
    "MOST_NOTE",
    "Mark",
    "MarkReason",
    "changing_marks",
    "mark_of",
    "read_marks",
    "write_marks",
]

MarkReason = Literal[
    "gaze_quality", "calibration", "wrong_image", "dictation", "interrupted", "duplicate", "other"
]

MARK_REASONS: dict[MarkReason, str] = {
    "gaze_quality": "gaze is lost or noisy for too long",
    "calibration": "gaze stands off from what was looked at",
    "wrong_image": "the image is not the one that should have been read, or is spoilt",
    "dictation": "the dictation is missing, cut or another one's",
    "interrupted": "the reader was disturbed",
    "duplicate": "the same reading is in the data twice",
    "other": "what the note says",
}
"""Every reason for which a reading can be marked, and what it means."""

MOST_NOTE = 200
_MOST_ID = 200
_PATIENCE_S = 10.0
_AGAIN_S = 0.02

_HEAD = """\
# Readings that gazekit build leaves out, an entry each. Take an entry out, and the next build has
# the reading again. reason: {reasons}.
# note: one line, needed for "other"; name no person. gazekit view keeps what is written here.
"""


class Mark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading that is to be left out: its id, a reason code, and a line where there is one."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=_MOST_ID)]
    reason: MarkReason
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_NOTE)] | None = None


class _Marks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reading: tuple[Mark, ...] = ()


def mark_of(reading_id: str, reason: str, note: str | None) -> Mark:
    """Make a mark of what somebody typed; blanks around it go.

    Raises
    ------
    UsageError
        There is no such reason, the note is too long, missing for ``other``, or no single line.
    """
    text = (note or "").strip() or None
    if reason not in get_args(MarkReason):
        raise UsageError("no such reason", expected=", ".join(MARK_REASONS), found=reason)
    if text is not None and len(text) > MOST_NOTE:
        raise UsageError(
            "the note is too long", expected=f"at most {MOST_NOTE} characters", found=len(text)
        )
    mark = msgspec.convert({"id": reading_id, "reason": reason, "note": text}, Mark)
    problem = _problem(mark)
    if problem is not None:
        raise problem
    return mark


def read_marks(path: Path) -> tuple[Mark, ...]:
    """Read an exclusions file, in its order.

    Raises
    ------
    UsageError
        There is no such file, or one thing in it is wrong; file, line and key are named.
    ProblemsError
        Several things are wrong, one line each.
    """
    found: list[GazekitError] = [p.as_error(path.name) for p in config_problems(path, _Marks)]
    if not found:
        marks = load_toml(path, _Marks).reading
        found = [p for mark in marks if (p := _problem(mark, where=path.name)) is not None]
        found += _twins(marks, path.name)
        if not found:
            return marks
    raise found[0] if len(found) == 1 else ProblemsError(found, where=path.name)


def write_marks(path: Path, marks: Iterable[Mark]) -> None:
    """Let an exclusions file hold these marks, whole or not at all; comments in it stay.

    Entries that stay keep their place, new ones come last.

    Raises
    ------
    UsageError, ProblemsError
        The file is damaged, or written in a way that cannot be changed line by line.
    """
    wanted = {mark.id: mark for mark in marks}
    text, there = _HEAD.format(reasons=", ".join(MARK_REASONS)), {}
    if path.exists():
        text, there = read_toml_text(path), {mark.id: mark for mark in read_marks(path)}
    text = changed_text(text, _fields(there), wanted=_fields(wanted))
    if _held_by(text) != wanted:
        raise UsageError(
            "its entries cannot be changed without losing what stands there",
            where=path.name,
            expected="an entry as [[reading]] and a line for each key",
            remedy="change it in an editor",
        )
    write_bytes(path, text.encode())


@contextmanager
def changing_marks(path: Path) -> Iterator[dict[str, Mark]]:
    """Yield the marks by reading id, to be changed; they are written when the block ends.

    Meanwhile no other process that does so changes the file: it waits a few seconds.

    Raises
    ------
    UsageError, ProblemsError
        See `write_marks`.
    GazekitError
        Another process does not let go of the file.
    """
    with _alone(path):
        marks = {mark.id: mark for mark in read_marks(path)} if path.exists() else {}
        before = dict(marks)
        yield marks
        if marks != before:
            write_marks(path, marks.values())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with ExitStack() as stack:
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                stack.enter_context(held(path.parent, where=path.name))
                break
            except GazekitError:
                if time.monotonic() > end:
                    raise
                time.sleep(_AGAIN_S)
        yield


def _fields(marks: Mapping[str, Mark]) -> dict[str, dict[str, str | None]]:
    return {name: msgspec.structs.asdict(mark) for name, mark in marks.items()}


def _held_by(text: str) -> dict[str, Mark] | None:
    try:
        return {mark.id: mark for mark in parse_toml(text, _Marks, where="").reading}
    except GazekitError:
        return None


def _twins(marks: tuple[Mark, ...], where: str) -> list[GazekitError]:
    counts = Counter(mark.id for mark in marks)
    return [
        DataError(
            "a reading stands there twice",
            where=f"{where}: {name}",
            expected="one entry a reading",
            found=f"{count} entries",
            remedy="take one out",
        )
        for name, count in counts.items()
        if count > 1
    ]


def _problem(mark: Mark, *, where: str | None = None) -> UsageError | None:
    place = mark.id if where is None else f"{where}: {mark.id}"
    if mark.reason == "other" and mark.note is None:
        remedy = "say in the note why it is left out"
        return UsageError('the reason "other" needs a note', where=place, remedy=remedy)
    if not (mark.id + (mark.note or "")).isprintable():
        return UsageError(
            "an id or a note holds what cannot be printed",
            where=repr(place),
            expected="one line of text",
        )
    return None
