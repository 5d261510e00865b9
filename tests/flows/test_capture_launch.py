"""Does the dialog refuse names, show the checks, and say in one line why a session cannot start?"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PyQt6.QtWidgets", reason="the launcher needs PyQt6, of the extra 'capture'")

from PyQt6.QtWidgets import QApplication, QLabel

from capture.launcher.choice import Choice, judge_reader, known_protocols
from capture.launcher.window import LauncherWindow
from gazekit.model.protocol import load_protocol

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180.0


def wait_for(happened: Callable[[], bool], what: str) -> None:
    give_up_s = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > give_up_s:
            pytest.fail(f"there was no {what}")
        QApplication.processEvents()
        time.sleep(0.02)


@pytest.fixture
def window(qt_app: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LauncherWindow:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    window = LauncherWindow(ROOT / "protocols", tmp_path)
    window.tracker.setCurrentText("simulated")
    window.with_monitor.setChecked(False)
    window.show()
    return window


def shown(window: LauncherWindow) -> list[str]:
    labels = (window.findings.itemAt(i) for i in range(window.findings.count()))
    widgets = [item.widget() for item in labels if item is not None]
    return [widget.text() for widget in widgets if isinstance(widget, QLabel)]


def test_a_name_is_refused_while_it_is_typed(window: LauncherWindow) -> None:
    assert not window.start.isEnabled()
    window.reader.setText("Jane Doe")
    assert not window.start.isEnabled()
    assert "never a name" in window.reader_word.text()
    assert "Jane" not in window.reader_word.text()
    window.reader.setText("R01")
    assert window.start.isEnabled()
    choice = window.choice()
    assert isinstance(choice, Choice)
    assert choice.run_words()[:1] == ["run"]
    assert choice.reader == "R01"
    window.close()


def test_the_checks_are_shown_and_a_session_that_cannot_start_says_why(
    window: LauncherWindow,
) -> None:
    window.reader.setText("R01")
    window.examine()
    wait_for(lambda: len(shown(window)) > 5, "list of findings")
    findings = shown(window)
    assert any(text.startswith("GREEN   python") for text in findings)
    (display,) = (text for text in findings if text.startswith("RED   display"))
    assert "→" in display
    assert window.result.text().startswith("Red:")
    window.begin()
    wait_for(lambda: bool(window.lines.toPlainText().strip()), "line of the program")
    wait_for(lambda: window.result.text().startswith("error:"), "result")
    assert "Traceback" not in window.lines.toPlainText()
    window.close()


def test_a_protocol_that_is_not_sound_is_not_taken(window: LauncherWindow, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('titel = "x"\n', "utf-8")
    before = window.protocol.count()
    window.take_protocol(tmp_path / "bad.toml")
    assert window.protocol.count() == before
    assert "bad.toml" in window.result.text()
    (tmp_path / "good.toml").write_text(
        'title = "Mine"\nversion = "1"\n[images]\nsynthetic = 1\n', "utf-8"
    )
    window.take_protocol(tmp_path / "good.toml")
    assert window.protocol.currentText() == "Mine"
    window.close()


def test_only_protocols_are_offered() -> None:
    names = {path.name for path, _ in known_protocols(ROOT / "protocols")}
    assert "cxr_abcdef.toml" in names
    assert "source_tobii_tx300.toml" not in names
    protocol = load_protocol(ROOT / "protocols" / "cxr_abcdef.toml")
    assert judge_reader("R001", protocol).good
    assert not judge_reader("R01 ", protocol).good
    assert not judge_reader("", protocol).good
