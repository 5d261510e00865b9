"""What did the reader's hand do in the window? pyglet's events as acts with session times."""

from typing import Any

from capture.clock import SessionClock
from capture.viewer import InputAct, Kind
from gazekit.model.protocol import Drag, ViewerMouse

__all__ = ["Gestures"]

_PRINTABLE = range(0x21, 0x7F)
"""pyglet's key symbols in this range are their ASCII characters."""
_NAMED = ("SPACE", "RETURN", "ENTER", "ESCAPE", "BACKSPACE", "DELETE", "TAB", "UP", "DOWN", "LEFT")
_MORE = ("RIGHT", "PAGEUP", "PAGEDOWN", "HOME", "END", *(f"F{n}" for n in range(1, 13)))
_DRAG_PX_PER_NOTCH = 25.0


class Gestures:
    """Collects keys, wheel and drags of a pyglet window; positions become screen pixels.

    An act stands at the centre of the cursor's pixel. pyglet's y runs bottom up, and for the
    wheel, on X11 as on Windows, it is the height less the row: 1 to height, not 0 to height - 1.
    """

    def __init__(
        self,
        handle: Any,  # noqa: ANN401 - a pyglet window
        clock: SessionClock,
        *,
        height_px: int,
        mouse: ViewerMouse,
    ) -> None:
        from pyglet.window import key
        from pyglet.window import mouse as button

        self._clock = clock
        self._height_px = height_px
        self._names = {getattr(key, name): name.lower() for name in (*_NAMED, *_MORE)}
        self._modifiers = ((key.MOD_CTRL, "ctrl+"), (key.MOD_ALT, "alt+"))
        # Of several buttons held at once the first in this order decides.
        self._drags = (
            (button.RIGHT, mouse.right, "right"),
            (button.MIDDLE, mouse.middle, "middle"),
            (button.LEFT, mouse.left, "left"),
        )
        self._wheel = mouse.wheel
        self._acts: list[InputAct] = []
        self.origin_px = (0.0, 0.0)
        handle.push_handlers(
            on_key_press=self._on_key_press,
            on_key_release=self._on_key_release,
            on_text=self._on_text,
            on_text_motion=self._on_text_motion,
            on_mouse_scroll=self._on_mouse_scroll,
            on_mouse_press=self._on_mouse_press,
            on_mouse_release=self._on_mouse_release,
            on_mouse_drag=self._on_mouse_drag,
            on_mouse_motion=self._on_mouse_motion,
            on_close=self._on_close,
        )
        self._held, self._fresh = "", False
        self.cursor_px: tuple[float, float] | None = None

    def take(self) -> list[InputAct]:
        """Return the acts since the last call, oldest first."""
        acts, self._acts = self._acts, []
        return acts

    def _place(self, x: float, y: float) -> tuple[float, float]:
        left, top = self.origin_px
        return float(left + x + 0.5), float(top + self._height_px - y + 0.5)

    def _add(
        self, kind: Kind, x: float, y: float, *, dx: float = 0.0, dy: float = 0.0, key: str = ""
    ) -> bool:
        x_px, y_px = self._place(x, y)
        self._acts.append(
            InputAct(self._clock.now_us(), kind, key=key, x_px=x_px, y_px=y_px, dx=dx, dy=dy)
        )
        return True

    def _name(self, symbol: int, modifiers: int) -> str:
        name = self._names.get(symbol) or (chr(symbol) if symbol in _PRINTABLE else "")
        if not name:
            return ""
        return "".join(word for bit, word in self._modifiers if modifiers & bit) + name

    def _on_key_press(self, symbol: int, modifiers: int) -> bool:
        name = self._name(symbol, modifiers)
        self._held, self._fresh = name, True
        if name:
            self._acts.append(InputAct(self._clock.now_us(), "key", key=name))
        return True

    def _on_key_release(self, symbol: int, modifiers: int) -> bool:
        name = self._name(symbol, modifiers)
        if name:
            self._acts.append(InputAct(self._clock.now_us(), "release", key=name))
        return True

    def _on_text_motion(self, _motion: int) -> bool:
        """Take a cursor key that is held down for pressed again; the first time was `key`'s."""
        if not self._fresh and self._held:
            self._acts.append(InputAct(self._clock.now_us(), "key", key=self._held))
        self._fresh = False
        return True

    def _on_text(self, text: str) -> bool:
        if text.isprintable():
            self._acts.append(InputAct(self._clock.now_us(), "text", key=text))
        return True

    def _on_mouse_scroll(self, x: int, y: int, _dx: float, dy: float) -> bool:
        if self._wheel == "none":
            return True
        return self._add(self._wheel, x, y, dy=float(dy))

    def _on_mouse_press(self, x: int, y: int, button: int, _modifiers: int) -> bool:
        name = next((name for bit, _, name in self._drags if button == bit), "")
        return self._add("press", x, y, key=name)

    def _on_mouse_release(self, x: int, y: int, button: int, _modifiers: int) -> bool:
        name = next((name for bit, _, name in self._drags if button == bit), "")
        return self._add("unpress", x, y, key=name)

    def _on_mouse_motion(self, x: int, y: int, _dx: int, _dy: int) -> bool:
        # Here, unlike for the wheel and the buttons, y is 0 to height - 1.
        self.cursor_px = self._place(x, y + 1)
        return True

    def _on_mouse_drag(
        self, x: int, y: int, dx: int, dy: int, buttons: int, _modifiers: int
    ) -> bool:
        self.cursor_px = self._place(x, y + 1)
        kind: Drag = next((kind for bit, kind, _ in self._drags if buttons & bit), "none")
        if kind == "zoom":  # upwards enlarges, as the wheel does
            return self._add("zoom", x, y + 1, dy=dy / _DRAG_PX_PER_NOTCH)
        if kind != "none":
            self._add(kind, x, y + 1, dx=float(dx), dy=float(-dy))
        return True

    def _on_close(self) -> bool:
        return self._add("close", 0.0, 0.0)
