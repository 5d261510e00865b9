"""What does one step see: images, token ids, which row predicts which sentence, and its gaze."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from trainer.config import TrainConfig
from trainer.corpus import Sample, donors, nth_gaze
from trainer.sampler import batch_indices
from trainer.targets import gaze_target
from trainer.tokenizer import PAD, ReportTokenizer

__all__ = ["IGNORE", "Batch", "Split", "StepBatches", "make_batch"]

IGNORE = -100
"""Target of a row that predicts nothing."""


@dataclass(frozen=True)
class Batch:
    """Tensors of some readings; T text rows, S sentences, P patches."""

    images: Tensor  # uint8 (batch, 1, size, size)
    ids: Tensor  # int64 (batch, T): what the decoder reads
    targets: Tensor  # int64 (batch, T): the token that each row predicts, IGNORE after the end
    sentence: Tensor  # int64 (batch, T): the sentence which that token belongs to, -1 for none
    gaze: Tensor  # float32 (batch, S, P): densities, all zero where masked
    gaze_mask: Tensor  # float32 (batch, S): 1 where the sentence is supervised
    rows: tuple[int, ...]  # which samples these are


@dataclass(frozen=True)
class Split:
    """The readings of a split with their pixels and, for each, whose gaze supervises it."""

    samples: Sequence[Sample]
    pixels: NDArray[np.uint8]
    donor: Sequence[int] | None

    @classmethod
    def of(
        cls, samples: Sequence[Sample], pixels: NDArray[np.uint8], config: TrainConfig
    ) -> "Split":
        """Choose whose gaze supervises each reading, as ``data.gaze`` says."""
        if config.data.gaze == "none":
            return cls(samples, pixels, None)
        own: Sequence[int] = range(len(samples))
        shuffled = config.data.gaze == "shuffled"
        return cls(samples, pixels, donors(samples, seed=config.fit.seed) if shuffled else own)


class StepBatches(TorchDataset[Batch]):
    """Batches by step: item i is a pure function of (seed, i), whatever the loader's workers."""

    def __init__(self, split: Split, tokenizer: ReportTokenizer, config: TrainConfig) -> None:
        self._split, self._tokenizer, self._config = split, tokenizer, config

    def __getitem__(self, step: int) -> Batch:
        """Make the batch of one step."""
        fit = self._config.fit
        rows = batch_indices(step, len(self._split.samples), batch=fit.batch, seed=fit.seed)
        return make_batch(self._split, rows.tolist(), self._tokenizer, self._config)


def make_batch(
    split: Split, rows: Sequence[int], tokenizer: ReportTokenizer, config: TrainConfig
) -> Batch:
    """Collate the samples `rows` of a split, padded to the longest."""
    model = config.model
    texts = [_encoded(split.samples[row], tokenizer, model.text_tokens) for row in rows]
    length = max(len(ids) for ids, _ in texts) - 1
    ids = np.full((len(rows), length), PAD, np.int64)
    targets = np.full((len(rows), length), IGNORE, np.int64)
    sentence = np.full((len(rows), length), -1, np.int64)
    for i, (tokens, owner) in enumerate(texts):
        n = len(tokens) - 1
        ids[i, :n], targets[i, :n], sentence[i, :n] = tokens[:-1], tokens[1:], owner[1:]
    gaze = _gaze(split, rows, config)
    mask = gaze.max(axis=2) > 0
    for i in range(len(rows)):  # a sentence cut off by the token limit has no row to supervise
        mask[i] &= np.isin(np.arange(mask.shape[1]), sentence[i])
    images = np.stack([split.pixels[split.samples[row].image_row] for row in rows])
    return Batch(
        images=torch.from_numpy(images[:, None]),
        ids=torch.from_numpy(ids),
        targets=torch.from_numpy(targets),
        sentence=torch.from_numpy(sentence),
        gaze=torch.from_numpy(gaze * mask[:, :, None]),
        gaze_mask=torch.from_numpy(mask.astype(np.float32)),
        rows=tuple(int(row) for row in rows),
    )


def _encoded(sample: Sample, tokenizer: ReportTokenizer, limit: int) -> tuple[list[int], list[int]]:
    """Return the tokens of a report and the sentence of each, cut at `limit` + 1 tokens."""
    tokens, owner = [tokenizer.start], [-1]
    for index, sentence in enumerate(sample.sentences):
        encoded = tokenizer.encode(sentence.text)
        tokens += encoded
        owner += [index] * len(encoded)
    tokens.append(tokenizer.report_end)
    owner.append(-1)
    return tokens[: limit + 1], owner[: limit + 1]


def _gaze(split: Split, rows: Sequence[int], config: TrainConfig) -> NDArray[np.float32]:
    """Render the targets, shape (rows, sentences, patches); all zero where there is no gaze."""
    grid = config.model.image_px // 8
    most = max(len(split.samples[row].sentences) for row in rows)
    gaze = np.zeros((len(rows), most, grid * grid), np.float32)
    if split.donor is None:
        return gaze
    for i, row in enumerate(rows):
        giver = split.samples[split.donor[row]]
        for k in range(len(split.samples[row].sentences)):
            fixations = nth_gaze(giver, k)
            if fixations is not None:
                gaze[i, k] = gaze_target(
                    fixations,
                    image_size=giver.image_size,
                    size_px=config.model.image_px,
                    grid=grid,
                    sigma_patches=config.loss.sigma_patches,
                ).ravel()
    return gaze
