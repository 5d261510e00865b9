"""Which identifiers did the sources hold? Kept in memory only: never written, logged or raised.

What counts, so that a leak is found and "M", "CR" or 2048 is none (a *plain* word is one of
`gazekit.deid.words`: what this program writes itself, and common English):

===========  ====================================================================================
names        each part of 3 letters or more that is not plain; the whole name, in either order
numbers      5 signs or more with a digit, 6 or more where all are digits, 6 where none is and
             the word is not plain; separators do not matter; 6 digits or more in it count alone
dates        any spelling with a year of four digits (`gazekit.deid.dates`)
places       the whole phrase; each word of 5 letters or more that is not plain
UIDs         all but those of the standard itself
phrases      file names, private attributes: as numbers, or two words or more, one of them not
             plain; a single word without a digit is none
===========  ====================================================================================

An identifier of 8 signs or more is found inside longer words too. Times of day, single codes and
years do not count.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from gazekit.deid.dates import date_of, date_spellings
from gazekit.deid.words import plain_words, tokens_of

__all__ = ["Identifiers"]

_INNER = 8
_PREFIXED = re.compile(r"[a-z]{0,3}(\d{6,})")
_LEAST_NUMBER, _LEAST_DIGITS = 5, 6
_LEAST_NAME, _LEAST_PLACE, _LEAST_PHRASE = 3, 5, 7


class Identifiers:
    """What must be found nowhere, each under its kind.

    Parameters
    ----------
    plain
        Further words that identify nobody.
    """

    def __init__(self, plain: Iterable[str] = ()) -> None:
        self._plain = plain_words() | {token for text in plain for token in tokens_of(text)}
        self._kinds: dict[tuple[str, ...], str] = {}
        self._spans: dict[str, set[tuple[int, int]]] = defaultdict(set)
        self._inner: dict[str, dict[str, str]] = defaultdict(dict)

    def __bool__(self) -> bool:
        """Say whether anything is to be looked for."""
        return bool(self._kinds)

    def __repr__(self) -> str:
        """Say nothing of what it holds."""
        return f"<{type(self).__name__}>"

    def name(self, kind: str, text: str) -> None:
        """Add a person's name: ``Family^Given^Middle``, with ``=`` between its alphabets."""
        for alphabet in text.split("="):
            parts = tokens_of(alphabet)
            for part in parts:
                if len(part) >= _LEAST_NAME and not self._is_plain(part) and part.isalpha():
                    self._add(kind, (part,))
            letters = sum(map(len, parts))
            if len(parts) > 1 and letters >= _LEAST_PLACE:
                self._add(kind, parts[:2], inner=True)
                self._add(kind, parts[1::-1], inner=True)
            if any(part.isdigit() or not part.isalpha() for part in parts):
                self.number(kind, alphabet)

    def number(self, kind: str, text: str) -> None:
        """Add an identity number, serial or accession."""
        tokens = tokens_of(text)
        whole = "".join(tokens)
        if any(sign.isdigit() for sign in whole):
            least = _LEAST_DIGITS if whole.isdigit() else _LEAST_NUMBER
            if len(whole) >= least:
                self._add(kind, tokens, inner=True)
            for digits in filter(None, map(_PREFIXED.fullmatch, {*tokens, whole})):
                self._add(kind, (digits.group(1),), inner=True)
        elif len(whole) >= _LEAST_DIGITS and not all(map(self._is_plain, tokens)):
            self._add(kind, tokens, inner=True)

    def date(self, kind: str, text: str) -> None:
        """Add a DICOM date or date-time."""
        date = date_of(text)
        for spelling in date_spellings(date) if date else ():
            self._add(kind, spelling, inner=len(spelling) == 1)

    def place(self, kind: str, text: str) -> None:
        """Add an institution, a department, an address."""
        tokens = tokens_of(text)
        self.phrase(kind, text)
        for token in tokens:
            if len(token) >= _LEAST_PLACE and token.isalpha() and not self._is_plain(token):
                self._add(kind, (token,))

    def phrase(self, kind: str, text: str) -> None:
        """Add a free text that as a whole names somebody, such as a file name."""
        tokens = tokens_of(text)
        whole = "".join(tokens)
        if any(sign.isdigit() for sign in whole):
            if len(whole) >= _LEAST_DIGITS and not all(map(self._is_plain, tokens)):
                self.number(kind, text)
        elif (
            len(tokens) > 1 and len(whole) >= _LEAST_PHRASE and not all(map(self._is_plain, tokens))
        ):
            self._add(kind, tokens, inner=True)

    def uid(self, kind: str, text: str) -> None:
        """Add a DICOM UID."""
        if not text.startswith("1.2.840.10008."):
            tokens = [part for part in text.split(".") if part]
            if len(tokens) > 2:  # noqa: PLR2004 - two components name nobody
                self._add(kind, tokens)

    def found_in(self, tokens: Sequence[str]) -> Iterator[str]:
        """Yield the kind of each identifier among the tokens of a text."""
        for at, token in enumerate(tokens):
            for before, length in self._spans.get(token, ()):
                start = at - before
                if start >= 0:
                    kind = self._kinds.get(tuple(tokens[start : start + length]))
                    if kind is not None:
                        yield kind

    def found_inside(self, token: str) -> Iterator[str]:
        """Yield the kind of each long identifier inside one token."""
        for at in range(len(token) - _INNER + 1):
            for wanted, kind in self._inner.get(token[at : at + _INNER], {}).items():
                if token.startswith(wanted, at):
                    yield kind

    def _is_plain(self, token: str) -> bool:
        return token in self._plain

    def _add(self, kind: str, tokens: Sequence[str], *, inner: bool = False) -> None:
        wanted = tuple(tokens)
        if len(wanted) == 1 and wanted[0] in self._plain:
            return
        self._kinds.setdefault(wanted, kind)
        # Found by its longest word: many begin alike, as UIDs and dates do.
        anchor = max(range(len(wanted)), key=lambda place: len(wanted[place]))
        self._spans[wanted[anchor]].add((anchor, len(wanted)))
        whole = "".join(wanted)
        if inner and len(whole) >= _INNER:
            self._inner[whole[:_INNER]].setdefault(whole, kind)
