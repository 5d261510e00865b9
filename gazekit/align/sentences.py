"""Where does one dictated sentence end and the next begin?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from gazekit.model.records import Word

__all__ = ["Sentence", "split_sentences"]

_ENDS = re.compile(r"[.!?\u2026]+[\"')\]]*$")
_NEVER_LAST = frozenset(
    ["cf.", "dr.", "e.g.", "fig.", "i.e.", "mr.", "mrs.", "ms.", "prof.", "st.", "viz."]
)
"""Abbreviations that something always follows."""
_SOMETIMES_LAST = frozenset(
    f"{word}."
    for word in ("approx", "bilat", "ca", "cm", "etc", "inf", "kg", "lat", "lt", "m", "mg", "ml")
) | {"mm.", "mos.", "resp.", "rt.", "sup.", "vs.", "yrs."}
"""Abbreviations that end a sentence where the next word starts like one."""
_BEFORE_A_NUMBER = frozenset(["no.", "nos."])
_INITIALS = re.compile(r"(?:[A-Za-z]\.){2,}")
_LIST_NUMBER = re.compile(r"\(?[0-9]{1,2}[.)]")
_DECIMAL_CUT = re.compile(r"[0-9]+\.")
_ELLIPSIS = re.compile(r"(?:\.{2,}|\u2026)[\"')\]]*$")
_NO_SPACE_BEFORE = frozenset(".,;:!?)]%")
_OPENERS = frozenset(
    [
        "a",
        "an",
        "the",
        "there",
        "this",
        "these",
        "both",
        "no",
        "normal",
        "mild",
        "moderate",
        "small",
        "large",
        "new",
        "old",
        "stable",
        "unchanged",
        "right",
        "left",
        "bilateral",
        "heart",
        "lungs",
        "trachea",
        "it",
        "its",
        "otherwise",
        "impression",
        "findings",
    ]
)


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
    the word is a title or an abbreviation that something follows (``Dr.``, ``e.g.``), one that
    usually goes on (``cm.``, ``vs.``, initials) before a word that starts no sentence, the number
    of a list item (``1.`` at a start), a number that the next word continues (``2.`` ``5``), or an
    ellipsis before a small letter. Words behind the last mark are a sentence too. The interval
    runs from the first onset to the last offset that is known; a mark alone, without a time,
    lends none.
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
        if _ends(word.text.strip(), following, first=len(groups[-1]) == 1):
            groups.append([])
    return [_sentence(index, group) for index, group in enumerate(g for g in groups if g)]


def _ends(text: str, following: Word | None, *, first: bool) -> bool:
    if not _ENDS.search(text):
        return False
    if following is None:
        return True
    after = following.text.strip()
    plain = text.rstrip("\"')]").lower().lstrip("([\"'")
    if plain in _NEVER_LAST or (first and _LIST_NUMBER.fullmatch(text)):
        return False
    if plain in _BEFORE_A_NUMBER or _DECIMAL_CUT.fullmatch(plain):
        return not after[:1].isdigit()
    if plain in _SOMETIMES_LAST or _INITIALS.fullmatch(plain):
        return _opens(after)
    return not (_ELLIPSIS.search(text) and after[:1].islower())


def _opens(after: str) -> bool:
    """Say whether a word starts a sentence: a capital, and a word that sentences start with."""
    return after[:1].isupper() and after.strip(".,:;").lower() in _OPENERS


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
