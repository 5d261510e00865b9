"""How does the model do on held-out readings while it learns?"""

from collections.abc import Sequence

import numpy as np
import torch

from gazekit.metrics import pointing_game
from trainer.backbones.protocol import Backbone, Words
from trainer.config import TrainConfig
from trainer.corpus import Sample
from trainer.data import Batch, Split, make_batch
from trainer.evidence import teacher_forced
from trainer.losses import attention_kl, language_loss
from trainer.region import Map, peak_px
from trainer.square import Square

__all__ = ["chunks", "pointing_hits", "validate"]


def chunks(count: int, *, size: int) -> list[list[int]]:
    """Cut ``range(count)`` into lists of at most `size`."""
    return [list(range(start, min(start + size, count))) for start in range(0, count, size)]


def validate(
    model: Backbone, split: Split, tokenizer: Words, config: TrainConfig
) -> dict[str, float]:
    """Return ``val_language``, ``val_attn_kl`` and ``val_pointing``, each where it is defined.

    The readings' own gaze is compared whatever the run is trained with, so that arms compare.
    """
    count = min(config.fit.eval_readings, len(split.samples))
    language, kl, hits = _Mean(), _Mean(), _Mean()
    model.eval()
    for rows in chunks(count, size=config.fit.batch):
        batch = make_batch(split, rows, tokenizer, config).to(model.device)
        logits, maps = teacher_forced(model, batch)
        tokens = float((batch.targets >= 0).sum())
        language.add(float(language_loss(logits, batch.targets)), tokens)
        flat = torch.from_numpy(maps).flatten(2).to(model.device)
        supervised = float(batch.gaze_mask.sum())
        kl.add(float(attention_kl(flat, batch.gaze, batch.gaze_mask)), supervised)
        for hit in _hits(split.samples, batch, maps, config.model.image_px):
            hits.add(float(hit), 1.0)
    model.train()
    means = {"val_language": language, "val_attn_kl": kl, "val_pointing": hits}
    return {name: mean.value for name, mean in means.items() if mean.weight > 0}


def pointing_hits(
    sample: Sample, maps: Sequence[Map], seen: Sequence[bool], *, size_px: int
) -> list[tuple[int, bool]]:
    """Return (sentence, whether its map peaks in one of its boxes) for sentences with boxes.

    `seen` says which sentences have a map; one that was cut off by the token limit has none.
    """
    square = Square(sample.image_size, size_px)
    found = []
    for index, sentence in enumerate(sample.sentences):
        if sentence.boxes and seen[index]:
            x, y = peak_px(maps[index], square)
            boxes = [box[1:] for box in sentence.boxes]
            found.append((index, pointing_game(x, y, boxes)))
    return found


def _hits(
    samples: Sequence[Sample],
    batch: Batch,
    maps: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    size_px: int,
) -> list[bool]:
    seen = maps.max(axis=(2, 3)) > 0
    return [
        hit
        for i, row in enumerate(batch.rows)
        for _, hit in pointing_hits(samples[row], maps[i], seen[i].tolist(), size_px=size_px)
    ]


class _Mean:
    def __init__(self) -> None:
        self.total, self.weight = 0.0, 0.0

    def add(self, value: float, weight: float) -> None:
        self.total += value * weight
        self.weight += weight

    @property
    def value(self) -> float:
        return self.total / self.weight
