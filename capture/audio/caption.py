"""How does the reader see that the microphone hears? Small bars in the caption's strip."""

from capture.audio.level import Level
from capture.form import caption_scale
from capture.items import Box, Colour, Item, Words
from capture.viewer import CAPTION_PX, Rectangle

__all__ = ["level_items"]

_BARS = 8
_GREEN: Colour = (0.35, 0.85, 0.45)
_RED: Colour = (1.0, 0.42, 0.38)
_DARK: Colour = (0.3, 0.3, 0.3)
_LIGHT: Colour = (0.9, 0.9, 0.9)
_RIGHT, _WIDTH = 190.0, 14.0


def level_items(level: Level | None, area_px: Rectangle, *, recording: bool) -> tuple[Item, ...]:
    """Return the meter below the image: word and bars; "no sound" where nothing is heard.

    `area_px` is the viewer's rectangle, above the strip. Few steps, so that few frames are drawn
    anew.
    """
    x1, y1 = area_px[2], area_px[3]
    unit = caption_scale(area_px)
    middle = y1 + CAPTION_PX * unit / 2
    x = x1 - _RIGHT * unit - _BARS * _WIDTH * unit
    if level is None:
        return (Words("no sound", x, middle, 16 * unit, _RED),)
    word = "CLIPPED" if level.clipped else "REC" if recording else "mic"
    colour = _RED if level.clipped or recording else _LIGHT
    items: list[Item] = [Words(word, x - 84 * unit, middle, 16 * unit, colour)]
    lit = level.bars(_BARS)
    for bar in range(_BARS):
        left = x + bar * _WIDTH * unit
        face = _DARK if bar >= lit else _RED if level.clipped else _GREEN
        top, bottom = middle - 7 * unit, middle + 7 * unit
        items.append(Box(left, top, left + (_WIDTH - 3) * unit, bottom, face))
    return tuple(items)
