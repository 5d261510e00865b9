"""What is a held-out reading compared with: a stranger's, and other readers of its image?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError
from trainer.corpus import Fixations, Sample, Sentence, donors
from trainer.region import Map
from trainer.square import Square
from trainer.tally import Who
from trainer.targets import gaze_target

__all__ = ["HeldOut", "Renderer", "held_out", "like_sentence"]


@dataclass(frozen=True)
class HeldOut:
    """A held-out reading. `stranger`: one of another image; `peers`: others' of the same image."""

    sample: Sample
    who: Who
    stranger: Sample | None
    peers: tuple[tuple[str, Sample], ...]


@dataclass(frozen=True)
class Renderer:
    """Draws gaze on the model's grid as the supervision does."""

    size_px: int
    grid: int
    sigma_patches: float

    def square(self, sample: Sample) -> Square:
        """Return how a reading's image lies in the model's square."""
        return Square(sample.image_size, self.size_px)

    def gaze(self, sample: Sample, fixations: Fixations) -> Map | None:
        """Draw fixations; None where none lies on the image."""
        drawn = gaze_target(
            fixations,
            image_size=sample.image_size,
            size_px=self.size_px,
            grid=self.grid,
            sigma_patches=self.sigma_patches,
        )
        return drawn if drawn.any() else None


def held_out(
    dataset: Dataset, split: str, samples: Sequence[Sample], *, seed: int
) -> list[HeldOut]:
    """Put beside each reading its reader, a stranger and its peers."""
    columns = ["reading_id", "reader_id"]
    rows = dataset.table("readings", split, columns=columns).to_pylist()
    readers = {row["reading_id"]: row["reader_id"] for row in rows}
    of_image: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        of_image[sample.image_id].append(sample)
    strangers = _strangers(samples, seed=seed)
    out = []
    for row, sample in enumerate(samples):
        reader = readers[sample.reading_id]
        peers = [(readers[other.reading_id], other) for other in of_image[sample.image_id]]
        out.append(
            HeldOut(
                sample,
                Who(sample.patient, reader),
                None if strangers is None else samples[strangers[row]],
                tuple((name, other) for name, other in peers if name != reader),
            )
        )
    return out


def like_sentence(peer: Sample, sentence: Sentence) -> Sentence | None:
    """Return a peer's sentence that says the same, of the same step and findings, with gaze."""
    for other in peer.sentences:
        same = other.step == sentence.step and other.labels == sentence.labels
        if same and other.fixations is not None:
            return other
    return None


def _strangers(samples: Sequence[Sample], *, seed: int) -> list[int] | None:
    """Return another reading for each, or None where all show one image."""
    try:
        return donors(samples, seed=seed)
    except DataError:
        return None
