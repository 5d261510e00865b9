"""Where on the image is a cell of a map over the model's square, and the other way round?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from trainer.letterbox import letterbox_affine

__all__ = ["Square", "draw_part"]

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Square:
    """An image of `image_size` (width, height) in the model's square of side `size_px`."""

    image_size: tuple[int, int]
    size_px: int

    @property
    def diagonal_px(self) -> float:
        """Return the image's diagonal."""
        return float(np.hypot(*self.image_size))

    def to_image(self, x: ArrayLike, y: ArrayLike, *, grid: int) -> tuple[_Floats, _Floats]:
        """Return places on a `grid` x `grid` map, in cells, as pixels of the image."""
        side = self.size_px / grid
        affine = letterbox_affine(*self.image_size, size_px=self.size_px)
        x_px, y_px = affine.undo(np.asarray(x) * side, np.asarray(y) * side)
        return np.asarray(x_px, np.float64), np.asarray(y_px, np.float64)

    def to_cells(self, x_px: ArrayLike, y_px: ArrayLike, *, grid: int) -> tuple[_Floats, _Floats]:
        """Return pixels of the image as places on a `grid` x `grid` map, in cells."""
        side = self.size_px / grid
        affine = letterbox_affine(*self.image_size, size_px=self.size_px)
        x, y = affine.apply(np.asarray(x_px, np.float64), np.asarray(y_px, np.float64))
        return np.asarray(x) / side, np.asarray(y) / side

    def clip(self, x_px: _Floats, y_px: _Floats) -> tuple[_Floats, _Floats]:
        """Move pixels off the image to its edge."""
        return np.clip(x_px, 0, self.image_size[0]), np.clip(y_px, 0, self.image_size[1])

    def drawn(self, heatmap: NDArray[np.float32], *, longest_px: int) -> NDArray[np.float32]:
        """Return a map over the image alone, without the square's margins, finely drawn.

        Parameters
        ----------
        heatmap
            Shape (grid, grid), not negative.
        longest_px
            The longer side of what is returned: float32, shape (rows, columns), not negative.
        """
        width, height = self.image_size
        scale = longest_px / max(width, height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        x, y = self.to_cells([0, width], [0, height], grid=len(heatmap))
        return draw_part(heatmap, (float(x[0]), float(y[0]), float(x[1]), float(y[1])), size)


def draw_part(
    heatmap: NDArray[np.float32], box: tuple[float, float, float, float], size: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the part of a map in `box` (cells), finely drawn to `size` (columns, rows)."""
    plane = Image.fromarray(heatmap.astype(np.float32))
    fine = np.asarray(plane.resize(size, Image.Resampling.BICUBIC, box=box))
    return np.clip(fine, 0, None)
