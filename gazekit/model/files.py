"""Files that are whole or absent: atomic writes, and checksums of a folder."""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gazekit.model.errors import DataError, GazekitError
from gazekit.model.layout import CHECKSUMS

try:
    import fcntl as _fcntl
except ImportError:  # Windows, where a folder cannot be held
    _fcntl = None  # type: ignore[assignment]

__all__ = [
    "atomic_path",
    "fsync_folder",
    "held",
    "sha256_bytes",
    "sha256_file",
    "verify_checksums",
    "write_bytes",
    "write_checksums",
    "write_json",
]

_CHUNK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


def sha256_bytes(data: bytes | memoryview) -> str:
    """Return the SHA-256 of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def fsync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, where the system can (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is synced and takes its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        fsync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def held(folder: Path, *, where: object, shared: bool = False) -> Iterator[None]:
    """Make `folder` and hold it against other processes; the system lets go if this one dies.

    `shared`: others may hold it likewise, and nobody may hold it alone.

    Raises
    ------
    GazekitError
        Another process holds it; `where` is what the user knows it as.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if _fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            lock = _fcntl.LOCK_SH if shared else _fcntl.LOCK_EX
            _fcntl.flock(handle, lock | _fcntl.LOCK_NB)
        except BlockingIOError as error:
            remedy = "wait for it to end, or choose another --out"
            raise GazekitError("another process writes it", where=where, remedy=remedy) from error
        yield
    finally:
        os.close(handle)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that it is whole or absent."""
    with atomic_path(path) as part:
        part.write_bytes(data)


def write_json(path: Path, record: object) -> None:
    """Write a record or plain values as readable JSON, whole or absent."""
    write_bytes(path, msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def write_checksums(root: Path) -> Path:
    """Write SHA256SUMS for every file under `root` (sorted; readable by ``sha256sum -c``)."""
    lines = [f"{sha256_file(path)}  {name}\n" for name, path in _files(root)]
    target = root / CHECKSUMS
    write_bytes(target, "".join(lines).encode())
    return target


def verify_checksums(root: Path) -> list[GazekitError]:
    """Return what differs from SHA256SUMS: changed, missing and unlisted files; [] when sound."""
    sums = root / CHECKSUMS
    if not sums.is_file():
        raise DataError(
            "there is no SHA256SUMS", where=root.name, remedy="it is written when a folder closes"
        )
    listed: dict[str, str] = {}
    for line in sums.read_bytes().decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        if not (name and _DIGEST.fullmatch(digest)):
            raise DataError("SHA256SUMS is damaged", where=root.name, expected="HASH  FILE a line")
        listed[name] = digest
    present = dict(_files(root))
    problems: list[GazekitError] = [
        DataError("the file is missing", where=name) for name in sorted(listed.keys() - present)
    ]
    problems += [
        DataError("the file is not in SHA256SUMS", where=name)
        for name in sorted(present.keys() - listed)
    ]
    for name in sorted(present.keys() & listed):
        found = sha256_file(present[name])
        if found != listed[name]:
            problems.append(
                DataError("changed", where=name, expected=listed[name][:12], found=found[:12])
            )
    return problems


def _files(root: Path) -> list[tuple[str, Path]]:
    paths = (path for path in root.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    return sorted((path.relative_to(root).as_posix(), path) for path in paths)
