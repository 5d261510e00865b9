"""Which sources does a path name? A session, a folder of sessions, or a source description."""

from pathlib import Path

from gazekit.model.errors import UsageError
from gazekit.model.layout import SOURCE_DESCRIPTION, SessionLayout, StudyLayout
from gazekit.read.described import DescribedSource
from gazekit.read.description import load_description
from gazekit.read.inputs import Source
from gazekit.read.session import SessionSource

__all__ = ["open_sources"]


def open_sources(path: Path) -> list[Source]:
    """Return the sources that `path` names, in the order of their names.

    A ``.toml`` file or a folder with ``source.toml`` is a source description, a folder with
    ``session.json`` a session, a folder of ``ses-*`` folders all of these, and a synthetic study
    its sessions.

    Raises
    ------
    UsageError
        Anything else, or a description that is wrong; it says what was expected.
    """
    if path.is_file() and path.suffix == ".toml":
        return [_described(path)]
    if (path / SOURCE_DESCRIPTION).is_file():
        return [_described(path / SOURCE_DESCRIPTION)]
    if SessionLayout(path).session.is_file():
        return [SessionSource(path)]
    for parent in (path, StudyLayout(path).sessions):
        found = sorted(p for p in parent.glob(f"{SessionLayout.PREFIX}*") if p.is_dir())
        if found:
            return [SessionSource(folder) for folder in found]
    raise UsageError(
        "there is nothing to build from" if path.exists() else "no such file or folder",
        where=path.name or path,
        expected=(
            "a session folder (session.json), a folder of ses-* folders, a source description "
            "(.toml), or a folder with source.toml"
        ),
        remedy="check the path, or simulate a study with: gazekit synth OUT",
    )


def _described(path: Path) -> DescribedSource:
    """Refuse a wrong description at once, before anything is built."""
    load_description(path)
    return DescribedSource(path)
