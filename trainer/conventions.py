"""How does each family of models write a place as text, and what did it mean by such text?

::

    name               a box of the picture's upper left quarter     steps along a side
    qwen2vl-norm1000   <|box_start|>(0,0),(500,500)<|box_end|>       1000
    qwen25vl-pixels    {"bbox_2d": [0, 0, 224, 224]}                 pixels of the RESIZED picture
    qwen3vl-norm1000   {"bbox_2d": [0, 0, 500, 500]}                 1000
    gemini-norm1000    {"box_2d": [0, 0, 500, 500]}, y first         1000
    paligemma-loc1024  <loc0000><loc0000><loc0512><loc0512>, y first 1024
    llava-unit         [0.00, 0.00, 0.50, 0.50]                      1, two decimals

All are about the picture that the model is SHOWN, letterboxed or resized, never the original;
mixing them up is silent, so that each has a name. Sources: the technical reports and notebooks of
Qwen2-VL, Qwen2.5-VL and Qwen3-VL; PaliGemma's model card; the RefCOCO part of LLaVA-1.5's training
mixture. Gemma 3 documents none of its own: that of the Gemini API's documentation is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gazekit.model.errors import DataError, did_you_mean
from gazekit.model.geometry import Affine
from trainer.letterbox import letterbox_affine
from trainer.syntaxes import JSON_GEMINI, JSON_QWEN, LISTS, LOCATIONS, TAGS, Numbers, Syntax

__all__ = ["CONVENTIONS", "Convention", "Seen", "Spot", "convention"]

_Box = tuple[float, float, float, float]
_Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """A place on an image: a box x0, y0, x1, y1, a point x, y, or both, in pixels of the image."""

    box: _Box | None = None
    point: _Point | None = None
    label: str = ""


@dataclass(frozen=True)
class Seen:
    """The picture that a model is shown: its (width, height), and where the image lies in it."""

    size_px: tuple[int, int]
    affine: Affine

    @classmethod
    def letterboxed(cls, image_size: tuple[int, int], size_px: int) -> "Seen":
        """Return the square that this package feeds its models; aspect kept, padded."""
        return cls((size_px, size_px), letterbox_affine(*image_size, size_px=size_px))

    @classmethod
    def resized(cls, image_size: tuple[int, int], size_px: tuple[int, int]) -> "Seen":
        """Return the image stretched to (width, height) `size_px`, as a family's processor does."""
        (width, height), (to_width, to_height) = image_size, size_px
        return cls(size_px, Affine(to_width / width, 0.0, 0.0, 0.0, to_height / height, 0.0))


@dataclass(frozen=True)
class Convention:
    """A family's way to write places.

    `steps`: along a side of the picture; None for its pixels. `greatest`: the greatest number that
    is written; None for the side itself. `y_first`: whether y stands before x.
    """

    name: str
    syntax: Syntax
    steps: int | None
    greatest: int | None
    decimals: int = 0
    y_first: bool = False

    def write(self, spots: Sequence[Spot], seen: Seen) -> str:
        """Return places as the family's text; a trajectory is places that are points alone."""
        return self.syntax.write([self._numbers(spot, seen) for spot in spots])

    def read(self, text: str, seen: Seen) -> list[Spot]:
        """Return the places in a text, in their order; what is no place is passed over.

        Numbers beyond the picture are taken to its edge, corners in the wrong order are put right.
        """
        return [self._spot(numbers, seen) for numbers in self.syntax.read(text)]

    def step_px(self, seen: Seen) -> _Point:
        """Return the least distance that can be told, in pixels of the image, along x and y."""
        x0, y0 = seen.affine.undo(0.0, 0.0)
        x1, y1 = seen.affine.undo(*(s * 10.0**-self.decimals for s in self._units(seen)))
        return float(x1 - x0), float(y1 - y0)

    def _units(self, seen: Seen) -> _Point:
        """Return the pixels of the picture that a number of 1 stands for, along x and y."""
        if self.steps is None:
            return 1.0, 1.0
        return seen.size_px[0] / self.steps, seen.size_px[1] / self.steps

    def _numbers(self, spot: Spot, seen: Seen) -> Numbers:
        box, point = self._told(spot.box or (), seen), self._told(spot.point or (), seen)
        return Numbers(box, point, spot.label)

    def _told(self, places: Sequence[float], seen: Seen) -> tuple[str, ...]:
        """Return the numbers of some x, y pairs as they are written."""
        told: list[str] = []
        for x_px, y_px in zip(places[::2], places[1::2], strict=True):
            pair = [
                f"{min(max(float(at) / unit, 0.0), self._most(side)):.{self.decimals}f}"
                for at, unit, side in zip(
                    seen.affine.apply(x_px, y_px), self._units(seen), seen.size_px, strict=True
                )
            ]
            told += pair[::-1] if self.y_first else pair
        return tuple(told)

    def _spot(self, numbers: Numbers, seen: Seen) -> Spot:
        box, point = self._meant(numbers.box, seen), self._meant(numbers.point, seen)
        corners = None
        if box:
            (x0, y0), (x1, y1) = box
            corners = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        return Spot(corners, point[0] if point else None, numbers.label)

    def _meant(self, told: Sequence[str], seen: Seen) -> list[_Point]:
        """Return the x, y pairs, in pixels of the image, that numbers stand for."""
        found = []
        for pair in zip(told[::2], told[1::2], strict=True):
            xy = pair[::-1] if self.y_first else pair
            x, y = (
                min(max(float(number), 0.0), self._most(side)) * unit
                for number, unit, side in zip(xy, self._units(seen), seen.size_px, strict=True)
            )
            x_px, y_px = seen.affine.undo(x, y)
            found.append((float(x_px), float(y_px)))
        return found

    def _most(self, side: int) -> float:
        return float(side if self.greatest is None else self.greatest)


CONVENTIONS = {
    one.name: one
    for one in (
        Convention("qwen2vl-norm1000", TAGS, 1000, 999),
        Convention("qwen25vl-pixels", JSON_QWEN, None, None),
        Convention("qwen3vl-norm1000", JSON_QWEN, 1000, 1000),
        Convention("gemini-norm1000", JSON_GEMINI, 1000, 1000, y_first=True),
        Convention("paligemma-loc1024", LOCATIONS, 1024, 1023, y_first=True),
        Convention("llava-unit", LISTS, 1, 1, decimals=2),
    )
}
"""By name, as a checkpoint says it."""


def convention(name: str) -> Convention:
    """Return a convention by its name.

    Raises
    ------
    DataError
        There is none of that name.
    """
    if name not in CONVENTIONS:
        raise DataError(
            "places are written in a way that is not known",
            where="codec",
            expected=", ".join(CONVENTIONS),
            found=name,
            remedy=did_you_mean(name, list(CONVENTIONS))
            or "install the gazekit that the model card names",
        )
    return CONVENTIONS[name]
