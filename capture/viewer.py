"""What must a viewer do, with a window or without?"""

from dataclasses import dataclass
from typing import Literal, Protocol

from capture.scene import Scene
from gazekit.image import DisplayImage
from gazekit.model.records import ScreenRecord

__all__ = ["CAPTION_PX", "InputAct", "Kind", "Rectangle", "Viewer", "image_area", "scale_of"]

CAPTION_PX = 28
"""Height of the strip below the image in which the caption stands, on a screen 1080 px high."""

_SCREEN_PX = 1080

Kind = Literal[
    "key", "release", "text", "zoom", "page", "pan", "window", "press", "unpress", "close"
]
"""Kinds of acts; see `InputAct`."""

Rectangle = tuple[float, float, float, float]
"""x0, y0, x1, y1 in screen pixels."""


@dataclass(frozen=True)
class InputAct:
    """What the reader's hand did, when, and where.

    `kind`: ``key`` (`key` pressed, such as ``f``, ``f5``, ``ctrl+alt+e``), ``release`` (of a key),
    ``text`` (typed characters in `key`), ``zoom`` and ``page`` (`dy` wheel notches, up is
    positive; dragging makes parts of a notch), ``pan`` and ``window`` (dragged by `dx`, `dy` screen
    pixels, y down), ``press`` and ``unpress`` (of the mouse button in `key`), ``close`` (the
    window's own button). `x_px`, `y_px`: the cursor, in screen pixels.
    """

    time_us: int
    kind: Kind
    key: str = ""
    x_px: float = 0.0
    y_px: float = 0.0
    dx: float = 0.0
    dy: float = 0.0


class Viewer(Protocol):
    """Shows scenes and tells when each was first seen; called from the main thread alone."""

    @property
    def screen(self) -> ScreenRecord:
        """The screen that gaze coordinates refer to."""

    @property
    def area_px(self) -> Rectangle:
        """The rectangle of the screen in which images may appear."""

    @property
    def cursor_px(self) -> tuple[float, float] | None:
        """Where the mouse was last seen in the window, in screen pixels; None before that."""

    def letter_px(self, height_px: float) -> float:
        """Return how wide a letter of fixed-width writing of this height is, screen pixels."""

    @property
    def about(self) -> dict[str, str]:
        """Versions and names of what draws, for the session record."""

    def load(self, image: DisplayImage) -> None:
        """Make an image ready to be shown; the one before it is dropped."""

    def frame(self, scene: Scene) -> int:
        """Show `scene` for one frame; return the session time at which it was shown.

        For a new scene that is the moment after the flip of its first frame.
        """

    def inputs(self) -> list[InputAct]:
        """Return what the reader did since the last call, oldest first."""

    def close(self) -> None:
        """Close the window; a second call does nothing."""


def image_area(window_px: Rectangle) -> Rectangle:
    """Return the part of a window in which images appear: all but the caption's strip."""
    x0, y0, x1, y1 = window_px
    return x0, y0, x1, y1 - round(CAPTION_PX * scale_of(y1 - y0))


def scale_of(height_px: float) -> float:
    """Return by how much writing grows with a window of this height; never below 1."""
    return max(1.0, height_px / _SCREEN_PX)
