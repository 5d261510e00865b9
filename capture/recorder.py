"""How do samples get from the tracker to the disk while the session goes on?

::

    tracker (its thread) --> drain, every 50 ms --> one batch each 0.3 s --> samples-000.arrows
                                   |                                         synced each second
                                   `--> the last seconds in memory, for the validation
"""

import collections
import threading
import time
from collections.abc import Callable

import pyarrow as pa

from capture.batches import join_batches
from capture.clock import SessionClock
from capture.trackers.base import Tracker
from gazekit.model.errors import GazekitError
from gazekit.model.schemas import schema_of
from gazekit.model.session import SessionWriter

__all__ = ["Recorder"]

_POLL_S = 0.05
_BATCH_S = 0.3
_SYNC_S = 0.9
_KEPT_S = 20.0
_PATIENCE_S = 5.0


class Recorder:
    """The writer thread: drains the tracker, appends to the session, keeps the last seconds.

    A fault of the tracker, the disk or a full queue does not stop the thread's caller at once:
    it is raised by `check`, which the session calls at every frame.
    """

    def __init__(self, tracker: Tracker, writer: SessionWriter, clock: SessionClock) -> None:
        self._tracker = tracker
        self._writer = writer
        self._kept_us = round(_KEPT_S * 1_000_000 * max(1.0, clock.speed))
        self._recent: collections.deque[pa.RecordBatch] = collections.deque()
        self._waiting: list[pa.RecordBatch] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.rows = 0
        self.watchers: list[Callable[[pa.RecordBatch], None]] = []
        """Called with each batch, from the recorder's thread; must return at once."""

    def start(self) -> None:
        """Start the tracker and the writing."""
        self._tracker.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop the tracker, write everything that it still holds, end the thread."""
        self._tracker.stop()
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def check(self) -> None:
        """Raise what went wrong in the thread, if anything did.

        Raises
        ------
        GazekitError
            The tracker failed, the disk refused, or samples came faster than they were written.
        """
        if isinstance(self._fault, GazekitError):
            raise self._fault
        if self._fault is not None:
            what = f"samples could not be recorded: {self._fault}"
            raise GazekitError(what, remedy="what was recorded is kept") from self._fault

    def between(self, onset_us: int, offset_us: int) -> pa.Table:
        """Return the samples of the last seconds in [onset, offset), table ``raw_samples``.

        Waits until the tracker has delivered up to `offset_us`, a few seconds at most.
        """
        give_up_s = time.monotonic() + _PATIENCE_S
        while not self._reaches(offset_us) and time.monotonic() < give_up_s:
            self.check()
            time.sleep(_POLL_S / 2)
        with self._lock:
            table = pa.Table.from_batches(list(self._recent), schema=schema_of("raw_samples"))
        times = table.column("system_time_us").to_numpy()
        return table.filter(pa.array((times >= onset_us) & (times < offset_us)))

    def latest(self, span_us: int) -> pa.Table:
        """Return the samples of the last `span_us`, table ``raw_samples``; waits for nothing."""
        with self._lock:
            table = pa.Table.from_batches(list(self._recent), schema=schema_of("raw_samples"))
        if not table.num_rows:
            return table
        times = table.column("system_time_us").to_numpy()
        return table.filter(pa.array(times >= times[-1] - span_us))

    def _reaches(self, time_us: int) -> bool:
        with self._lock:
            return bool(self._recent) and _last_us(self._recent[-1]) >= time_us

    def _run(self) -> None:
        written_s = synced_s = time.monotonic()
        try:
            while True:
                ending = self._stopping.wait(_POLL_S)
                self._drain()
                now_s = time.monotonic()
                if ending or now_s - written_s >= _BATCH_S:
                    self._write()
                    written_s = now_s
                if ending or now_s - synced_s >= _SYNC_S:
                    self._writer.sync()
                    synced_s = now_s
                if ending:
                    return
        except Exception as error:  # noqa: BLE001 - raised in the main thread by `check`
            self._fault = error

    def _drain(self) -> None:
        batch = self._tracker.drain()
        if batch is not None and batch.num_rows:
            self._waiting.append(batch)
            for watch in self.watchers:
                watch(batch)
            with self._lock:
                self._recent.append(batch)
                oldest_us = _last_us(batch) - self._kept_us
                while _last_us(self._recent[0]) < oldest_us:
                    self._recent.popleft()
        if self._tracker.lost_rows:
            raise GazekitError(
                "samples came faster than they were written",
                found=f"{self._tracker.lost_rows} samples lost",
                remedy="close other programs, or record to a faster disk",
            )

    def _write(self) -> None:
        batch = join_batches(self._waiting)
        if batch is not None:
            self._writer.samples(batch)
            self.rows += batch.num_rows
            self._waiting.clear()
        pairs = self._tracker.drain_clock()
        if pairs is not None and pairs.num_rows:
            self._writer.clock(pairs)


def _last_us(batch: pa.RecordBatch) -> int:
    return int(batch.column("system_time_us")[batch.num_rows - 1].as_py())
