"""What is drawn of one reading? Its image, fixations, gaze, saccades and sentences, as arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gazekit.report.picture import Pixels

__all__ = ["Drawn", "Fixations", "Saccades", "Samples", "SentenceSpan"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Fixations:
    """Fixations on the image; arrays of shape (n,), times from the reading's onset.

    `onset_us`, `duration_us`: microseconds. `x_px`, `y_px`: image pixels. `sigma_x_px`,
    `sigma_y_px`: one degree of visual angle there, in image pixels.
    """

    onset_us: _Floats
    duration_us: _Floats
    x_px: _Floats
    y_px: _Floats
    sigma_x_px: _Floats
    sigma_y_px: _Floats


@dataclass(frozen=True)
class Samples:
    """Cleaned gaze on the image; arrays of shape (n,), NaN in a gap or off the image's views."""

    time_us: _Ints
    x_px: _Floats
    y_px: _Floats


@dataclass(frozen=True)
class Saccades:
    """Saccades of one reading; arrays of shape (n,), and how they were found."""

    amplitude_deg: _Floats
    peak_velocity_deg_s: _Floats
    detector: str
    rate_hz: float | None


@dataclass(frozen=True)
class SentenceSpan:
    """One dictated sentence from the reading's onset on; None where it has no time or no step."""

    text: str
    step: str | None
    onset_us: int | None
    offset_us: int | None


@dataclass(frozen=True)
class Drawn:
    """What is drawn of one reading, or of one key frame of it.

    `pixels`: None where the source holds no picture. `samples`, `saccades`: read when they are
    called; they raise DataError, one line, where the source holds none.
    """

    name: str
    simulated: bool
    pixels: Pixels | None
    image_size: tuple[float, float]
    duration_us: int
    fixations: Fixations
    sentences: tuple[SentenceSpan, ...]
    samples: Callable[[], Samples]
    saccades: Callable[[], Saccades]
    has_samples: bool
    steps: Mapping[str, str] = field(default_factory=dict)
