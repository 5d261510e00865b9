"""How are words and simple shapes put into a PsychoPy window, each at its size on this screen?"""

from typing import Any

from capture.viewer import scale_of

__all__ = ["AMBER", "BLUE", "DARK", "GREEN", "LIGHT", "ORANGE", "RED", "Colour", "Painter"]

Colour = tuple[float, float, float]
LIGHT: Colour = (0.9, 0.9, 0.9)
DARK: Colour = (0.0, 0.0, 0.0)
AMBER: Colour = (1.0, 0.75, 0.2)
GREEN: Colour = (0.35, 0.85, 0.45)
RED: Colour = (1.0, 0.42, 0.38)
BLUE: Colour = (0.35, 0.7, 1.0)
ORANGE: Colour = (1.0, 0.55, 0.1)

_MOST_TEXTS = 300
_WIDTH_SHARE = 0.9


class Painter:
    """Draws into one window; places are PsychoPy's: origin in the middle, y up, pixels.

    Sizes are given for a screen 1080 px high and grow with the window's (`scale`).
    """

    def __init__(self, visual: Any, window: Any, size_px: tuple[int, int]) -> None:  # noqa: ANN401
        self._visual = visual
        self._window = window
        self.size_px = size_px
        self.scale = scale_of(size_px[1])
        self._texts: dict[tuple[object, ...], Any] = {}
        self._discs: dict[tuple[Colour | None, Colour | None], Any] = {}

    def write(
        self,
        text: str,
        place: tuple[float, float],
        height: float,
        colour: Colour = LIGHT,
        *,
        align: str = "center",
    ) -> float:
        """Draw a text, wrapped to the window; return its height in pixels as drawn.

        `place` is the middle of it (`align` center) or of its left or right edge. Each is made
        once, for making one takes milliseconds.
        """
        if not text:
            return 0.0
        key = (text, place, height, colour, align)
        if key not in self._texts:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            self._texts[key] = self._visual.TextStim(
                self._window,
                text,
                pos=place,
                height=height * self.scale,
                color=colour,
                colorSpace="rgb1",
                wrapWidth=self.size_px[0] * _WIDTH_SHARE,
                anchorHoriz=align,
                alignText=align,
                autoLog=False,
            )
        stim = self._texts[key]
        stim.draw()
        return float(stim.boundingBox[1])

    def fill(self, grey: float) -> None:
        """Cover the whole window with a grey."""
        self.rectangle((0.0, 0.0), self.size_px, (grey, grey, grey))

    def rectangle(
        self,
        place: tuple[float, float],
        size: tuple[float, float],
        colour: Colour | None,
        *,
        line: Colour | None = None,
    ) -> None:
        """Draw a rectangle about its middle; sizes are in pixels as they are."""
        self._visual.Rect(
            self._window,
            *size,
            pos=place,
            fillColor=colour,
            lineColor=line,
            lineWidth=2 * self.scale,
            colorSpace="rgb1",
            autoLog=False,
        ).draw()

    def disc(
        self,
        place: tuple[float, float],
        radius: float,
        colour: Colour | None,
        *,
        line: Colour | None = None,
    ) -> None:
        """Draw a disc or a ring; its radius grows with the screen."""
        key = (colour, line)
        if key not in self._discs:
            # PsychoPy cannot take a colour away again, so each pair of colours has its own.
            self._discs[key] = self._visual.Circle(
                self._window,
                radius=1.0,
                edges=64,
                fillColor=colour,
                lineColor=line,
                lineWidth=2 * self.scale,
                colorSpace="rgb1",
                autoLog=False,
            )
        disc = self._discs[key]
        disc.setRadius(radius * self.scale)
        disc.setPos(place)
        disc.draw()

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: Colour) -> None:
        """Draw a thin line."""
        # Its own Line knows no colours from 0 to 1.
        self._visual.ShapeStim(
            self._window,
            vertices=(start, end),
            closeShape=False,
            fillColor=None,
            lineColor=colour,
            lineWidth=1.5 * self.scale,
            colorSpace="rgb1",
            autoLog=False,
        ).draw()
