"""How is a run kept: checkpoints that are whole or absent, and the pointers `last` and `best`."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import safetensors.torch
import torch
from safetensors import SafetensorError

from gazekit.model.config import load_toml, to_toml
from gazekit.model.errors import DataError
from gazekit.model.files import fsync_folder, write_bytes
from gazekit.model.layout_runs import CheckpointLayout, RunLayout
from gazekit.model.version import __version__
from trainer.backbones.embedded import EmbeddedModel
from trainer.card import Preprocess, model_card
from trainer.config import TrainConfig
from trainer.local import portable, with_local
from trainer.tokenizer import ReportTokenizer

__all__ = [
    "Loaded",
    "build_model",
    "load_checkpoint",
    "load_train_state",
    "newest",
    "point_to",
    "prune",
    "save_checkpoint",
]


@dataclass(frozen=True)
class Loaded:
    """A model with all that it needs to read an image."""

    model: EmbeddedModel
    tokenizer: ReportTokenizer
    config: TrainConfig
    preprocess: Preprocess
    layout: CheckpointLayout

    @property
    def parameters(self) -> int:
        """Count the trainable numbers."""
        return sum(parameter.numel() for parameter in self.model.parameters())


def save_checkpoint(
    run: RunLayout,
    loaded: Loaded,
    *,
    step: int,
    metrics: dict[str, float],
    train_state: dict[str, Any],
    weights: Mapping[str, torch.Tensor] | None = None,
) -> CheckpointLayout:
    """Write ``step-NNNNNN/`` under a temporary name, sync it, and let it take its name.

    `weights`: the model's, whole, where each process has but a share of them.
    """
    final = run.checkpoint(step)
    part = CheckpointLayout(run.root / f".{final.root.name}.part-{os.getpid()}")
    shutil.rmtree(part.root, ignore_errors=True)
    part.root.mkdir(parents=True)
    try:
        arrays = loaded.model.state_dict() if weights is None else weights
        safetensors.torch.save_file(
            {name: value.contiguous() for name, value in arrays.items()}, part.weights
        )
        torch.save(train_state, part.train_state)
        part.config.write_text(to_toml(portable(loaded.config)), "utf-8")
        part.tokenizer.write_text(loaded.tokenizer.to_json(), "utf-8")
        part.preprocess.write_bytes(_json(loaded.preprocess))
        part.metrics.write_bytes(_json(metrics))
        card = model_card(
            loaded.config,
            loaded.preprocess,
            step=step,
            parameters=loaded.parameters,
            metrics=metrics,
        )
        part.card.write_text(card, "utf-8")
        for path in part.root.iterdir():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        shutil.rmtree(final.root, ignore_errors=True)
        part.root.replace(final.root)
        fsync_folder(run.root)
    finally:
        shutil.rmtree(part.root, ignore_errors=True)
    return final


def point_to(pointer: Path, checkpoint: CheckpointLayout) -> None:
    """Let `last` or `best` name a checkpoint."""
    write_bytes(pointer, f"{checkpoint.root.name}\n".encode())


def prune(run: RunLayout) -> None:
    """Remove the checkpoints that neither pointer names."""
    named = {path.read_text("utf-8").strip() for path in (run.last, run.best) if path.is_file()}
    for checkpoint in run.checkpoints():
        if checkpoint.root.name not in named:
            shutil.rmtree(checkpoint.root)


def newest(run: RunLayout, *, pointer: str = "last") -> CheckpointLayout:
    """Return the checkpoint that ``last`` or ``best`` names (``best`` falls back on ``last``).

    Raises
    ------
    DataError
        The folder is no run, or holds no checkpoint.
    """
    wanted = [run.best, run.last] if pointer == "best" else [run.last]
    for path in wanted:
        if path.is_file():
            checkpoint = CheckpointLayout(run.root / path.read_text("utf-8").strip())
            if checkpoint.weights.is_file():
                return checkpoint
    raise DataError(
        "there is no training run with a checkpoint here",
        where=run.root.name,
        expected="a folder that trainer fit wrote",
        remedy="make one with: trainer fit nano --data DATASET --out RUN",
    )


def load_checkpoint(checkpoint: CheckpointLayout) -> Loaded:
    """Read a checkpoint, ready to read images.

    Raises
    ------
    DataError
        A file is missing or damaged, or the weights are those of another version of the model.
    """
    config = with_local(
        load_toml(checkpoint.config, TrainConfig), RunLayout(checkpoint.root.parent)
    )
    tokenizer = ReportTokenizer.load(checkpoint.tokenizer)
    try:
        preprocess = msgspec.json.decode(checkpoint.preprocess.read_bytes(), type=Preprocess)
        model = build_model(config, tokenizer, preprocess)
        weights = safetensors.torch.load_file(checkpoint.weights)
    except (OSError, msgspec.DecodeError, SafetensorError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise DataError(
            f"the checkpoint cannot be read: {first}",
            where=checkpoint.root.name,
            remedy="train again, or point the run's file 'last' to a whole checkpoint",
        ) from error
    _put_in(model, weights, checkpoint)
    return Loaded(model.eval(), tokenizer, config, preprocess, checkpoint)


def _put_in(
    model: EmbeddedModel, weights: dict[str, torch.Tensor], checkpoint: CheckpointLayout
) -> None:
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:  # a line for each of the arrays: all that they say is this
        raise DataError(
            "the checkpoint was made by another version of the model, and cannot be used with "
            f"that of gazekit {__version__}",
            where=checkpoint.root.name,
            remedy=f"train again, or install the gazekit that its {checkpoint.card.name} names",
        ) from error


def build_model(
    config: TrainConfig, tokenizer: ReportTokenizer, preprocess: Preprocess
) -> EmbeddedModel:
    """Make the model of a configuration, with fresh weights."""
    return EmbeddedModel(
        config.model,
        vocabulary=len(tokenizer),
        mean=preprocess.mean,
        std=preprocess.std,
        frame_tokens=tokenizer.frames,
        pad=tokenizer.pad,
    )


def load_train_state(checkpoint: CheckpointLayout) -> dict[str, Any]:
    """Read what a resume needs beside the weights; tensors and plain values only, no pickle."""
    try:
        state: dict[str, Any] = torch.load(
            checkpoint.train_state, weights_only=True, map_location="cpu"
        )
    except Exception as error:
        raise DataError("the training state cannot be read", where=checkpoint.root.name) from error
    return state


def _json(record: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
