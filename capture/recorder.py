"""How do samples get from the tracker to the disk while the session goes on?

::

    tracker (its thread) --> drain, every 50 ms --> one batch each 0.5 s --> samples-000.arrows
                                   |                                         synced each second
                                   |--> the last seconds in memory, for the validation
                                   `--> what the tracker says of itself --> events, the operator
"""

import collections
import shutil
import threading
import time
from collections.abc import Callable

import pyarrow as pa

from capture.clock import SessionClock
from capture.clock_watch import ClockWatch
from capture.notices import line_of
from capture.outbox import Outbox
from capture.trackers.base import Notice, Tracker
from gazekit.model.errors import GazekitError
from gazekit.model.records import Event
from gazekit.model.schemas import schema_of
from gazekit.model.session import SessionWriter

__all__ = ["Recorder"]

_POLL_S = 0.05
_BATCH_S = 0.5
_SYNC_S = 0.9
_KEPT_S = 20.0
_POSITIONS = 100
"""Batches of the head's position that are kept; a few seconds of them."""
_PATIENCE_S = 5.0
_SILENT_S = 3.0
_LOOK_S = 0.5
_REAL_TIME = 1.0
_LOW_BYTES = 200_000_000
"""Ten minutes of gaze at 1200 Hz, and the sound."""


class Recorder:
    """The writer thread: drains the tracker, appends to the session, keeps the last seconds.

    A fault of the tracker, the disk or a full queue does not stop the thread's caller at once:
    it is raised by `check`, which the session calls at every frame. A tracker that comes back
    after its connection was lost begins a new segment.
    """

    def __init__(
        self,
        tracker: Tracker,
        writer: SessionWriter,
        clock: SessionClock,
        *,
        watch: ClockWatch | None = None,
    ) -> None:
        self._tracker = tracker
        self._writer = writer
        # A clock that runs faster than time has nothing to be compared with.
        self._watch = watch or (ClockWatch(clock) if clock.speed == _REAL_TIME else None)
        self._clock = clock
        self._kept_us = round(_KEPT_S * 1_000_000 * max(1.0, clock.speed))
        self._recent: collections.deque[pa.RecordBatch] = collections.deque()
        self._outbox = Outbox(writer)
        self._positions: collections.deque[pa.RecordBatch] = collections.deque(maxlen=_POSITIONS)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._heard_s: float | None = None
        self._silent = False
        self._warned = False
        self.tell: Callable[[str], None] = lambda _: None
        """Takes lines for the operator, from the recorder's thread."""
        self.watchers: list[Callable[[pa.RecordBatch], None]] = []
        """Called with each batch, from the recorder's thread; must return at once."""
        self.position_watchers: list[Callable[[pa.RecordBatch], None]] = []
        """The same, with table ``position``, where the tracker gives it."""

    @property
    def rows(self) -> int:
        """Samples written so far."""
        return self._outbox.samples

    def start(self) -> None:
        """Start the tracker and the writing."""
        self._tracker.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop the tracker, write everything that it still holds, end the thread."""
        try:
            self._tracker.stop()
        finally:
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

    def positions(self, span_us: int) -> pa.Table:
        """Return where the head was in the last `span_us`, table ``position``; may be empty."""
        with self._lock:
            table = pa.Table.from_batches(list(self._positions), schema=schema_of("position"))
        if not table.num_rows:
            return table
        times = table.column("received_us").to_numpy()
        return table.filter(pa.array(times >= self._clock.now_us() - span_us))

    def _reaches(self, time_us: int) -> bool:
        with self._lock:
            return bool(self._recent) and _last_us(self._recent[-1]) >= time_us

    def _run(self) -> None:
        written_s = synced_s = looked_s = time.monotonic()
        try:
            while True:
                ending = self._stopping.wait(_POLL_S)
                self._drain()
                now_s = time.monotonic()
                if now_s - looked_s >= _LOOK_S:
                    self._look(now_s)
                    looked_s = now_s
                if ending or now_s - written_s >= _BATCH_S:
                    self._outbox.send()
                    written_s = now_s
                if ending or now_s - synced_s >= _SYNC_S:
                    self._writer.sync()
                    synced_s = now_s
                if ending:
                    return
        except Exception as error:  # noqa: BLE001 - raised in the main thread by `check`
            self._fault = error

    def _drain(self) -> None:
        # Taken first, handled last: what came before a notice is then here when it is handled.
        notices = self._tracker.drain_notices()
        batch = self._tracker.drain()
        if batch is not None and batch.num_rows:
            self._keep(batch)
        self._outbox.put("clock", self._tracker.drain_clock())
        for name, more in self._tracker.drain_streams().items():
            self._outbox.put(name, more)
            if name == "position" and more.num_rows:
                self._place(more)
        for notice in notices:
            self._note("tracker_notification", notice)
            if notice.kind == "recording_ended":
                self._heard_s = None  # silence is no fault any more
            if notice.kind == "connection_restored":
                self._outbox.new_segment(notice.time_us)
        if self._tracker.lost_rows:
            raise GazekitError(
                "samples came faster than they were written",
                found=f"{self._tracker.lost_rows} samples lost",
                remedy="close other programs, or record to a faster disk",
            )

    def _keep(self, batch: pa.RecordBatch) -> None:
        self._heard_s = time.monotonic()
        self._outbox.put("raw_samples", batch)
        for watch in self.watchers:
            watch(batch)
        with self._lock:
            self._recent.append(batch)
            oldest_us = _last_us(batch) - self._kept_us
            while _last_us(self._recent[0]) < oldest_us:
                self._recent.popleft()

    def _place(self, batch: pa.RecordBatch) -> None:
        for watch in self.position_watchers:
            watch(batch)
        with self._lock:
            self._positions.append(batch)

    def _look(self, now_s: float) -> None:
        """Look at the other clocks, the room on the disk, and whether samples still come."""
        if self._watch is not None:
            pairs, steps = self._watch.look()
            self._outbox.put("pairs", pairs)
            for step in steps:
                self._note("clock_step", step)
        if not self._warned and shutil.disk_usage(self._writer.layout.root).free < _LOW_BYTES:
            self._warned = True
            self._note("disk_low", Notice(self._clock.now_us(), "disk_low"))
        silent = self._heard_s is not None and now_s - self._heard_s > _SILENT_S
        if silent != self._silent:
            self._silent = silent
            notice = Notice(self._clock.now_us(), "silent" if silent else "heard")
            self._note("tracker_notification", notice)

    def _note(self, kind: str, notice: Notice) -> None:
        value = notice.value if kind == notice.kind else {"kind": notice.kind, **notice.value}
        self._writer.event(Event(time_us=notice.time_us, kind=kind, value=value))
        line = line_of(notice)
        if line is not None:
            self.tell(line)


def _last_us(batch: pa.RecordBatch) -> int:
    return int(batch.column("system_time_us")[batch.num_rows - 1].as_py())
