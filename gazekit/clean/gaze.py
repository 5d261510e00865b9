"""What is cleaned gaze? One line of sight, gaps filled or named, ready for a detector."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gazekit.quality.median import median_of

__all__ = ["Gap", "GapCause", "Gaze"]

GapCause = Literal["blink", "off_screen", "no_samples", "tracker_loss"]


@dataclass(frozen=True)
class Gap:
    """A stretch without gaze: from the last valid sample to the first one after it.

    `onset_us`, `offset_us`: int64 microseconds, half-open; `filled`: short enough to bridge.
    """

    onset_us: int
    offset_us: int
    cause: GapCause
    filled: bool


@dataclass(frozen=True)
class Gaze:
    """Gaze of one reading, one line of sight; arrays of shape (n,), in time order.

    Attributes
    ----------
    time_us
        int64 microseconds, strictly rising.
    x_px, y_px
        float64, screen pixels; NaN in a gap that was not filled.
    filled
        bool: made by interpolation.
    distance_mm
        float64: eye to screen; never NaN.
    gaps
        Every gap, filled or not, in time order.
    """

    time_us: NDArray[np.int64]
    x_px: NDArray[np.float64]
    y_px: NDArray[np.float64]
    filled: NDArray[np.bool_]
    distance_mm: NDArray[np.float64]
    gaps: tuple[Gap, ...] = ()

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Samples that hold gaze, measured or filled; bool, shape (n,)."""
        valid: NDArray[np.bool_] = np.isfinite(self.x_px) & np.isfinite(self.y_px)
        return valid

    @cached_property
    def usual_distance_mm(self) -> float:
        """The median of `distance_mm`, of at least one sample."""
        return median_of(self.distance_mm)
