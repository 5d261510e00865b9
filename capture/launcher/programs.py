"""How does the launcher run the other programs, so that none of them can take it down?"""

from collections.abc import Callable

from PyQt6.QtCore import QObject, QProcess

from capture.launcher.choice import program

__all__ = ["Verb", "start_apart"]

_NOT_STARTED = -1


class Verb(QObject):
    """One verb of `capture` in a process of its own; tells its lines and its end.

    Parameters
    ----------
    line
        Called with each line that the program says.
    ended
        Called once with the exit code and the whole standard output.
    """

    def __init__(
        self, line: Callable[[str], None], ended: Callable[[int, str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._line, self._ended = line, ended
        self._out = ""
        self._rest = ""
        self._process = QProcess(self)
        self._process.readyReadStandardError.connect(self._said)
        self._process.readyReadStandardOutput.connect(self._printed)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)

    @property
    def running(self) -> bool:
        """Say whether the program runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, words: list[str]) -> None:
        """Start the verb."""
        self._out = self._rest = ""
        self._process.start(*program(words))

    def stop(self) -> None:
        """Ask the program to end, as Ctrl-C does: it closes what it writes."""
        self._process.terminate()

    def _said(self) -> None:
        text = self._rest + self._process.readAllStandardError().data().decode("utf-8", "replace")
        *lines, self._rest = text.split("\n")
        for line in lines:
            self._line(line)

    def _printed(self) -> None:
        self._out += self._process.readAllStandardOutput().data().decode("utf-8", "replace")

    def _finished(self, code: int) -> None:
        self._said()
        self._printed()
        if self._rest:
            self._line(self._rest)
        self._ended(code, self._out)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._ended(_NOT_STARTED, "")


def start_apart(words: list[str]) -> None:
    """Start a verb that outlives the launcher."""
    QProcess.startDetached(*program(words))
