"""Which session is to be watched: the one that was named, or the newest that is not closed."""

from pathlib import Path

from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.layout import SessionLayout
from gazekit.model.recovery import is_recording
from gazekit.model.session import read_session_record

__all__ = ["find_session", "open_session"]


def find_session(path: Path) -> Path:
    """Return `path` where it is a session folder, else the newest open session under it.

    Raises
    ------
    UsageError
        There is no such folder.
    DataError
        No session under it is open.
    """
    if not path.is_dir():
        raise UsageError("no such folder", where=path.name or path, remedy="check the path")
    if SessionLayout(path).session.is_file():
        return path
    found = open_session(path)
    if found is None:
        raise DataError(
            "no session is being recorded here",
            where=path.name or path,
            expected="a session folder that is not closed",
            remedy="start one with: capture run PROTOCOL --reader R01 --out DIR",
        )
    return found


def open_session(parent: Path) -> Path | None:
    """Return the newest session under `parent` that is not closed; one that is recorded first."""
    candidates = []
    for root in parent.glob(f"{SessionLayout.PREFIX}*"):
        try:
            record = read_session_record(root)
        except (GazekitError, OSError):
            continue
        if not record.closed:
            age = SessionLayout(root).session.stat().st_mtime_ns
            candidates.append((is_recording(root), age, root))
    return max(candidates)[2] if candidates else None
