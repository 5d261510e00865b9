"""Which kinds of source are there, by what content is each known, and what reads it?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gazekit.read.inputs import Source
from gazekit.read.published import Pseudonyms

__all__ = ["SOURCES", "SourceKind", "SourceOptions"]


@dataclass(frozen=True)
class SourceOptions:
    """What the command line adds to a path.

    `images`: the folder in which a public dataset's images lie, where they come apart from the
    gaze. `pseudonyms`: how identifiers are replaced; hashable and picklable, since sources are.
    """

    images: Path | None = None
    pseudonyms: Pseudonyms | None = None


@dataclass(frozen=True)
class SourceKind:
    """A kind of source.

    `says`: what it is, as a clause for a message. `recognise`: whether a path holds it; cheap,
    by content, never raises for a path that is something else. `make`: its sources, one or more.
    """

    name: str
    says: str
    recognise: Callable[[Path], bool]
    make: Callable[[Path, SourceOptions], Sequence[Source]]


_KINDS: tuple[SourceKind, ...] = ()

SOURCES: dict[str, SourceKind] = {kind.name: kind for kind in _KINDS}
"""Every kind by its name, in the order in which they are tried; `open_sources` goes by it."""
