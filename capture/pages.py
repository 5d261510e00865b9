"""How do the pages around the readings look: text, typing, checks, head position, validation?"""

from collections.abc import Callable
from typing import Any

from capture.painter import AMBER, BLUE, DARK, GREEN, LIGHT, ORANGE, RED, Colour, Painter
from capture.scene import (
    CheckLine,
    Checklist,
    Cross,
    Entry,
    HeadGuide,
    Target,
    Text,
    ValidationShown,
)
from gazekit.model.records import ValidationPoint
from gazekit.model.version import DISCLAIMER

__all__ = ["PAGES", "draw_cross", "draw_target"]

_TITLE, _LINE, _SMALL = 34.0, 24.0, 18.0
_GAP = 20.0
_EYES: dict[str, Colour] = {"left": BLUE, "right": ORANGE}


def draw_cross(painter: Painter, scene: Cross, place: tuple[float, float]) -> None:
    """Draw the fixation cross."""
    if scene.background is not None:
        painter.fill(scene.background)
    long, thin = 32 * painter.scale, 4 * painter.scale
    painter.rectangle(place, (long, thin), LIGHT)
    painter.rectangle(place, (thin, long), LIGHT)


def draw_target(painter: Painter, scene: Target, place: tuple[float, float]) -> None:
    """Draw a target: a dark rim, so that it stands out on any grey, a disc and a dot."""
    if scene.background is not None:
        painter.fill(scene.background)
    painter.disc(place, scene.radius_px + 2.0, DARK)
    painter.disc(place, scene.radius_px, LIGHT)
    painter.disc(place, min(3.0, scene.radius_px / 2), DARK)


def _column(painter: Painter, rows: list[tuple[str, float, Colour]]) -> None:
    """Write rows below each other, the whole in the middle of the window."""
    gap = _GAP * painter.scale
    heights = [
        size * painter.scale * 1.4 * (1 + _wraps(painter, text, size)) for text, size, _ in rows
    ]
    y = (sum(heights) + gap * (len(rows) - 1)) / 2
    for (text, size, colour), height in zip(rows, heights, strict=True):
        painter.write(text, (0.0, y - height / 2), size, colour)
        y -= height + gap
    _disclaimer(painter)


def _wraps(painter: Painter, text: str, size: float) -> int:
    """Say how often a line will be wrapped: a letter is about half as wide as it is high."""
    letters = painter.size_px[0] * 0.9 / (size * painter.scale * 0.52)
    return int(len(text) / letters)


def _disclaimer(painter: Painter) -> None:
    bottom = -painter.size_px[1] / 2 + 60 * painter.scale
    painter.write(DISCLAIMER, (0.0, bottom), _SMALL)


def _draw_text(painter: Painter, page: Text) -> None:
    rows: list[tuple[str, float, Colour]] = [(page.title, _TITLE, LIGHT)]
    rows += [(line, _LINE, LIGHT) for line in page.lines]
    rows += [(page.foot, _LINE, AMBER)]
    _column(painter, [row for row in rows if row[0]])


def _draw_entry(painter: Painter, page: Entry) -> None:
    rows: list[tuple[str, float, Colour]] = [(page.title, _TITLE, LIGHT)]
    rows += [(line, _LINE, LIGHT) for line in page.lines]
    rows += [
        (f"> {page.text}_", _LINE, GREEN),
        (page.remark, _LINE, RED),
        (page.foot, _LINE, AMBER),
    ]
    _column(painter, [row for row in rows if row[0]])


def _draw_checklist(painter: Painter, page: Checklist) -> None:
    unit = painter.scale
    rows = sum(1 if line.ok or not line.remedy else 2 for line in page.lines)
    step = 46 * unit
    y = step * (rows + 3) / 2
    painter.write(page.title, (0.0, y), _TITLE)
    y -= step * 1.6
    for line in page.lines:
        y -= _check_row(painter, line, y, step)
    painter.write(page.foot, (0.0, y - step * 0.6), _LINE, AMBER)
    _disclaimer(painter)


def _check_row(painter: Painter, line: CheckLine, y: float, step: float) -> float:
    """Draw one check at height `y`; return how much room it took."""
    unit = painter.scale
    colour = GREEN if line.ok else RED
    painter.write("OK" if line.ok else "NOT OK", (-560 * unit, y), _LINE, colour, align="left")
    painter.write(line.name, (-420 * unit, y), _LINE, align="left")
    painter.write(line.found, (-100 * unit, y), _LINE, colour, align="left")
    if line.ok or not line.remedy:
        return step
    painter.write(line.remedy, (-100 * unit, y - step * 0.8), _SMALL, AMBER, align="left")
    return step * 1.8


def _draw_head(painter: Painter, page: HeadGuide) -> None:
    unit = painter.scale
    width, height = 640 * unit, 400 * unit
    middle = 60 * unit
    colour = GREEN if page.good else AMBER
    painter.write("Position of the head", (0.0, middle + height / 2 + 70 * unit), _TITLE)
    painter.rectangle((0.0, middle), (width, height), None, line=colour)
    for name, eye in (("left", page.left), ("right", page.right)):
        if eye is not None:
            x, y, z = eye
            place = ((x - 0.5) * width, middle + (0.5 - y) * height)
            # Nearer eyes are larger, as they would look to the tracker.
            painter.disc(place, 26.0 * (1.5 - min(max(z, 0.0), 1.0)), _EYES[name], line=LIGHT)
    painter.disc((0.0, middle), 4.0, None, line=LIGHT)
    painter.write(page.advice, (0.0, middle - height / 2 - 50 * unit), _LINE, colour)
    follow = "Then discs appear, one after the other: look at the dot in each until it goes away."
    painter.write(follow, (0.0, middle - height / 2 - 105 * unit), _LINE)
    painter.write(page.foot, (0.0, middle - height / 2 - 160 * unit), _LINE, AMBER)
    _disclaimer(painter)


def _draw_validation(painter: Painter, page: ValidationShown) -> None:
    unit = painter.scale
    width, height = painter.size_px[0] * 0.62, painter.size_px[1] * 0.62
    middle = (0.0, painter.size_px[1] * 0.11)
    painter.rectangle(middle, (width, height), None, line=(0.5, 0.5, 0.5))

    def place(x_norm: float, y_norm: float) -> tuple[float, float]:
        return middle[0] + (x_norm - 0.5) * width, middle[1] + (0.5 - y_norm) * height

    for point in page.record.points:
        _draw_point(painter, point, place, most_deg=page.plan.max_point_deg)
    top = middle[1] + height / 2 + 36 * unit
    painter.write(
        "Validation: ring = target, blue = left eye, orange = right eye", (0.0, top), _LINE
    )
    y = middle[1] - height / 2 - 40 * unit
    for text, colour in _figures(page):
        painter.write(text, (0.0, y), _LINE, colour)
        y -= 40 * unit
    painter.write(page.foot, (0.0, y - 6 * unit), _LINE, AMBER)
    bottom = -painter.size_px[1] / 2 + 30 * unit
    painter.write(DISCLAIMER, (0.0, bottom), _SMALL)


def _draw_point(
    painter: Painter,
    point: ValidationPoint,
    place: Callable[[float, float], tuple[float, float]],
    *,
    most_deg: float,
) -> None:
    unit = painter.scale
    target = place(point.x_norm, point.y_norm)
    painter.disc(target, 10.0, None, line=LIGHT)
    colour = _EYES[point.eye]
    if point.gaze_x_norm is not None and point.gaze_y_norm is not None:
        gaze = place(point.gaze_x_norm, point.gaze_y_norm)
        painter.line(target, gaze, colour)
        painter.disc(gaze, 5.0, colour)
    good = point.accuracy_deg is not None and point.accuracy_deg <= most_deg
    figure = "no gaze" if point.accuracy_deg is None else f"{point.accuracy_deg:.2f}°"
    words = f"{point.eye[0].upper()} {figure}, loss {point.data_loss:.0%}"
    row = -26 if point.eye == "left" else -48
    painter.write(words, (target[0], target[1] + row * unit), 16.0, LIGHT if good else RED)


def _figures(page: ValidationShown) -> list[tuple[str, Colour]]:
    record, plan = page.record, page.plan

    def figure(value: float | None) -> str:
        return "unknown" if value is None else f"{value:.2f}°"

    loss = "unknown" if record.data_loss is None else f"{record.data_loss:.0%}"
    worst = max((p.accuracy_deg for p in record.points if p.accuracy_deg is not None), default=None)
    first = f"accuracy {figure(record.accuracy_deg)} (limit {plan.max_accuracy_deg:g}°)"
    first += f", worst point {figure(worst)} (limit {plan.max_point_deg:g}°)"
    second = f"RMS-S2S {figure(record.rms_s2s_deg)} (limit {plan.max_rms_s2s_deg:g}°), STD "
    second += f"{figure(record.std_deg)}, data loss {loss} (limit {plan.max_data_loss:.0%} a point)"
    verdict = ("GOOD", GREEN) if record.accepted else (f"NOT GOOD: {record.reason}", RED)
    return [(first, LIGHT), (second, LIGHT), verdict]


PAGES: dict[type, Callable[[Painter, Any], None]] = {
    Text: _draw_text,
    Entry: _draw_entry,
    Checklist: _draw_checklist,
    HeadGuide: _draw_head,
    ValidationShown: _draw_validation,
}
"""How each page is drawn."""
