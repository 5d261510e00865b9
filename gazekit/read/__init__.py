"""Where do readings come from? One module a source, all of them giving `ReadingInput`."""

from gazekit.read.described import DescribedSource
from gazekit.read.description import SourceDescription, load_description
from gazekit.read.exclusions import REASONS, Exclusion, Reason
from gazekit.read.inputs import Catalogue, ImageSource, ReadingInput, Source
from gazekit.read.open import open_sources
from gazekit.read.session import SessionSource, open_session
from gazekit.read.tobii_tsv import read_tobii_tsv

__all__ = [
    "REASONS",
    "Catalogue",
    "DescribedSource",
    "Exclusion",
    "ImageSource",
    "ReadingInput",
    "Reason",
    "SessionSource",
    "Source",
    "SourceDescription",
    "load_description",
    "open_session",
    "open_sources",
    "read_tobii_tsv",
]
