"""How are files of another place listed, fetched and sent? Through fsspec, one folder at a time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazekit.model.errors import UnfitError, UsageError
from gazekit.model.layout import DatasetLayout

__all__ = ["FarFolder", "is_url"]

_MARK = "://"
_OF_PROCESS = "memory"


def is_url(place: str | Path) -> bool:
    """Say whether a place is an address."""
    return _MARK in str(place)


@dataclass(frozen=True)
class FarFolder:
    """A folder at an address; picklable, since only the address is kept."""

    url: str

    @classmethod
    def of(cls, url: str) -> "FarFolder":
        """Name the folder at an address.

        Raises
        ------
        UnfitError
            What speaks its protocol is not installed.
        UsageError
            There is no such protocol.
        """
        folder = cls(url.rstrip("/"))
        folder._open()
        return folder

    @property
    def name(self) -> str:
        """Its last part."""
        return self.url.rsplit("/", 1)[-1]

    @property
    def is_of_process(self) -> bool:
        """Whether other processes do not see it."""
        return self.url.startswith(f"{_OF_PROCESS}{_MARK}")

    def inner(self, name: str) -> "FarFolder":
        """Name a folder inside it."""
        return FarFolder(f"{self.url}/{name}")

    def files(self) -> list[tuple[str, str]]:
        """List its files, at any depth: name inside it, and name where they are."""
        system, root = self._open()
        root = root.rstrip("/")
        found = sorted(system.find(root)) if system.exists(root) else []
        return [(path[len(root) :].lstrip("/"), path) for path in found if path != root]

    def fetch(self, target: Path) -> None:
        """Copy it to a folder of this machine."""
        system, _ = self._open()
        for name, path in self.files():
            local = target / name
            local.parent.mkdir(parents=True, exist_ok=True)
            system.get_file(path, str(local))

    def check_place(self) -> None:
        """Refuse to write where something else than a dataset is.

        Raises
        ------
        UsageError
            It is so.
        """
        names = {name for name, _ in self.files()}
        if names and _inside(DatasetLayout(Path()).info) not in names:
            raise UsageError(
                "there is something else than a dataset",
                where=self.url,
                expected="a new place or a built dataset",
                remedy="choose another --out",
            )

    def send_dataset(self, layout: DatasetLayout) -> None:
        """Put a dataset there: the old facts go first and the new ones come last.

        While it is sent, nothing that reads ``meta/info.json`` takes it for a dataset.
        """
        system, root = self._open()
        root = root.rstrip("/")
        info = _inside(DatasetLayout(Path()).info)
        before = {name for name, _ in self.files()}
        if info in before and system.cat_file(f"{root}/{info}") == layout.info.read_bytes():
            return
        if info in before:
            system.rm_file(f"{root}/{info}")
        last = [layout.manifest, layout.checksums, layout.info]
        paths = [path for path in sorted(layout.root.rglob("*")) if path.is_file()]
        ordered = [path for path in paths if path not in last] + last
        for path in ordered:
            target = f"{root}/{path.relative_to(layout.root).as_posix()}"
            system.makedirs(target.rpartition("/")[0], exist_ok=True)
            system.put_file(str(path), target)
        now = {path.relative_to(layout.root).as_posix() for path in paths}
        for name in sorted(before - now - {info}):
            system.rm_file(f"{root}/{name}")

    def _open(self) -> tuple[Any, str]:
        """Return the file system and the path in it."""
        protocol = self.url.split(_MARK)[0]
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise UnfitError(
                "addresses need fsspec", where=self.url, remedy='type: pip install "gazekit[far]"'
            ) from error
        try:
            system, path = url_to_fs(self.url)
        except ImportError as error:
            said = str(error).splitlines()[0]
            raise UnfitError(f"{protocol}:// needs another package: {said}") from error
        except ValueError as error:
            raise UsageError(
                "no such protocol", where=self.url, expected="s3://, file://, ...", found=protocol
            ) from error
        return system, str(path)


def _inside(path: Path) -> str:
    return path.as_posix()
