"""What is the state of a running session, read from its growing folder alone?

::

    session.json, *.arrows, *.jsonl, audio --> SessionWatch.look() --> Snapshot --> the window
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from capture.monitor.recent import Gaze, RecentGaze
from capture.monitor.sound import Level, level_of
from gazekit.model.errors import GazekitError
from gazekit.model.layout import SessionLayout
from gazekit.model.protocol import Protocol, load_protocol
from gazekit.model.records import CalibrationRecord, Event, ImageRecord, SessionRecord, ViewState
from gazekit.model.recovery import is_recording
from gazekit.model.session import read_images, read_session_record
from gazekit.model.tail import JsonLinesTail, StreamTail

__all__ = ["LogLine", "SessionWatch", "Snapshot"]

_US = 1_000_000
_SLOW_LOOK_S = 2.0


class LogLine(msgspec.Struct, frozen=True):
    """One line of the session's log."""

    level: str
    message: str
    time_us: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """The session as it is now.

    `sample_age_s`: how long ago the newest sample was taken; None before the first. `elapsed_s`:
    session time since it began. `now_us`: the latest session time that the folder tells of.
    `reading`: the number of the reading that runs or ran last, from 1; 0 before the first.
    `running`: whether the recording program lives.
    """

    root: Path
    record: SessionRecord
    protocol: Protocol | None
    images: dict[str, ImageRecord]
    gaze: Gaze
    sample_age_s: float | None
    view: ViewState | None
    in_reading: bool
    reading: int
    complete: int
    elapsed_s: float
    now_us: int
    calibrations: tuple[CalibrationRecord, ...]
    level: Level | None
    silent_s: float | None
    disk_free: int
    running: bool
    phase: str | None
    log: tuple[LogLine, ...]
    faults: tuple[str, ...]


class SessionWatch:
    """Follows one session folder; it opens files for reading only."""

    def __init__(self, root: Path) -> None:
        self._layout = SessionLayout(root)
        self._record = read_session_record(root)
        self._protocol = _protocol_of(self._layout)
        self._images: dict[str, ImageRecord] = {}
        self._segment = 0
        self._samples = StreamTail(self._layout.samples(0), "raw_samples")
        self._recent = RecentGaze()
        self._views = JsonLinesTail(self._layout.view_states, ViewState)
        self._events = JsonLinesTail(self._layout.events, Event)
        self._attempts = JsonLinesTail(self._layout.calibrations, CalibrationRecord)
        self._lines = JsonLinesTail(self._layout.log, LogLine)
        self._view: ViewState | None = None
        self._calibrations: list[CalibrationRecord] = []
        self._log: list[LogLine] = []
        self._faults: list[str] = []
        self._begun_us: int | None = None
        self._latest_us = 0
        self._arrived_s = self._heard_s = time.monotonic()
        self._sound_size = 0
        self._readings = _Readings()
        self._looked_s = float("-inf")
        self._disk_free, self._running = 0, True

    def look(self) -> Snapshot:
        """Read what is new and return the state."""
        self._faults.clear()
        self._look_slowly()
        self._take_samples()
        for take in (self._take_views, self._take_events, self._take_rest):
            try:
                take()
            except GazekitError as error:
                self._faults.append(str(error))
        level = self._listen()
        gaze = self._recent.gaze
        return Snapshot(
            root=self._layout.root,
            record=self._record,
            protocol=self._protocol,
            images=self._images,
            gaze=gaze,
            sample_age_s=self._age_s(gaze),
            view=self._view,
            in_reading=self._readings.current is not None,
            reading=self._readings.number,
            complete=self._readings.complete,
            elapsed_s=0.0 if self._begun_us is None else (self._latest_us - self._begun_us) / _US,
            now_us=self._latest_us,
            calibrations=tuple(self._calibrations),
            level=level,
            silent_s=None if level is None else time.monotonic() - self._heard_s,
            disk_free=self._disk_free,
            running=self._running,
            phase=self._readings.phase,
            log=tuple(self._log[-200:]),
            faults=tuple(self._faults),
        )

    def _look_slowly(self) -> None:
        """Read what seldom changes: the record, the images, the disk, the program's life."""
        if time.monotonic() - self._looked_s < _SLOW_LOOK_S:
            return
        self._looked_s = time.monotonic()
        try:
            root = self._layout.root
            self._record = read_session_record(root)
            self._images = {image.image_id: image for image in read_images(root)}
            self._disk_free = shutil.disk_usage(root).free
            self._running = is_recording(root)
        except (GazekitError, OSError) as error:
            self._faults.append(str(error))

    def _take_samples(self) -> None:
        try:
            batches = self._samples.take()
            following = self._layout.samples(self._segment + 1)
            if not batches and following.is_file():
                self._segment += 1
                self._samples = StreamTail(following, "raw_samples")
                self._recent.clear()
                batches = self._samples.take()
        except (GazekitError, OSError) as error:
            self._faults.append(str(error))
            return
        for batch in batches:
            self._recent.add(batch)
        if batches:
            self._arrived_s = time.monotonic()
            self._reach(int(batches[-1].column("system_time_us")[-1].as_py()))

    def _take_views(self) -> None:
        for state in self._views.take():
            self._view = state
            self._reach(state.time_us)

    def _take_events(self) -> None:
        for event in self._events.take():
            self._readings.take(event)
            self._reach(event.time_us)

    def _take_rest(self) -> None:
        self._calibrations += self._attempts.take()
        self._log += self._lines.take()

    def _listen(self) -> Level | None:
        files = self._layout.audio_files("wav")
        level = level_of(files[-1]) if files else None
        if level is not None and level.size != self._sound_size:
            self._sound_size, self._heard_s = level.size, time.monotonic()
        return level

    def _reach(self, time_us: int) -> None:
        self._begun_us = time_us if self._begun_us is None else min(self._begun_us, time_us)
        self._latest_us = max(self._latest_us, time_us)

    def _age_s(self, gaze: Gaze) -> float | None:
        """Return the age of the newest sample on the session clock, which this process shares.

        A simulated session may run on a faster clock, whose origin is not known here; then it is
        the time since samples last came.
        """
        if gaze.last_us is None:
            return None
        if self._record.speed == 1.0:
            return max(0.0, (time.perf_counter_ns() // 1000 - gaze.last_us) / _US)
        return time.monotonic() - self._arrived_s


class _Readings:
    """Which reading runs, how many are done, and what the session says it is doing."""

    def __init__(self) -> None:
        self.current: str | None = None
        self.number = self.complete = 0
        self.phase: str | None = None

    def take(self, event: Event) -> None:
        if event.kind == "reading_start":
            self.current = str(event.value.get("reading_id"))
            order = event.value.get("order")
            self.number = order + 1 if isinstance(order, int) else self.number + 1
        elif event.kind == "reading_end":
            self.current = None
            self.complete += event.value.get("outcome") == "complete"
        name = event.value.get("name")
        if event.kind == "state" and isinstance(name, str):
            self.phase = name


def _protocol_of(layout: SessionLayout) -> Protocol | None:
    try:
        return load_protocol(layout.protocol)
    except GazekitError:
        return None
