"""How does an image come to the model's square: scaled, padded, and where each point lands."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.geometry import Affine

__all__ = ["content_box", "letterbox", "letterbox_affine"]


def content_box(width_px: int, height_px: int, *, size_px: int) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of the image inside a square of `size_px`; aspect kept, centred."""
    longest = max(width_px, height_px)
    inner_w = max(1, round(width_px * size_px / longest))
    inner_h = max(1, round(height_px * size_px / longest))
    x0, y0 = (size_px - inner_w) // 2, (size_px - inner_h) // 2
    return x0, y0, x0 + inner_w, y0 + inner_h


def letterbox_affine(width_px: int, height_px: int, *, size_px: int) -> Affine:
    """Return the map from image pixels to pixels of the square, exact after rounding."""
    x0, y0, x1, y1 = content_box(width_px, height_px, size_px=size_px)
    return Affine((x1 - x0) / width_px, 0.0, x0, 0.0, (y1 - y0) / height_px, y0)


def letterbox(
    pixels: NDArray[np.uint8], *, size_px: int, original: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """Scale grey pixels into a square; padding is black.

    Parameters
    ----------
    pixels
        uint8, shape (rows, columns).
    original
        (width, height) that coordinates refer to, where the pixels were stored smaller.

    Returns
    -------
    ndarray
        uint8, shape (size_px, size_px).
    """
    width, height = original or (pixels.shape[1], pixels.shape[0])
    x0, y0, x1, y1 = content_box(width, height, size_px=size_px)
    inner = Image.fromarray(pixels).resize((x1 - x0, y1 - y0), Image.Resampling.BOX)
    square = np.zeros((size_px, size_px), np.uint8)
    square[y0:y1, x0:x1] = np.asarray(inner)
    return square
