"""Does a session survive its program's death: kill -9 at random moments, Ctrl-C, terminate?"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from capture.soundness import problems_of
from gazekit.model.errors import DataError
from gazekit.model.layout import SessionLayout
from gazekit.model.recovery import recover_session
from gazekit.model.session import iter_samples, read_events, read_session_record, readings_of

ROOT = Path(__file__).resolve().parents[2]
CAPTURE = (sys.executable, "-c", "from capture.commands import main; main()")
PATIENCE_S = 240.0
MOST_LOST_US = 1_000_000
"""What the recorder may hold back."""
PROTOCOL = """
title = "Test"
version = "1"
[images]
synthetic = 1
synthetic_px = [256, 320]
"""


def start(tmp_path: Path, *more: str) -> subprocess.Popen[str]:
    protocol = tmp_path / "small.toml"
    protocol.write_text(PROTOCOL, "utf-8")
    command = (*CAPTURE, "run", str(protocol), "--reader", "R01", "--out", str(tmp_path / "out"))
    return subprocess.Popen(
        (*command, "--tracker", "simulated", "--headless", *more),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(program: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    give_up_s = time.monotonic() + PATIENCE_S
    while not happened():
        if program.poll() is not None:
            pytest.fail(f"the program ended too early: {program.communicate()[1]}")
        if time.monotonic() > give_up_s:
            pytest.fail("the session did not get there")
        time.sleep(0.02)


def session_in(tmp_path: Path) -> Path | None:
    found = list((tmp_path / "out").glob("ses-*"))
    return found[0] if found else None


def samples_came(tmp_path: Path) -> bool:
    root = session_in(tmp_path)
    path = None if root is None else SessionLayout(root).samples(0)
    return path is not None and path.exists() and path.stat().st_size > 50_000


def reading_started(tmp_path: Path) -> bool:
    root = session_in(tmp_path)
    events = None if root is None else SessionLayout(root).events
    return events is not None and events.exists() and b"reading_start" in events.read_bytes()


@pytest.fixture
def running() -> Iterator[list[subprocess.Popen[str]]]:
    programs: list[subprocess.Popen[str]] = []
    yield programs
    for program in programs:
        if program.poll() is None:
            program.kill()
        program.communicate()


@pytest.mark.parametrize(("least_s", "most_s"), [(0.0, 1.0), (2.0, 5.0)])
def test_kill_loses_the_last_moment_at_most(
    least_s: float, most_s: float, tmp_path: Path, running: list[subprocess.Popen[str]]
) -> None:
    wait_s = random.SystemRandom().uniform(least_s, most_s)
    program = start(tmp_path)
    running.append(program)
    wait_for(program, lambda: samples_came(tmp_path))
    root = session_in(tmp_path)
    assert root is not None
    with pytest.raises(DataError, match="still being recorded"):
        recover_session(root)

    time.sleep(wait_s)
    killed_us = time.perf_counter_ns() // 1000
    program.kill()
    program.wait()
    assert [problem.what for problem in problems_of(root)] == ["the session was not closed"]

    done = recover_session(root)
    assert problems_of(root) == []
    times = pa.Table.from_batches(iter_samples(root)).column("system_time_us").to_numpy()
    assert done.samples == times.size
    lost_us = killed_us - times[-1]
    assert lost_us <= MOST_LOST_US, f"killed {wait_s:.3f} s after the first samples"
    assert read_session_record(root).recovered
    assert {reading.outcome for reading in readings_of(root)} <= {"aborted"}
    assert not recover_session(root).changed


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_an_interrupt_closes_the_session(
    sign: signal.Signals, tmp_path: Path, running: list[subprocess.Popen[str]]
) -> None:
    program = start(tmp_path, "--speed", "4")
    running.append(program)
    wait_for(program, lambda: reading_started(tmp_path))
    program.send_signal(sign)
    stdout, stderr = program.communicate(timeout=PATIENCE_S)
    assert program.returncode == 130
    assert "Traceback" not in stderr
    root = Path(stdout.strip())
    assert read_session_record(root).closed
    assert not read_session_record(root).recovered
    (reading,) = readings_of(root)
    assert reading.outcome == "aborted"
    assert "session_interrupted" in [event.kind for event in read_events(root)]
    assert problems_of(root) == []
