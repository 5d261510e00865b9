"""How attenuation becomes a film: scaled to its size, grained, brought to 12 bits."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["BITS", "WINDOW", "develop"]

_Floats = NDArray[np.float32]

BITS = 12
WINDOW = (150.0, 3850.0)
"""Display values shown as black and as white."""

_TOP = (1 << BITS) - 1
_CURVE, _SPAN, _DENSEST = 1.35, 5200.0, np.float32(5310.0)
"""The film's curve: display = densest - span exp(-curve attenuation); air is 110."""
_GRAIN, _GRAIN_ROWS, _LEAST_GRAIN = 46.0, 1280, 0.3
"""Grain in display values on a film of so many rows; larger pixels catch more light."""


def develop(
    attenuation: _Floats, size_px: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Return display pixels of 12 bits.

    Parameters
    ----------
    attenuation
        float32, any shape of the film's proportions.
    size_px
        Width and height of the film.
    rng
        For the grain.
    """
    values = _DENSEST - _SPAN * np.exp(attenuation * np.float32(-_CURVE))
    width, height = size_px
    if values.shape != (height, width):
        scaled = Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC)
        values = np.asarray(scaled, np.float32).copy()
    grain = _GRAIN * min(max(height / _GRAIN_ROWS, _LEAST_GRAIN), 1.0)
    values += rng.standard_normal((height, width), np.float32) * np.float32(grain)
    np.rint(np.clip(values, 0, _TOP, out=values), out=values)
    pixels: NDArray[np.uint16] = values.astype(np.uint16)
    return pixels
