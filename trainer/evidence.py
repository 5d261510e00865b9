"""What does a model attend while it reads or writes a report: a map for each sentence?"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.attention import sentence_maps
from trainer.backbones.protocol import Backbone, Words
from trainer.data import Batch
from trainer.region import Map

__all__ = ["Written", "teacher_forced", "write_reports"]


@dataclass(frozen=True)
class Written:
    """A sentence that the model wrote: `map` (grid, grid), `rows` (tokens, grid, grid).

    `confidence`: the geometric mean of its tokens' probabilities; high is no proof.
    """

    text: str
    map: Map
    rows: Map
    confidence: float = float("nan")


@torch.no_grad()
def teacher_forced(model: Backbone, batch: Batch) -> tuple[Tensor, NDArray[np.float32]]:
    """Read the true reports; return the logits and the maps (batch, S, grid, grid)."""
    output = model(batch.images, batch.ids)
    maps = sentence_maps(output.attention, batch.sentence, sentences=batch.gaze.shape[1])
    return output.logits, maps.unflatten(-1, (model.grid, model.grid)).cpu().numpy()


@torch.no_grad()
def write_reports(model: Backbone, tokenizer: Words, images: Tensor) -> list[list[Written]]:
    """Write a report for each image, then read it once more for the evidence of each sentence.

    Parameters
    ----------
    images
        uint8, shape (batch, 1, size, size).
    """
    prompt = tokenizer.prompt("report")
    first = len(prompt) - 1  # the row that predicts the first token
    reports = model.generate(images, prompt=prompt, end=tokenizer.report_end)
    longest = max(1, *(len(ids) for ids in reports))
    padding = [tokenizer.report_end] * longest
    told = torch.tensor([[*ids, *padding][:longest] for ids in reports], device=images.device)
    padded = [[*prompt, *ids, *padding][: first + longest] for ids in reports]
    output = model(images, torch.tensor(padded, device=images.device))
    maps = output.attention[:, first:]
    rows = maps.unflatten(-1, (model.grid, model.grid)).cpu().numpy()
    chances = output.logits[:, first:].float().log_softmax(dim=-1)
    likely = chances.gather(2, told[:, :, None])[:, :, 0].cpu().numpy()
    return [
        [
            Written(
                text,
                rows[i, place].mean(axis=0),
                rows[i, place],
                float(np.exp(likely[i, place].mean())),
            )
            for text, place in tokenizer.segment(ids)
        ]
        for i, ids in enumerate(reports)
    ]
