"""Which backbone does a configuration name: how do words and model begin, and come back?

The one place that tells backbones apart; what transformers needs is imported only where it is used.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from gazekit.console import say
from gazekit.model.errors import DataError
from gazekit.model.files import write_bytes
from gazekit.model.layout_runs import CheckpointLayout
from trainer.backbones.hf_base import Base, base_of, model_folder, require_base
from trainer.backbones.protocol import Backbone, Words
from trainer.card import Preprocess
from trainer.config import TrainConfig
from trainer.environment import require_hf
from trainer.ranks import Ranks

__all__ = [
    "base_model",
    "begin_words",
    "build_model",
    "read_words",
    "require_room",
    "settled",
    "start_weights",
    "write_words",
]


def settled(config: TrainConfig) -> TrainConfig:
    """Return a configuration with what only the model in its folder can tell.

    Raises
    ------
    UsageError, DataError
        There is no such model here, it is of no known family, or takes no such pictures.
    UnfitError
        The packages that it takes are not here, or do not fit each other.
    """
    if config.model.backbone == "embedded":
        return config
    require_hf(lora=config.lora.rank > 0)
    from trainer.backbones.hf_open import settled as settled_model

    model = settled_model(config.model, model_folder(config.model))
    return msgspec.structs.replace(config, model=model)


def require_room(config: TrainConfig, ranks: Ranks) -> None:
    """Raise UnfitError, or warn, where there is too little memory; before weights are read."""
    if config.model.backbone == "embedded":
        return
    from trainer.backbones.hf_open import empty_model, shape_of
    from trainer.memory import memory_of, require_memory

    folder = model_folder(config.model)
    vlm, shape = empty_model(folder, config), shape_of(folder)
    need = memory_of(vlm, config, shape, ranks.device, processes=ranks.count)
    require_memory(need, config, ranks)


def base_model(config: TrainConfig) -> Base | None:
    """Return which model a run starts from; None for one that starts from nothing."""
    if config.model.backbone == "embedded":
        return None
    return base_of(model_folder(config.model), name=Path(config.model.path or "").name)


def begin_words(config: TrainConfig, texts: Callable[[], Iterable[str]]) -> Words:
    """Return the words of a new run; `texts` gives what a vocabulary is learnt from."""
    if config.model.backbone == "hf":
        from trainer.backbones.hf_open import open_words

        return open_words(model_folder(config.model))
    from trainer.tokenizer import ReportTokenizer

    return ReportTokenizer.train(
        texts(),
        vocabulary=config.model.vocabulary,
        patches=config.model.grid**2 if config.curriculum else 0,
        coordinates=config.model.coordinate_bins if config.curriculum else 0,
    )


def write_words(checkpoint: CheckpointLayout, words: Words, config: TrainConfig) -> None:
    """Write the words' file of a checkpoint."""
    of_model = config.model.backbone == "hf"
    path = checkpoint.words if of_model else checkpoint.tokenizer
    write_bytes(path, words.to_json().encode())


def read_words(checkpoint: CheckpointLayout, config: TrainConfig) -> Words:
    """Read the words of a checkpoint.

    Raises
    ------
    DataError
        Their file is missing or damaged.
    """
    if config.model.backbone == "hf":
        from trainer.backbones.hf_open import open_words
        from trainer.backbones.hf_text import Questions

        try:
            asked = msgspec.json.decode(checkpoint.words.read_bytes(), type=Questions)
        except (OSError, msgspec.DecodeError) as error:
            raise DataError(
                "the run's questions cannot be read", where=checkpoint.words.name
            ) from error
        return open_words(model_folder(config.model), asked)
    from trainer.tokenizer import ReportTokenizer

    return ReportTokenizer.load(checkpoint.tokenizer)


def build_model(config: TrainConfig, words: Words, preprocess: Preprocess) -> Backbone:
    """Make the model of a configuration: with fresh weights, or its base with fresh adapters.

    Raises
    ------
    DataError
        The base is not the one that `preprocess` names.
    """
    if config.model.backbone == "hf":
        from trainer.backbones.hf_open import open_model
        from trainer.backbones.hf_text import ChatWords

        folder = model_folder(config.model)
        if preprocess.base is not None:
            require_base(folder, preprocess.base)
        if not isinstance(words, ChatWords):  # pragma: no cover - both are made above
            raise TypeError(words)
        return open_model(folder, words, config)
    from trainer.backbones.embedded import EmbeddedModel

    return EmbeddedModel(
        config.model,
        vocabulary=len(words),
        mean=preprocess.mean,
        std=preprocess.std,
        frame_tokens=range(words.frames[0], words.frames[-1] + 1) if words.frames else range(0),
        pad=words.pad,
    )


def start_weights(model: Backbone, config: TrainConfig) -> None:
    """Put in the weights that an embedded model's image encoder is to start from."""
    from trainer.backbones.embedded import EmbeddedModel
    from trainer.backbones.embedded_start import start_encoder

    if config.model.encoder_weights is not None and isinstance(model, EmbeddedModel):
        count = start_encoder(model, Path(config.model.encoder_weights))
        say(f"the image encoder starts from {count} arrays of the given weights")
