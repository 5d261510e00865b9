"""What can be on the reader's screen?"""

from dataclasses import dataclass
from typing import TypeAlias

from capture.items import Item
from gazekit.model.protocol import CalibrationPlan
from gazekit.model.records import CalibrationRecord
from gazekit.model.viewport import Viewport

__all__ = [
    "Blank",
    "CheckLine",
    "Checklist",
    "Cross",
    "Entry",
    "HeadGuide",
    "ImageShown",
    "Panel",
    "Scene",
    "Target",
    "Text",
    "ValidationShown",
]


@dataclass(frozen=True)
class Blank:
    """The background alone; `background` is its grey, 0 to 1, None the viewer's own."""

    background: float | None = None


@dataclass(frozen=True)
class Text:
    """A page of text: a title, lines below it, and what to press at the foot."""

    title: str
    lines: tuple[str, ...] = ()
    foot: str = ""


@dataclass(frozen=True)
class Entry:
    """A page on which a line is typed: `text` so far, a remark below it where it is not taken."""

    title: str
    lines: tuple[str, ...] = ()
    text: str = ""
    remark: str = ""
    foot: str = ""


@dataclass(frozen=True)
class CheckLine:
    """One check before the session: what was asked, whether it is well, what was found."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Checklist:
    """The pre-flight page: every check, green or red, and what to press."""

    title: str
    lines: tuple[CheckLine, ...]
    foot: str = ""


@dataclass(frozen=True)
class HeadGuide:
    """Where the head is before the tracker.

    `left`, `right`: each eye in the tracker's box, (x, y, z) 0 to 1 with 0.5 the middle and z
    growing away from the tracker; None where the eye is not seen. `advice` says what to do.
    """

    left: tuple[float, float, float] | None
    right: tuple[float, float, float] | None
    advice: str
    good: bool
    foot: str = ""


@dataclass(frozen=True)
class Cross:
    """A fixation cross at a screen point, in screen pixels."""

    x_px: float
    y_px: float
    background: float | None = None


@dataclass(frozen=True)
class Target:
    """A calibration target at a screen point, in screen pixels; `radius_px` of its disc."""

    x_px: float
    y_px: float
    radius_px: float = 12.0
    background: float | None = None


@dataclass(frozen=True)
class ValidationShown:
    """What a validation found: targets, gaze of both eyes, figures, and what to press."""

    record: CalibrationRecord
    plan: CalibrationPlan
    foot: str = ""


@dataclass(frozen=True)
class ImageShown:
    """An image through a viewport; `caption` stands below it, `items` are drawn over it."""

    viewport: Viewport
    caption: str = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Panel:
    """A page of boxes and words, on which one types and points."""

    items: tuple[Item, ...] = ()


Scene: TypeAlias = (
    Blank
    | Text
    | Entry
    | Checklist
    | HeadGuide
    | Cross
    | Target
    | ValidationShown
    | ImageShown
    | Panel
)
