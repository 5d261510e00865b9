"""Which words are said where a report has a number, a unit, an abbreviation or a sign?"""

import re
from itertools import product

from gazekit.speech.numbers import number_words

__all__ = ["SPELLED", "spoken_forms"]

SPELLED = frozenset(
    [
        "ap",
        "pa",
        "ct",
        "mr",
        "mri",
        "cxr",
        "icu",
        "nicu",
        "micu",
        "sicu",
        "ccu",
        "copd",
        "chf",
        "ett",
        "ngt",
        "ogt",
        "svc",
        "ivc",
        "ij",
        "rul",
        "rml",
        "rll",
        "lul",
        "lll",
        "avr",
        "mvr",
        "tb",
        "hiv",
        "aicd",
        "icd",
        "iabp",
        "ecmo",
        "ecg",
        "ekg",
        "gi",
        "gu",
        "bmi",
        "dvt",
        "pe",
        "ards",
        "bpd",
        "rds",
        "ntm",
        "pcp",
        "lv",
        "rv",
        "cpa",
        "nsclc",
        "ild",
        "uip",
        "nsip",
        "ipf",
        "iv",
        "htn",
        "cad",
        "pfo",
        "asd",
        "vsd",
        "pda",
        "ng",
        "og",
        "ppm",
    ]
)
"""Abbreviations that are said letter by letter, whatever their case."""

_FULL: dict[str, tuple[str, ...]] = {
    "approx": ("approximately", "approx"),
    "bilat": ("bilateral", "bilaterally"),
    "ca": ("circa", "C A"),
    "cf": ("compare", "C F"),
    "cm": ("centimeters", "centimeter", "C M"),
    "cms": ("centimeters",),
    "dr": ("doctor",),
    "e.g": ("for example", "E G"),
    "eg": ("for example", "E G"),
    "etc": ("et cetera",),
    "fig": ("figure",),
    "ft": ("feet", "foot", "F T"),
    "h/o": ("history of",),
    "hx": ("history",),
    "i.e": ("that is", "I E"),
    "ie": ("that is", "I E"),
    "inf": ("inferior",),
    "kg": ("kilograms", "kilogram"),
    "kv": ("K V",),
    "lat": ("lateral",),
    "lt": ("left",),
    "m": ("meters", "meter", "M"),
    "mg": ("milligrams", "milligram"),
    "ml": ("milliliters", "milliliter", "M L"),
    "mm": ("millimeters", "millimeter", "M M"),
    "mos": ("months",),
    "mr": ("mister", "M R"),
    "mrs": ("missus",),
    "no": ("no", "number"),
    "nos": ("numbers",),
    "prof": ("professor",),
    "pt": ("patient", "P T"),
    "r/o": ("rule out",),
    "resp": ("respectively",),
    "rt": ("right",),
    "s/p": ("status post", "S P"),
    "sup": ("superior",),
    "st": ("saint",),
    "viz": ("namely",),
    "vs": ("versus", "V S"),
    "w": ("with", "W"),
    "w/": ("with",),
    "w/o": ("without",),
    "y/o": ("year old",),
    "yo": ("year old",),
    "yrs": ("years",),
    "x": ("by", "times", "X"),
    "%": ("percent",),
    "&": ("and",),
    "+": ("plus",),
    "=": ("equals",),
    "<": ("less than",),
    ">": ("greater than",),
    "°": ("degrees", "degree"),
    "#": ("number",),
    "~": ("approximately", "about"),
    "±": ("plus or minus",),
}
_PLAIN = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u00d7": "x", "\u2013": "-", "\u2014": "-", "\u2212": "-"}
)
_EDGES = ".,;:!?\"'()[]{}*_|<>-"
_PIECES = re.compile(
    r"\d+(?:,\d{3})+|\d{1,2}:\d{2}|\d{1,4}(?:st|nd|rd|th)(?![a-z])|\d*\.\d+|\d+|[a-z']+|[%&+=°#~±<>]",
    re.IGNORECASE,
)
_ONE_OF_MANY = 8
_RANGE = re.compile(r"\d-\d")
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]\.?", re.IGNORECASE)
_MOST_LETTERS = 5
_VOWELS = frozenset("aeiouy")


def spoken_forms(token: str, *, capitals_tell: bool = True) -> tuple[tuple[str, ...], ...]:
    """Return the ways in which one written token is said, as words in lower case.

    Single capital letters (``"C"``) are names of letters. ``()`` for a token without a sound, such
    as a dash. `capitals_tell` is False in a text that is all capitals, where they mean nothing.
    """
    plain = token.translate(_PLAIN).strip()
    whole = plain.strip(_EDGES).lower()
    if whole in _FULL and not number_words(whole):
        return _with_spelling(whole, tuple(tuple(way.split()) for way in _FULL[whole]))
    if _INITIALS.fullmatch(plain.strip("()[],;:")):
        return (tuple(c.upper() for c in plain if c.isalpha()),)
    pieces = _PIECES.findall(plain)
    ways = [_piece_forms(piece, alone=len(pieces) == 1, tell=capitals_tell) for piece in pieces]
    joined = [sum(way, ()) for way in product(*(way for way in ways if way))][:_ONE_OF_MANY]
    if _RANGE.search(plain):
        joined += [(*way[:1], "to", *way[1:]) for way in joined if len(pieces) == 2]  # noqa: PLR2004 - the two ends
    return tuple(dict.fromkeys(way for way in joined if way))


def _piece_forms(piece: str, *, alone: bool, tell: bool) -> tuple[tuple[str, ...], ...]:
    said = number_words(piece)
    if said:
        return said
    lower = piece.lower()
    if lower in _FULL and (not alone or not lower.isalpha()) and lower != "no":
        return tuple(tuple(way.split()) for way in _FULL[lower])
    word = lower.strip("'")
    return _word_forms(piece, word, alone=alone, tell=tell) if word else ()


def _word_forms(piece: str, word: str, *, alone: bool, tell: bool) -> tuple[tuple[str, ...], ...]:
    if len(word) == 1:
        return ((word,),) if alone and word in {"a", "i"} else ((word.upper(),),)
    letters = tuple(word.upper())
    if word in SPELLED or (not _VOWELS & set(word) and len(word) <= _MOST_LETTERS):
        return (letters, (word,))
    if tell and piece.isupper() and len(piece) <= _MOST_LETTERS and piece.isalpha():
        return ((word,), letters)
    return ((word,),)


def _with_spelling(whole: str, ways: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return (*ways, tuple(whole.upper())) if whole in SPELLED else ways
