"""Which grey windows can be had with one key, for this image?"""

from collections.abc import Mapping

from gazekit.image import DisplayImage

__all__ = ["PRESETS", "presets_of"]

_SHARES = {
    "lung": (0.0, 0.7),
    "soft_tissue": (0.25, 1.05),
    "bone": (0.45, 1.3),
    "default": (0.0, 1.0),
}
"""Low and high as shares of the image's own window: a radiograph has no Hounsfield units."""

PRESETS = (*_SHARES, "full_range")
"""The names of the presets, which are also the names of their keys in the protocol."""


def presets_of(image: DisplayImage) -> Mapping[str, tuple[float, float]]:
    """Return (low, high) in display values of each preset; `full_range` is that of the pixels."""
    record = image.record
    width = record.window_high - record.window_low
    windows = {
        name: (record.window_low + low * width, record.window_low + high * width)
        for name, (low, high) in _SHARES.items()
    }
    windows["full_range"] = (float(image.pixels.min()), float(image.pixels.max()))
    return windows
