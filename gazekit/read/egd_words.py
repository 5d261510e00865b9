"""Which words were dictated in an EGD-CXR reading, and which times do the phrases lend them?

Times are given by phrase, and a phrase may end one sentence and begin the next. Only bounds that
the file states are taken: the first word of a phrase starts with it; a sentence that ends inside
a phrase ends, at the latest, with it; words between have no time of their own. What follows a
full stop inside a phrase takes its start from the next phrase, as in the authors' own walk.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from gazekit.model.errors import DataError
from gazekit.model.records import Word

__all__ = ["read_words"]

_ENGINE = "phrase times"


class _Phrase(msgspec.Struct, frozen=True):
    """Words with one common interval, in seconds."""

    phrase: str
    begin_time: float
    end_time: float


class _Transcript(msgspec.Struct, frozen=True):
    """One file; `full_text` says the same words."""

    time_stamped_text: list[_Phrase]
    full_text: str = ""


def read_words(path: Path, reading_id: str) -> Iterator[Word]:
    """Yield the words of a reading; times from the start of the audio. No file, no words.

    Raises
    ------
    DataError
        Not such a JSON file, or a phrase that ends before it begins.
    """
    if not path.is_file():
        return
    where = f"{reading_id}/{path.name}"
    try:
        transcript = msgspec.json.decode(path.read_bytes(), type=_Transcript)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"not a transcript: {error}", where=where) from error
    index = 0
    phrases = [phrase for phrase in transcript.time_stamped_text if phrase.phrase.strip()]
    for place, phrase in enumerate(phrases):
        if phrase.end_time < phrase.begin_time:
            raise DataError(
                "the value does not fit",
                where=f"{where}, phrase {place + 1}, end_time",
                expected=f"{phrase.begin_time:g} or later",
                found=phrase.end_time,
            )
        for text, onset, offset in _timed(phrase, last=place == len(phrases) - 1):
            yield Word(
                reading_id=reading_id,
                index=index,
                text=text,
                onset_us=onset,
                offset_us=offset,
                engine=_ENGINE,
            )
            index += 1


def _timed(phrase: _Phrase, *, last: bool) -> Iterator[tuple[str, int | None, int | None]]:
    """Yield the words of a phrase with the bounds that it lends them."""
    begin, end = round(phrase.begin_time * 1e6), round(phrase.end_time * 1e6)
    sentences = _split(phrase.phrase.split())
    for place, words in enumerate(sentences):
        open_ended = place == len(sentences) - 1 and not _ends(words[-1])
        lends = place == 0 or not open_ended or last
        for i, word in enumerate(words):
            onset = begin if lends and i == 0 else None
            offset = end if lends and i == len(words) - 1 else None
            yield word, onset, offset


def _split(words: Sequence[str]) -> list[list[str]]:
    """Divide words after each full stop."""
    parts: list[list[str]] = [[]]
    for word in words:
        parts[-1].append(word)
        if _ends(word):
            parts.append([])
    return [part for part in parts if part]


def _ends(word: str) -> bool:
    return word.endswith(".")
