"""How are files named that are made from data besides datasets and runs?"""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["DeidLayout", "FramesLayout", "ImageCacheLayout", "TaskExportLayout"]


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

    def film(self, kind: str) -> Path:
        """Return the place of all frames as one film; `kind` is ``apng`` or ``mp4``."""
        return self.root / f"frames.{kind}"

    def frame(self, sentence_index: int, order: int, *, holistic: bool) -> Path:
        """Return the place of one key frame."""
        kind = "holistic" if holistic else "cluster"
        return self.root / f"sentence-{sentence_index:03d}_{order:02d}-{kind}.png"


@dataclass(frozen=True)
class ImageCacheLayout:
    """Names of decoded images at training size: one array for each size and way of embedding."""

    root: Path

    @classmethod
    def beside(cls, dataset: Path) -> "ImageCacheLayout":
        """Return the folder beside a dataset, where `trainer cache` writes."""
        return cls(dataset.parent / f"{dataset.name}.cache")

    def pixels(self, size_px: int, recipe: str) -> Path:
        """Return the place of the bytes: squares of `size_px`, one after another."""
        return self.root / f"images-{size_px}-{recipe}.u8"

    def index(self, size_px: int, recipe: str) -> Path:
        """Return the place of the hashes of the images, a line each, in the order of the bytes."""
        return self.root / f"images-{size_px}-{recipe}.txt"


@dataclass(frozen=True)
class TaskExportLayout:
    """Names inside an export of the pretraining tasks; `image` and `frame` are beneath `root`."""

    root: Path

    @property
    def readme(self) -> Path:
        """What it is, how it was made, how it is loaded."""
        return self.root / "README.md"

    @property
    def recipe(self) -> Path:
        """Dataset, templates and options: what decides every byte of the rest."""
        return self.root / "export.json"

    @property
    def dataset_info(self) -> Path:
        """What LLaMA-Factory looks up."""
        return self.root / "dataset_info.json"

    @property
    def growing(self) -> Path:
        """Where it grows until it is whole and takes its name."""
        return self.root.with_name(f".{self.root.name}.part")

    def samples(self, task: str, split: str, kind: str) -> Path:
        """Return the place of one task of one split; `kind` is ``json`` or ``jsonl``."""
        return self.root / f"{task}-{split}.{kind}"

    def image(self, name: str) -> Path:
        """Return the place of an image as the dataset holds it."""
        return self.root / "images" / f"{name}.png"

    def frame(self, reading: str, sentence_index: int, order: int | None) -> Path:
        """Return the place of a frame; of all the sentence's gaze where `order` is None."""
        part = "all" if order is None else f"{order:02d}"
        return self.root / "frames" / reading / f"{sentence_index:03d}-{part}.png"
