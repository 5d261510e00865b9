"""What can be on the reader's screen?"""

from dataclasses import dataclass
from typing import TypeAlias

from gazekit.model.viewport import Viewport

__all__ = ["Blank", "Cross", "ImageShown", "Scene", "Target", "Text"]


@dataclass(frozen=True)
class Blank:
    """The background alone."""


@dataclass(frozen=True)
class Text:
    """A page of text: a title, lines below it, and what to press at the foot."""

    title: str
    lines: tuple[str, ...] = ()
    foot: str = ""


@dataclass(frozen=True)
class Cross:
    """A fixation cross at a screen point, in screen pixels."""

    x_px: float
    y_px: float


@dataclass(frozen=True)
class Target:
    """A calibration target at a screen point, in screen pixels; `radius_px` of its disc."""

    x_px: float
    y_px: float
    radius_px: float = 12.0


@dataclass(frozen=True)
class ImageShown:
    """An image through a viewport; `caption` stands below it."""

    viewport: Viewport
    caption: str = ""


Scene: TypeAlias = Blank | Text | Cross | Target | ImageShown
