"""Of what are pages made on which one types and points? Boxes, words and ovals at screen places."""

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Box", "Colour", "Item", "Oval", "Words"]

Colour = tuple[float, float, float]
"""Red, green, blue, 0 to 1."""


@dataclass(frozen=True)
class Box:
    """A rectangle from (x0, y0) to (x1, y1), screen pixels; `fill` and `line` where not None."""

    x0: float
    y0: float
    x1: float
    y1: float
    fill: Colour | None = None
    line: Colour | None = None

    def holds(self, x_px: float, y_px: float) -> bool:
        """Say whether a screen point lies in it."""
        return self.x0 <= x_px < self.x1 and self.y0 <= y_px < self.y1


@dataclass(frozen=True)
class Oval:
    """The ellipse inscribed in a rectangle, screen pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    line: Colour
    width_px: float = 2.0


@dataclass(frozen=True)
class Words:
    """One line of writing whose left edge, or middle, stands at (x, y): the middle of its height.

    `fixed`: letters of one width, so that a cursor can stand between them.
    """

    text: str
    x: float
    y: float
    height_px: float
    colour: Colour
    centred: bool = False
    fixed: bool = False


Item: TypeAlias = Box | Oval | Words
