"""How are boxes, words and ovals put into a PsychoPy window?"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from capture.items import Box, Item, Oval, Words
from capture.painter import Painter

__all__ = ["ItemPainter"]

_FIXED_FONT = "Consolas" if sys.platform == "win32" else "DejaVu Sans Mono"
_MOST_TEXTS = 400
_MEASURED = 40
_NO_BREAK = "\N{NO-BREAK SPACE}"

_Place = Callable[[float, float], tuple[float, float]]


class ItemPainter:
    """Draws items; `place` turns screen pixels into the window's (origin in the middle, y up)."""

    def __init__(self, visual: Any, window: Any, painter: Painter, place: _Place) -> None:  # noqa: ANN401
        self._visual, self._window = visual, window
        self._painter, self._place = painter, place
        self._texts: dict[tuple[object, ...], Any] = {}
        self._letters: dict[float, float] = {}

    def letter_px(self, height_px: float) -> float:
        """Return the width of a letter of fixed-width writing, screen pixels."""
        if height_px not in self._letters:
            sample = self._text("M" * _MEASURED, height_px, (1.0, 1.0, 1.0), fixed=True)
            self._letters[height_px] = float(sample.boundingBox[0]) / _MEASURED
        return self._letters[height_px]

    def draw(self, items: Iterable[Item]) -> None:
        """Draw items, each over the one before."""
        for item in items:
            if isinstance(item, Box):
                self._box(item)
            elif isinstance(item, Oval):
                self._oval(item)
            else:
                self._words(item)

    def _box(self, box: Box) -> None:
        middle = self._place((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        size = (box.x1 - box.x0, box.y1 - box.y0)
        self._painter.rectangle(middle, size, box.fill, line=box.line)

    def _oval(self, oval: Oval) -> None:
        middle = self._place((oval.x0 + oval.x1) / 2, (oval.y0 + oval.y1) / 2)
        self._visual.Circle(
            self._window,
            radius=1.0,
            size=((oval.x1 - oval.x0) / 2, (oval.y1 - oval.y0) / 2),
            pos=middle,
            edges=72,
            fillColor=None,
            lineColor=oval.line,
            lineWidth=oval.width_px,
            colorSpace="rgb1",
            autoLog=False,
        ).draw()

    def _words(self, words: Words) -> None:
        if not words.text:
            return
        place = self._place(words.x, words.y)
        stim = self._text(
            words.text, words.height_px, words.colour, fixed=words.fixed, centred=words.centred
        )
        stim.setPos(place)
        stim.draw()

    def _text(
        self,
        text: str,
        height_px: float,
        colour: tuple[float, float, float],
        *,
        fixed: bool,
        centred: bool = False,
    ) -> Any:  # noqa: ANN401 - a PsychoPy text
        """Return a text, made once; the oldest half is forgotten where there are too many."""
        key = (text, height_px, colour, fixed, centred)
        if key not in self._texts:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts = dict(list(self._texts.items())[_MOST_TEXTS // 2 :])
            align = "center" if centred else "left"
            self._texts[key] = self._visual.TextStim(
                self._window,
                # Spaces at the edges of a row count where a cursor stands between letters.
                text.replace(" ", _NO_BREAK) if fixed else text,
                height=height_px,
                font=_FIXED_FONT if fixed else "",
                color=colour,
                colorSpace="rgb1",
                wrapWidth=100_000,
                anchorHoriz=align,
                alignText=align,
                autoLog=False,
            )
        return self._texts[key]
