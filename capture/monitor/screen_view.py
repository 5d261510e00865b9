"""How is the reader's screen drawn for the operator: the image as it is shown, gaze on it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PyQt6.QtWidgets import QSizePolicy, QWidget

from capture.monitor.watch import Snapshot
from gazekit.image import read_display_png
from gazekit.model.errors import GazekitError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ImageRecord, ViewState

__all__ = ["LEFT_COLOUR", "RIGHT_COLOUR", "ScreenView"]

LEFT_COLOUR, RIGHT_COLOUR = "#4cc9f0", "#ffb84d"
"""Gaze of the left and of the right eye, wherever the monitor draws it."""

_MOST_PX = 1000
_TRAIL_US = 700_000
_MOST_DOTS = 60
_GROUND, _SCREEN, _WORDS = "#14171c", "#2a2e35", "#c9ced6"


@dataclass(frozen=True, eq=False)
class _Loaded:
    """An image of the session, shrunk: its display values, and how far it was shrunk."""

    image_id: str
    values: NDArray[np.uint16]
    shrunk_x: float
    shrunk_y: float


class ScreenView(QWidget):
    """Draws the reader's screen as the newest view state says, and the gaze of the last moment."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(320, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._snapshot: Snapshot | None = None
        self._loaded: _Loaded | None = None
        self._ground: QPixmap | None = None
        self._ground_of: object = None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take the newest state and draw it."""
        self._snapshot = snapshot
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: ARG002, N802 - Qt's own name
        """Draw the screen and the gaze."""
        painter = QPainter(self)
        if self._snapshot is None:
            painter.fillRect(self.rect(), QColor(_GROUND))
            return
        area, scale = self._placed(self._snapshot)
        painter.drawPixmap(0, 0, self._drawn_ground(self._snapshot, area, scale))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_gaze(painter, self._snapshot, area)

    def _placed(self, snapshot: Snapshot) -> tuple[QRectF, float]:
        """Return where the screen stands in this widget, and widget pixels per screen pixel."""
        screen = snapshot.record.screen
        scale = min(self.width() / screen.width_px, self.height() / screen.height_px)
        wide, tall = screen.width_px * scale, screen.height_px * scale
        return QRectF((self.width() - wide) / 2, (self.height() - tall) / 2, wide, tall), scale

    def _drawn_ground(self, snapshot: Snapshot, area: QRectF, scale: float) -> QPixmap:
        """Draw screen and image anew only where the view, the image or the size has changed."""
        view = snapshot.view
        record = None if view is None else snapshot.images.get(view.image_id or "")
        key = (view, record, self.width(), self.height())
        if self._ground is None or key != self._ground_of:
            self._ground, self._ground_of = QPixmap(self.size()), key
            self._ground.fill(QColor(_GROUND))
            painter = QPainter(self._ground)
            painter.fillRect(area, QColor(_SCREEN))
            if view is not None and record is not None:
                self._draw_image(painter, snapshot, (view, record), (area, scale))
            else:
                painter.setPen(QColor(_WORDS))
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "No image is shown now")
            painter.end()
        return self._ground

    def _draw_image(
        self,
        painter: QPainter,
        snapshot: Snapshot,
        shown: tuple[ViewState, ImageRecord],
        placed: tuple[QRectF, float],
    ) -> None:
        view, record = shown
        loaded = self._load(snapshot, record)
        if loaded is None or view.image_to_screen is None:
            painter.drawText(placed[0], Qt.AlignmentFlag.AlignCenter, "The image is not readable")
            return
        (area, scale), (a, b, c, d, e, f) = placed, view.image_to_screen
        painter.translate(area.topLeft())
        painter.scale(scale, scale)
        if view.clip_px is not None:
            x0, y0, x1, y1 = view.clip_px
            painter.setClipRect(QRectF(x0, y0, x1 - x0, y1 - y0))
        painter.setTransform(QTransform(a, d, b, e, c, f), combine=True)
        painter.scale(loaded.shrunk_x, loaded.shrunk_y)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QPointF(0, 0), _grey(loaded.values, view, record))

    def _load(self, snapshot: Snapshot, record: ImageRecord) -> _Loaded | None:
        if self._loaded is None or self._loaded.image_id != record.image_id:
            try:
                path = SessionLayout(snapshot.root).image(record.image_id)
                values = read_display_png(path, record).pixels
            except (GazekitError, OSError):
                return None
            step = max(1, -(-max(values.shape) // _MOST_PX))
            small = np.ascontiguousarray(values[::step, ::step])
            self._loaded = _Loaded(
                record.image_id,
                small,
                record.width_px / small.shape[1],
                record.height_px / small.shape[0],
            )
        return self._loaded

    def _draw_gaze(self, painter: QPainter, snapshot: Snapshot, area: QRectF) -> None:
        gaze = snapshot.gaze
        if gaze.last_us is None or (snapshot.sample_age_s or 0.0) > 1.0:
            return
        recent = gaze.since(gaze.last_us - _TRAIL_US)
        step = max(1, recent.time_us.size // _MOST_DOTS)
        for eye, colour in enumerate((LEFT_COLOUR, RIGHT_COLOUR)):
            x, y = recent.x_norm[eye][::-step][::-1], recent.y_norm[eye][::-step][::-1]
            seen = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
            shade = QColor(colour)
            painter.setPen(Qt.PenStyle.NoPen)
            for index in seen:
                shade.setAlphaF(0.15 + 0.6 * (index + 1) / x.size)
                painter.setBrush(shade)
                painter.drawEllipse(_point(area, x[index], y[index]), 3.0, 3.0)
            if seen.size and seen[-1] == x.size - 1:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colour), 2.0))
                painter.drawEllipse(_point(area, x[-1], y[-1]), 11.0, 11.0)


def _point(area: QRectF, x_norm: float, y_norm: float) -> QPointF:
    return QPointF(area.x() + x_norm * area.width(), area.y() + y_norm * area.height())


def _grey(values: NDArray[np.uint16], view: ViewState, record: ImageRecord) -> QImage:
    """Return the image through the grey window of the view, 8 bits deep."""
    low = record.window_low if view.window_low is None else view.window_low
    high = record.window_high if view.window_high is None else view.window_high
    steps = np.arange(int(values.max(initial=0)) + 1, dtype=np.float32)
    shade = np.clip((steps - low) / max(high - low, 1e-9), 0.0, 1.0) * 255.0
    table = np.rint(255.0 - shade if view.inverted else shade).astype(np.uint8)
    rows, columns = values.shape
    data = table[values].tobytes()
    # Qt does not own the bytes it is handed, so the image that leaves is a copy that does.
    return QImage(data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
