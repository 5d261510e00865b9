"""How is a recording replayed as if its tracker were here, on this session's clock?"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from capture.clock import SessionClock
from capture.trackers.base import Calibrator, Notice
from capture.trackers.recording import open_recording
from gazekit.model.records import TrackerRecord

__all__ = ["ReplayTracker"]

_SHIFTED = ("system_time_us", "received_us", "request_us", "response_us")
_DUE = {
    "raw_samples": "system_time_us",
    "clock": "request_us",
    "openness": "system_time_us",
    "position": "received_us",
    "signal": "system_time_us",
}


class ReplayTracker:
    """Delivers a recording when its moments come; what it says of itself is what was recorded.

    Session times are shifted so that the first sample is now; the device's own time stays. On a
    fast session clock it is replayed faster, and no moment changes. Gaps are gaps.
    """

    lost_rows = 0

    def __init__(self, clock: SessionClock, path: Path) -> None:
        self._clock = clock
        self._recording = open_recording(path)
        self._shift_us = 0
        self._tracks: dict[str, _Track] = {}
        self._said = False
        self._notices = deque(self._recording.notices)
        self.ended = False

    @property
    def info(self) -> TrackerRecord:
        """The tracker that recorded, as kind ``replay``; simulated where that was."""
        return self._recording.tracker

    @property
    def display_mm(self) -> tuple[float, float] | None:
        """None: the recording's display is not here."""
        return None

    @property
    def calibrator(self) -> Calibrator | None:
        """None: what was recorded was calibrated then."""
        return None

    def start(self) -> None:
        """Begin with the first sample now."""
        for name, batches in self._recording.tables.items():
            if name in _DUE:
                self._tracks[name] = _Track(batches, _DUE[name])
        first_us = self._tracks["raw_samples"].next_us
        self._shift_us = self._clock.now_us() - (first_us or 0)

    def stop(self) -> None:
        """Deliver no more than is due now."""

    def drain(self) -> pa.RecordBatch | None:
        """Return the samples whose moments have come."""
        batch = self._due("raw_samples")
        self.ended = self._tracks["raw_samples"].next_us is None
        return batch

    def drain_clock(self) -> pa.RecordBatch | None:
        """Return the clock pairs whose moments have come."""
        return self._due("clock")

    def drain_streams(self) -> Mapping[str, pa.RecordBatch]:
        """Return the further streams whose moments have come."""
        due = {
            name: self._due(name) for name in self._tracks if name not in {"raw_samples", "clock"}
        }
        return {name: batch for name, batch in due.items() if batch is not None}

    def drain_notices(self) -> Sequence[Notice]:
        """Return what the tracker said when its moments come; and once that the recording ends."""
        due, until_us = [], self._clock.now_us() - self._shift_us
        while self._tracks and self._notices and self._notices[0].time_us <= until_us:
            told = self._notices.popleft()
            due.append(replace(told, time_us=told.time_us + self._shift_us))
        if self.ended and not self._said:
            self._said = True
            due.append(Notice(self._clock.now_us(), "recording_ended"))
        return due

    def _due(self, name: str) -> pa.RecordBatch | None:
        if name not in self._tracks:
            return None
        batch = self._tracks[name].until(self._clock.now_us() - self._shift_us)
        if batch is None:
            return None
        received_us = self._clock.now_us()
        for index, column in enumerate(batch.schema.names):
            if column in _SHIFTED:
                times = batch.column(column).to_numpy() + self._shift_us
                if column == "received_us":
                    times = np.full(batch.num_rows, received_us, np.int64)
                batch = batch.set_column(index, batch.schema.field(index), pa.array(times))
        return batch


class _Track:
    """One table, read as far as it is due."""

    def __init__(self, batches: Iterator[pa.RecordBatch], column: str) -> None:
        self._batches = filter(len, batches)
        self._column = column
        self._rest: pa.RecordBatch | None = next(self._batches, None)

    @property
    def next_us(self) -> int | None:
        """The recorded moment of the next row, None where there is none."""
        return None if self._rest is None else int(self._rest.column(self._column)[0].as_py())

    def until(self, time_us: int) -> pa.RecordBatch | None:
        """Return the rows up to a recorded moment, None where none is due."""
        due = []
        while self._rest is not None:
            times = self._rest.column(self._column).to_numpy()
            count = int(np.searchsorted(times, time_us, side="right"))
            if count:
                due.append(self._rest.slice(0, count))
            if count < times.size:
                self._rest = self._rest.slice(count)
                break
            self._rest = next(self._batches, None)
        if not due:
            return None
        whole: pa.RecordBatch = pa.Table.from_batches(due).combine_chunks().to_batches()[0]
        return whole
