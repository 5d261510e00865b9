"""Which samples are off the screen, and which are off the image that was shown?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.geometry import ViewTrack
from gazekit.model.records import ScreenRecord

__all__ = ["off_image", "off_screen"]

_Bools = NDArray[np.bool_]


def off_screen(screen: ScreenRecord, x_px: ArrayLike, y_px: ArrayLike) -> _Bools:
    """Tell which samples hold gaze beyond the display; bool, shape (n,).

    Gaze that is NaN is nowhere: not off the screen. The right and lower edges are off.
    """
    x, y = np.asarray(x_px, np.float64), np.asarray(y_px, np.float64)
    return _outside(x, y, (screen.width_px, screen.height_px))


def off_image(
    views: ViewTrack,
    time_us: ArrayLike,
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    size_px: tuple[ArrayLike, ArrayLike],
) -> _Bools:
    """Tell which samples hold gaze beside the image, or while none was shown; bool, shape (n,).

    A part of the image that lies outside the part of the screen in which the view shows it was
    not shown either. The samples of a fixation that are not off are its `shown` in the dataset.

    Parameters
    ----------
    views
        What was shown when.
    time_us, x_px, y_px
        Shape (n,): int64 microseconds, screen pixels. Gaze that is NaN is nowhere: not off.
    size_px
        Width and height of the image; or shape (n,) each, where there are several.
    """
    seen = np.isfinite(np.asarray(x_px, np.float64)) & np.isfinite(np.asarray(y_px, np.float64))
    x, y, index = views.to_image(time_us, x_px, y_px)
    hidden = ~views.inside_clip(index, x_px, y_px)
    off: _Bools = seen & (np.isnan(x) | _outside(x, y, size_px) | hidden)
    return off


def _outside(
    x: NDArray[np.float64], y: NDArray[np.float64], size_px: tuple[ArrayLike, ArrayLike]
) -> _Bools:
    seen = np.isfinite(x) & np.isfinite(y)
    width, height = (np.asarray(side, np.float64) for side in size_px)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    out: _Bools = seen & ~inside
    return out
