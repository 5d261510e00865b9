"""Does a session end well when the X server goes away, or the disk is full?"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capture.soundness import problems_of
from gazekit.model.recovery import recover_session
from gazekit.model.session import iter_samples, read_session_record, readings_of

ROOT = Path(__file__).resolve().parents[2]
CAPTURE = (sys.executable, "-c", "from capture.commands import main; main()")
PATIENCE_S = 180.0
PROTOCOL = """
title = "Test"
version = "1"
[images]
synthetic = 1
synthetic_px = [256, 320]
[calibration]
points = 5
"""
DISK = "96m"


def start(
    tmp_path: Path, out: Path, *more: str, display: str | None = None
) -> subprocess.Popen[str]:
    protocol = tmp_path / "small.toml"
    protocol.write_text(PROTOCOL, "utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    if display is not None:
        environment["DISPLAY"] = display
    return subprocess.Popen(
        (
            *(*CAPTURE, "run", str(protocol), "--reader", "R01", "--out", str(out)),
            *("--tracker", "simulated", "--microphone", "none", *more),
        ),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(program: subprocess.Popen[str], happened: Callable[[], bool], what: str) -> None:
    give_up_s = time.monotonic() + PATIENCE_S
    while not happened():
        if program.poll() is not None:
            pytest.fail(f"the program ended before {what}: {program.communicate()[1]}")
        if time.monotonic() > give_up_s:
            program.kill()
            pytest.fail(f"there was no {what}")
        time.sleep(0.05)


def reads(out: Path) -> bool:
    return any(b"reading_start" in path.read_bytes() for path in out.glob("ses-*/events.jsonl"))


def session_in(out: Path) -> Path:
    (root,) = out.glob("ses-*")
    return root


@pytest.fixture
def own_display() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start an X server of this test's own, to be killed by it."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        pytest.fail("Xvfb is not installed; run scripts/setup as root")
    read, write = os.pipe()
    server = subprocess.Popen(
        (xvfb, "-displayfd", str(write), "-screen", "0", "800x600x24", "-noreset"),
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as file:
        number = file.readline().strip()
    yield f":{number}", server
    server.kill()
    server.wait()


def test_a_session_whose_display_goes_away_is_closed(
    tmp_path: Path, own_display: tuple[str, subprocess.Popen[bytes]]
) -> None:
    display, server = own_display
    out = tmp_path / "out"
    program = start(tmp_path, out, "--speed", "3", "--window", "640x480", display=display)
    wait_for(program, lambda: reads(out), "reading")
    server.kill()
    _, stderr = program.communicate(timeout=PATIENCE_S)
    assert program.returncode == 5, stderr
    assert "the display went away" in stderr
    assert "Traceback" not in stderr
    root = session_in(out)
    assert read_session_record(root).closed
    assert problems_of(root) == []
    assert {reading.outcome for reading in readings_of(root)} == {"aborted"}
    assert sum(batch.num_rows for batch in iter_samples(root)) > 0
    assert not recover_session(root).changed


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small disk; where that is not allowed, `test_failures.py` plays a full one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = (str(mount), "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder))
    if mount is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk here; the unit test injects a full one")
    yield folder
    subprocess.run((str(shutil.which("umount")), str(folder)), check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 12))


def test_a_full_disk_ends_the_session_in_one_line_and_it_can_be_recovered(
    tmp_path: Path, small_disk: Path
) -> None:
    out = small_disk / "out"
    program = start(tmp_path, out, "--headless", "--speed", "2")
    wait_for(program, lambda: reads(out), "reading")
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        fill(ballast)
    _, stderr = program.communicate(timeout=PATIENCE_S)
    assert program.returncode == 1, stderr
    assert "No space left on device" in stderr
    assert "capture recover" in stderr
    assert "Traceback" not in stderr
    root = session_in(out)
    ballast.unlink()
    before = sum(batch.num_rows for batch in iter_samples(root))
    done = recover_session(root)
    assert done.samples == before > 0
    assert problems_of(root) == []
    assert {reading.outcome for reading in readings_of(root)} == {"aborted"}
