"""How is each token of a report pronounced, and where does the pronunciation come from?"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Literal

from gazekit.speech.letter_sounds import letter_sounds
from gazekit.speech.spoken_form import spoken_forms

__all__ = ["PHONES", "Phones", "Pronouncer", "Pronunciation", "Source", "chest_lexicon"]

Phones = tuple[str, ...]
Source = Literal["chest", "general", "rules"]

PHONES = frozenset(
    [
        "AA",
        "AE",
        "AH",
        "AO",
        "AW",
        "AY",
        "B",
        "CH",
        "D",
        "DH",
        "EH",
        "ER",
        "EY",
        "F",
        "G",
        "HH",
        "IH",
        "IY",
        "JH",
        "K",
        "L",
        "M",
        "N",
        "NG",
        "OW",
        "OY",
        "P",
        "R",
        "S",
        "SH",
        "T",
        "TH",
        "UH",
        "UW",
        "V",
        "W",
        "Y",
        "Z",
        "ZH",
    ]
)
"""The 39 phones of the CMU pronouncing dictionary, which the acoustic model knows."""

_LETTERS = {
    letter: tuple(phones.split())
    for letter, phones in zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            "EY",
            "B IY",
            "S IY",
            "D IY",
            "IY",
            "EH F",
            "JH IY",
            "EY CH",
            "AY",
            "JH EY",
            "K EY",
            "EH L",
            "EH M",
            "EH N",
            "OW",
            "P IY",
            "K Y UW",
            "AA R",
            "EH S",
            "T IY",
            "Y UW",
            "V IY",
            "D AH B AH L Y UW",
            "EH K S",
            "W AY",
            "Z IY",
        ],
        strict=True,
    )
}
_MOST_VARIANTS = 6
_MOST_OF_A_WORD = 3
_ORDER: tuple[Source, ...] = ("chest", "general", "rules")
_LEXICON = "chest.dict"


@dataclass(frozen=True)
class Pronunciation:
    """The ways to say one token, each a tuple of phones; `source` is that of its weakest part."""

    token: str
    variants: tuple[Phones, ...]
    source: Source


@lru_cache(maxsize=1)
def chest_lexicon() -> dict[str, tuple[Phones, ...]]:
    """Return our own pronunciations of the words of chest radiography."""
    text = files("gazekit.speech").joinpath(_LEXICON).read_text("utf-8")
    found: dict[str, tuple[Phones, ...]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, phones = line.split("  ", 1)
            found[word] = (*found.get(word, ()), tuple(phones.split()))
    return found


class Pronouncer:
    """Says how tokens sound: our chest lexicon, then a general dictionary, then letter rules.

    Parameters
    ----------
    general
        Returns the phones of a word in a general dictionary, or None; asked for ``word``,
        ``word(2)``, ...
    """

    def __init__(self, general: Callable[[str], str | None]) -> None:
        self._general = general
        self._known: dict[tuple[str, bool], Pronunciation | None] = {}

    def of(self, token: str, *, capitals_tell: bool = True) -> Pronunciation | None:
        """Return how `token` is said, None where it has no sound (a dash, a bullet)."""
        key = (token, capitals_tell)
        if key not in self._known:
            forms = self._whole(token) or spoken_forms(token, capitals_tell=capitals_tell)
            self._known[key] = self._said(token, forms)
        return self._known[key]

    def _whole(self, token: str) -> tuple[tuple[str, ...], ...]:
        plain = token.strip(".,;:!?()[]\"'").lower()
        return ((plain,),) if "-" in plain and plain in chest_lexicon() else ()

    def _said(self, token: str, forms: tuple[tuple[str, ...], ...]) -> Pronunciation | None:
        variants: dict[Phones, None] = {}
        best: Source = "rules"
        ranked = [(form, *self._form(form)) for form in forms]
        for _, ways, source in sorted(
            ranked, key=lambda one: _ORDER.index(one[2]) == len(_ORDER) - 1
        ):
            # Guessed sounds stand only where no form of the token has known ones.
            if variants and source == "rules":
                continue
            best = min(best, source, key=_ORDER.index)
            variants.update(dict.fromkeys(ways))
        kept = tuple(list(variants)[:_MOST_VARIANTS])
        return Pronunciation(token, kept, best) if kept else None

    def _form(self, words: tuple[str, ...]) -> tuple[list[Phones], Source]:
        parts = [self._word(word) for word in words]
        ways = [sum(way, ()) for way in product(*(variants for variants, _ in parts))]
        weakest: Source = max((source for _, source in parts), key=_ORDER.index)
        return [way for way in ways if way][:_MOST_VARIANTS], weakest

    def _word(self, word: str) -> tuple[tuple[Phones, ...], Source]:
        if word in _LETTERS:
            return (_LETTERS[word],), "general"
        for known in (word, word.removesuffix("'s")):
            if known in chest_lexicon():
                return chest_lexicon()[known][:_MOST_OF_A_WORD], "chest"
        names = [word, *(f"{word}({n})" for n in range(2, _MOST_OF_A_WORD + 1))]
        found = [tuple(said.split()) for name in names if (said := self._general(name))]
        if found:
            return tuple(found), "general"
        sounds = letter_sounds(word)
        return ((sounds,) if sounds else ()), "rules"
