"""How are head position, eyes and loudness drawn, each as one small picture?"""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from capture.monitor.screen_view import LEFT_COLOUR, RIGHT_COLOUR
from capture.monitor.watch import Snapshot
from capture.window_style import TONES

__all__ = ["HeadDial", "LevelDial"]

_FACE, _LINE = "#1d2229", "#4a525e"
_WIDE_MM, _HIGH_MM, _DEEP_MM = 200.0, 130.0, 200.0
_LOW_DB = -70.0


class HeadDial(QWidget):
    """Both eyes as the tracker sees them, and how far the head is from where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(96)
        self._snapshot: Snapshot | None = None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take the newest state and draw it."""
        self._snapshot = snapshot
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: ARG002, N802 - Qt's own name
        """Draw the head box from the front, and the distance as a bar beside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar_at = self.width() - 26
        box = QRectF(1, 1, bar_at - 14, self.height() - 2)
        bar = QRectF(bar_at, 1, 24, self.height() - 2)
        for frame in (box, bar):
            painter.setPen(QPen(QColor(_LINE), 1))
            painter.setBrush(QColor(_FACE))
            painter.drawRoundedRect(frame, 4, 4)
        painter.setPen(QPen(QColor(_LINE), 1, Qt.PenStyle.DashLine))
        painter.drawLine(box.center() - QPointF(0, box.height() / 2), _foot(box))
        middle = bar.center().y()
        painter.drawLine(QPointF(bar.left(), middle), QPointF(bar.right(), middle))
        if self._snapshot is not None and self._snapshot.gaze.last_us is not None:
            self._draw_eyes(painter, box, self._snapshot)
            self._draw_distance(painter, bar, self._snapshot)

    def _draw_eyes(self, painter: QPainter, box: QRectF, snapshot: Snapshot) -> None:
        origin = snapshot.gaze.origin_mm[:, :, -1]
        head = snapshot.gaze.head_mm
        if head is None:
            return
        for eye, colour in enumerate((LEFT_COLOUR, RIGHT_COLOUR)):
            x, y, z = origin[:, eye]
            if not (x == x and y == y and z == z):  # noqa: PLR0124 - NaN
                continue
            at = QPointF(
                box.center().x() + x / _WIDE_MM * box.width() / 2,
                box.center().y() - (y - head[1]) / _HIGH_MM * box.height() / 2,
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(at, 9.0, 9.0)

    def _draw_distance(self, painter: QPainter, bar: QRectF, snapshot: Snapshot) -> None:
        head = snapshot.gaze.head_mm
        if head is None:
            return
        off = (head[2] - snapshot.record.screen.distance_mm) / _DEEP_MM
        y = bar.center().y() - min(max(off, -1.0), 1.0) * (bar.height() / 2 - 6)
        tone = "good" if abs(off) < 0.5 else "warn"  # noqa: PLR2004 - half of the bar
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(TONES[tone]))
        painter.drawRoundedRect(QRectF(bar.left() + 2, y - 4, bar.width() - 4, 8), 3, 3)


class LevelDial(QWidget):
    """The microphone's level as a bar with its peak."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(16)
        self._level: tuple[float, float] | None = None

    def show_level(self, rms_db: float | None, peak_db: float | None) -> None:
        """Take the newest level, decibels below full scale; None shows an empty bar."""
        self._level = None if rms_db is None or peak_db is None else (rms_db, peak_db)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: ARG002, N802 - Qt's own name
        """Draw the bar."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_FACE))
        painter.drawRect(self.rect())
        level = self._level
        if level is None:
            return
        rms, peak = (min(max(1 - db / _LOW_DB, 0.0), 1.0) * self.width() for db in level)
        painter.setBrush(QColor(TONES["bad" if level[1] > -1.0 else "good"]))
        painter.drawRect(QRectF(0, 2, rms, self.height() - 4))
        painter.drawRect(QRectF(max(peak - 3, 0), 0, 3, self.height()))


def _foot(box: QRectF) -> QPointF:
    return box.center() + QPointF(0, box.height() / 2)
