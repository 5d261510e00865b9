"""What did the reader's hand do in the window? pyglet's events as acts with session times."""

from typing import Any

from capture.clock import SessionClock
from capture.viewer import InputAct, Kind

__all__ = ["Gestures"]

_PRINTABLE = range(0x21, 0x7F)
"""pyglet's key symbols in this range are their ASCII characters."""


class Gestures:
    """Collects keys, wheel and drags of a pyglet window; positions become screen pixels.

    An act stands at the centre of the cursor's pixel. pyglet's y runs bottom up, and for the
    wheel, on X11 as on Windows, it is the height less the row: 1 to height, not 0 to height - 1.
    """

    def __init__(self, handle: Any, clock: SessionClock, *, height_px: int) -> None:  # noqa: ANN401 - a pyglet window
        from pyglet.window import key, mouse

        self._clock = clock
        self._height_px = height_px
        self._names = {key.RETURN: "return", key.ENTER: "enter", key.SPACE: "space"}
        self._names |= {key.ESCAPE: "escape"}
        self._left, self._right = mouse.LEFT | mouse.MIDDLE, mouse.RIGHT
        self._acts: list[InputAct] = []
        self.origin_px = (0.0, 0.0)
        handle.push_handlers(
            on_key_press=self._on_key_press,
            on_mouse_scroll=self._on_mouse_scroll,
            on_mouse_drag=self._on_mouse_drag,
            on_close=self._on_close,
        )

    def take(self) -> list[InputAct]:
        """Return the acts since the last call, oldest first."""
        acts, self._acts = self._acts, []
        return acts

    def _add(self, kind: Kind, x: float, y: float, *, dx: float = 0.0, dy: float = 0.0) -> bool:
        left, top = self.origin_px
        act = InputAct(
            self._clock.now_us(),
            kind,
            x_px=float(left + x + 0.5),
            y_px=float(top + self._height_px - y + 0.5),
            dx=dx,
            dy=dy,
        )
        self._acts.append(act)
        return True

    def _on_key_press(self, symbol: int, _modifiers: int) -> bool:
        name = self._names.get(symbol) or (chr(symbol) if symbol in _PRINTABLE else "")
        if name:
            self._acts.append(InputAct(self._clock.now_us(), "key", key=name))
        return True

    def _on_mouse_scroll(self, x: int, y: int, _dx: float, dy: float) -> bool:
        return self._add("zoom", x, y, dy=float(dy))

    def _on_mouse_drag(
        self, x: int, y: int, dx: int, dy: int, buttons: int, _modifiers: int
    ) -> bool:
        if not buttons & (self._left | self._right):
            return True
        kind: Kind = "window" if buttons & self._right else "pan"
        return self._add(kind, x, y, dx=float(dx), dy=float(-dy))

    def _on_close(self) -> bool:
        return self._add("close", 0.0, 0.0)
