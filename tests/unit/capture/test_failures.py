"""Is nothing lost, and the operator told, when the tracker, the disk or a clock fails?"""

import errno
import itertools
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from capture.clock import SessionClock
from capture.clock_watch import ClockWatch
from capture.closing import closing
from capture.eyes import SimulatedEyes
from capture.recorder import Recorder
from capture.request import SessionRequest
from capture.session import run_session
from capture.soundness import problems_of
from capture.station import Station
from capture.trackers.sim_plan import SimPlan
from capture.trackers.simulated import SimulatedTracker
from gazekit.model import stream
from gazekit.model.errors import GazekitError, UnfitError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ReaderRecord, ScreenRecord, SessionRecord
from gazekit.model.recovery import recover_session, verify_session
from gazekit.model.session import (
    SessionWriter,
    iter_samples,
    read_events,
    read_session_record,
    readings_of,
)
from gazekit.model.session_clocks import clocks_of
from gazekit.model.stream import iter_batches

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
HOUR_US = 3_600_000_000


class Sitting:
    """A simulated tracker, its recorder and a session folder, with a screen that stays blank."""

    def __init__(self, folder: Path, plan: SimPlan, *, speed: float) -> None:
        self.clock = SessionClock(speed)
        self.eyes = SimulatedEyes(self.clock.now_us(), 960.0, 540.0)
        self.tracker = SimulatedTracker(self.clock, self.eyes, screen=SCREEN, seed=3, plan=plan)
        record = SessionRecord(
            session_id="S1",
            created_at="2026-01-01T00:00:00+00:00",
            protocol="test",
            protocol_sha256="0" * 64,
            seed=0,
            reader=ReaderRecord(reader_id="R01"),
            screen=SCREEN,
            tracker=self.tracker.info,
            software={},
            simulated=True,
            speed=speed,
        )
        self.writer = SessionWriter(folder, record, b"")
        self.root = self.writer.layout.root
        self.told: list[str] = []
        self.recorder = Recorder(self.tracker, self.writer, self.clock)
        self.recorder.tell = self.told.append

    def look(self, seconds: float) -> None:
        """Let so much session time pass."""
        end_us = self.clock.now_us() + round(seconds * 1e6)
        while self.clock.now_us() < end_us:
            self.eyes.shown(self.clock.now_us(), None, None)
            self.recorder.check()
            time.sleep(0.005)

    def station(self) -> Station:
        parts: dict[str, object] = {"writer": self.writer, "recorder": self.recorder}
        parts |= {"clock": self.clock, "dictaphone": None}
        return cast("Station", types.SimpleNamespace(**parts))

    def noted(self) -> list[str]:
        kinds = [e.value.get("kind") for e in read_events(self.root)]
        return [str(kind) for kind in kinds if kind is not None]


def times_in(path: Path) -> np.ndarray[Any, np.dtype[np.int64]]:
    table = pa.Table.from_batches(iter_batches(path, "raw_samples"))
    return np.asarray(table.column("system_time_us").to_numpy(), np.int64)


def test_an_unplugged_tracker_leaves_a_gap_and_comes_back_in_a_new_segment(tmp_path: Path) -> None:
    plan = SimPlan(rate_hz=250.0, disconnect_s=2.0, disconnect_for_s=1.5, signal_every_s=1.0)
    sitting = Sitting(tmp_path, plan, speed=20.0)
    with closing(sitting.station(), "R01"):
        sitting.look(6.0)
    layout = SessionLayout(sitting.root)
    before, after = (times_in(path) for path in layout.samples_files())
    start_us = before[0]
    assert before[-1] < start_us + 2_000_000 <= before[-1] + 4_000
    assert after[0] - 4_000 < start_us + 3_500_000 <= after[0]
    assert before.size + after.size == sitting.tracker.produced == sitting.recorder.rows
    assert sitting.noted() == ["connection_lost", "connection_restored"]
    assert any("no gaze is recorded" in line for line in sitting.told)
    assert any("new segment" in line for line in sitting.told)
    for name in ("openness", "signal"):
        assert len(layout.stream_files(name)) == 2, name
    assert verify_session(sitting.root) == []


def test_a_buffer_that_overflows_is_told_and_nothing_is_made_up(tmp_path: Path) -> None:
    plan = SimPlan(rate_hz=500.0, overflow_s=1.0, overflow_for_s=0.2)
    sitting = Sitting(tmp_path, plan, speed=20.0)
    with closing(sitting.station(), "R01"):
        sitting.look(3.0)
    times = times_in(SessionLayout(sitting.root).samples(0))
    steps = np.diff(times)
    assert steps.max() == pytest.approx(202_000, abs=2_000)
    assert (np.sort(steps)[:-1] <= 2_000).all()
    assert sitting.noted() == ["stream_buffer_overflow"]
    assert any("overflowed" in line for line in sitting.told)


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Let streams take so many bytes; the write that goes beyond is cut, as a full disk cuts it."""
    left = {"bytes": 1 << 60}
    whole = stream._write_all  # noqa: SLF001 - the one place where streams are written

    def write(file: Any, data: Any) -> int:
        size = memoryview(data).nbytes
        if size <= left["bytes"]:
            left["bytes"] -= size
            return whole(file, data)
        file.write(bytes(data)[: left["bytes"]])
        left["bytes"] = 0
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stream, "_write_all", write)
    yield left
    left["bytes"] = 1 << 60


def test_a_full_disk_loses_nothing_that_was_written_and_is_told(
    tmp_path: Path, small_disk: dict[str, int]
) -> None:
    sitting = Sitting(tmp_path, SimPlan(rate_hz=500.0), speed=1.0)
    written = 0

    def record_until_full() -> None:
        nonlocal written
        with closing(sitting.station(), "R01"):
            while sitting.recorder.rows < 300:
                sitting.look(0.1)
            written = sitting.recorder.rows
            small_disk["bytes"] = 20_000
            for _ in itertools.count():
                sitting.look(0.1)

    with pytest.raises(GazekitError, match=r"No space left on device.*[Mm]ake room on the disk"):
        record_until_full()
    assert not read_session_record(sitting.root).closed
    small_disk["bytes"] = 1 << 60
    done = recover_session(sitting.root)
    assert done.samples >= written >= 300
    assert verify_session(sitting.root) == []
    times = pa.Table.from_batches(iter_samples(sitting.root)).column("system_time_us").to_numpy()
    assert (np.diff(times) == 2_000).all()


def test_a_half_written_line_is_taken_off_again(tmp_path: Path, small_disk: dict[str, int]) -> None:
    path = tmp_path / "log.jsonl"
    with stream.JsonLinesWriter(path) as writer:
        writer.append({"a": 1})
        small_disk["bytes"] = 4
        with pytest.raises(GazekitError, match="No space left"):
            writer.append({"b": 2})
        small_disk["bytes"] = 1 << 60
        writer.append({"c": 3})
    assert path.read_bytes() == b'{"a":1}\n{"c":3}\n'


def test_a_clock_that_is_set_by_an_hour_changes_nothing_and_is_noticed(tmp_path: Path) -> None:
    wall = {"off": 0}
    sitting = Sitting(tmp_path, SimPlan(rate_hz=250.0), speed=1.0)
    watch = ClockWatch(
        sitting.clock, {"wall": lambda: time.perf_counter_ns() + wall["off"] * 1_000}
    )
    sitting.recorder = Recorder(sitting.tracker, sitting.writer, sitting.clock, watch=watch)
    sitting.recorder.tell = sitting.told.append
    with closing(sitting.station(), "R01"):
        sitting.look(1.2)
        wall["off"] = -HOUR_US
        sitting.look(1.2)
    times = times_in(SessionLayout(sitting.root).samples(0))
    assert set(np.diff(times)) == {4_000}
    (step,) = (e for e in read_events(sitting.root) if e.kind == "clock_step")
    assert step.value["clock"] == "wall"
    assert step.value["step_us"] == pytest.approx(-HOUR_US, abs=5_000)
    assert any("was set" in line for line in sitting.told)
    tracker, clock = clocks_of(sitting.root)
    assert (tracker.name, clock.name) == ("tracker", "wall")
    assert tracker.largest_us < 1_000
    assert clock.largest_us < 5_000
    assert [round(amount / HOUR_US) for _, amount in clock.steps] == [-1]
    assert verify_session(sitting.root) == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), UnfitError("no practice image")])
def test_what_ends_a_session_before_it_records_leaves_a_closed_folder(
    fault: BaseException,
    protocol_file: Callable[[float], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("capture.session.practice_images", cut)
    request = SessionRequest(
        protocol=protocol_file(2.0),
        reader_id="R01",
        out=tmp_path,
        tracker="simulated",
        headless=True,
        speed=40.0,
    )
    with pytest.raises(type(fault)):
        run_session(request, lambda _: None)
    (root,) = tmp_path.iterdir()
    assert read_session_record(root).closed
    assert problems_of(root) == []


def test_an_interrupt_right_after_a_reading_began_ends_it(
    protocol_file: Callable[[float], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from capture import reading

    begin = reading._mark_start  # noqa: SLF001 - the moment in which the interrupt comes

    def cut(*given: Any) -> None:
        begin(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "_mark_start", cut)
    request = SessionRequest(
        protocol=protocol_file(2.0),
        reader_id="R01",
        out=tmp_path,
        tracker="simulated",
        headless=True,
        speed=20.0,
    )
    root = Path(run_session(request, lambda _: None).session)
    assert problems_of(root) == []
    assert [one.outcome for one in readings_of(root)] == ["aborted"]
