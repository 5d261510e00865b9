"""What is played again? One reading, from whatever source, with times from its onset."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.report.picture import Pixels
from gazekit.report.rows import Row

__all__ = [
    "BLINK",
    "MISSING",
    "NO_IMAGE",
    "SEEN",
    "Box",
    "Fixation",
    "Found",
    "GazeSamples",
    "KeyFrame",
    "Lane",
    "Mark",
    "Picture",
    "Recording",
    "Said",
    "SaidWord",
    "Shown",
    "Sound",
    "box_of",
]

SEEN, MISSING, BLINK = 0, 1, 2
"""States of a sample: a place was seen, none was, or the eyes were closed."""

NO_IMAGE = -1


@dataclass(frozen=True)
class Picture:
    """An image as displayed, uint8, and the size in pixels that coordinates refer to."""

    image_id: str
    width_px: int
    height_px: int
    pixels: Pixels


@dataclass(frozen=True)
class Shown:
    """What the screen showed from `at_us` on: an index of the pictures, `NO_IMAGE` for none.

    `to_screen`, `clip_px`: as in `gazekit.model.records.ViewState`; None where not known.
    """

    at_us: int
    image: int
    to_screen: tuple[float, float, float, float, float, float] | None = None
    clip_px: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class GazeSamples:
    """One line of sight, arrays of shape (n,), in time order; nothing filled, nothing smoothed.

    `x_px`, `y_px`: float64, image pixels, NaN unless `state` is `SEEN`. `image`: index of the
    picture that was shown, `NO_IMAGE` for none.
    """

    time_us: NDArray[np.int64]
    x_px: NDArray[np.float64]
    y_px: NDArray[np.float64]
    state: NDArray[np.uint8]
    image: NDArray[np.int16]


@dataclass(frozen=True)
class Fixation:
    """A fixation in image pixels, None where no image was shown; times half-open."""

    onset_us: int
    offset_us: int
    x_px: float | None
    y_px: float | None
    sigma_x_px: float | None
    sigma_y_px: float | None
    image: int


@dataclass(frozen=True)
class SaidWord:
    """A dictated word; None where it has no time."""

    text: str
    onset_us: int | None
    offset_us: int | None


@dataclass(frozen=True)
class Said:
    """A dictated sentence; None where no word of it has a time.

    `labels`: findings that its source says it asserts as present.
    """

    text: str
    step: str | None
    onset_us: int | None
    offset_us: int | None
    words: tuple[SaidWord, ...]
    labels: tuple[str, ...] = ()


Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of an image."""


def box_of(sides: Sequence[float | None]) -> Box | None:
    """Return x0, y0, x1, y1 as a box; None where one of them is not known."""
    x0, y0, x1, y1 = (None if v is None or not math.isfinite(v) else float(v) for v in sides)
    if x0 is None or y0 is None or x1 is None or y1 is None:
        return None
    return (x0, y0, x1, y1)


@dataclass(frozen=True)
class Found:
    """A finding; `box_px`: None where it has no place.

    `shape` is ``box``, or ``ellipse``: the one inscribed in it. `image`: `NO_IMAGE` for one that
    is not shown.
    """

    label: str
    assertion: str
    origin: str
    shape: str | None
    box_px: Box | None
    image: int
    certainty: int | None = None


@dataclass(frozen=True)
class KeyFrame:
    """The gaze that belongs to a sentence: indices of both, and its row of table ``keyframes``."""

    sentence: int
    image: int
    row: Row


@dataclass(frozen=True)
class Mark:
    """Something at a time or during one; `colour`: that of a step, 0 to 6, where it has one."""

    onset_us: int
    offset_us: int | None
    text: str
    colour: int | None = None


@dataclass(frozen=True)
class Lane:
    """Marks of one kind, drawn in a row under the time bar."""

    name: str
    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Sound:
    """A stretch of sound, FLAC; frame n was heard at ``onset_us + n / rate_hz * 1e6``."""

    onset_us: int
    n_frames: int
    rate_hz: float
    nominal_rate_hz: int
    data: bytes


@dataclass(frozen=True)
class Recording:
    """One reading, to be played again; all times are microseconds from its onset.

    `screen_px`: size of the display, where the views on it are known. `steps`: names of the steps
    by their codes. `samples`: None where the source has none.
    `frames`: None for a session, which has none yet. `notes`: what the source does not
    hold, or what is shown otherwise than it was, a sentence each.
    """

    reading_id: str
    reader_id: str
    duration_us: int
    pictures: tuple[Picture, ...]
    shown: tuple[Shown, ...]
    screen_px: tuple[int, int] | None
    fixations: tuple[Fixation, ...]
    sentences: tuple[Said, ...]
    findings: tuple[Found, ...]
    steps: Mapping[str, str]
    lanes: tuple[Lane, ...]
    simulated: bool
    samples: GazeSamples | None = None
    sounds: tuple[Sound, ...] = ()
    frames: tuple[KeyFrame, ...] | None = None
    notes: tuple[str, ...] = ()
