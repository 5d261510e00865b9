"""Which sessions are under a folder, and what is each worth?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from gazekit.model.errors import GazekitError, UsageError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import CalibrationRecord, SessionRecord
from gazekit.model.recovery import is_recording
from gazekit.model.session import (
    iter_samples,
    read_calibrations,
    read_images,
    read_session_record,
    readings_of,
)

__all__ = ["SessionLine", "catalogue", "session_folders"]

_State = Literal["recording", "open", "closed", "recovered", "damaged"]


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One session: what a coordinator asks of it. None where it cannot be known.

    `state`: ``recording`` while a program writes it, ``open`` where it was cut and waits for
    ``capture recover``, ``damaged`` where its records cannot be read (`problem` says why).
    `data_loss`: share of samples without a valid eye. `accuracy_deg`: of the last accepted
    validation.
    """

    session: str
    state: _State
    reader: str | None = None
    protocol: str | None = None
    created_at: str | None = None
    simulated: bool | None = None
    complete: int | None = None
    planned: int | None = None
    duration_s: float | None = None
    data_loss: float | None = None
    accuracy_deg: float | None = None
    size_bytes: int = 0
    problem: str | None = None


def session_folders(parent: Path) -> list[Path]:
    """Return the session folders directly under `parent`, by name.

    Raises
    ------
    UsageError
        There is no such folder.
    """
    if not parent.is_dir():
        raise UsageError("no such folder", where=parent.name or parent, remedy="check the path")
    found = parent.glob(f"{SessionLayout.PREFIX}*")
    return sorted(path for path in found if path.is_dir())


def catalogue(parent: Path) -> Iterator[SessionLine]:
    """Yield a line for each session under `parent`, oldest first."""
    lines = [_line(root) for root in session_folders(parent)]
    yield from sorted(lines, key=lambda line: (line.created_at or "", line.session))


def _line(root: Path) -> SessionLine:
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    try:
        record = read_session_record(root)
        return _described(root, record, size)
    except GazekitError as error:
        return SessionLine(session=root.name, state="damaged", size_bytes=size, problem=str(error))


def _described(root: Path, record: SessionRecord, size: int) -> SessionLine:
    duration_s, loss = _gaze(root)
    accepted = _accepted(read_calibrations(root))
    return SessionLine(
        session=root.name,
        state=_state(root, record),
        reader=record.reader.reader_id,
        protocol=record.protocol,
        created_at=record.created_at,
        simulated=record.simulated or record.tracker.simulated,
        complete=len({r.image_id for r in readings_of(root) if r.outcome == "complete"}),
        planned=len(record.planned) or len(read_images(root)),
        duration_s=duration_s,
        data_loss=loss,
        accuracy_deg=None if accepted is None else accepted.accuracy_deg,
        size_bytes=size,
    )


def _state(root: Path, record: SessionRecord) -> _State:
    if not record.closed:
        return "recording" if is_recording(root) else "open"
    return "recovered" if record.recovered else "closed"


def _accepted(attempts: list[CalibrationRecord]) -> CalibrationRecord | None:
    found = [one for one in attempts if one.kind == "validation" and one.accepted]
    return found[-1] if found else None


def _gaze(root: Path) -> tuple[float | None, float | None]:
    """Return the time from first to last sample, and the share of samples without an eye."""
    first = last = None
    samples = seen = 0
    for batch in iter_samples(root):
        if not batch.num_rows:
            continue
        times = batch.column("system_time_us")
        first = times[0].as_py() if first is None else first
        last = times[batch.num_rows - 1].as_py()
        valid = [
            batch.column(f"{eye}_gaze_valid").to_numpy(zero_copy_only=False)
            for eye in ("left", "right")
        ]
        samples += batch.num_rows
        seen += int(np.logical_or(*valid).sum())
    if first is None or last is None:
        return None, None
    return (last - first) / 1e6, 1.0 - seen / samples
