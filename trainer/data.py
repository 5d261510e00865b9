"""What does one step see: images, token ids, which row predicts which sentence, and its gaze."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from trainer.backbones.protocol import Words
from trainer.config import TrainConfig
from trainer.corpus import Sample, donors, nth_gaze
from trainer.frames import key_frame
from trainer.images import Pictures
from trainer.sampler import batch_indices
from trainer.targets import gaze_target
from trainer.tasks import Exercise, QuestionBank, Setting, choose, exercise, mixture_at
from trainer.tokenizer import TOKEN_KINDS

__all__ = ["IGNORE", "Batch", "Split", "StepBatches", "film_of", "make_batch"]

IGNORE = -100
"""Target of a row that predicts nothing."""

_MEMO_BYTES = 64_000_000
"""Of gaze targets that are kept for the next epoch; of a small study all, of a large one some."""


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
    kinds: Tensor  # int64 (batch, T): the loss each target belongs to, of TOKEN_KINDS
    frames: Tensor  # uint8 (n, 1, frame, frame): the key frames of all sequences
    frame_at: Tensor  # int64 (n, 2): the sequence that each belongs to, and its place there
    named: Tensor  # int64 (batch, T): the frame that each target names, IGNORE for none
    tasks: tuple[str, ...] = ()  # of each sequence

    def to(self, device: torch.device) -> "Batch":
        """Return the batch with its tensors on a device."""
        if device.type == "cpu":
            return self
        moved: dict[str, Any] = {
            name: value.to(device, non_blocking=True)
            for name, value in vars(self).items()
            if isinstance(value, Tensor)
        }
        return replace(self, **moved)


@dataclass(frozen=True)
class Split:
    """The readings of a split with their pixels and, for each, whose gaze supervises it."""

    samples: Sequence[Sample]
    pixels: Pictures
    donor: Sequence[int | None] | None
    bank: QuestionBank = field(default_factory=QuestionBank)
    memo: dict[tuple[float, ...], NDArray[np.float32]] = field(default_factory=dict, repr=False)

    def giver(self, row: int) -> Sample | None:
        """Return whose gaze supervises a reading."""
        given = None if self.donor is None else self.donor[row]
        return None if given is None else self.samples[given]

    @classmethod
    def of(
        cls,
        samples: Sequence[Sample],
        pixels: Pictures,
        config: TrainConfig,
        bank: QuestionBank | None = None,
    ) -> "Split":
        """Choose whose gaze supervises each reading, as ``data.gaze`` and its share say."""
        bank = bank or QuestionBank()
        if config.data.gaze == "none":
            return cls(samples, pixels, None, bank)
        own: Sequence[int] = range(len(samples))
        shuffled = config.data.gaze == "shuffled"
        giving = donors(samples, seed=config.fit.seed) if shuffled else own
        with_gaze = _images_with_gaze(samples, config)
        donor = [
            giver if sample.image_id in with_gaze else None
            for sample, giver in zip(samples, giving, strict=True)
        ]
        return cls(samples, pixels, donor, bank)


def _images_with_gaze(samples: Sequence[Sample], config: TrainConfig) -> set[str]:
    """Draw the images whose gaze is used: the share that the configuration gives, one at least."""
    images = sorted({sample.image_id for sample in samples})
    count = max(1, round(config.data.gaze_share * len(images)))
    order = np.random.default_rng(config.fit.seed).permutation(len(images))
    return {images[i] for i in order[:count]}


class StepBatches(TorchDataset[Batch]):
    """Batches by step: item i is a pure function of (seed, i), whatever the loader's workers.

    `rank`, `ranks`: this process and their number; together they see what one would have seen.
    """

    def __init__(
        self,
        split: Split,
        tokenizer: Words,
        config: TrainConfig,
        *,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        self._split, self._tokenizer, self._config = split, tokenizer, config
        self._rank, self._ranks = rank, ranks
        groups = split.pixels.groups
        images = [sample.image_row for sample in split.samples]
        self._group = None if groups is None else groups[images]

    def __getitem__(self, step: int) -> Batch:
        """Make the batch of one step."""
        fit = self._config.fit
        rows = batch_indices(
            step,
            len(self._split.samples),
            batch=fit.batch,
            seed=fit.seed,
            rank=self._rank,
            ranks=self._ranks,
            group=self._group,
        )
        if not self._config.curriculum:
            return make_batch(self._split, rows.tolist(), self._tokenizer, self._config)
        first = step * fit.batch * self._ranks + self._rank
        places = first + np.arange(fit.batch) * self._ranks
        epochs = places // len(self._split.samples)
        mixture = mixture_at(self._config.curriculum, step / (fit.steps * fit.accumulate))
        setting = Setting(self._tokenizer, self._config.model, fit.seed, self._split.bank)
        turns = zip(rows.tolist(), epochs.tolist(), strict=True)
        exercises = [self._exercise(row, epoch, mixture, setting) for row, epoch in turns]
        return make_batch(
            self._split, rows.tolist(), self._tokenizer, self._config, exercises=exercises
        )

    def _exercise(
        self, row: int, epoch: int, mixture: Mapping[str, float], setting: Setting
    ) -> Exercise:
        """Set the task that seed, epoch and index draw; another where the reading lacks it."""
        left = dict(mixture)
        sample, giver = self._split.samples[row], self._split.giver(row)
        while left:
            task = choose(left, setting.seed, epoch, row, len(left))
            made = exercise(task, sample, giver, setting, turn=(epoch, row))
            if made is not None:
                return made
            del left[task]
        return _report(sample, setting)


def make_batch(
    split: Split,
    rows: Sequence[int],
    tokenizer: Words,
    config: TrainConfig,
    *,
    exercises: Sequence[Exercise] | None = None,
) -> Batch:
    """Collate the samples `rows` of a split, padded to the longest; without exercises, reports."""
    setting = Setting(tokenizer, config.model, config.fit.seed)
    if exercises is None:
        exercises = [_report(split.samples[row], setting) for row in rows]
    texts = [_cut(made, config.model.text_tokens) for made in exercises]
    length = max(len(ids) for ids, _ in texts) - 1
    ids = np.full((len(rows), length), tokenizer.pad, np.int64)
    targets = np.full((len(rows), length), IGNORE, np.int64)
    sentence = np.full((len(rows), length), -1, np.int64)
    for i, (tokens, owner) in enumerate(texts):
        n, asked = len(tokens) - 1, len(exercises[i].prompt) - 1
        ids[i, :n], targets[i, asked:n] = tokens[:-1], tokens[asked + 1 :]
        sentence[i, :n] = owner[1:]
    gaze = _gaze(split, rows, sentence, config)
    mask = gaze.max(axis=2) > 0
    images = np.stack([split.pixels[split.samples[row].image_row] for row in rows])
    frames, frame_at = film_of(images, exercises, config)
    return Batch(
        images=torch.from_numpy(images[:, None]),
        ids=torch.from_numpy(ids),
        targets=torch.from_numpy(targets),
        sentence=torch.from_numpy(sentence),
        gaze=torch.from_numpy(gaze),
        gaze_mask=torch.from_numpy(mask.astype(np.float32)),
        rows=tuple(int(row) for row in rows),
        kinds=torch.from_numpy(_kinds(targets, exercises, tokenizer)),
        frames=torch.from_numpy(frames),
        frame_at=torch.from_numpy(frame_at),
        named=torch.from_numpy(_named(targets, exercises)),
        tasks=tuple(made.task for made in exercises),
    )


def _report(sample: Sample, setting: Setting) -> Exercise:
    made = exercise("report", sample, None, setting)
    if made is None:  # pragma: no cover - a reading has sentences, so it has a report
        raise ValueError(sample.reading_id)
    return made


def _cut(made: Exercise, limit: int) -> tuple[list[int], list[int]]:
    """Return tokens and the sentence of each, cut at `limit` + 1 tokens."""
    owner = [*[-1] * len(made.prompt), *made.owner]
    return [*made.prompt, *made.answer][: limit + 1], owner[: limit + 1]


def _kinds(
    targets: NDArray[np.int64], exercises: Sequence[Exercise], tokenizer: Words
) -> NDArray[np.int64]:
    """Return which loss each target belongs to; the words of an answer to a question their own."""
    if not tokenizer.has_tasks:
        return np.zeros_like(targets)
    kinds: NDArray[np.int64] = tokenizer.kinds()[np.maximum(targets, 0)]
    for row, made in enumerate(exercises):
        if made.kinds:
            first = len(made.prompt) - 1
            told = made.kinds[: max(0, kinds.shape[1] - first)]
            kinds[row, first : first + len(told)] = told
    asked = np.array([made.task == "vqa" for made in exercises])
    kinds[asked] = TOKEN_KINDS.index("answers")
    return kinds


def _named(targets: NDArray[np.int64], exercises: Sequence[Exercise]) -> NDArray[np.int64]:
    """Return the place of the frame that each target names, IGNORE where it names none.

    An answer begins with the order, where there is one, a token each.
    """
    named = np.full_like(targets, IGNORE)
    for row, made in enumerate(exercises):
        first = len(made.prompt) - 1
        told = made.order[: max(0, targets.shape[1] - first)]
        named[row, first : first + len(told)] = told
    return named


def film_of(
    images: NDArray[np.uint8], exercises: Sequence[Exercise], config: TrainConfig
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Render the frames of all sequences; return them, and the sequence and place of each."""
    model = config.model
    at = [(i, k) for i, made in enumerate(exercises) for k in range(len(made.frames))]
    frames = np.zeros((len(at), 1, model.frame_px, model.frame_px), np.uint8)
    for n, (i, k) in enumerate(at):
        frames[n, 0] = key_frame(
            images[i],
            exercises[i].frames[k],
            image_size=exercises[i].frame_size,
            frame_px=model.frame_px,
            sigma_px=config.loss.sigma_patches * model.patch_px * model.frame_px / model.image_px,
        )
    return frames, np.array(at, np.int64).reshape(-1, 2)


def _gaze(
    split: Split, rows: Sequence[int], sentence: NDArray[np.int64], config: TrainConfig
) -> NDArray[np.float32]:
    """Render the targets of the sentences that have a row, shape (rows, sentences, patches).

    All zero where there is no gaze, and for a sentence that the token limit cut off.
    """
    grid = config.model.grid
    most = max(len(split.samples[row].sentences) for row in rows)
    gaze = np.zeros((len(rows), most, grid * grid), np.float32)
    for i, row in enumerate(rows):
        giver = split.giver(row)
        if giver is None:
            continue
        for k in np.unique(sentence[i][sentence[i] >= 0]).tolist():
            fixations = nth_gaze(giver, k)
            if fixations is not None:
                key = (row, k, config.model.image_px, grid, config.loss.sigma_patches)
                target = split.memo.get(key)
                if target is None:
                    target = gaze_target(
                        fixations,
                        image_size=giver.image_size,
                        size_px=config.model.image_px,
                        grid=grid,
                        sigma_patches=config.loss.sigma_patches,
                    ).ravel()
                    if len(split.memo) * target.nbytes < _MEMO_BYTES:
                        split.memo[key] = target
                gaze[i, k] = target
    return gaze
