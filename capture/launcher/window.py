"""What does a coordinator see who never opens a terminal: choose, check, start, result?"""

from pathlib import Path

import msgspec
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCloseEvent, QGuiApplication
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from capture.doctor.finding import Finding
from capture.launcher.choice import Choice, Verdict, judge_reader, known_protocols
from capture.launcher.programs import Verb, start_apart
from capture.trackers.find import TRACKERS
from capture.window_style import STYLE, TONES
from gazekit.model.errors import EXIT_INTERRUPTED, EXIT_OK, GazekitError
from gazekit.model.protocol import Protocol, load_protocol
from gazekit.model.version import DISCLAIMER

__all__ = ["LauncherWindow"]

_MOST_LINES = 400
_FORM_PX = 520
_TONE = {"green": "good", "yellow": "warn", "red": "bad"}
_STARTED = "session "


class _Examination(msgspec.Struct, frozen=True):
    """What `capture doctor --json` prints."""

    fit: bool
    findings: list[Finding]


class LauncherWindow(QMainWindow):
    """The dialog; everything it starts runs in a process of its own."""

    def __init__(self, protocols: Path, out: Path) -> None:
        super().__init__()
        self.setWindowTitle("Record a session")
        self.setStyleSheet(STYLE)
        self.setMinimumSize(1000, 640)
        self._protocols = dict(known_protocols(protocols))
        self._fit: bool | None = None
        self._doctor = Verb(lambda _: None, self._examined, self)
        self._run = Verb(self._heard, self._ended, self)
        self.protocol, self.tracker = QComboBox(), QComboBox()
        self.reader, self.out = QLineEdit(), QLineEdit(str(out))
        self.reader_word, self.protocol_word, self.result = QLabel(), QLabel(), QLabel()
        self.with_monitor = QCheckBox("Open the operator's monitor (on a second screen)")
        self.check, self.start = QPushButton("Check the station"), QPushButton("Start the session")
        self.findings = QVBoxLayout()
        self.lines = QPlainTextEdit()
        self._fill()
        self._lay_out()
        self._changed()

    def choice(self) -> Choice | None:
        """Return what is chosen; None while something is missing or wrong."""
        path = self.protocol.currentData()
        reader, out = self.reader.text().strip(), self.out.text().strip()
        if path is None or not out or not judge_reader(reader, self._protocols.get(path)).good:
            return None
        return Choice(path, reader, Path(out), self.tracker.currentText())

    def _fill(self) -> None:
        for path, protocol in self._protocols.items():
            self.protocol.addItem(protocol.title, path)
        self.tracker.addItems(sorted(TRACKERS, key=lambda name: name != "auto"))
        self.reader.setPlaceholderText("R01")
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(_MOST_LINES)
        # With one screen the monitor would cover the reader's.
        self.with_monitor.setChecked(len(QGuiApplication.screens()) > 1)
        self.start.setObjectName("start")
        for signal in (self.reader.textChanged, self.out.textChanged):
            signal.connect(self._changed)
        for box in (self.protocol, self.tracker):
            box.currentIndexChanged.connect(self._changed)
        self.check.clicked.connect(self.examine)
        self.start.clicked.connect(self.begin)

    def _lay_out(self) -> None:
        form = QGridLayout()
        form.setColumnStretch(1, 1)
        more, folder = QPushButton("Other ..."), QPushButton("Choose ...")
        more.clicked.connect(self._other_protocol)
        folder.clicked.connect(self._other_folder)
        rows = (
            ("Protocol", self.protocol, more),
            ("", self.protocol_word, None),
            ("Reader's code", self.reader, None),
            ("", self.reader_word, None),
            ("Sessions go to", self.out, folder),
            ("Tracker", self.tracker, None),
            ("", self.with_monitor, None),
        )
        for row, (name, widget, button) in enumerate(rows):
            form.addWidget(QLabel(name), row, 0)
            form.addWidget(widget, row, 1, 1, 1 if button is not None else 2)
            if button is not None:
                form.addWidget(button, row, 2)
        for label in (self.protocol_word, self.reader_word, self.result):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        left = QVBoxLayout()
        left.addWidget(_named("Record a session", "title"))
        left.addLayout(form)
        buttons = QHBoxLayout()
        buttons.addWidget(self.check)
        buttons.addWidget(self.start)
        left.addLayout(buttons)
        left.addWidget(self.result)
        left.addWidget(_named("What the program says", "quiet"))
        left.addWidget(self.lines, 1)
        left.addWidget(_named(DISCLAIMER, "quiet"))
        side = QWidget()
        side.setFixedWidth(_FORM_PX)
        side.setLayout(left)
        whole = QHBoxLayout()
        whole.addWidget(side)
        whole.addWidget(self._findings_area(), 1)
        centre = QWidget()
        centre.setLayout(whole)
        self.setCentralWidget(centre)

    def _findings_area(self) -> QWidget:
        inner = QWidget()
        self.findings.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.findings.addWidget(_named("Nothing has been checked yet.", "quiet"))
        inner.setLayout(self.findings)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def _changed(self) -> None:
        """Judge the entries; what was checked before a change does not count after it."""
        protocol: Protocol | None = self._protocols.get(self.protocol.currentData())
        words = (
            "no protocol here: choose one" if protocol is None else f"version {protocol.version}"
        )
        _tell(self.protocol_word, Verdict(good=protocol is not None, words=words))
        _tell(self.reader_word, judge_reader(self.reader.text().strip(), protocol))
        self._enable()

    def _enable(self) -> None:
        ready = self.choice() is not None
        self.check.setEnabled(ready and not self._doctor.running and not self._run.running)
        self.start.setEnabled(ready and not self._doctor.running)
        self.start.setText("End the session" if self._run.running else "Start the session")

    def examine(self) -> None:
        """Run the checks of `capture doctor` for what is chosen."""
        choice = self.choice()
        if choice is None:
            return
        _clear(self.findings)
        self.findings.addWidget(_named("Checking: this takes a few seconds ...", "quiet"))
        self._doctor.start(choice.doctor_words())
        self._enable()

    def _examined(self, code: int, out: str) -> None:
        _clear(self.findings)
        try:
            found = msgspec.json.decode(out, type=_Examination)
        except msgspec.DecodeError:
            words = f"The checks could not be made (code {code}). Try: capture doctor"
            _tell(self.result, Verdict(good=False, words=words))
        else:
            for finding in found.findings:
                self.findings.addWidget(_row_of(finding))
            red = sum(finding.colour == "red" for finding in found.findings)
            words = "The station is fit to record." if found.fit else f"Red: {red}. See the right."
            _tell(self.result, Verdict(good=found.fit, words=words))
        self._enable()

    def begin(self) -> None:
        """Start the session, or end the one that runs."""
        choice = self.choice()
        if self._run.running:
            self._run.stop()
            return
        if choice is None:
            return
        self.lines.clear()
        _tell(self.result, Verdict(good=True, words="The session runs on the reader's screen."))
        self._run.start(choice.run_words())
        self._enable()

    def _heard(self, line: str) -> None:
        self.lines.appendPlainText(line)
        choice = self.choice()
        if line.startswith(_STARTED) and self.with_monitor.isChecked() and choice is not None:
            start_apart(choice.monitor_words())

    def _ended(self, code: int, out: str) -> None:
        session = out.strip().rpartition("\n")[2]
        if code == EXIT_OK:
            verdict = Verdict(good=True, words=f"Complete: {Path(session).name}")
        elif code == EXIT_INTERRUPTED:
            verdict = Verdict(good=False, words="Ended early; what was recorded is kept.")
        else:
            last = self.lines.toPlainText().strip().rpartition("\n")[2]
            verdict = Verdict(good=False, words=last or f"The program ended with code {code}.")
        _tell(self.result, verdict)
        self._enable()

    def _other_protocol(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Choose a protocol", "", "Protocols (*.toml)")
        if name:
            self.take_protocol(Path(name))

    def take_protocol(self, path: Path) -> None:
        """Add a protocol and choose it; say what is wrong with it where it is not sound."""
        try:
            protocol = load_protocol(path)
        except GazekitError as error:
            _tell(self.result, Verdict(good=False, words=str(error)))
            return
        if path not in self._protocols:
            self._protocols[path] = protocol
            self.protocol.addItem(protocol.title, path)
        self.protocol.setCurrentIndex(list(self._protocols).index(path))

    def _other_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Where do the sessions go?", self.out.text())
        if name:
            self.out.setText(name)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's own name
        """Stay open while a session runs: its end is to be seen."""
        if event is None:
            return
        if self._run.running:
            words = "A session runs. End it first; then this window closes."
            _tell(self.result, Verdict(good=False, words=words))
            event.ignore()
        else:
            event.accept()


def _named(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    return label


def _tell(label: QLabel, verdict: Verdict) -> None:
    label.setText(verdict.words)
    label.setStyleSheet(f"color: {TONES['good' if verdict.good else 'bad']};")


def _row_of(finding: Finding) -> QLabel:
    """Show a finding as one label: colour, word, what was found, what to do."""
    remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
    text = f"{finding.colour.upper()}   {finding.check}: {finding.found}{remedy}"
    label = _named(text, "finding")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setStyleSheet(f"color: {TONES[_TONE[finding.colour]]}; padding: 2px 4px;")
    return label


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.deleteLater()
