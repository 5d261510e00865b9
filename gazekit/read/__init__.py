"""Where do readings come from? One module a source, all of them giving `ReadingInput`."""

from gazekit.read.described import DescribedSource
from gazekit.read.description import SourceDescription, load_description
from gazekit.read.exclusions import REASONS, Exclusion, Reason
from gazekit.read.frame import in_display_px
from gazekit.read.inputs import (
    GIVEN_FIXATIONS,
    Catalogue,
    ImageSource,
    ReadingInput,
    SoundPart,
    Source,
)
from gazekit.read.kinds import SOURCES, SourceKind, SourceOptions
from gazekit.read.open import open_sources, source_kind
from gazekit.read.published import Pseudonyms
from gazekit.read.session import SessionSource, open_session
from gazekit.read.tobii_tsv import read_tobii_tsv

__all__ = [
    "GIVEN_FIXATIONS",
    "REASONS",
    "SOURCES",
    "Catalogue",
    "DescribedSource",
    "Exclusion",
    "ImageSource",
    "Pseudonyms",
    "ReadingInput",
    "Reason",
    "SessionSource",
    "SoundPart",
    "Source",
    "SourceDescription",
    "SourceKind",
    "SourceOptions",
    "in_display_px",
    "load_description",
    "open_session",
    "open_sources",
    "read_tobii_tsv",
    "source_kind",
]
