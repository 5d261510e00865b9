"""A grid of attenuation in chest units on which organs are laid, soft or stroked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from gazekit.synthetic.anatomy import FILM_WIDTH, Box

__all__ = ["Canvas", "Strokes", "soft"]

_Floats = NDArray[np.float32]
_Reals = NDArray[np.floating]
_Points = Sequence[tuple[float, float]]

_OVERSAMPLING = 2
_NO_BLUR_PX = 0.75
"""What is reduced from the finer grid is as soft as that already."""


def soft(inside: _Reals, edge: float) -> _Floats:
    """Return 1 where `inside` is positive, 0 where negative, with a ramp `edge` wide between."""
    ramp = np.multiply(inside, np.float32(1.0 / edge), dtype=np.float32)
    ramp += np.float32(0.5)
    np.clip(ramp, 0.0, 1.0, out=ramp)
    square = ramp * ramp
    ramp *= np.float32(-2.0)
    ramp += np.float32(3.0)
    ramp *= square
    return ramp


@dataclass(frozen=True)
class Canvas:
    """Attenuation, float32, shape (rows, columns), with the coordinates of its pixels.

    `x`: shape (1, columns); `y`: shape (rows, 1); both in chest units.
    """

    attenuation: _Floats
    x: _Floats
    y: _Floats

    @classmethod
    def blank(cls, columns: int, rows: int) -> "Canvas":
        """Make an empty canvas."""
        x = (np.arange(columns, dtype=np.float32) + 0.5) * np.float32(FILM_WIDTH / columns)
        y = (np.arange(rows, dtype=np.float32) + 0.5) * np.float32(1.0 / rows)
        return cls(np.zeros((rows, columns), np.float32), x[None, :], y[:, None])

    def part(self, box: Box) -> tuple["Canvas", tuple[slice, slice]]:
        """Return the part inside a box as a canvas of its own (same memory), and its slices."""
        rows, columns = self.attenuation.shape
        x0, x1 = (int(np.clip(v / FILM_WIDTH * columns, 0, columns)) for v in (box[0], box[2]))
        y0, y1 = (int(np.clip(v * rows, 0, rows)) for v in (box[1], box[3]))
        where = (slice(y0, max(y1, y0 + 1)), slice(x0, max(x1, x0 + 1)))
        here = Canvas(self.attenuation[where], self.x[:, where[1]], self.y[where[0], :])
        return here, where

    def strokes(self) -> "Strokes":
        """Start a drawing of lines and areas over the whole canvas."""
        return Strokes(self.attenuation.shape[1], self.attenuation.shape[0])


class Strokes:
    """A drawing of lines and areas with smooth edges; strength 0 to 1."""

    def __init__(self, columns: int, rows: int) -> None:
        self._size = columns, rows
        self._scale = rows * _OVERSAMPLING, columns * _OVERSAMPLING / FILM_WIDTH
        self._image = Image.new("L", (columns * _OVERSAMPLING, rows * _OVERSAMPLING))
        self._draw = ImageDraw.Draw(self._image)

    def line(self, points: _Points, width: float, strength: float) -> None:
        """Draw straight pieces, `width` chest units wide, with round joints."""
        pixels = max(1, round(width * self._scale[0]))
        placed = self._placed(points)
        self._draw.line(placed, round(255 * strength), pixels)
        for x, y in placed[1:-1]:
            box = (x - pixels / 2, y - pixels / 2, x + pixels / 2, y + pixels / 2)
            self._draw.ellipse(box, fill=round(255 * strength))

    def band(self, x: _Reals, y: _Reals, widths: Sequence[tuple[float, float]]) -> None:
        """Fill bands along a smooth curve, x, y of shape (n,): a width and a strength for each."""
        step_x, step_y = np.diff(x, append=2 * x[-1] - x[-2]), np.diff(y, append=2 * y[-1] - y[-2])
        half = 0.5 / np.maximum(np.sqrt(step_x * step_x + step_y * step_y), 1e-9)
        off_x, off_y = -step_y * half, step_x * half
        for width, strength in widths:
            edge_x = np.concatenate([x + off_x * width, (x - off_x * width)[::-1]])
            edge_y = np.concatenate([y + off_y * width, (y - off_y * width)[::-1]])
            self.area(list(zip(edge_x.tolist(), edge_y.tolist(), strict=True)), strength)

    def area(self, points: _Points, strength: float) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._placed(points), fill=round(255 * strength))

    def disc(self, x: float, y: float, radius: float, strength: float) -> None:
        """Fill a circle."""
        corners = [(x - radius, y - radius), (x + radius, y + radius)]
        self._draw.ellipse(self._placed(corners), fill=round(255 * strength))

    def result(self, blur: float = 0.0) -> _Floats:
        """Return the drawing, blurred by `blur` chest units; float32, 0 to 1."""
        image = self._image.reduce(_OVERSAMPLING)
        sigma_px = blur * self._size[1]
        if sigma_px > _NO_BLUR_PX:
            image = image.filter(ImageFilter.GaussianBlur(sigma_px))
        return np.asarray(image, np.float32) * np.float32(1 / 255)

    def _placed(self, points: _Points) -> list[tuple[float, float]]:
        down, right = self._scale
        return [(x * right, y * down) for x, y in points]
