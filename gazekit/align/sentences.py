"""Where does one dictated sentence end and the next begin?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from gazekit.model.records import Word

__all__ = ["Sentence", "split_sentences"]

_ENDS = re.compile(r"[.!?]+[\"')\]]*$")
_ABBREVIATIONS = frozenset(
    [
        "approx.",
        "ca.",
        "cf.",
        "cm.",
        "dr.",
        "e.g.",
        "etc.",
        "fig.",
        "i.e.",
        "inf.",
        "lat.",
        "mm.",
        "mr.",
        "mrs.",
        "ms.",
        "no.",
        "nos.",
        "prof.",
        "resp.",
        "st.",
        "sup.",
        "vs.",
        "viz.",
    ]
)
_INITIALS = re.compile(r"(?:[A-Za-z]\.){2,}")
_LIST_NUMBER = re.compile(r"[0-9]+\.")
_NO_SPACE_BEFORE = frozenset(".,;:!?)]%")


@dataclass(frozen=True)
class Sentence:
    """One dictated sentence. `onset_us`, `offset_us`: None where no word has a time."""

    index: int
    text: str
    words: tuple[Word, ...]
    onset_us: int | None
    offset_us: int | None


def split_sentences(words: Iterable[Word]) -> list[Sentence]:
    """Split a transcript into sentences; every word belongs to exactly one.

    A sentence ends at a word that ends in ``.``, ``!`` or ``?``, or at such a mark alone, unless
    the word is an abbreviation, initials, or a number that the next word continues (``2.`` ``5``).
    Words behind the last mark are a sentence too. The interval runs from the first onset to the
    last offset that is known; a mark alone, without a time, lends none.
    """
    ordered = sorted(words, key=lambda word: word.index)
    groups: list[list[Word]] = [[]]
    for word, following in zip_longest(ordered, ordered[1:]):
        if not word.text.strip():
            continue
        mark = not any(character.isalnum() for character in word.text)
        if mark and not groups[-1] and len(groups) > 1:
            groups[-2].append(word)
            continue
        groups[-1].append(word)
        if _ends(word.text.strip(), following):
            groups.append([])
    return [_sentence(index, group) for index, group in enumerate(g for g in groups if g)]


def _ends(text: str, following: Word | None) -> bool:
    if not _ENDS.search(text):
        return False
    if following is None:
        return True
    plain = text.rstrip("\"')]")
    if plain.lower() in _ABBREVIATIONS or _INITIALS.fullmatch(plain):
        return False
    return not (_LIST_NUMBER.fullmatch(plain) and following.text[:1].isdigit())


def _sentence(index: int, words: Sequence[Word]) -> Sentence:
    onsets = [word.onset_us for word in words if word.onset_us is not None]
    offsets = [word.offset_us for word in words if word.offset_us is not None]
    ends = offsets or onsets
    return Sentence(
        index=index,
        text=_joined(words),
        words=tuple(words),
        onset_us=min(onsets) if onsets else None,
        offset_us=max(ends) if onsets else None,
    )


def _joined(words: Sequence[Word]) -> str:
    text = ""
    for word in words:
        piece = word.text.strip()
        text += piece if not text or piece[0] in _NO_SPACE_BEFORE else f" {piece}"
    return text
