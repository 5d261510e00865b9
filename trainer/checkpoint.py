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
from gazekit.model.layout_runs import CheckpointLayout, ModelLayout, RunLayout
from gazekit.model.version import __version__
from trainer.backbones.choice import build_model, read_words, write_words
from trainer.backbones.hf_base import base_of, model_folder
from trainer.backbones.protocol import Backbone, Words
from trainer.card import Preprocess, model_card
from trainer.config import TrainConfig
from trainer.local import portable, with_local

__all__ = [
    "BESIDE",
    "Loaded",
    "load_checkpoint",
    "load_train_state",
    "newest",
    "point_to",
    "prune",
    "save_checkpoint",
    "write_whole",
]


BESIDE = "."
"""As ``model.path``: the model lies in the checkpoint's own folder, as in an export."""


@dataclass(frozen=True)
class Loaded:
    """A model with all that it needs to read an image."""

    model: Backbone
    tokenizer: Words
    config: TrainConfig
    preprocess: Preprocess
    layout: CheckpointLayout

    @property
    def parameters(self) -> int:
        """Count the trainable numbers."""
        return self.model.learning


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
        arrays = loaded.model.kept() if weights is None else weights
        safetensors.torch.save_file(
            {name: value.contiguous() for name, value in arrays.items()}, part.weights
        )
        torch.save(train_state, part.train_state)
        part.config.write_text(to_toml(portable(loaded.config)), "utf-8")
        write_words(part, loaded.tokenizer, loaded.config)
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


def write_whole(loaded: Loaded, folder: CheckpointLayout) -> None:
    """Write a model that adapters were put into as one that needs no other, to an empty folder.

    The library that its base came from opens the folder; it is a checkpoint as well.
    """
    from trainer.backbones.hf import HEADS, HfModel
    from trainer.backbones.hf_open import write_merged

    if not isinstance(loaded.model, HfModel):
        raise TypeError(type(loaded.model))
    write_merged(loaded.model, model_folder(loaded.config.model), ModelLayout(folder.root))
    heads = {n: w.detach() for n, w in loaded.model.state_dict().items() if n.startswith(HEADS)}
    if heads:
        folder.heads.parent.mkdir()
        safetensors.torch.save_file(heads, folder.heads)
    config = msgspec.structs.replace(
        loaded.config,
        model=msgspec.structs.replace(loaded.config.model, path=BESIDE),
        lora=msgspec.structs.replace(loaded.config.lora, rank=0),
    )
    base = base_of(ModelLayout(folder.root), name=BESIDE)
    preprocess = msgspec.structs.replace(loaded.preprocess, base=base)
    folder.config.write_text(to_toml(portable(config)), "utf-8")
    folder.preprocess.write_bytes(_json(preprocess))
    write_words(folder, loaded.tokenizer, config)


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
    if config.model.path == BESIDE:
        config = msgspec.structs.replace(
            config, model=msgspec.structs.replace(config.model, path=str(checkpoint.root))
        )
    tokenizer = read_words(checkpoint, config)
    try:
        preprocess = msgspec.json.decode(checkpoint.preprocess.read_bytes(), type=Preprocess)
        model = build_model(config, tokenizer, preprocess)
        weights = _weights(checkpoint, config)
    except (OSError, msgspec.DecodeError, SafetensorError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise DataError(
            f"the checkpoint cannot be read: {first}",
            where=checkpoint.root.name,
            remedy="train again, or point the run's file 'last' to a whole checkpoint",
        ) from error
    _put_in(model, weights, checkpoint)
    return Loaded(model.eval(), tokenizer, config, preprocess, checkpoint)


def _weights(checkpoint: CheckpointLayout, config: TrainConfig) -> dict[str, torch.Tensor]:
    """Return what is put into the model: of an export its new heads alone, if there are any."""
    beside = config.model.path == str(checkpoint.root)
    path = checkpoint.heads if beside else checkpoint.weights
    return {} if beside and not path.is_file() else safetensors.torch.load_file(path)


def _put_in(
    model: Backbone, weights: dict[str, torch.Tensor], checkpoint: CheckpointLayout
) -> None:
    try:
        model.take(weights)
    except RuntimeError as error:  # a line for each of the arrays: all that they say is this
        raise DataError(
            "the checkpoint was made by another version of the model, and cannot be used with "
            f"that of gazekit {__version__}",
            where=checkpoint.root.name,
            remedy=f"train again, or install the gazekit that its {checkpoint.card.name} names",
        ) from error


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
