"""How is the growing session copied to a second place, and is the copy whole?

::

    after each reading --> one thread: new bytes of each file --> appended to the copy, compared
    by SHA-256 --> told where it fails; the session goes on
"""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from gazekit.model.files import verify_checksums

__all__ = ["Backup", "copy_session"]

_CHUNK = 1 << 20


def copy_session(root: Path, target: Path) -> list[str]:
    """Bring `target` to what `root` holds now; return what could not be made equal.

    Only what was appended is sent where the copy is a beginning of the file; any other file is
    copied anew. Each copy is read back and its SHA-256 compared with that of the same bytes here.
    It can be cut at any moment and begun again. A file that is gone here goes there too.
    """
    problems = []
    target.mkdir(parents=True, exist_ok=True)
    here = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    for name in sorted(here):
        try:
            _copy(root / name, target / name)
        except FileNotFoundError:
            continue  # a temporary file that has taken its name meanwhile
        except OSError as error:
            problems.append(f"{name}: {error.strerror or error}")
        except _UnequalError:
            problems.append(f"{name}: the copy differs")
    for path in target.rglob("*"):
        if path.is_file() and not (root / path.relative_to(target)).exists():
            path.unlink()
    return problems


class _UnequalError(Exception):
    """A copy does not have the hash of what was copied."""


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    size = source.stat().st_size
    have = target.stat().st_size if target.exists() else 0
    if have > size or (have and _hash(target, have) != _hash(source, have)):
        have = 0
    with source.open("rb") as reads, target.open("r+b" if have else "wb") as writes:
        reads.seek(have)
        writes.seek(have)
        left = size - have
        while left > 0 and (chunk := reads.read(min(_CHUNK, left))):
            writes.write(chunk)
            left -= len(chunk)
        writes.flush()
        os.fsync(writes.fileno())
    if _hash(target, size) != _hash(source, size):
        raise _UnequalError


def _hash(path: Path, size: int) -> str:
    digest, left = hashlib.sha256(), size
    with path.open("rb") as file:
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


class Backup:
    """Copies the session in its own thread; a failure is told and never stops the session.

    Parameters
    ----------
    root
        The session folder.
    parent
        Where its copy is to stand, under the same name.
    tell
        Called with a failure, in one line, from the thread.
    """

    def __init__(self, root: Path, parent: Path, tell: Callable[[str], None]) -> None:
        self._root, self._target = root, parent / root.name
        self._tell = tell
        self._wanted = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="backup", daemon=True)
        self._thread.start()

    def kick(self) -> None:
        """Ask for a copy of what is there now; returns at once."""
        self._wanted.set()

    def stop(self) -> None:
        """Wait for a copy that is under way, and make no other."""
        self._stopping = True
        self._wanted.set()
        self._thread.join()

    def final(self) -> list[str]:
        """Copy the closed session and check the copy by its checksums; return what is wrong."""
        problems = self._copied()
        if not problems:
            problems = [str(problem) for problem in verify_checksums(self._target)]
        return problems

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._stopping:
                return
            problems = self._copied()
            if problems:
                more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
                self._tell(f"the backup is not whole: {problems[0]}{more}")

    def _copied(self) -> list[str]:
        try:
            return copy_session(self._root, self._target)
        except OSError as error:
            return [f"{self._target.parent.name}: {error.strerror or error}"]
