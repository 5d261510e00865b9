"""How does the launcher start?"""

from pathlib import Path

from capture.monitor.app import check_display

__all__ = ["run_launcher"]


def run_launcher(protocols: Path, out: Path) -> int:
    """Show the dialog until it is closed.

    Raises
    ------
    UnfitError
        There is no PyQt6, or no display.
    """
    check_display("the launcher")
    from PyQt6.QtWidgets import QApplication

    from capture.launcher.window import LauncherWindow

    app = QApplication.instance() or QApplication(["capture launch"])
    window = LauncherWindow(protocols, out)
    window.resize(1200, 760)
    window.show()
    return int(app.exec())
