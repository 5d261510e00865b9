"""Which grey window an image opens with, where its file asks for none or for an unusable one."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["FULL_RANGE", "PERCENTILE", "percentile_window", "usable"]

PERCENTILE = "percentile_0.5_99.5"
FULL_RANGE = "full_range"

_SHARE_LOW, _SHARE_HIGH = 0.005, 0.995


def percentile_window(
    pixels: NDArray[np.uint16], shown: NDArray[np.bool_] | None = None
) -> tuple[float, float]:
    """Return the 0.5 and 99.5 percentiles of the display values, at least 1 apart.

    Parameters
    ----------
    pixels
        uint16, shape (rows, columns).
    shown
        bool, same shape: the pixels that are no padding; all where None or where none is shown.
    """
    values = pixels.ravel() if shown is None or not shown.any() else pixels[shown]
    share = np.cumsum(np.bincount(values)) / max(values.size, 1)
    low, high = np.searchsorted(share, [_SHARE_LOW, _SHARE_HIGH])
    return float(low), float(max(high, low + 1))


def usable(
    window: tuple[float, float] | None,
    pixels: NDArray[np.uint16],
    shown: NDArray[np.bool_] | None = None,
) -> bool:
    """Say whether a window is finite, has a width, and meets the range of the shown pixels."""
    if window is None or not np.isfinite(window).all() or window[1] <= window[0]:
        return False
    values = pixels if shown is None or not shown.any() else pixels[shown]
    return bool(window[0] < values.max() and window[1] > values.min())
