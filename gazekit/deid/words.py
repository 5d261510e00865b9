"""Which words identify nobody by themselves? Those this program writes, and plain English."""

import re
import unicodedata
from functools import lru_cache
from importlib import resources

__all__ = ["plain_words", "tokens_of"]

_OURS = ("align", "build", "model", "report", "synthetic")
"""Packages whose texts end in datasets: their words are found there whoever was imaged."""

_WORDS = re.compile(r"[^\W_]+")
_TOKEN = re.compile(
    r"(?<![\d.])\d+\.\d+(?:[eE][+-]?\d+)?(?!\d)(?!\.\d)"  # a decimal number: no identifier
    r"|([^\W_]+)"
)

_ISO_TIME = re.compile(r"(?<=\d\d)t(?=\d\d:?\d\d)")
"""The T that ties a time to a date, as in 2001-12-31T23:59."""

_ENGLISH = """
abdomen acute above after air also any april august autumn bell best bilateral bird black blue body
bone both bright brook brown bush carter chance church clinical cold cole comparison cook cross day
december department dean early east effusion english evidence exam fair faith field finding findings
fine fisher forest fox frank free friend from general gold good grace grant gray great green grey
ground hand hands hard hart head heart held hill history hope house image images january joy july
june just key king knight lake lamb large last left light little long low lung lungs major march
mark marsh may middle miles mild miller moon moore more myers near new night noble none normal north
november october old page park patient penny pleural poor portable power price prior rays reed rib
rich right river rivers rose round royal rush sharp short silver since skin small snow spring stable
stone story strange street strong study summer sun swift technique temple the then there thorax town
true upper upright very view wall ward waters well west while white will wing winter wise with wolf
wood woods world worth year young
academic bureau center centre central city clinic college community county diagnostic district
foundation group health healthcare hospital hospitals imaging institute institution medical medicine
memorial national office practice private public radiology regional saint school science sciences
service services state system systems trust university x-ray xray
anonymous anonymized anonymised unknown unnamed none null test operator technologist
"""


def tokens_of(text: str) -> list[str]:
    """Return the words and numbers of a text, folded: no case, no accents; no decimal numbers."""
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return [word for word in _TOKEN.findall(_ISO_TIME.sub(" ", text.casefold())) if word]


@lru_cache(maxsize=1)
def plain_words() -> frozenset[str]:
    """Return words that are no identifier when they stand alone, folded."""
    words = set(tokens_of(_ENGLISH))
    for package in _OURS:
        for file in _files(package):
            words.update(word.casefold() for word in _WORDS.findall(file))
    return frozenset(words)


def _files(package: str) -> list[str]:
    folders = [resources.files("gazekit").joinpath(package)]
    texts = []
    while folders:
        for entry in folders.pop().iterdir():
            if entry.is_dir():
                folders.append(entry)
            elif entry.name.endswith((".py", ".html", ".css", ".js", ".j2")):
                texts.append(entry.read_text("utf-8"))
    return texts
