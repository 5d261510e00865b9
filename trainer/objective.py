"""What does a step minimise: the losses of a batch, how much each covers, and its weight."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from trainer.attention import row_targets, sentence_maps
from trainer.backbones.protocol import Backbone, Output
from trainer.config import Ramp, TrainConfig
from trainer.data import IGNORE, Batch
from trainer.losses import (
    attention_js,
    attention_kl,
    frame_loss,
    heatmap_kl,
    language_loss,
    token_losses,
)
from trainer.tokenizer import TOKEN_KINDS

__all__ = ["amounts", "losses", "weights"]

_MAPS = ("attn_kl", "attn_js", "heatmap")
"""The losses that hold a map against gaze."""


def amounts(batch: Batch, config: TrainConfig) -> dict[str, float]:
    """Return what each loss of a batch is a mean over: target tokens, supervised sentences.

    Known before the model runs, so that a step which is spread over several batches, and several
    processes, divides each loss by its amount in all of them.
    """
    told = batch.targets != IGNORE
    if config.curriculum:
        counts = torch.bincount(batch.kinds[told], minlength=len(TOKEN_KINDS)).tolist()
        found = {name: float(count) for name, count in zip(TOKEN_KINDS, counts, strict=True)}
    else:
        found = {"language": float(told.sum())}
    return found | dict.fromkeys(_supervised(config), float(batch.gaze_mask.sum()))


def losses(model: Backbone, batch: Batch, config: TrainConfig) -> dict[str, Tensor]:
    """Run the model on a batch; return the mean of each loss, under the names of `amounts`."""
    output = model(batch.images, batch.ids, batch.frames, batch.frame_at)
    if config.curriculum:
        parts = token_losses(output.logits, batch.targets, batch.kinds, count=len(TOKEN_KINDS))
        found = dict(zip(TOKEN_KINDS, parts, strict=True))
        if output.film is not None:
            found["order"] = found["order"] + frame_loss(output.film, batch.named)
    else:
        found = {"language": language_loss(output.logits, batch.targets)}
    return found | {name: _map_loss(name, output, batch, config) for name in _supervised(config)}


def weights(config: TrainConfig, step: int) -> Mapping[str, float]:
    """Return how much each loss counts, at a step, in the sum that is minimised."""
    progress = step / config.fit.steps
    found = {"language": 1.0}
    for name in (*_MAPS, *TOKEN_KINDS[1:]):
        found[name] = getattr(config.loss, name) * _ramp(
            getattr(config.loss.schedule, name), progress
        )
    return found


def _ramp(ramp: Ramp, progress: float) -> float:
    if progress < ramp.start:
        return 0.0
    return min(1.0, (progress - ramp.start) / ramp.ramp) if ramp.ramp else 1.0


def _supervised(config: TrainConfig) -> list[str]:
    if config.data.gaze == "none":
        return []
    return [name for name in _MAPS if getattr(config.loss, name) > 0]


def _map_loss(name: str, output: Output, batch: Batch, config: TrainConfig) -> Tensor:
    """Return a divergence of maps from gaze, each supervised sentence counting once."""
    loss: Callable[..., Tensor] = {
        "attn_kl": attention_kl,
        "attn_js": attention_js,
        "heatmap": heatmap_kl,
    }[name]
    maps = output.attention
    if name == "heatmap" and output.heatmap is not None:
        maps = output.heatmap
    if name == "heatmap" or config.loss.attn_rows == "each":
        gaze, weight = row_targets(batch.gaze, batch.gaze_mask, batch.sentence)
        return loss(maps, gaze, (weight > 0).float(), weight=weight)
    maps = sentence_maps(maps, batch.sentence, sentences=batch.gaze.shape[1])
    return loss(maps, batch.gaze, batch.gaze_mask)
