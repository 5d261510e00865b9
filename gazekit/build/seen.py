"""Has a source, or the dataset, changed since the last build? Sizes and times of files tell.

The content's hash stays the truth. It is not taken again where no file's size, times or place on
the disk have changed since it was; ``--rehash`` takes it always.
"""

import os
import time
from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import msgspec

from gazekit.build.far_session import FarSession
from gazekit.model.errors import GazekitError
from gazekit.model.files import sha256_bytes, write_json
from gazekit.model.layout import DatasetLayout
from gazekit.model.version import SCHEMA_VERSION, STAGE_VERSIONS, __version__
from gazekit.read import Catalogue, DescribedSource, Reason, Source

__all__ = ["SeenSources", "dataset_is_as_left", "leave_dataset", "stamp_of"]

_SETTLED_NS = 100_000_000
"""A file that changes twice within one tick of the clock of its disk shows one change only."""

_LASTING: frozenset[Reason] = frozenset(
    ["session_without_readings", "session_not_closed", "gaze_discarded"]
)
"""What stays left out as long as the files are the same; other files may mend the rest."""

_MADE_BY = [__version__, SCHEMA_VERSION, STAGE_VERSIONS["read"], STAGE_VERSIONS["image"]]


class _SeenSource(msgspec.Struct, frozen=True):
    """A catalogue without a path: its paths are places in the list of the source's files."""

    stamp: str
    made_by: list[object]
    catalogue: msgspec.Raw


class _SeenDataset(msgspec.Struct, frozen=True):
    decides: str
    stamp: str


def stamp_of(files: Iterable[Path]) -> str | None:
    """Return a hash over names, sizes and times of files; None where one has just changed."""
    lines, newest = [], 0
    for path in files:
        try:
            found = path.stat()
        except OSError:
            lines.append(f"{path}\0-")
            continue
        newest = max(newest, found.st_mtime_ns, found.st_ctime_ns)
        facts = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        lines.append("\0".join(map(str, (path, *facts))))
    if time.time_ns() - newest < _SETTLED_NS:
        return None
    return sha256_bytes("\n".join(lines).encode())


class SeenSources:
    """The catalogues that the last build made, beside the units of a dataset."""

    def __init__(self, layout: DatasetLayout) -> None:
        self._layout = layout
        self._stamps: dict[Source, str | None] = {}
        _listing.cache_clear()

    def get(self, source: Source) -> Catalogue | None:
        """Return the catalogue of a source whose files are as they were, else None."""
        if isinstance(source, FarSession):
            return None
        try:
            files = _files_of(source)
        except GazekitError:
            return None
        self._stamps[source] = stamp_of(files)
        try:
            seen = msgspec.json.decode(self._place(source).read_bytes(), type=_SeenSource)
        except (OSError, msgspec.DecodeError):
            return None
        if seen.stamp != self._stamps[source] or seen.made_by != _MADE_BY:
            return None
        return msgspec.json.decode(
            seen.catalogue, type=Catalogue, dec_hook=lambda _, place: files[place]
        )

    def keep(self, source: Source, catalogue: Catalogue) -> None:
        """Keep a catalogue that was made after `get`; not one that other files may change."""
        stamp = self._stamps.get(source)
        if stamp is None or not {found.reason for found in catalogue.excluded} <= _LASTING:
            return
        places = {path: index for index, path in enumerate(_files_of(source))}
        try:
            data = msgspec.json.encode(catalogue, enc_hook=lambda path: places[path])
        except KeyError:
            return
        seen = _SeenSource(stamp, _MADE_BY, msgspec.Raw(data))
        path = self._place(source)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, seen)

    def _place(self, source: Source) -> Path:
        named = [f"{type(source).__name__}"]
        for one in fields(source):  # type: ignore[arg-type]
            value = getattr(source, one.name)
            # Pseudonyms have a key, which is tried and not written.
            named.append(value("patient", "probe") if callable(value) else str(value))
        return self._layout.seen_source(sha256_bytes("\n".join(named).encode())[:32])


def _files_of(source: Source) -> list[Path]:
    """List the files that a source may read, in a fixed order."""
    if isinstance(source, DescribedSource):
        return source.files()
    folders = [
        value
        for one in fields(source)  # type: ignore[arg-type]
        if isinstance(value := getattr(source, one.name), Path)
    ]
    return [path for folder in folders for path in _listing(folder)]


@lru_cache(maxsize=4)
def _listing(folder: Path) -> tuple[Path, ...]:
    """List a folder; one that several sources share is walked once for them."""
    return tuple(_walk(folder))


def _walk(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    return sorted(Path(parent, name) for parent, _, names in os.walk(folder) for name in names)


def dataset_is_as_left(layout: DatasetLayout, decides: str) -> bool:
    """Say whether a dataset stands as the last build left it, and would be made the same."""
    try:
        seen = msgspec.json.decode(layout.seen_dataset.read_bytes(), type=_SeenDataset)
    except (OSError, msgspec.DecodeError):
        return False
    return seen.decides == decides and seen.stamp == _stamp_of_dataset(layout)


def leave_dataset(layout: DatasetLayout, decides: str) -> None:
    """Note what decided a dataset, and the sizes and times of its files."""
    layout.left.mkdir(parents=True, exist_ok=True)
    write_json(layout.seen_dataset, _SeenDataset(decides, _stamp_of_dataset(layout)))


def _stamp_of_dataset(layout: DatasetLayout) -> str:
    lines = []
    for path in _walk(layout.root):
        found = path.stat()
        lines.append(f"{path.relative_to(layout.root)}\0{found.st_size}\0{found.st_mtime_ns}")
    return sha256_bytes("\n".join(lines).encode())
