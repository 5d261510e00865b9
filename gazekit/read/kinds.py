"""Which kinds of source are there, by what content is each known, and what reads it?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gazekit.model.layout import SOURCE_DESCRIPTION, SessionLayout, StudyLayout
from gazekit.read.described import DescribedSource
from gazekit.read.description import load_description
from gazekit.read.egd_cxr import egd_sources, is_egd
from gazekit.read.gazesearch import gazesearch_sources, is_gazesearch
from gazekit.read.inputs import Source
from gazekit.read.mimic_eye import is_mimic_eye, mimic_eye_sources
from gazekit.read.published import Pseudonyms
from gazekit.read.reflacx import is_reflacx, reflacx_sources
from gazekit.read.session import SessionSource

__all__ = ["SOURCES", "SourceKind", "SourceOptions", "kind_of"]


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


def _session_folders(path: Path) -> list[Path]:
    """List the session folders that a path names: itself, or those in it or in a study."""
    if SessionLayout(path).session.is_file():
        return [path]
    for parent in (path, StudyLayout(path).sessions):
        found = sorted(p for p in parent.glob(f"{SessionLayout.PREFIX}*") if p.is_dir())
        if found:
            return found
    return []


def _description(path: Path) -> Path:
    return path / SOURCE_DESCRIPTION if path.is_dir() else path


def _is_description(path: Path) -> bool:
    file = _description(path)
    return file.is_file() and file.suffix == Path(SOURCE_DESCRIPTION).suffix


def _described(path: Path, _: SourceOptions) -> list[Source]:
    """Refuse a wrong description at once, before anything is built."""
    load_description(_description(path))
    return [DescribedSource(_description(path))]


def _published(make: Callable[..., Sequence[Source]]) -> Callable[..., Sequence[Source]]:
    return lambda path, options: make(path, images=options.images, pseudonyms=options.pseudonyms)


_KINDS = (
    SourceKind("description", "a source description", _is_description, _described),
    SourceKind(
        "session",
        "raw sessions",
        lambda path: bool(_session_folders(path)),
        lambda path, _: [SessionSource(folder) for folder in _session_folders(path)],
    ),
    SourceKind("mimic_eye", "MIMIC-Eye", is_mimic_eye, _published(mimic_eye_sources)),
    SourceKind("reflacx", "REFLACX", is_reflacx, _published(reflacx_sources)),
    SourceKind("egd_cxr", "EGD-CXR", is_egd, _published(egd_sources)),
    SourceKind(
        "gazesearch", "GazeSearch or GazeIntent", is_gazesearch, _published(gazesearch_sources)
    ),
)

SOURCES: dict[str, SourceKind] = {kind.name: kind for kind in _KINDS}
"""Every kind by its name, in the order in which they are tried; `kind_of` goes by it."""


def kind_of(path: Path) -> SourceKind | None:
    """Tell by its content what `path` holds, None where it is nothing that is known."""
    return next((kind for kind in SOURCES.values() if kind.recognise(path)), None)
