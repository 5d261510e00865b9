"""Which words were dictated in a REFLACX reading, and when?

Punctuation was dictated, so that ``.`` is a word with a time of its own; a word that a correction
put in has one moment as start and end, which is no time. ``none`` and ``null`` are words.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from gazekit.model.errors import DataError
from gazekit.model.records import Word
from gazekit.read.places import ReflacxPlaces, published_table

__all__ = ["read_words"]

_COLUMNS = ("word", "timestamp_start_word", "timestamp_end_word")


def read_words(places: ReflacxPlaces, reading_id: str) -> Iterator[Word]:
    """Yield the words of a reading; times from the start of the audio.

    Raises
    ------
    DataError
        A value does not fit, or the words are not those of the transcript.
    """
    file = published_table(places.words(reading_id), reading_id)
    spoken = []
    for index, row in enumerate(file.rows(_COLUMNS)):
        text = row.text("word")
        start, end = (row.number_in(column) for column in _COLUMNS[1:])
        if end < start:
            raise row.fault(_COLUMNS[2], expected=f"{start:g} or later", found=end)
        timed = end > start
        spoken.append(text)
        yield Word(
            reading_id=reading_id,
            index=index,
            text=text,
            onset_us=round(start * 1e6) if timed else None,
            offset_us=round(end * 1e6) if timed else None,
        )
    _check_transcript(places.transcript(reading_id), spoken, reading_id)


def _check_transcript(path: Path, spoken: Sequence[str], reading_id: str) -> None:
    """Refuse words that are not those of the transcript: one of the two files is cut."""
    if not path.is_file():
        return
    where = f"{reading_id}/{path.name}"
    try:
        text = "".join(path.read_text("utf-8-sig").split())
    except UnicodeDecodeError:
        raise DataError(
            "not UTF-8 text", where=where, remedy="get the file as its makers published it"
        ) from None
    said = "".join("".join(spoken).split())
    if text != said:
        raise DataError(
            "the transcript is not made of the words that have times",
            where=where,
            expected=f"{len(said)} characters",
            found=f"{len(text)} characters" if len(text) != len(said) else "other ones",
            remedy="check that the download is complete",
        )
