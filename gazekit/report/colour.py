"""Which colour stands for a value: ramps for heat and for time, one colour for each step."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["HEAT", "NO_STEP", "heat_rgb", "step_colour", "time_hex"]

NO_STEP = 6
"""Index of the colour of a sentence without a step."""

HEAT = ((59, 26, 120), (179, 40, 111), (240, 106, 60), (252, 199, 74), (255, 246, 200))
"""Red, green and blue of the heat ramp, least to most; each is lighter than the one before."""

_TIME = ((70, 201, 245), (127, 224, 161), (247, 227, 90), (255, 157, 69), (255, 85, 119))


def heat_rgb(values: ArrayLike) -> NDArray[np.float32]:
    """Map 0 .. 1 to the heat ramp, dark violet to pale yellow; float32 0 .. 255, shape + (3,)."""
    return _ramp(np.asarray(values, np.float64), HEAT)


def time_hex(share: float) -> str:
    """Map 0 (first) .. 1 (last) to the time ramp, blue to red, as ``#rrggbb``."""
    red, green, blue = np.rint(_ramp(np.float64(share), _TIME)).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def step_colour(code: str | None, codes: Sequence[str]) -> int:
    """Return the colour index of a step: its place among `codes`, wrapped; `NO_STEP` for none."""
    return codes.index(code) % NO_STEP if code is not None and code in codes else NO_STEP


def _ramp(
    values: NDArray[np.float64] | np.float64, anchors: Sequence[tuple[int, int, int]]
) -> NDArray[np.float32]:
    at = np.linspace(0.0, 1.0, len(anchors))
    channels = np.array(anchors, np.float64).T
    mapped = [np.interp(np.clip(values, 0.0, 1.0), at, channel) for channel in channels]
    return np.stack(mapped, axis=-1).astype(np.float32)
