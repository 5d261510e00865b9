"""What was said in a reading that a source description lists, and when?"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from gazekit.model.errors import DataError
from gazekit.model.records import Word
from gazekit.read.cells import Row
from gazekit.read.delimited import Delimited
from gazekit.read.description import ReadingEntry
from gazekit.read.recording import Contents
from gazekit.read.selection import Span, moment_of

__all__ = ["words_of"]

_MOST_US = 10**13
_MISSING = ("null", "none", "NA", "nan")


class _JsonWord(msgspec.Struct, frozen=True):
    """One word of a JSON file; other fields are let pass."""

    text: str
    onset_us: int | None = None
    offset_us: int | None = None


class _JsonWords(msgspec.Struct, frozen=True):
    words: list[_JsonWord]


def words_of(
    entry: ReadingEntry, contents: Contents, span: Span, *, folder: Path
) -> tuple[Word, ...]:
    """Return the words of a reading, times on the recording's clock.

    Words of a report have no times. Those of a list have the times that stand there, counted from
    `speech_onset`, or from the reading's onset where that is not given.

    Raises
    ------
    DataError
        A file is missing or does not hold words; a time goes backwards or is not finite.
    """
    reading_id = entry.reading_id
    if entry.report is not None:
        text = _text(folder / entry.report, f"{reading_id}: the report")
        return tuple(
            Word(reading_id=reading_id, index=index, text=part)
            for index, part in enumerate(text.split())
        )
    if entry.words is None:
        return ()
    zero_us = moment_of(
        entry.speech_onset, contents, Path(entry.recording).name, occurrence=1, after_us=None
    )
    shift_us = span.onset_us if zero_us is None else zero_us
    path, where = folder / entry.words, f"{reading_id}: the words"
    found = _json(path, where) if path.suffix.lower() == ".json" else _csv(path, where)
    return tuple(
        Word(
            reading_id=reading_id,
            index=index,
            text=word.text,
            onset_us=None if word.onset_us is None else word.onset_us + shift_us,
            offset_us=None if word.offset_us is None else word.offset_us + shift_us,
        )
        for index, word in enumerate(_checked(found, where))
    )


def _text(path: Path, where: str) -> str:
    if not path.is_file():
        raise DataError("no such file", where=where, remedy="check the source description")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("not UTF-8 text", where=where, remedy="save it as UTF-8") from None


def _json(path: Path, where: str) -> Iterator[_JsonWord]:
    text = _text(path, where)
    try:
        yield from msgspec.json.decode(text, type=_JsonWords).words
    except msgspec.DecodeError as error:
        raise DataError(
            f"not a list of words: {error}",
            where=where,
            expected='{"words": [{"text": ..., "onset_us": ..., "offset_us": ...}, ...]}',
        ) from None


def _csv(path: Path, where: str) -> Iterator[_JsonWord]:
    if not path.is_file():
        raise DataError("no such file", where=where, remedy="check the source description")
    table = Delimited(path, ",", missing=_MISSING, called=where)
    for row in table.rows(("text", "onset_us", "offset_us")):
        yield _JsonWord(row.text("text"), _time(row, "onset_us"), _time(row, "offset_us"))


def _time(row: Row, column: str) -> int | None:
    return None if row.optional(column) is None else row.whole(column)


def _checked(words: Iterator[_JsonWord], where: str) -> Iterator[_JsonWord]:
    """Yield the words; a word with half a time, or one that ends before it begins, is an error."""
    last_us = -_MOST_US
    for number, word in enumerate(words, start=1):
        onset, offset = word.onset_us, word.offset_us
        here = f"{where}, word {number}"
        if (onset is None) != (offset is None):
            raise DataError("a word has half a time", where=here, expected="both times or none")
        if onset is not None and offset is not None:
            if not last_us <= onset <= offset < _MOST_US:
                raise DataError(
                    "the times do not follow each other",
                    where=here,
                    expected=f"an onset of {last_us} us or later, and an offset after it"
                    if last_us > -_MOST_US
                    else "an onset, and an offset after it",
                    found=f"{onset} to {offset} us",
                )
            last_us = onset
        yield word
