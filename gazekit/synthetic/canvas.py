"""A grid of attenuation in chest units on which organs are laid, soft or stroked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from gazekit.synthetic.anatomy import FILM_WIDTH, Box

__all__ = ["Canvas", "Strokes", "soft"]

Floats = NDArray[np.float32]
Points = Sequence[tuple[float, float]]

_OVERSAMPLING = 2


def soft(inside: Floats, edge: float) -> Floats:
    """Return 1 where `inside` is positive, 0 where negative, with a ramp `edge` wide between."""
    ramp = np.clip(inside * np.float32(1.0 / edge) + np.float32(0.5), 0.0, 1.0)
    return np.asarray(ramp * ramp * (3.0 - 2.0 * ramp), np.float32)


@dataclass(frozen=True)
class Canvas:
    """Attenuation, float32, shape (rows, columns), with the coordinates of its pixels.

    `x`: shape (1, columns); `y`: shape (rows, 1); both in chest units.
    """

    attenuation: Floats
    x: Floats
    y: Floats

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

    def line(self, points: Points, width: float, strength: float) -> None:
        """Draw a line `width` chest units wide."""
        pixels = max(1, round(width * self._scale[0]))
        self._draw.line(self._placed(points), round(255 * strength), pixels, joint="curve")

    def area(self, points: Points, strength: float) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._placed(points), fill=round(255 * strength))

    def disc(self, x: float, y: float, radius: float, strength: float) -> None:
        """Fill a circle."""
        corners = [(x - radius, y - radius), (x + radius, y + radius)]
        self._draw.ellipse(self._placed(corners), fill=round(255 * strength))

    def result(self, blur: float = 0.0) -> Floats:
        """Return the drawing, blurred by `blur` chest units; float32, 0 to 1."""
        image = self._image.resize(self._size, Image.Resampling.BOX)
        if blur > 0:
            image = image.filter(ImageFilter.GaussianBlur(blur * self._size[1]))
        return np.asarray(image, np.float32) * np.float32(1 / 255)

    def _placed(self, points: Points) -> list[tuple[float, float]]:
        down, right = self._scale
        return [(x * right, y * down) for x, y in points]
