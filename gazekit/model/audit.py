"""The audit trail: who did what and when, each line chained to the one before by its hash."""

import datetime as dt
from pathlib import Path

import msgspec

from gazekit.model.errors import DataError, GazekitError
from gazekit.model.files import sha256_bytes
from gazekit.model.stream import JsonLinesWriter, read_json_lines

__all__ = ["AuditRecord", "AuditTrail", "check_audit"]

_START = "0" * 64


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act. `previous` is the SHA-256 of the line before, zeros for the first."""

    sequence: int
    created_at: str
    who: str
    what: str
    previous: str


class AuditTrail:
    """Appends to an audit file; an existing one is continued."""

    def __init__(self, path: Path) -> None:
        records = read_json_lines(path, AuditRecord)
        self._sequence = len(records)
        self._previous = _hash(records[-1]) if records else _START
        self._writer = JsonLinesWriter(path)

    def append(self, who: str, what: str) -> None:
        """Add one act; `who` is a pseudonym or the program."""
        now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
        record = AuditRecord(
            sequence=self._sequence, created_at=now, who=who, what=what, previous=self._previous
        )
        self._writer.append(record)
        self._sequence += 1
        self._previous = _hash(record)

    def close(self) -> None:
        """Sync and close."""
        self._writer.close()


def check_audit(path: Path) -> list[GazekitError]:
    """Return where the chain is broken; [] when it holds."""
    previous = _START
    for index, record in enumerate(read_json_lines(path, AuditRecord)):
        if record.sequence != index or record.previous != previous:
            where = f"{path.name} line {index + 1}"
            return [DataError("the audit chain is broken", where=where)]
        previous = _hash(record)
    return []


def _hash(record: AuditRecord) -> str:
    return sha256_bytes(msgspec.json.encode(record))
