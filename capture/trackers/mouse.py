"""How does the mouse stand in for a tracker, to try a protocol out without one?"""

import threading
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from capture.batches import join_batches
from capture.clock import SessionClock
from capture.trackers.base import Calibrator, Notice
from capture.trackers.inbox import Inbox
from gazekit.model.records import ScreenRecord, TrackerRecord
from gazekit.model.schemas import schema_of

__all__ = ["MouseTracker"]

_RATE_HZ = 60.0
_QUEUE_ROWS = 3_600


class MouseTracker:
    """Samples the cursor 60 times a second as the gaze of both eyes; stamped simulated.

    Before the mouse has moved in the window there is no gaze, and none is made up. It knows no
    pupil, no eye and no distance: these are missing.
    """

    display_mm: tuple[float, float] | None = None
    calibrator: Calibrator | None = None

    def __init__(
        self,
        clock: SessionClock,
        cursor: Callable[[], tuple[float, float] | None],
        *,
        screen: ScreenRecord,
    ) -> None:
        self._clock = clock
        self._cursor = cursor
        self._screen = screen
        self._samples: Inbox[pa.RecordBatch] = Inbox(_QUEUE_ROWS)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mouse tracker", daemon=True)
        self._last_us = 0

    @property
    def info(self) -> TrackerRecord:
        """Says that it is simulated."""
        return TrackerRecord(kind="mouse", rate_hz=_RATE_HZ, simulated=True, model="cursor")

    @property
    def lost_rows(self) -> int:
        """Samples that did not fit into the queue."""
        return self._samples.lost_rows

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def drain(self) -> pa.RecordBatch | None:
        """Return the samples since the last call."""
        return join_batches(self._samples.take())

    def drain_clock(self) -> pa.RecordBatch | None:
        """Return None: its clock is the session's."""
        return None

    def drain_streams(self) -> Mapping[str, pa.RecordBatch]:
        """Return nothing."""
        return {}

    def drain_notices(self) -> Sequence[Notice]:
        """Return nothing."""
        return []

    def _run(self) -> None:
        while not self._stopping.wait(1.0 / _RATE_HZ):
            now_us = self._clock.now_us()
            if now_us > self._last_us:
                self._last_us = now_us
                self._samples.put(self._sample(now_us, self._cursor()))

    def _sample(self, now_us: int, place: tuple[float, float] | None) -> pa.RecordBatch:
        x, y = (np.nan, np.nan) if place is None else place
        row: dict[str, object] = {
            "device_time_us": now_us,
            "system_time_us": now_us,
            "received_us": now_us,
        }
        schema = schema_of("raw_samples")
        for name in schema.names[3:]:
            row[name] = False if name.endswith("_valid") else np.nan
        for eye in ("left", "right"):
            row[f"{eye}_gaze_x_norm"] = x / self._screen.width_px
            row[f"{eye}_gaze_y_norm"] = y / self._screen.height_px
            row[f"{eye}_gaze_valid"] = place is not None
        return pa.RecordBatch.from_pylist([row], schema=schema)
