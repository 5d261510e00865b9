"""What waits to be written, and how is it parted when the tracker comes back?"""

import numpy as np
import pyarrow as pa

from capture.batches import join_batches
from gazekit.model.session import SessionWriter

__all__ = ["Outbox"]

_TIMES = {
    "raw_samples": "system_time_us",
    "clock": "request_us",
    "openness": "system_time_us",
    "position": "received_us",
    "signal": "system_time_us",
    "pairs": "request_us",
}
"""The session clock of each table; without one, what waits goes to the old segment."""


class Outbox:
    """Batches of every stream, on their way to the session folder; from one thread."""

    def __init__(self, writer: SessionWriter) -> None:
        self._writer = writer
        self._waiting: dict[str, list[pa.RecordBatch]] = {}
        self.samples = 0

    def put(self, table: str, batch: pa.RecordBatch | None) -> None:
        """Let a batch wait, where there is one."""
        if batch is not None and batch.num_rows:
            self._waiting.setdefault(table, []).append(batch)

    def send(self) -> None:
        """Write everything that waits, one batch a table."""
        waiting, self._waiting = self._waiting, {}
        for table, batches in waiting.items():
            batch = join_batches(batches)
            if batch is not None:
                self._write(table, batch)

    def new_segment(self, time_us: int) -> None:
        """Write what is older than `time_us`, then begin a new segment for the rest."""
        later: dict[str, list[pa.RecordBatch]] = {}
        for table, batches in self._waiting.items():
            parts = [_parted(batch, _TIMES.get(table), time_us) for batch in batches]
            self._waiting[table] = [before for before, _ in parts]
            later[table] = [after for _, after in parts]
        self.send()
        self._writer.new_segment()
        self._waiting = later

    def _write(self, table: str, batch: pa.RecordBatch) -> None:
        if table == "raw_samples":
            self._writer.samples(batch)
            self.samples += batch.num_rows
        elif table == "clock":
            self._writer.clock(batch)
        else:
            self._writer.stream(table, batch)


def _parted(
    batch: pa.RecordBatch, column: str | None, time_us: int
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    if column is None:
        return batch, batch.slice(0, 0)
    times = batch.column(column).to_numpy()
    older = int(np.searchsorted(times, time_us, side="left"))
    return batch.slice(0, older), batch.slice(older)
