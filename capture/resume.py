"""What did an earlier session of this reader leave to be read?

::

    newest session of the reader by this protocol --> cut? mended first
         |  continues an earlier one? that one's readings count too
         v
    finished: skipped     interrupted: read again, or left out, as the protocol says     rest
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gazekit.model.errors import GazekitError, UsageError
from gazekit.model.layout import SessionLayout
from gazekit.model.protocol import Protocol
from gazekit.model.records import SessionRecord
from gazekit.model.recovery import recover_session
from gazekit.model.session import read_session_record, readings_of

__all__ = ["LATEST", "Earlier", "find_earlier"]

LATEST = "latest"
"""The session to resume where none is named."""


@dataclass(frozen=True)
class Earlier:
    """The session that is resumed, and the first images of what need not be read any more.

    `done`: finished; `interrupted`: begun and cut, and not finished since.
    """

    record: SessionRecord
    done: frozenset[str]
    interrupted: frozenset[str]

    def skips(self, image_id: str, protocol: Protocol) -> bool:
        """Say whether a study is not to be read again; it is named by its first image."""
        if image_id in self.done:
            return True
        return protocol.session.interrupted == "exclude" and image_id in self.interrupted


def find_earlier(
    out: Path, resume: str, *, reader_id: str, protocol_sha256: str
) -> tuple[Earlier, bool]:
    """Find the session to resume, mend it where it was cut, and read what was done in it.

    Returns
    -------
    earlier
        What was done.
    mended
        Whether the session had been cut and was mended now.

    Raises
    ------
    UsageError
        There is none, or it is another reader's or by another protocol.
    DataError
        It is still being recorded, or damaged.
    """
    root = _newest(out, reader_id, protocol_sha256) if resume == LATEST else _named(out, resume)
    record = read_session_record(root)
    _check_same(record, reader_id, protocol_sha256)
    mended = recover_session(root).changed
    outcomes = [
        (reading.image_id, reading.outcome)
        for each in _chain(root)
        for reading in readings_of(each)
    ]
    done = frozenset(image_id for image_id, outcome in outcomes if outcome == "complete")
    cut = frozenset(image_id for image_id, outcome in outcomes if outcome == "aborted")
    return Earlier(read_session_record(root), done, cut - done), mended


def _named(out: Path, name: str) -> Path:
    for root in (Path(name), out / name, SessionLayout.under(out, Path(name).name).root):
        if SessionLayout(root).session.is_file():
            return root
    raise UsageError("no such session", where="--resume", found=name, remedy="see: capture list")


def _newest(out: Path, reader_id: str, protocol_sha256: str) -> Path:
    found = []
    for root in out.glob(f"{SessionLayout.PREFIX}*"):
        try:
            record = read_session_record(root)
        except GazekitError:
            continue
        if (record.reader.reader_id, record.protocol_sha256) == (reader_id, protocol_sha256):
            # Of two begun in the same second the later folder is the newer one.
            began = SessionLayout(root).protocol.stat().st_mtime_ns
            found.append((record.created_at, began, root))
    if not found:
        raise UsageError(
            "there is no session to resume",
            where="--resume",
            expected="one of this reader, by the same protocol",
            remedy="leave --resume out to start the first one",
        )
    return max(found)[-1]


def _check_same(record: SessionRecord, reader_id: str, protocol_sha256: str) -> None:
    if record.reader.reader_id != reader_id:
        raise UsageError(
            "the session to resume is of another reader",
            where="--resume",
            expected=reader_id,
            found=record.reader.reader_id,
        )
    if record.protocol_sha256 != protocol_sha256:
        raise UsageError(
            "the protocol was changed since the session to resume",
            where="--resume",
            remedy="resume with the protocol.toml that lies in the session's folder",
        )


def _chain(root: Path) -> Iterator[Path]:
    """Yield the session and those that it continues, newest first; one that is gone ends it."""
    seen: set[Path] = set()
    while root not in seen and SessionLayout(root).session.is_file():
        seen.add(root)
        yield root
        earlier = read_session_record(root).continues
        if earlier is None:
            return
        root = SessionLayout.under(root.parent, earlier).root
