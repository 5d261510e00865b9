"""How does an English word probably sound that no dictionary holds?

Letter groups are taken from the left, the longest that fits first, each with one sound; no stress,
no syllables. It is good enough for alignment, which forgives a wrong vowel; it is not good enough
to read aloud. The aligner says which words were spelled out in this way.
"""

import re

__all__ = ["letter_sounds"]

_GROUPS: dict[str, str] = {
    "tion": "SH AH N",
    "sion": "ZH AH N",
    "cian": "SH AH N",
    "tial": "SH AH L",
    "cial": "SH AH L",
    "ough": "AO",
    "augh": "AO",
    "eigh": "EY",
    "igh": "AY",
    "tch": "CH",
    "dge": "JH",
    "sch": "S K",
    "rrh": "R",
    "eau": "OW",
    "ph": "F",
    "th": "TH",
    "sh": "SH",
    "ch": "K",
    "ck": "K",
    "qu": "K W",
    "ng": "NG",
    "rh": "R",
    "wh": "W",
    "gh": "G",
    "ae": "IY",
    "oe": "IY",
    "ee": "IY",
    "ea": "IY",
    "ie": "IY",
    "ei": "AY",
    "eu": "Y UW",
    "oo": "UW",
    "ou": "AW",
    "ow": "OW",
    "oi": "OY",
    "oy": "OY",
    "ai": "EY",
    "ay": "EY",
    "au": "AO",
    "aw": "AO",
    "ar": "AA R",
    "er": "ER",
    "ir": "ER",
    "ur": "ER",
    "or": "AO R",
    "a": "AE",
    "b": "B",
    "c": "K",
    "d": "D",
    "e": "EH",
    "f": "F",
    "g": "G",
    "h": "HH",
    "i": "IH",
    "j": "JH",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "o": "OW",
    "p": "P",
    "q": "K",
    "r": "R",
    "s": "S",
    "t": "T",
    "u": "AH",
    "v": "V",
    "w": "W",
    "x": "K S",
    "y": "IH",
    "z": "Z",
}
_STARTS = {"ps": "S", "pn": "N", "pt": "T", "kn": "N", "gn": "N", "wr": "R", "x": "Z", "y": "Y"}
_ENDS = {
    "ology": "AA L AH JH IY",
    "ectomy": "EH K T AH M IY",
    "ostomy": "AA S T AH M IY",
    "itis": "AY T IH S",
    "osis": "OW S IH S",
    "asis": "AH S IH S",
    "ous": "AH S",
    "ious": "IY AH S",
    "able": "AH B AH L",
    "ible": "AH B AH L",
    "al": "AH L",
    "ia": "IY AH",
    "um": "AH M",
    "us": "AH S",
    "a": "AH",
    "y": "IY",
    "es": "Z",
    "ed": "D",
    "le": "AH L",
}
_SOFT = re.compile(r"[ceg](?=[eiy])")
_MAGIC_E = re.compile(r"([aiou])([bcdfgklmnpstvz])e$")
_LONG = {"a": "EY", "i": "AY", "o": "OW", "u": "UW"}
_SOFT_SOUND = {"c": "S", "g": "JH"}
_DOUBLED = re.compile(r"([bcdfgklmnprstz])\1")
_LONGEST = max(map(len, _GROUPS))


def letter_sounds(word: str) -> tuple[str, ...]:
    """Return the phones (ARPAbet, no stress) of `word`; () when it has no letter of a to z."""
    letters = _DOUBLED.sub(r"\1", re.sub(r"[^a-z]", "", word.lower()))
    phones: list[str] = []
    for start, sound in _STARTS.items():
        if letters.startswith(start) and len(letters) > len(start):
            phones += sound.split()
            letters = letters[len(start) :]
            break
    stem, ending = _ending(letters)
    phones += _by_groups(stem)
    return tuple(phones + ending)


def _ending(letters: str) -> tuple[str, list[str]]:
    if match := _MAGIC_E.search(letters):
        consonant = _SOFT_SOUND.get(match[2], _GROUPS[match[2]])
        return letters[: match.start()], [_LONG[match[1]], *consonant.split()]
    for end in sorted(_ENDS, key=len, reverse=True):
        if letters.endswith(end) and len(letters) > len(end) + 1:
            return letters[: -len(end)], _ENDS[end].split()
    silent = letters.endswith("e") and len(letters) > 2  # noqa: PLR2004 - "be", "me" keep it
    return (letters[:-1] if silent else letters), []


def _by_groups(letters: str) -> list[str]:
    phones: list[str] = []
    at = 0
    while at < len(letters):
        if _SOFT.match(letters, at) and letters[at] in _SOFT_SOUND:
            phones.append(_SOFT_SOUND[letters[at]])
            at += 1
            continue
        size = next(n for n in range(_LONGEST, 0, -1) if letters[at : at + n] in _GROUPS)
        phones += _GROUPS[letters[at : at + size]].split()
        at += size
    return phones
