"""How does the page look and react on which findings are marked on the image?"""

import dataclasses
from dataclasses import dataclass

from capture.form import AMBER, GREY, Button, Form, pressed
from capture.hands import moved
from capture.items import Box, Colour, Item, Oval, Words
from capture.marks import CERTAINTIES, Mark, MarkBoard
from capture.scene import ImageShown
from capture.viewer import InputAct, Rectangle
from gazekit.model.protocol import ViewerPlan
from gazekit.model.version import DISCLAIMER
from gazekit.model.viewport import Viewport

__all__ = ["Marking", "MarkingPage", "image_part"]

_PANEL = 360.0
_HANDLE = 5.0
_REACH = 9.0
_LEAST = 6.0
_CYAN: Colour = (0.3, 0.85, 1.0)
_BLACK: Colour = (0.0, 0.0, 0.0)
_PAGE: Colour = (0.16, 0.16, 0.16)
_DRAGS = ("pan", "window", "zoom")
"""What a drag comes as, whatever the protocol makes of it; here it draws while a mark is held."""
_DONE = ("return", "enter", "ctrl+return", "ctrl+enter")


@dataclass(frozen=True)
class Marking:
    """What is on the page: the marks, the view of the image, a remark; `done` at its end."""

    board: MarkBoard
    viewport: Viewport
    remark: str = ""
    done: bool = False


def image_part(area_px: Rectangle) -> Rectangle:
    """Return the part of the viewer's rectangle that the image has beside the panel."""
    x0, y0, x1, y1 = area_px
    return x0, y0, x1 - _PANEL * Form(area_px).unit, y1


@dataclass(frozen=True)
class MarkingPage:
    """The page's geometry and rules; `plan` says what hands may do to the view."""

    form: Form
    labels: tuple[str, ...]
    plan: ViewerPlan

    def after(self, now: Marking, act: InputAct) -> Marking:
        """Return what is on the page after an act."""
        if act.kind == "key":
            return self._after_key(now, act)
        if act.kind == "press" and act.key == "left":
            return self._after_press(now, act)
        if act.kind == "unpress" and act.key == "left":
            dragged = now.board.drag(*_image_point(now, act))
            return dataclasses.replace(now, board=dragged.release(least=_LEAST / now.viewport.zoom))
        if now.board.grip is not None and act.kind in _DRAGS:
            return dataclasses.replace(now, board=now.board.drag(*_image_point(now, act)))
        return dataclasses.replace(now, viewport=moved(now.viewport, act, self.plan))

    def buttons(self, now: Marking) -> list[Button]:
        """Return what can be pressed: labels, certainties, delete, done."""
        form, board = self.form, now.board
        unit = form.unit
        mark = None if board.chosen is None else board.marks[board.chosen]
        label = board.label if mark is None else mark.label
        certainty = board.certainty if mark is None else mark.certainty
        step = min(40.0, 560.0 / len(self.labels))
        x0, x1 = self._panel.x0 + 16 * unit, self._panel.x1 - 16 * unit
        made = []
        for row, name in enumerate(self.labels):
            box = Box(x0, form.y(64 + row * step), x1, form.y(64 + (row + 0.9) * step))
            made.append(Button(f"label {name}", name, box, chosen=name == label, centred=False))
        for row, name in enumerate(CERTAINTIES):
            box = Box(x0, form.y(666 + row * 38), x1, form.y(666 + row * 38 + 34))
            chosen = certainty == row + 1
            made.append(Button(f"rate {row + 1}", name, box, chosen=chosen, centred=False))
        middle = (x0 + x1) / 2
        y0, y1 = form.y(-110), form.y(-66)
        made.append(Button("delete", "Delete (Del)", Box(x0, y0, middle - 4 * unit, y1)))
        made.append(Button("done", "Done (Enter)", Box(middle + 4 * unit, y0, x1, y1)))
        return made

    def scene(self, now: Marking, place: str = "") -> ImageShown:
        """Return what is shown: the image, the marks over it, the panel beside it.

        `place` says which image of the study it is, where there are several.
        """
        form, unit = self.form, self.form.unit
        panel = self._panel
        x = panel.x0 + 16 * unit
        items: list[Item] = list(_marks(now, unit))
        items += [panel, form.line("What is marked", x, form.y(36), letter=22.0)]
        items.append(form.line("How certain", x, form.y(644), letter=22.0))
        for button in self.buttons(now):
            items += form.drawn(button)
        if now.remark:
            items.append(form.remark(now.remark, x, form.y(-136)))
        count = len(now.board.marks)
        told = f"{count} marked" if count else "nothing marked yet"
        items.append(form.line(told, x, form.y(-44), GREY, letter=18.0))
        items.append(form.line(DISCLAIMER, x, form.y(-16), GREY, letter=15.0))
        caption = "drag: draw an ellipse   drag inside: move   drag a corner: resize"
        parts = [part for part in (place, caption, "1-5: certainty") if part]
        return ImageShown(now.viewport, "   ".join(parts), tuple(items))

    @property
    def _panel(self) -> Box:
        _, y0, x1, y1 = self.form.area_px
        return Box(x1 - _PANEL * self.form.unit, y0, x1, y1, _PAGE)

    def _after_key(self, now: Marking, act: InputAct) -> Marking:
        board = now.board
        if act.key in _DONE:
            return self._finished(now)
        if act.key in {"delete", "backspace"}:
            return dataclasses.replace(now, board=board.delete())
        if act.key in {"1", "2", "3", "4", "5"}:
            return dataclasses.replace(now, board=board.rated(int(act.key)), remark="")
        return dataclasses.replace(now, viewport=moved(now.viewport, act, self.plan))

    def _after_press(self, now: Marking, act: InputAct) -> Marking:
        name = pressed(act, self.buttons(now)) or ""
        board = now.board
        if name == "done":
            return self._finished(now)
        if name == "delete":
            board = board.delete()
        elif name.startswith("label "):
            board = board.named(name.removeprefix("label "))
        elif name.startswith("rate "):
            board = board.rated(int(name.removeprefix("rate ")))
        elif not self._panel.holds(act.x_px, act.y_px):
            board = board.press(*_image_point(now, act), reach=_REACH / now.viewport.zoom)
        return dataclasses.replace(now, board=board, remark="")

    def _finished(self, now: Marking) -> Marking:
        missing = now.board.missing
        if missing is None:
            return dataclasses.replace(now, done=True, remark="")
        mark = now.board.marks[missing]
        remark = "Choose what is marked." if mark.label is None else "Choose how certain."
        return dataclasses.replace(now, board=now.board.choose(missing), remark=remark)


def _image_point(now: Marking, act: InputAct) -> tuple[float, float]:
    x, y = now.viewport.affine.undo(act.x_px, act.y_px)
    return float(x), float(y)


def _marks(now: Marking, unit: float) -> list[Item]:
    items: list[Item] = []
    for index, mark in enumerate(now.board.marks):
        chosen = index == now.board.chosen
        colour = AMBER if chosen else _CYAN
        (x0, x1), (y0, y1) = now.viewport.affine.apply([mark.x0, mark.x1], [mark.y0, mark.y1])
        corners = float(x0), float(y0), float(x1), float(y1)
        items.append(Oval(*corners, colour, 2.5 * unit))
        if chosen:
            items += _handles(corners, unit)
        items += _name_of(mark, corners, colour, unit, now.viewport.area_px)
    return items


def _handles(corners: Rectangle, unit: float) -> list[Item]:
    x0, y0, x1, y1 = corners
    size = _HANDLE * unit
    return [
        Box(x - size, y - size, x + size, y + size, AMBER)
        for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))
    ]


def _name_of(
    mark: Mark, corners: Rectangle, colour: Colour, unit: float, area_px: Rectangle
) -> list[Item]:
    """Return the label above the ellipse, or below where there is no room above, on black."""
    x0, y0, x1, y1 = corners
    text = mark.label or "?"
    if mark.certainty is not None:
        text = f"{text} ({mark.certainty})"
    above = y0 - 16 * unit > area_px[1]
    y = y0 - 16 * unit if above else y1 + 16 * unit
    x, half = (x0 + x1) / 2, (0.3 * len(text) + 0.4) * 18 * unit
    ground = Box(x - half, y - 13 * unit, x + half, y + 13 * unit, _BLACK)
    return [ground, Words(text, x, y, 18 * unit, colour, centred=True)]
