"""How are files named that are made from data besides datasets and runs?"""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["DeidLayout", "FramesLayout", "ImageCacheLayout"]


@dataclass(frozen=True)
class DeidLayout:
    """Names inside a folder of de-identified DICOM files; every name is a pseudonym."""

    root: Path

    @property
    def record(self) -> Path:
        """The options, and whether a key is the one that was used; not the key."""
        return self.root / "deid.json"

    @property
    def review(self) -> Path:
        """Images that a person has to look at, a row each."""
        return self.root / "review.csv"

    @property
    def exclusions(self) -> Path:
        """Files left out, a row each."""
        return self.root / "exclusions.csv"

    def held(self, patient: str, image: str) -> Path:
        """Return the place of an image that waits for a person's decision."""
        return self.root / "held" / patient / f"{image}.dcm"

    def is_held(self, path: Path) -> bool:
        """Say whether this is the place of an image that waits."""
        return path.is_relative_to(self.root / "held")

    def image(self, patient: str, image: str) -> Path:
        """Return the place of an image."""
        return self.root / "images" / patient / f"{image}.dcm"

    def corner(self, image: str, corner: str) -> Path:
        """Return the place of a picture of one corner, for the review."""
        return self.root / "review" / f"{image}-{corner}.png"


@dataclass(frozen=True)
class FramesLayout:
    """Names inside a folder of key frames of one reading; sorted by name, they are in order."""

    root: Path

    @property
    def index(self) -> Path:
        """What each frame shows."""
        return self.root / "index.json"

    @property
    def film(self) -> Path:
        """All frames as one animation."""
        return self.root / "frames.apng"

    def frame(self, sentence_index: int, order: int, *, holistic: bool) -> Path:
        """Return the place of one key frame."""
        kind = "holistic" if holistic else "cluster"
        return self.root / f"sentence-{sentence_index:03d}_{order:02d}-{kind}.png"


@dataclass(frozen=True)
class ImageCacheLayout:
    """Names of decoded images at training size: one array for each dataset, split and size."""

    root: Path

    def pixels(self, fingerprint: str, split: str, size_px: int) -> Path:
        """Return the place of the array."""
        return self.root / f"images-{fingerprint[:16]}-{split}-{size_px}.npy"
