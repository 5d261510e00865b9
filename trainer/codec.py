"""How is a place written in tokens? Bins along the sides of the model's letterboxed square.

A place in pixels of the ORIGINAL image goes through the letterbox's affine; a bin stands for its
centre. Families of models differ in this and mixing them up is silent, so that a codec has a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.letterbox import letterbox_affine

__all__ = ["CoordCodec", "codec_name"]

_Box = tuple[float, float, float, float]


def codec_name(bins: int) -> str:
    """Return the name by which a checkpoint tells how its places are written."""
    return f"square-{bins}"


@dataclass(frozen=True)
class CoordCodec:
    """Bins of a square of `size_px`, for images of (width, height) `image_size`."""

    bins: int
    size_px: int
    image_size: tuple[int, int]

    def point(self, x_px: float, y_px: float) -> tuple[int, int]:
        """Return the bins of a point of the image, x first; one outside the square is clipped."""
        affine = letterbox_affine(*self.image_size, size_px=self.size_px)
        x, y = affine.apply(x_px, y_px)
        return self._bin(float(x)), self._bin(float(y))

    def box(self, box_px: Sequence[float]) -> tuple[int, int, int, int]:
        """Return the bins of x0, y0, x1, y1; those of the far corner are the last inside."""
        x0, y0 = self.point(box_px[0], box_px[1])
        x1, y1 = self.point(box_px[2], box_px[3])
        return x0, y0, max(x0, x1), max(y0, y1)

    def point_px(self, x: int, y: int) -> tuple[float, float]:
        """Return a point of the image, in its pixels: the centre of the bins."""
        affine = letterbox_affine(*self.image_size, size_px=self.size_px)
        scale = self.size_px / self.bins
        x_px, y_px = affine.undo((x + 0.5) * scale, (y + 0.5) * scale)
        return float(x_px), float(y_px)

    def box_px(self, bins: Sequence[int]) -> _Box:
        """Return x0, y0, x1, y1 in pixels of the image."""
        return (*self.point_px(bins[0], bins[1]), *self.point_px(bins[2], bins[3]))

    def _bin(self, at_px: float) -> int:
        return min(max(int(at_px * self.bins / self.size_px), 0), self.bins - 1)
