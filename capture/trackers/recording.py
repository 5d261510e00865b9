"""What was recorded, as streams that can be replayed? A session, or lines of the Tobii SDK."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from capture.trackers.base import Notice
from capture.trackers.tobii_rows import sample_row
from gazekit.model.errors import DataError, UsageError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import TrackerRecord
from gazekit.model.schemas import schema_of
from gazekit.model.session import iter_clock, iter_samples, read_events, read_session_record
from gazekit.model.stream import iter_batches

__all__ = ["Recording", "open_recording"]

_LINES = 2_000
_MARK = b"gaze_point_on_display_area"
_SECOND_US = 1_000_000
_OF_RECORDER = {"silent", "heard", "recording_ended"}
_REPLAYED = ("openness", "position", "signal", "trackbox")


@dataclass(frozen=True)
class Recording:
    """A recording: who recorded it, its tables as iterators of batches, and what was notified."""

    tracker: TrackerRecord
    tables: dict[str, Iterator[pa.RecordBatch]]
    notices: tuple[Notice, ...] = ()


def open_recording(path: Path) -> Recording:
    """Open a session folder, or a file of gaze dictionaries of the Tobii SDK, one JSON a line.

    Raises
    ------
    UsageError
        There is no such file, or it is of another kind.
    DataError
        It holds no sample, or is damaged.
    """
    if not path.exists():
        raise UsageError("no such recording", where="--tracker replay", found=path.name)
    if path.is_dir():
        return _session(path)
    with path.open("rb") as file:
        head = file.read(8192).lstrip()
    if head.startswith(b"{") and _MARK in head:
        return _sdk_lines(path)
    raise UsageError(
        "this recording cannot be replayed",
        where="--tracker replay",
        expected="a session folder, or gaze dictionaries of the Tobii SDK, one JSON object a line",
        found=path.name,
        remedy="turn it into such lines with: gazekit source convert RECORDING OUT.jsonl",
    )


def _session(root: Path) -> Recording:
    record = read_session_record(root)
    layout = SessionLayout(root)
    tables = {"raw_samples": iter_samples(root), "clock": iter_clock(root)}
    for name in _REPLAYED:
        tables[name] = _chained(layout.stream_files(name), name)
    if not any(batch.num_rows for batch in iter_samples(root)):
        raise DataError("the recording holds no sample", where=root.name)
    return Recording(_renamed(record.tracker), tables, tuple(_notices(root)))


def _notices(root: Path) -> Iterator[Notice]:
    """Yield what the tracker said of itself, but for what its recorder found: it is found anew."""
    for event in sorted(read_events(root), key=lambda event: event.time_us):
        kind = event.value.get("kind")
        if event.kind == "tracker_notification" and kind not in _OF_RECORDER:
            value = {name: said for name, said in event.value.items() if name != "kind"}
            yield Notice(event.time_us, str(kind), value)


def _chained(paths: Iterable[Path], table: str) -> Iterator[pa.RecordBatch]:
    for path in paths:
        yield from iter_batches(path, table)


def _renamed(tracker: TrackerRecord) -> TrackerRecord:
    model = f"replay of {tracker.kind}" + (f": {tracker.model}" if tracker.model else "")
    return msgspec.structs.replace(tracker, kind="replay", model=model)


def _sdk_lines(path: Path) -> Recording:
    first = next(_sdk_batches(path), None)
    if first is None:
        raise DataError("the recording holds no sample", where=path.name)
    steps = np.diff(first.column("device_time_us").to_numpy())
    rate_hz = float(_SECOND_US / np.median(steps)) if steps.size else 0.0
    tracker = TrackerRecord(kind="tobii", rate_hz=rate_hz, simulated=False, model="Tobii Pro SDK")
    return Recording(_renamed(tracker), {"raw_samples": _sdk_batches(path)})


def _sdk_batches(path: Path) -> Iterator[pa.RecordBatch]:
    with path.open("rb") as file:
        lines = enumerate(file, start=1)
        while chunk := list(islice(lines, _LINES)):
            rows = []
            for number, line in chunk:
                if not line.strip():
                    continue
                try:
                    # The standard library reads NaN, which Python programs write for lost gaze.
                    rows.append(sample_row(json.loads(line), 0))
                except (KeyError, TypeError, ValueError) as error:
                    where = f"{path.name} line {number}"
                    what = "not a gaze dictionary"
                    raise DataError(what, where=where, found=type(error).__name__) from error
            yield pa.RecordBatch.from_pylist(rows, schema=schema_of("raw_samples"))
