"""``gazekit synth`` as it is typed: result on stdout, one line for a wrong setting."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

PATIENCE_S = 60.0


def synth(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from gazekit.commands import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "synth", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_result_is_json_on_stdout_and_the_study_is_there(tmp_path: Path) -> None:
    out = tmp_path / "study"
    done = synth(str(out), "--readings", "2", "--seed", "4", "--image-px", "64x80", "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["simulated"] is True
    assert record["complete"] is True
    assert record["plan"]["seed"] == 4
    assert len(list((out / "images").glob("*.dcm"))) == 2
    again = synth(str(out), "--readings", "2", "--seed", "5", "--image-px", "64x80")
    assert again.returncode == 2
    assert (
        again.stderr.strip().splitlines()[-1].startswith("error: study: the folder holds another")
    )


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--image-px", "big"), "--image-px: not a size"),
        (("--readings", "0"), "--readings: out of range"),
        (("--seed", "-1"), "--seed: out of range"),
        (("--workers", "0"), "--workers"),
    ],
)
def test_wrong_settings_are_one_line_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], what: str
) -> None:
    done = synth(str(tmp_path / "study"), *arguments)
    assert done.returncode == 2
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    assert "Simulating" not in done.stderr
    assert not (tmp_path / "study").exists()


def test_a_file_is_no_place_for_a_study(tmp_path: Path) -> None:
    (tmp_path / "study").write_text("mine")
    done = synth(str(tmp_path / "study"), "--readings", "1")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: study: not a folder")
    assert line.endswith("Choose a new folder")
    assert (tmp_path / "study").read_text() == "mine"


def test_one_of_a_thing_is_not_called_many(tmp_path: Path) -> None:
    done = synth(str(tmp_path / "study"), "--readings", "1", "--image-px", "64x80")
    assert "1 simulated reading in 1 session, " in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_parent_or_speaks_of_an_interrupt(
    tmp_path: Path, way: signal.Signals
) -> None:
    # A shell's background job, and so a test run as one, ignores interrupts: mind them here.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from gazekit.commands import main; main()"
    )
    size = ("--readings", "12", "--readings-per-session", "3", "--image-px", "256x320")
    with subprocess.Popen(
        [sys.executable, "-c", program, "synth", str(tmp_path / "study"), *size, "--workers", "2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        # Killed at work; interrupted while the workers still import, when they would speak of it.
        if way == signal.SIGKILL:
            _wait_for(lambda: any((tmp_path / "study").glob("sessions/*")))
        else:
            _wait_for(lambda: len(_alive(parent.pid)) > 3)
        # As a terminal does: an interrupt goes to all of them, a kill to one.
        (os.killpg if way == signal.SIGINT else os.kill)(parent.pid, way)
        errors = parent.communicate(timeout=PATIENCE_S)[1]
    try:
        _wait_for(lambda: not _alive(parent.pid))
    finally:
        for pid in _alive(parent.pid):
            os.kill(pid, signal.SIGKILL)
    assert "Traceback" not in errors
    assert parent.returncode == (130 if way == signal.SIGINT else -way)


def _alive(group: int) -> list[int]:
    """Return the processes of a group that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, process_group = path.read_text("utf-8").rpartition(")")[2].split()[:3]
            if int(process_group) == group and state != "Z":
                found.append(int(path.parent.name))
    return found


def _wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)
