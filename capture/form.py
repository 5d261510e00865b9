"""How are pages with buttons laid out, at the size of the screen, and what was pressed on them?"""

from dataclasses import dataclass

from capture.items import Box, Colour, Item, Words
from capture.viewer import CAPTION_PX, InputAct, Rectangle, scale_of
from gazekit.model.version import DISCLAIMER

__all__ = ["AMBER", "GREY", "LIGHT", "Button", "Form", "caption_scale", "pressed"]

LIGHT: Colour = (0.9, 0.9, 0.9)
AMBER: Colour = (1.0, 0.75, 0.2)
GREY: Colour = (0.55, 0.55, 0.55)
_RED: Colour = (1.0, 0.42, 0.38)
_FACE: Colour = (0.28, 0.28, 0.28)
_CHOSEN: Colour = (0.2, 0.42, 0.62)
_LETTER = 24.0
_SCREEN_PX = 1080
_SMALL = 18.0


def caption_scale(area_px: Rectangle) -> float:
    """Return by how much a window is larger than 1080 px, from its part above the caption."""
    height = area_px[3] - area_px[1]
    return scale_of(height * _SCREEN_PX / (_SCREEN_PX - CAPTION_PX))


@dataclass(frozen=True)
class Button:
    """A labelled rectangle; `name` says what pressing it means."""

    name: str
    label: str
    box: Box
    chosen: bool = False
    centred: bool = True


@dataclass(frozen=True)
class Form:
    """A rectangle of the screen in which a page is laid out; lengths are for 1080 px of height."""

    area_px: Rectangle

    @property
    def unit(self) -> float:
        """Screen pixels for each of 1080."""
        return caption_scale(self.area_px)

    def x(self, share: float) -> float:
        """Return a place between the left edge (0) and the right edge (1), screen px."""
        return self.area_px[0] + share * (self.area_px[2] - self.area_px[0])

    def y(self, length: float) -> float:
        """Return the place so far below the upper edge, or above the lower where negative."""
        edge = self.area_px[1] if length >= 0 else self.area_px[3]
        return edge + length * self.unit

    def line(
        self, text: str, x: float, y: float, colour: Colour = LIGHT, *, letter: float = _LETTER
    ) -> Words:
        """Return a line of writing that begins at (x, y), screen px."""
        return Words(text, x, y, letter * self.unit, colour)

    def drawn(self, button: Button) -> list[Item]:
        """Return what a button looks like."""
        box, pad = button.box, 14 * self.unit
        face = Box(box.x0, box.y0, box.x1, box.y1, _CHOSEN if button.chosen else _FACE, GREY)
        x = (box.x0 + box.x1) / 2 if button.centred else box.x0 + pad
        middle = (box.y0 + box.y1) / 2
        words = Words(button.label, x, middle, 20 * self.unit, LIGHT, centred=button.centred)
        return [face, words]

    def remark(self, text: str, x: float, y: float) -> Words:
        """Return what has to be put right before one can go on."""
        return Words(text, x, y, 20 * self.unit, _RED)

    @property
    def disclaimer(self) -> Words:
        """Return the line that stands on every page."""
        return Words(DISCLAIMER, self.x(0.5), self.y(-20), _SMALL * self.unit, GREY, centred=True)


def pressed(act: InputAct, buttons: list[Button]) -> str | None:
    """Return the name of the button that a press of the mouse hit."""
    if act.kind != "press" or act.key != "left":
        return None
    return next((b.name for b in buttons if b.box.holds(act.x_px, act.y_px)), None)
