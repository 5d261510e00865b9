"""Do samples reach the disk, and is it told when they do not?"""

import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.batches import join_batches
from capture.clock import SessionClock
from capture.recorder import Recorder
from capture.trackers.base import Calibrator, Notice
from capture.trackers.inbox import Inbox
from gazekit.model.errors import GazekitError, UsageError
from gazekit.model.records import ReaderRecord, ScreenRecord, SessionRecord, TrackerRecord
from gazekit.model.session import SessionWriter, iter_clock, iter_samples
from gazekit.synthetic import Sensor

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


class HandFed:
    """A tracker whose samples are put in by the test."""

    calibrator: Calibrator | None = None
    display_mm: tuple[float, float] | None = None

    def __init__(self) -> None:
        self.info = TrackerRecord(kind="fake", rate_hz=1000.0, simulated=True)
        self.inbox: Inbox[pa.RecordBatch] = Inbox(1_000)
        self.sensor = Sensor(SCREEN, rate_hz=1000.0, seed=1)
        self.fault: Exception | None = None
        self.notices: list[Notice] = []

    @property
    def lost_rows(self) -> int:
        return self.inbox.lost_rows

    def feed(self, first_us: int, count: int) -> None:
        times = first_us + np.arange(count, dtype=np.int64) * 1_000
        gaze = np.full(count, 500.0)
        batch = self.sensor.measure(times, times, gaze, gaze, np.ones(count))
        self.inbox.put(batch, count)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def drain(self) -> pa.RecordBatch | None:
        if self.fault is not None:
            raise self.fault
        return join_batches(self.inbox.take())

    def drain_clock(self) -> pa.RecordBatch | None:
        return self.sensor.clock_pair(1_000)

    def drain_streams(self) -> dict[str, pa.RecordBatch]:
        return {}

    def drain_notices(self) -> list[Notice]:
        taken, self.notices = self.notices, []
        return taken


@pytest.fixture
def tracker() -> HandFed:
    return HandFed()


@pytest.fixture
def writer(tmp_path: Path, tracker: HandFed) -> SessionWriter:
    record = SessionRecord(
        session_id="S1",
        created_at="2026-01-01T00:00:00+00:00",
        protocol="test",
        protocol_sha256="0" * 64,
        seed=0,
        reader=ReaderRecord(reader_id="R01"),
        screen=SCREEN,
        tracker=tracker.info,
        software={},
        simulated=True,
    )
    return SessionWriter(tmp_path, record, b"")


def test_everything_that_was_fed_is_written_in_order(
    tracker: HandFed, writer: SessionWriter
) -> None:
    recorder = Recorder(tracker, writer, SessionClock())
    recorder.start()
    for first_us in range(0, 300_000, 100_000):
        tracker.feed(first_us, 100)
    recent = recorder.between(50_000, 250_000)
    assert recent.column("system_time_us").to_pylist() == list(range(50_000, 250_000, 1_000))
    recorder.stop()
    root = writer.close()
    times = pa.Table.from_batches(iter_samples(root)).column("system_time_us").to_pylist()
    assert times == list(range(0, 300_000, 1_000))
    assert recorder.rows == 300
    assert sum(batch.num_rows for batch in iter_clock(root)) >= 1


def test_a_full_queue_is_fatal_and_counted(tracker: HandFed, writer: SessionWriter) -> None:
    recorder = Recorder(tracker, writer, SessionClock())
    tracker.feed(0, 900)
    tracker.feed(900_000, 200)
    recorder.start()
    recorder.stop()
    with pytest.raises(GazekitError, match=r"faster than they were written.*200 samples lost"):
        recorder.check()
    writer.close()


def test_a_fault_of_the_tracker_reaches_the_session(
    tracker: HandFed, writer: SessionWriter
) -> None:
    recorder = Recorder(tracker, writer, SessionClock())
    tracker.fault = OSError("the cable was pulled")
    recorder.start()
    recorder.stop()
    with pytest.raises(GazekitError, match="the cable was pulled"):
        recorder.check()
    writer.close()


@given(st.lists(st.integers(1, 50), max_size=40))
def test_an_inbox_gives_back_what_fits_and_counts_the_rest(sizes: list[int]) -> None:
    inbox: Inbox[int] = Inbox(100)
    for number, rows in enumerate(sizes):
        inbox.put(number, rows)
    kept = inbox.take()
    assert list(kept) == sorted(kept)
    assert sum(sizes[number] for number in kept) <= 100
    assert sum(sizes[number] for number in kept) + inbox.lost_rows == sum(sizes)
    assert inbox.take() == []


def test_an_inbox_takes_from_many_threads() -> None:
    inbox: Inbox[int] = Inbox(10_000)

    def put_many() -> None:
        for _ in range(1_000):
            inbox.put(1)

    threads = [threading.Thread(target=put_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inbox.take()) == 4_000


def test_the_session_clock_is_the_hosts_and_runs_faster_when_told() -> None:
    before_us = time.perf_counter_ns() // 1000
    now_us = SessionClock().now_us()
    assert before_us <= now_us <= time.perf_counter_ns() // 1000
    fast = SessionClock(50.0)
    start_us, real_us = fast.now_us(), time.perf_counter_ns() // 1000
    fast.wait_until_us(start_us + 500_000)
    assert fast.now_us() >= start_us + 500_000
    assert time.perf_counter_ns() // 1000 - real_us >= 9_900


@pytest.mark.parametrize("speed", [0.0, -1.0, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(UsageError, match="--speed"):
        SessionClock(speed)
