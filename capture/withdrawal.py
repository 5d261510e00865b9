"""How is a session, or everything of a reader, removed for good, and what remains to say so?

::

    named or matched --> refused while recorded --> renamed aside --> removed --> tombstone
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from capture.catalogue import session_folders
from gazekit.model.audit import AuditTrail
from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.files import fsync_folder
from gazekit.model.layout import SessionLayout
from gazekit.model.layout_station import StationLayout
from gazekit.model.recovery import is_recording
from gazekit.model.session import read_session_record

__all__ = ["Withdrawal", "erase_sessions", "plan_withdrawal"]


@dataclass(frozen=True)
class Withdrawal:
    """What would go: session folders, and what beside them could not be read (and so stays)."""

    parent: Path
    sessions: tuple[Path, ...]
    unreadable: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """How much the sessions take on the disk."""
        return sum(
            path.stat().st_size
            for root in self.sessions
            for path in root.rglob("*")
            if path.is_file()
        )


def plan_withdrawal(
    parent: Path, *, reader: str | None = None, session: str | None = None
) -> Withdrawal:
    """Find the sessions of a reader, or the one session of that name; remove nothing.

    Raises
    ------
    UsageError
        There is no such folder, or both or neither of `reader` and `session` were given.
    DataError
        Nothing matches, or a program is recording one of the sessions.
    """
    if (reader is None) == (session is None):
        raise UsageError("give either --reader or --session")
    found, unreadable = [], []
    for root in session_folders(parent):
        try:
            reader_id = read_session_record(root).reader.reader_id
        except GazekitError:
            unreadable.append(root.name)
            reader_id = None
        named = root.name in {session, f"{SessionLayout.PREFIX}{session}"}
        if named or (reader is not None and reader_id == reader):
            found.append(root)
    if not found:
        raise DataError("no session matches", where=parent.name or parent, found=session or reader)
    for root in found:
        if is_recording(root):
            raise DataError(
                "the session is still being recorded",
                where=root.name,
                remedy="end it first; nothing was removed",
            )
    return Withdrawal(parent, tuple(found), tuple(unreadable))


def erase_sessions(plan: Withdrawal, *, reason: str) -> Path:
    """Remove the sessions of a plan and write a tombstone for each; return the audit file.

    A folder is renamed before it is removed, so that one that was removed in part is never taken
    for a session. What is on other disks (backups, built datasets) is not touched.
    """
    station = StationLayout(plan.parent)
    trail = AuditTrail(station.withdrawals)
    try:
        for root in plan.sessions:
            files = sum(path.is_file() for path in root.rglob("*"))
            trail.append("capture", f"erasing {root.name}: {files} files, reason: {reason}")
            aside = station.erasing(root.name)
            root.rename(aside)
            shutil.rmtree(aside)
            fsync_folder(plan.parent)
            trail.append("capture", f"erased {root.name}")
    finally:
        trail.close()
    return station.withdrawals
