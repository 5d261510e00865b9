"""How is a tracker simulated, on its own thread and its own clock, in step with the screen?"""

import threading

import numpy as np
import pyarrow as pa

from capture.batches import join_batches
from capture.clock import SessionClock
from capture.eyes import SimulatedEyes
from capture.trackers.base import Calibrator
from capture.trackers.inbox import Inbox
from gazekit.model.errors import GazekitError
from gazekit.model.records import ScreenRecord, TrackerRecord
from gazekit.synthetic import Sensor

__all__ = ["SimulatedTracker"]

_WAKE_S = 0.01
_QUEUE_S = 30.0
_PAIR_EVERY_US = 500_000
_SECOND_US = 1_000_000


class SimulatedTracker:
    """Samples the simulated reader's eyes through the sensor model.

    Sample k is due at ``start + k / rate`` whatever the thread's fate: a late wake-up makes up
    for all that came due, so none is invented and none is lost. It never samples past what the
    screen is known to have shown.
    """

    def __init__(
        self,
        clock: SessionClock,
        eyes: SimulatedEyes,
        *,
        screen: ScreenRecord,
        rate_hz: float,
        seed: int,
    ) -> None:
        self._clock = clock
        self._eyes = eyes
        self._rate_hz = rate_hz
        self._sensor = Sensor(screen, rate_hz=rate_hz, seed=seed)
        self._samples: Inbox[pa.RecordBatch] = Inbox(int(rate_hz * _QUEUE_S * clock.speed))
        self._pairs: Inbox[pa.RecordBatch] = Inbox(10_000)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated tracker", daemon=True)
        self._fault: Exception | None = None
        self._start_us = 0
        self._next = 0
        self._next_pair_us = 0

    @property
    def info(self) -> TrackerRecord:
        """Says that it is simulated."""
        return TrackerRecord(
            kind="simulated", rate_hz=self._rate_hz, simulated=True, model="gazekit sensor model"
        )

    @property
    def display_mm(self) -> tuple[float, float] | None:
        """None: it takes any display."""
        return None

    @property
    def lost_rows(self) -> int:
        """Samples that did not fit into the queue."""
        return self._samples.lost_rows

    @property
    def calibrator(self) -> Calibrator | None:
        """None: the sensor's error is what calibration left."""
        return None

    def start(self) -> None:
        """Begin to sample now."""
        self._start_us = self._next_pair_us = self._clock.now_us()
        self._thread.start()

    def stop(self) -> None:
        """Sample what is due and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def drain(self) -> pa.RecordBatch | None:
        """Return the samples since the last call."""
        if self._fault is not None:
            raise GazekitError(
                "the simulated tracker failed", found=repr(self._fault)
            ) from self._fault
        return join_batches(self._samples.take())

    def drain_clock(self) -> pa.RecordBatch | None:
        """Return the clock pairs since the last call."""
        return join_batches(self._pairs.take())

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._sample_due()
                self._stopping.wait(_WAKE_S)
            self._sample_due()
        except Exception as error:  # noqa: BLE001 - handed to the recorder, which ends the session
            self._fault = error

    def _sample_due(self) -> None:
        now_us = self._clock.now_us()
        until_us = min(now_us, self._eyes.known_until_us)
        while self._next_pair_us <= now_us:
            self._pairs.put(self._sensor.clock_pair(self._next_pair_us))
            self._next_pair_us += _PAIR_EVERY_US
        end = int(np.ceil((until_us - self._start_us) * self._rate_hz / _SECOND_US))
        if end <= self._next:
            return
        ticks = np.arange(self._next, end, dtype=np.int64)
        times = self._start_us + np.floor(ticks * (_SECOND_US / self._rate_hz)).astype(np.int64)
        x, y, open_ = self._eyes.gaze_at(times)
        received = np.full(times.size, self._clock.now_us(), np.int64)
        batch = self._sensor.measure(times, received, x, y, open_)
        self._samples.put(batch, batch.num_rows)
        self._next = end
