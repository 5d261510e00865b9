"""What does the operator see and press while a session runs?"""

from collections.abc import Callable

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from capture.monitor.dials import HeadDial, LevelDial
from capture.monitor.figures import Figure, figures_of
from capture.monitor.judging import Notice, notices_of
from capture.monitor.screen_view import LEFT_COLOUR, RIGHT_COLOUR, ScreenView
from capture.monitor.watch import SessionWatch, Snapshot
from capture.window_style import STYLE, TONES
from gazekit.model.commands import CommandName, OperatorCommand, send_command
from gazekit.model.version import DISCLAIMER

__all__ = ["MonitorWindow"]

_LOOK_MS = 200
_MOST_NOTICES = 4
_SIDE_PX = 344
_ACTS: tuple[tuple[CommandName, str, str], ...] = (
    ("recalibrate", "Recalibrate", "F5"),
    ("drift_check", "Drift check", "F6"),
    ("redo", "Redo reading", "F7"),
    ("pause", "Pause", "F8"),
    ("flag", "Flag with a note", "F9"),
    ("stop", "Stop the session", "Ctrl+Alt+E"),
)


class MonitorWindow(QMainWindow):
    """Shows the state of a session a few times a second and sends the operator's commands."""

    def __init__(self, watch: SessionWatch) -> None:
        super().__init__()
        self._watch = watch
        self._snapshot: Snapshot | None = None
        self._paused = False
        self.setStyleSheet(STYLE)
        self.setMinimumSize(960, 620)
        self.screen_view, self.head, self.level = ScreenView(), HeadDial(), LevelDial()
        self.title = _label("", "title")
        self.simulated = _label("SIMULATED: nobody sits before a real tracker", "simulated")
        self.notices = [_label("", "notice") for _ in range(_MOST_NOTICES)]
        self.sent = _label("", "quiet")
        self.buttons: dict[str, QPushButton] = {}
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(_LOOK_MS)
        self.refresh()

    def refresh(self) -> None:
        """Look at the folder and show what is there."""
        snapshot = self._snapshot = self._watch.look()
        record = snapshot.record
        title = f"{record.session_id}   reader {record.reader.reader_id}   {record.protocol}"
        if snapshot.phase is not None:
            title += f"   {snapshot.phase.replace('_', ' ')}"
        _set(self.title, title)
        self.setWindowTitle(f"Monitor: {record.session_id}")
        self.simulated.setVisible(record.simulated or record.tracker.simulated)
        self.screen_view.show_snapshot(snapshot)
        self.head.show_snapshot(snapshot)
        level = snapshot.level
        self.level.show_level(
            None if level is None else level.rms_db, None if level is None else level.peak_db
        )
        self._show_figures(figures_of(snapshot))
        self._show_notices(notices_of(snapshot))
        live = snapshot.running and not record.closed
        for button in self.buttons.values():
            button.setEnabled(live)

    def ask(self, command: CommandName, note: str | None = None) -> None:
        """Send a command to the session and say that it went."""
        if self._snapshot is None or self._snapshot.record.closed or not self._snapshot.running:
            _set(self.sent, "No program records this session; nothing was sent.")
            return
        try:
            send_command(self._snapshot.root, OperatorCommand(command=command, note=note))
        except OSError as error:
            _set(self.sent, f"Not sent: {error.strerror}. Use the keys at the reader's screen.")
            return
        if command in {"pause", "resume"}:
            self._paused = command == "pause"
            self.buttons["pause"].setText("Resume   F8" if self._paused else "Pause   F8")
        _set(self.sent, f"Sent: {command.replace('_', ' ')}")

    def _act(self, command: CommandName) -> None:
        if command == "pause":
            self.ask("resume" if self._paused else "pause")
        elif command == "flag":
            note, given = QInputDialog.getText(
                self, "Flag this reading", "What happened? Never a name."
            )
            if given:
                self.ask("flag", note.strip() or None)
        elif command == "stop":
            if self._confirmed():
                self.ask("stop")
        else:
            self.ask(command)

    def _confirmed(self) -> bool:
        answer = QMessageBox.question(
            self,
            "Stop the session",
            "End the session now? What was recorded is kept; the reading that runs is aborted.",
        )
        return answer == QMessageBox.StandardButton.Yes

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        grid = QGridLayout()
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, 96)
        grid.setColumnStretch(2, 1)
        for row in range(_FIGURES):
            labels = _label("", "quiet"), _label("", "value"), _label("", "word")
            for column, label in enumerate(labels):
                label.setWordWrap(False)
                grid.addWidget(label, row, column)
            self._rows.append(labels)
        side.addLayout(grid)
        for name, dial in (("Microphone level", self.level), ("Eyes and distance", self.head)):
            side.addWidget(_label(name, "quiet"))
            side.addWidget(dial)
        side.addStretch(1)
        panel = QWidget()
        panel.setFixedWidth(_SIDE_PX)
        panel.setLayout(side)
        middle = QHBoxLayout()
        middle.addWidget(self.screen_view, 1)
        middle.addWidget(panel)
        whole = QVBoxLayout()
        whole.addLayout(self._head_row())
        for notice in self.notices:
            whole.addWidget(notice)
        whole.addLayout(middle, 1)
        whole.addLayout(self._button_row())
        whole.addLayout(self._foot_row())
        centre = QWidget()
        centre.setLayout(whole)
        self.setCentralWidget(centre)

    def _head_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        row.addWidget(self.simulated)
        return row

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for command, words, keys in _ACTS:
            button = QPushButton(f"{words}   {keys}")
            act = _caller(self._act, command)
            button.clicked.connect(act)
            QShortcut(QKeySequence(keys), self).activated.connect(act)
            if command == "stop":
                button.setObjectName("stop")
                row.addStretch(1)
            self.buttons[command] = button
            row.addWidget(button)
        return row

    def _foot_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        left, right = (
            f'<span style="color:{colour}">●</span> {eye} eye'
            for eye, colour in (("left", LEFT_COLOUR), ("right", RIGHT_COLOUR))
        )
        row.addWidget(_label(f"{left} &nbsp; {right}", "quiet"))
        row.addWidget(self.sent, 1)
        row.addWidget(_label(DISCLAIMER, "quiet"))
        return row

    def _show_figures(self, figures: list[Figure]) -> None:
        for (name, value, word), figure in zip(self._rows, figures, strict=True):
            _set(name, figure.name)
            _set(value, figure.value)
            _set(word, figure.word, TONES[figure.tone])

    def _show_notices(self, notices: list[Notice]) -> None:
        marks = {"good": "OK", "warn": "WARNING", "bad": "PROBLEM", "quiet": "NOTE"}
        for index, label in enumerate(self.notices):
            label.setVisible(index < max(1, min(len(notices), _MOST_NOTICES)))
            if index < len(notices):
                notice = notices[index]
                _set(label, f"{marks[notice.tone]}   {notice.words}", TONES[notice.tone])


_FIGURES = 11
"""Rows of figures; as many as `figures_of` returns."""


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(name == "notice")
    label.setTextFormat(Qt.TextFormat.RichText if "<" in text else Qt.TextFormat.PlainText)
    return label


def _set(label: QLabel, text: str, colour: str | None = None) -> None:
    """Change a label only where it reads otherwise: laying text out is what costs."""
    if label.text() != text:
        label.setText(text)
    style = "" if colour is None else f"color: {colour};"
    if label.styleSheet() != style:
        label.setStyleSheet(style)


def _caller(act: Callable[[CommandName], None], command: CommandName) -> Callable[[], None]:
    def call() -> None:
        act(command)

    return call
