"""Which sources does a path name? Told by its content, or by the kind that the caller gives."""

from pathlib import Path

from gazekit.model.errors import UsageError, did_you_mean
from gazekit.read.description import is_protocol
from gazekit.read.inputs import Source
from gazekit.read.kinds import SOURCES, SourceKind, SourceOptions, kind_of
from gazekit.read.trackers import TRACKERS, recording_kind

__all__ = ["open_sources", "source_kind"]


_PAGE = ".html"


def open_sources(
    path: Path, *, kind: str | None = None, options: SourceOptions | None = None
) -> list[Source]:
    """Return the sources that `path` names, in the order of their names.

    Parameters
    ----------
    path
        A source description (a ``.toml`` file, or a folder with ``source.toml``), a session
        folder, a folder of them, a synthetic study, or a published dataset's folder or file.
    kind
        A name among `SOURCES`; None tells by the content.
    options
        Where a dataset's images lie, and what its patients are called.

    Raises
    ------
    UsageError
        Anything else, an unknown kind, a description that is wrong, or a dataset that names its
        patients without a key to make pseudonyms with.
    """
    found = source_kind(path, kind)
    return list(found.make(path, options or SourceOptions()))


def source_kind(path: Path, kind: str | None = None) -> SourceKind:
    """Return the kind of source that `path` is taken for.

    Raises
    ------
    UsageError
        Nothing known is there, or `kind` is no kind.
    """
    if kind is not None and kind not in SOURCES:
        raise UsageError(
            "no such kind of source",
            expected=", ".join(SOURCES),
            found=kind,
            remedy=did_you_mean(kind, list(SOURCES)),
        )
    if not path.exists():
        raise UsageError("no such file or folder", where=path.name or path, remedy="check the path")
    found = kind_of(path) if kind is None else SOURCES[kind]
    if found is None:
        raise _nothing(path)
    if found.name == "description" and path.is_file() and is_protocol(path):
        raise UsageError(
            "this is a study protocol, which holds no data",
            where=path.name,
            expected="a source description, or sessions",
            remedy="name the sessions that were recorded by it; capture run makes them",
        )
    return found


def _nothing(path: Path) -> UsageError:
    if path.suffix == _PAGE:
        what = "this is a page, which holds no data"
        return UsageError(what, where=path.name, remedy="leave it out of what is built")
    tracker = recording_kind(path)
    if tracker is not None:
        return UsageError(
            f"this is {TRACKERS[tracker].says}, which does not say what image was shown",
            where=path.name,
            remedy=f'list it in a source.toml with kind = "{tracker}", its image and its reader',
        )
    return UsageError(
        "there is nothing to build from",
        where=path.name or path,
        expected=", ".join(kind.says for kind in SOURCES.values()),
        remedy="check the path, say what it is with --source KIND, or simulate a study with: "
        "gazekit synth OUT",
    )
