"""Does the operator's window follow a session that is being recorded, and send what is pressed?"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PyQt6.QtWidgets", reason="the monitor needs PyQt6, of the extra 'capture'")

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from capture.monitor.figures import figures_of
from capture.monitor.find import find_session
from capture.monitor.judging import notices_of
from capture.monitor.watch import SessionWatch
from capture.monitor.window import MonitorWindow
from gazekit.model.errors import DataError
from gazekit.model.layout import SessionLayout
from gazekit.model.version import DISCLAIMER

PATIENCE_S = 180.0
PROTOCOL = """
title = "Test"
version = "1"
seed = 3
[images]
synthetic = 12
synthetic_px = [256, 320]
"""
CAPTURE = (sys.executable, "-c", "from capture.commands import main; main()")


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    (tmp_path / "small.toml").write_text(PROTOCOL, "utf-8")
    words = ("run", "small.toml", "--reader", "R01", "--out", "out", "--tracker", "simulated")
    program = subprocess.Popen(
        (*CAPTURE, *words, "--headless", "--speed", "6"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield program, tmp_path / "out"
    program.kill()
    program.communicate()


def wait_for(happened: Callable[[], bool], what: str) -> None:
    give_up_s = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > give_up_s:
            pytest.fail(f"there was no {what}")
        QApplication.processEvents()
        time.sleep(0.05)


def found(out: Path) -> bool:
    try:
        find_session(out)
    except DataError:
        return False
    return True


def test_the_window_follows_a_session_to_its_end(
    qt_app: object,
    recording: tuple[subprocess.Popen[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program, out = recording
    wait_for(out.is_dir, "folder")
    wait_for(lambda: found(out), "session")
    root = find_session(out)
    watch = SessionWatch(root)
    window = MonitorWindow(watch)
    window.resize(1280, 800)
    window.show()
    wait_for(lambda: watch.look().in_reading, "reading")
    wait_for(lambda: watch.look().gaze.time_us.size > 100, "gaze")
    snapshot = watch.look()
    assert not any("tracker" in notice.words for notice in notices_of(snapshot))
    figures = {figure.name: figure for figure in figures_of(snapshot)}
    assert re.fullmatch(r"\d+ of 12", figures["Reading"].value)
    assert figures["Rate"].word == f"of {snapshot.record.tracker.rate_hz:g} Hz"
    assert figures["Validation"].word == "accepted"
    window.refresh()
    words = [label.text() for label in window.findChildren(type(window.title)) if label.text()]
    assert DISCLAIMER in words
    assert window.simulated.isVisible()

    QTest.keyClick(window, Qt.Key.Key_F6)  # type: ignore[call-overload]
    monkeypatch.setattr(window, "_confirmed", lambda: True)
    window.buttons["stop"].click()
    lines = SessionLayout(root).commands.read_text("utf-8").splitlines()
    assert [json.loads(line)["command"] for line in lines] == ["drift_check", "stop"]

    wait_for(lambda: program.poll() is not None, "end of the session")
    assert program.returncode == 130, "the session ran to its end in spite of stop"
    wait_for(lambda: watch.look().record.closed, "closed session")
    assert "closed" in notices_of(watch.look())[0].words
    window.refresh()
    assert not window.buttons["stop"].isEnabled()
    window.close()
