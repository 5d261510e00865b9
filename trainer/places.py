"""How do the tasks' answers name places: in tokens of their own, or in the family's text?

The one seam between the tasks and the ways of writing: the embedded model has a token for each bin
and each patch, every other family writes text (`trainer.conventions`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.codec import CoordCodec, codec_name
from trainer.config import ModelConfig
from trainer.conventions import Convention, Seen, Spot
from trainer.letterbox import letterbox_affine

__all__ = ["Places", "TextPlaces", "TokenPlaces"]

_Box = tuple[float, float, float, float]
_Size = tuple[int, int]
_Axis = NDArray[np.float64]


class Places(Protocol):
    """Places in pixels of the original image, of (width, height) `image_size`, as tokens."""

    @property
    def name(self) -> str:
        """Return the name that stands in the checkpoint."""
        ...

    @property
    def texts(self) -> bool:
        """Say whether tokens are those of ordinary text, which do not tell their loss."""
        ...

    def clues(self, spots: Sequence[Spot], image_size: _Size) -> list[int]:
        """Return places, each marked ``clue`` or ``observation`` by its label."""
        ...

    def grounded(self, label: str, boxes: Sequence[_Box], image_size: _Size) -> list[int]:
        """Return the boxes of a finding."""
        ...

    def path(self, x_px: _Axis, y_px: _Axis, image_size: _Size, *, most: int) -> list[int]:
        """Return a trajectory of at most so many places; empty where none lies on the picture."""
        ...

    def boxes(
        self, ids: Sequence[int], image_size: _Size, *, mark: str | None = None
    ) -> list[_Box]:
        """Return the boxes that were written; with a mark, the first one so marked alone."""
        ...


class _Marks(Protocol):
    """What a tokenizer with tokens of places offers."""

    def mark(self, name: str) -> int:
        """Return the token ``clue`` or ``observation``."""
        ...

    def coordinate(self, index: int) -> int:
        """Return the token of a coordinate's bin."""
        ...

    def patch(self, index: int) -> int:
        """Return the token of a patch, counted row by row."""
        ...

    def numbers(self, ids: Sequence[int], family: str) -> list[int]:
        """Return the indices of those tokens that are of a family."""
        ...


class _Text(Protocol):
    """What a tokenizer without them offers."""

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text, tags as what they are, with nothing before or after."""
        ...

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of tokens, tags included."""
        ...


@dataclass(frozen=True)
class TokenPlaces:
    """Tokens of bins along the sides of the model's square, and of its patches."""

    tokenizer: _Marks
    model: ModelConfig
    texts: bool = False

    @property
    def name(self) -> str:
        """Return the codec's name."""
        return codec_name(self.model.coordinate_bins)

    def clues(self, spots: Sequence[Spot], image_size: _Size) -> list[int]:
        """Return each place as its mark, four bins of the box, two of the centroid."""
        codec, tokens = self._codec(image_size), []
        for spot in spots:
            box = codec.box(spot.box) if spot.box else ()
            bins = (*box, *codec.point(*spot.point)) if spot.point else box
            tokens += [self.tokenizer.mark(spot.label), *map(self.tokenizer.coordinate, bins)]
        return tokens

    def grounded(self, label: str, boxes: Sequence[_Box], image_size: _Size) -> list[int]:
        """Return four bins a box; the label stands in the question."""
        del label
        codec = self._codec(image_size)
        bins = sorted(codec.box(box) for box in boxes)
        return [self.tokenizer.coordinate(bin_) for box in bins for bin_ in box]

    def path(self, x_px: _Axis, y_px: _Axis, image_size: _Size, *, most: int) -> list[int]:
        """Return the patches that are hit, in order, none twice in a row."""
        model = self.model
        x, y = _on_square(x_px, y_px, image_size, model.image_px)[:2]
        columns, rows = (axis // model.patch_px for axis in (x, y))
        hit = [int(patch) for patch in rows * model.grid + columns]
        hit = [patch for i, patch in enumerate(hit) if i == 0 or patch != hit[i - 1]]
        return [self.tokenizer.patch(patch) for patch in hit[:most]]

    def boxes(
        self, ids: Sequence[int], image_size: _Size, *, mark: str | None = None
    ) -> list[_Box]:
        """Return every four bins as a box; what is left over is passed over."""
        if mark is not None:
            token = self.tokenizer.mark(mark)
            ids = list(ids)[list(ids).index(token) :] if token in ids else []
        codec, bins = self._codec(image_size), self.tokenizer.numbers(ids, "at")
        count = len(bins) // 4 if mark is None else min(1, len(bins) // 4)
        return [codec.box_px(bins[4 * i : 4 * i + 4]) for i in range(count)]

    def _codec(self, image_size: _Size) -> CoordCodec:
        return CoordCodec(self.model.coordinate_bins, self.model.image_px, image_size)


@dataclass(frozen=True)
class TextPlaces:
    """The text of a family's convention, about the letterboxed square of side `size_px`."""

    tokenizer: _Text
    convention: Convention
    size_px: int
    texts: bool = True

    @property
    def name(self) -> str:
        """Return the convention's name."""
        return self.convention.name

    def clues(self, spots: Sequence[Spot], image_size: _Size) -> list[int]:
        """Return the places with their marks as labels."""
        return self._plain(spots, image_size)

    def grounded(self, label: str, boxes: Sequence[_Box], image_size: _Size) -> list[int]:
        """Return the boxes under their label, from left to right."""
        spots = [Spot(box, label=label.lower()) for box in sorted(boxes)]
        return self._plain(spots, image_size)

    def path(self, x_px: _Axis, y_px: _Axis, image_size: _Size, *, most: int) -> list[int]:
        """Return the points on the picture, none twice in a row."""
        inside = _on_square(x_px, y_px, image_size, self.size_px)[2]
        spots = [Spot(point=at) for at in zip(x_px[inside], y_px[inside], strict=True)]
        told = [self.convention.write([spot], self._seen(image_size)) for spot in spots]
        kept = [spot for i, spot in enumerate(spots) if i == 0 or told[i] != told[i - 1]]
        return self._plain(kept[:most], image_size) if kept else []

    def boxes(
        self, ids: Sequence[int], image_size: _Size, *, mark: str | None = None
    ) -> list[_Box]:
        """Return the boxes of what was written; junk is passed over."""
        spots = self.convention.read(self.tokenizer.text(ids), self._seen(image_size))
        boxes = [spot.box for spot in spots if spot.box and mark in {None, spot.label}]
        return boxes[:1] if mark is not None else boxes

    def _plain(self, spots: Sequence[Spot], image_size: _Size) -> list[int]:
        return self.tokenizer.plain(self.convention.write(spots, self._seen(image_size)))

    def _seen(self, image_size: _Size) -> Seen:
        return Seen.letterboxed(image_size, self.size_px)


def _on_square(
    x_px: _Axis, y_px: _Axis, image_size: _Size, size_px: int
) -> tuple[_Axis, _Axis, NDArray[np.bool_]]:
    """Return those points of an image that lie on its square, there; and which they are."""
    x, y = letterbox_affine(*image_size, size_px=size_px).apply(x_px, y_px)
    inside = (x >= 0) & (x < size_px) & (y >= 0) & (y < size_px)
    return x[inside], y[inside], inside
