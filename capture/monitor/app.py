"""How does the monitor start: which session, which window, and what is said where it cannot?"""

import os
import sys
from pathlib import Path

from capture.monitor.find import find_session
from gazekit.model.errors import UnfitError

__all__ = ["check_display", "run_monitor"]


def run_monitor(path: Path) -> int:
    """Watch a session, or the newest open one under a folder, until the window is closed.

    Raises
    ------
    UsageError, DataError
        There is no such session.
    UnfitError
        There is no PyQt6, or no display.
    """
    root = find_session(path)
    check_display("the monitor")
    from PyQt6.QtGui import QGuiApplication
    from PyQt6.QtWidgets import QApplication

    from capture.monitor.watch import SessionWatch
    from capture.monitor.window import MonitorWindow

    app = QApplication.instance() or QApplication(["capture monitor"])
    window = MonitorWindow(SessionWatch(root))
    window.resize(1280, 800)
    primary = QGuiApplication.primaryScreen()
    for screen in QGuiApplication.screens():
        if screen is not primary:
            # The first screen is the reader's, on which nothing of the operator's may show.
            window.move(screen.availableGeometry().topLeft())
    window.show()
    return int(app.exec())


def check_display(what: str) -> None:
    """Refuse to open a window where there is none to be had, before Qt ends the process for it.

    Raises
    ------
    UnfitError
        There is no PyQt6, or no display.
    """
    try:
        import PyQt6.QtWidgets  # noqa: F401 - asked for, not used
    except ImportError as error:
        raise UnfitError(
            f"{what} needs PyQt6",
            found=error.msg,
            remedy="type: pip install 'gazekit[capture]'",
        ) from error
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not named:
        raise UnfitError(
            f"there is no display for {what}",
            expected="DISPLAY or WAYLAND_DISPLAY to be set",
            remedy="run it at the station's own desktop",
        )
