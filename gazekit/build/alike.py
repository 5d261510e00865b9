"""What do many catalogues hold alike? Steps, images and names are kept once for all of them."""

from dataclasses import replace
from typing import TypeVar

import msgspec

from gazekit.model.records import ImageRecord, ReadingRecord
from gazekit.read import Catalogue, ImageSource

__all__ = ["Alike"]

_T = TypeVar("_T")


class Alike:
    """The parts that were seen so far; memory then grows with what differs."""

    def __init__(self) -> None:
        self._known: dict[object, object] = {}
        self._records: dict[bytes, ImageRecord] = {}

    def keep(self, catalogue: Catalogue) -> Catalogue:
        """Return an equal catalogue that shares what it can with those before."""
        one = self._one
        return replace(
            catalogue,
            readings=tuple(map(self._reading, catalogue.readings)),
            images={one(name): self._image(image) for name, image in catalogue.images.items()},
            steps=one(catalogue.steps),
            hashes={one(name): one(digest) for name, digest in catalogue.hashes.items()},
        )

    def _reading(self, reading: ReadingRecord) -> ReadingRecord:
        texts = {
            name: self._one(value)
            for name in reading.__struct_fields__
            if isinstance(value := getattr(reading, name), str)
        }
        return msgspec.structs.replace(reading, **texts)

    def _image(self, image: ImageSource) -> ImageSource:
        """Share its record where it is written the same: 0 and 0.0 are equal, and are not that."""
        written = msgspec.json.encode(image.record)
        return replace(image, record=self._records.setdefault(written, image.record))

    def _one(self, part: _T) -> _T:
        """Return the part that is equal and was there before, else this one."""
        return self._known.setdefault(part, part)  # type: ignore[return-value]
