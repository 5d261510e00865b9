"""Does a long session at 1200 Hz lose nothing while the reader zooms, pans and windows?

``xvfb-run -s "-screen 0 1920x1080x24" python -m benchmarks.soak --minutes 10`` records a simulated
tracker with the viewer's window, the recorder and a simulated microphone, as a session does, and
compares what is on the disk with what the sensor said, byte by byte.
"""

import hashlib
import json
import math
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa

from benchmarks.section import write_section
from capture.audio import Dictaphone, SimulatedMicrophone
from capture.clock import SessionClock
from capture.closing import closing
from capture.eyes import AtPoint, SimulatedEyes
from capture.recorder import Recorder
from capture.scene import ImageShown
from capture.stage import Stage
from capture.trackers.sim_plan import SimPlan
from capture.trackers.simulated import SimulatedTracker
from capture.viewer_psychopy import PsychopyViewer
from gazekit.image import write_display_png
from gazekit.model.dictation import AudioSegment
from gazekit.model.display import DisplayImage
from gazekit.model.layout import SessionLayout
from gazekit.model.protocol import ViewerPlan
from gazekit.model.records import Event, ReaderRecord, ScreenRecord, SessionRecord
from gazekit.model.recovery import verify_session
from gazekit.model.session import SessionWriter, iter_samples, read_view_states
from gazekit.model.stream import read_json_lines
from gazekit.model.viewport import Viewport
from gazekit.synthetic import Voice

_SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
_IMAGE_PX = (2500, 3000)
_EVERY_S = 5.0
_SETTLE_S = 20.0
_BUFFER_S = 30.0
"""What the simulated tracker's queue holds."""
_AUDIO_HZ = 16_000
_READING = "soak-000"


@dataclass
class Watched:
    """What is noted while the soak runs."""

    rss_mb: list[float] = field(default_factory=list)
    writer_cpu_s: float = 0.0
    frames: int = 0


class Counted:
    """Hashes the sensor's samples as it hands them out, before any queue."""

    def __init__(self, tracker: SimulatedTracker) -> None:
        self.rows = 0
        self.digest = hashlib.sha256()
        self._measure = tracker._sensor.measure  # noqa: SLF001 - the place where samples arise
        setattr(tracker._sensor, "measure", self._counted)  # noqa: B010, SLF001 - as above

    def _counted(self, *args: Any) -> pa.RecordBatch:  # noqa: ANN401 - the sensor's own
        batch: pa.RecordBatch = self._measure(*args)
        self.rows += batch.num_rows
        self.digest.update(_bytes_of(batch))
        return batch


def _bytes_of(batch: pa.RecordBatch) -> bytes:
    columns = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
    rows = [column.astype("<f8" if column.dtype.kind == "f" else "<i8") for column in columns]
    return np.stack([row.view("<i8") for row in rows], axis=1).tobytes()


def image() -> DisplayImage:
    """Make a radiograph's worth of pixels."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 1 << 14, (_IMAGE_PX[1], _IMAGE_PX[0])).astype(np.uint16)
    return DisplayImage.of(
        pixels, (0.0, 16_383.0), window_source="made", photometric="MONOCHROME2", bits_stored=14
    )


def moved(viewport: Viewport, frame: int) -> Viewport:
    """Zoom about a wandering point, pan and window, a little of each at every frame."""
    turn = frame / 30.0
    x, y = 960 + 500 * math.cos(turn * 0.7), 520 + 300 * math.sin(turn * 0.9)
    viewport = viewport.zoomed_about(x, y, 1.0 + 0.03 * math.sin(turn))
    viewport = viewport.panned(6 * math.cos(turn), 4 * math.sin(turn * 1.3))
    level, width = 8_000 + 3_000 * math.sin(turn), 9_000 + 4_000 * math.cos(turn)
    return viewport.windowed(level - width / 2, level + width / 2)


@contextmanager
def watching(watched: Watched, stop: threading.Event) -> Iterator[None]:
    """Note memory every few seconds."""

    def note() -> None:
        while not stop.wait(_EVERY_S):
            status = Path("/proc/self/status").read_text("ascii")
            watched.rss_mb.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)

    thread = threading.Thread(target=note, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def cpu_of(name: str) -> float:
    """Return the CPU seconds of a thread of this process so far."""
    thread = next(t for t in threading.enumerate() if t.name == name)
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))


class Soak:
    """The parts of a session, put together as it does, without its pages."""

    def __init__(self, folder: Path, rate_hz: float, clock: SessionClock) -> None:
        self.clock = clock
        plan = ViewerPlan()
        self.viewer = PsychopyViewer(clock, _SCREEN, window_px=None, plan=plan, simulated=True)
        screen = self.viewer.screen
        self.eyes = SimulatedEyes(clock.now_us(), screen.width_px / 2, screen.height_px / 2)
        sim = SimPlan(rate_hz=rate_hz)
        self.tracker = SimulatedTracker(clock, self.eyes, screen=screen, seed=1, plan=sim)
        self.counted = Counted(self.tracker)
        record = SessionRecord(
            session_id="soak",
            created_at="2026-01-01T00:00:00+00:00",
            protocol="soak",
            protocol_sha256="0" * 64,
            seed=1,
            reader=ReaderRecord(reader_id="R01"),
            screen=screen,
            tracker=self.tracker.info,
            software=self.viewer.about,
            simulated=True,
        )
        self.writer = SessionWriter(folder, record, b"")
        self.recorder = Recorder(self.tracker, self.writer, clock)
        self.stage = Stage(self.viewer, self.writer, eyes=self.eyes)
        microphone = SimulatedMicrophone(clock, Voice(), rate_hz=_AUDIO_HZ)
        self.dictaphone = Dictaphone(microphone, self.writer, clock)

    def run(self, minutes: float, watched: Watched) -> float:
        """Move the view until the time is over; return the session seconds."""
        shown = image()
        self.viewer.load(shown)
        write_display_png(self.writer.image(shown.record), shown)
        viewport = Viewport.fit(shown.record, self.viewer.area_px)
        start_us = now_us = self.clock.now_us()
        cpu_s = cpu_of("recorder")
        self._mark("reading_start", start_us, image_id=shown.record.image_id, order=0)
        self.dictaphone.start(_READING)
        while now_us - start_us < minutes * 60e6:
            viewport = moved(viewport, watched.frames)
            turn = watched.frames / 50.0
            look = AtPoint(960 + 700 * math.cos(turn), 540 + 400 * math.sin(turn))
            new = watched.frames % 20 == 0
            now_us = self.stage.show(ImageShown(viewport), look=look if new else None)
            self.recorder.check()
            self.viewer.inputs()
            watched.frames += 1
        watched.writer_cpu_s = cpu_of("recorder") - cpu_s
        self._mark("reading_end", now_us, outcome="complete")
        self.dictaphone.close()
        return (now_us - start_us) / 1e6

    def _mark(self, kind: str, time_us: int, **value: str | int) -> None:
        said = {"reading_id": _READING, **value}
        self.writer.event(Event(time_us=time_us, kind=kind, value=said))  # type: ignore[arg-type]


def measure(minutes: float, rate_hz: float, folder: Path) -> dict[str, Any]:
    """Record, close, and compare."""
    soak, watched = Soak(folder, rate_hz, SessionClock()), Watched()
    with watching(watched, threading.Event()), closing(soak, "R01"):  # type: ignore[arg-type]
        seconds = soak.run(minutes, watched)
    root = soak.writer.layout.root
    soak.viewer.close()
    disk = hashlib.sha256()
    times, device = [], []
    for batch in iter_samples(root):
        disk.update(_bytes_of(batch))
        times.append(batch.column("system_time_us").to_numpy())
        device.append(batch.column("device_time_us").to_numpy())
    found = np.concatenate(times)
    steps = np.diff(found)
    settled = watched.rss_mb[int(_SETTLE_S / _EVERY_S) :] or watched.rss_mb or [0.0]
    segments = read_json_lines(SessionLayout(root).audio_segments, AudioSegment)
    return {
        "minutes": round(seconds / 60, 2),
        "rate_hz": rate_hz,
        "produced": soak.counted.rows,
        "on_disk": int(found.size),
        "duplicates": int(found.size - np.unique(np.concatenate(device)).size),
        "identical": disk.hexdigest() == soak.counted.digest.hexdigest(),
        "steps_us": sorted({int(step) for step in steps}),
        "lost_in_queue": soak.tracker.lost_rows,
        "latest_ms": round(soak.tracker.latest_us / 1000, 1),
        "buffer_ms": _BUFFER_S * 1000,
        "writer_share": round(watched.writer_cpu_s / seconds, 5),
        "frames_per_s": round(watched.frames / seconds, 1),
        "view_states": len(read_view_states(root)),
        "audio_s": round(sum(s.n_frames / s.nominal_rate_hz for s in segments), 2),
        "audio_dropped_frames": sum(s.dropped_frames for s in segments),
        "rss_mb": [round(settled[0], 1), round(settled[-1], 1), round(max(settled), 1)],
        "problems": [str(problem) for problem in verify_session(root)],
    }


def section(found: dict[str, Any]) -> str:
    """Say the figures as the section of the README."""
    first, last, most = found["rss_mb"]
    same = "the same bytes" if found["identical"] else "NOT the same bytes"
    return f"""## Soak

{found["minutes"]} minutes of a simulated tracker at {found["rate_hz"]:.0f} Hz, the viewer zooming,
panning and windowing an image of 2500 x 3000 at every frame, a simulated microphone on, under Xvfb
(1920 x 1080, software OpenGL) on 2 CPU cores shared with other work. Made by

    xvfb-run -s "-screen 0 1920x1080x24" python -m benchmarks.soak --minutes 10 --write

`latest`: how old the oldest sample was when the sampling
thread woke, against the queue of {_BUFFER_S:.0f} s. The writer's share is CPU time of its thread.

| measure | found |
|---|---|
| samples that the sensor gave | {found["produced"]:,} |
| samples on disk | {found["on_disk"]:,} ({same}) |
| duplicates, lost in the queue | {found["duplicates"]}, {found["lost_in_queue"]} |
| steps of the time stamps | {", ".join(str(s) for s in found["steps_us"])} us |
| latest | {found["latest_ms"]} ms |
| writer | {found["writer_share"]:.2%} of a core |
| frames a second, view states | {found["frames_per_s"]}, {found["view_states"]:,} |
| sound recorded, frames dropped | {found["audio_s"]} s, {found["audio_dropped_frames"]} |
| memory after {_SETTLE_S:.0f} s, at the end, most | {first}, {last}, {most} MB |"""


@click.command()
@click.option("--minutes", default=10.0, show_default=True, type=click.FloatRange(min=0.1))
@click.option("--rate", default=1200.0, show_default=True, type=click.FloatRange(10, 2000))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON line.")
@click.option("--write", is_flag=True, help="Write the section of README.md.")
def main(minutes: float, rate: float, *, as_json: bool, write: bool) -> None:
    """Record, compare, print; exit 1 where a sample was lost or changed."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(minutes, rate, Path(folder))
    click.echo(json.dumps(found) if as_json else section(found))
    if write:
        write_section("soak", section(found))
    sys.exit(0 if found["identical"] and not found["problems"] else 1)


if __name__ == "__main__":
    main()
