"""How is a tracker simulated, on its own thread and its own clock, in step with the screen?"""

import threading
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from capture.batches import join_batches
from capture.clock import SessionClock
from capture.eyes import SimulatedEyes
from capture.trackers import sim_streams
from capture.trackers.base import Calibrator, Notice
from capture.trackers.inbox import Inbox
from capture.trackers.sim_plan import SimPlan
from gazekit.model.errors import GazekitError
from gazekit.model.geometry import screen_px_per_degree
from gazekit.model.records import ScreenRecord, TrackerRecord
from gazekit.synthetic import Sensor

__all__ = ["SimulatedTracker"]

_WAKE_S = 0.01
_QUEUE_S = 30.0
_PAIR_EVERY_US = 500_000
_SECOND_US = 1_000_000
_MINUTE_US = 60_000_000


class SimulatedTracker:
    """Samples the simulated reader's eyes through the sensor model.

    Sample k is due at ``start + k / rate`` whatever the thread's fate: a late wake-up makes up
    for all that came due, so none is invented and none is lost. It never samples past what the
    screen is known to have shown. What its plan lets go missing is a gap, and it says so.
    """

    def __init__(
        self,
        clock: SessionClock,
        eyes: SimulatedEyes,
        *,
        screen: ScreenRecord,
        seed: int,
        plan: SimPlan | None = None,
    ) -> None:
        self.plan = plan or SimPlan()
        self._clock = clock
        self._eyes = eyes
        self._sensor = Sensor(
            screen,
            rate_hz=self.plan.rate_hz,
            seed=seed,
            accuracy_deg=self.plan.offset_deg,
            precision_deg=self.plan.noise_deg,
            loss=self.plan.loss,
            drift_ppm=self.plan.clock_ppm,
        )
        self._blinks = sim_streams.Blinks(self.plan.blinks_per_min, seed=seed)
        self._further = sim_streams.FurtherStreams(self.plan, self._sensor)
        self._samples: Inbox[pa.RecordBatch] = Inbox(
            int(self.plan.rate_hz * _QUEUE_S * clock.speed)
        )
        self._pairs: Inbox[pa.RecordBatch] = Inbox(10_000)
        self._streams: Inbox[tuple[str, pa.RecordBatch]] = Inbox(1_000_000)
        self._notices: Inbox[Notice] = Inbox(10_000)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated tracker", daemon=True)
        self._fault: Exception | None = None
        self._start_us = 0
        self._next = 0
        self._next_pair_us = 0
        self.produced = 0
        """Samples that the sensor has delivered so far."""
        self.latest_us = 0
        """How late the thread ever was: the oldest sample of a wake-up against the clock."""

    @property
    def info(self) -> TrackerRecord:
        """Says that it is simulated."""
        return TrackerRecord(
            kind="simulated",
            rate_hz=self.plan.rate_hz,
            simulated=True,
            model="gazekit sensor model",
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

    def drain_streams(self) -> Mapping[str, pa.RecordBatch]:
        """Return openness, position and signal since the last call."""
        return sim_streams.joined(self._streams.take())

    def drain_notices(self) -> Sequence[Notice]:
        """Return what went wrong, as the plan has it."""
        return self._notices.take()

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
            if not self._missing(np.array([self._next_pair_us], np.int64)).any():
                self._pairs.put(self._sensor.clock_pair(self._next_pair_us))
            self._next_pair_us += _PAIR_EVERY_US
        end = int(np.ceil((until_us - self._start_us) * self.plan.rate_hz / _SECOND_US))
        if end <= self._next:
            return
        ticks = np.arange(self._next, end, dtype=np.int64)
        step_us = _SECOND_US / self.plan.rate_hz
        times = self._start_us + np.floor(ticks * step_us).astype(np.int64)
        self.latest_us = max(self.latest_us, now_us - int(times[0]))
        self._next = end
        kept = times[~self._missing(times)]
        if kept.size:
            self._deliver(kept)
        self._say(int(times[0]), int(times[-1]))

    def _deliver(self, times: NDArray[np.int64]) -> None:
        x, y, open_ = self._eyes.gaze_at(times)
        open_ = np.where(self._blinks.closed(times), 0.0, open_)
        if self.plan.drift_deg_per_min:
            minutes = (times - self._start_us) / _MINUTE_US
            x = x + self.plan.drift_deg_per_min * minutes * self._per_degree(x, y)
        received = np.full(times.size, self._clock.now_us(), np.int64)
        batch = self._sensor.measure(times, received, x, y, open_)
        for name, more in self._further.of(batch, open_, self._start_us).items():
            self._streams.put((name, more))
        self._samples.put(batch, batch.num_rows)
        self.produced += batch.num_rows

    def _per_degree(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        return screen_px_per_degree(self._sensor.screen, x, y)[0]

    def _missing(self, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        missing = np.zeros(times.size, np.bool_)
        for first_us, last_us, _ in self.plan.gaps_us:
            past_us = times - self._start_us
            missing |= (past_us >= first_us) & (past_us < last_us)
        return missing

    def _say(self, first_us: int, last_us: int) -> None:
        """Put what begins or ends between two samples."""
        for begin_us, end_us, kind in self.plan.gaps_us:
            for past_us, what in ((begin_us, kind), (end_us, "connection_restored")):
                due_us = self._start_us + past_us
                if what == "connection_restored" and kind != "connection_lost":
                    continue
                if first_us <= due_us <= last_us:
                    self._notices.put(Notice(due_us, what))
