"""How attenuation becomes a film: scaled to its size, grained, brought to 12 bits."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["BITS", "WINDOW", "develop"]

Floats = NDArray[np.float32]

BITS = 12
WINDOW = (150.0, 3850.0)
"""Display values shown as black and as white."""

_TOP = (1 << BITS) - 1
_GRAIN = 42.0


def develop(
    attenuation: Floats, size_px: tuple[int, int], rng: np.random.Generator
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
    values = attenuation * np.float32(3900.0) + np.float32(110.0)
    width, height = size_px
    if values.shape != (height, width):
        scaled = Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC)
        values = np.asarray(scaled, np.float32).copy()
    values += rng.standard_normal((height, width), np.float32) * np.float32(_GRAIN)
    np.rint(np.clip(values, 0, _TOP, out=values), out=values)
    return values.astype(np.uint16)
