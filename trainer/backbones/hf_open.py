"""How is a model of the Hugging Face library opened, given adapters, and written out as one?"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from torch import nn

from gazekit.model.errors import UsageError, did_you_mean
from gazekit.model.layout_runs import ModelLayout
from trainer.backbones.hf import HfModel
from trainer.backbones.hf_base import family_config, speaking_plainly
from trainer.backbones.hf_chat import chat_of
from trainer.backbones.hf_families import family_of
from trainer.backbones.hf_pictures import PictureShape, picture_shape
from trainer.backbones.hf_text import ChatWords, Questions
from trainer.config import LoraConfig, ModelConfig, TrainConfig

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["empty_model", "open_model", "open_words", "settled", "shape_of", "write_merged"]

_ONE_FILE = "10TB"


def settled(model: ModelConfig, folder: ModelLayout) -> ModelConfig:
    """Return the configuration with what only the model itself can tell.

    Raises
    ------
    UsageError
        The family is not known, or takes no pictures of these sizes.
    """
    shape = shape_of(folder)
    shape.check("model.image_px", model.image_px)
    shape.check("model.frame_px", model.frame_px)
    return msgspec.structs.replace(model, patch=shape.side_px)


def open_words(folder: ModelLayout, questions: Questions | None = None) -> ChatWords:
    """Open the tokenizer of a model; without questions, those of a new run."""
    from transformers import AutoTokenizer

    settings = family_config(folder)
    family = family_of(settings)
    with speaking_plainly(folder), _silent():
        tokenizer: Any = AutoTokenizer.from_pretrained(folder.root, local_files_only=True)
        chat = chat_of(tokenizer, folder, settings, family=family)
    return ChatWords(tokenizer, chat, questions or Questions(places=family.convention))


def open_model(folder: ModelLayout, words: ChatWords, config: TrainConfig) -> HfModel:
    """Open a model with its weights; give it fresh adapters, and freeze what does not learn.

    Raises
    ------
    DataError
        It cannot be opened.
    UsageError
        No projection has the name of one of ``lora.targets``, or a layer is not there.
    """
    from transformers import AutoModelForImageTextToText

    from trainer.backbones.hf_attention import supervise

    settings = family_config(folder)
    with speaking_plainly(folder), _silent():
        vlm = AutoModelForImageTextToText.from_pretrained(
            folder.root,
            local_files_only=True,
            use_safetensors=True,
            dtype=getattr(torch, config.model.base_dtype),
        )
    supervise(vlm, config.model.supervised_layers or None)
    _give_adapters(vlm, config.lora)
    return HfModel(vlm, words, shape_of(folder), config.model, family=family_of(settings))


def empty_model(folder: ModelLayout, config: TrainConfig) -> "PreTrainedModel":
    """Return the library's model with its adapters, in shapes and types alone; see `open_model`."""
    from transformers import AutoConfig, AutoModelForImageTextToText

    with speaking_plainly(folder), _silent(), torch.device("meta"):
        settings: Any = AutoConfig.from_pretrained(folder.root, local_files_only=True)
        vlm: PreTrainedModel = AutoModelForImageTextToText.from_config(  # type: ignore[no-untyped-call]
            settings, dtype=getattr(torch, config.model.base_dtype)
        )
        _give_adapters(vlm, config.lora)
    return vlm


def write_merged(model: HfModel, base: ModelLayout, out: ModelLayout) -> None:
    """Write a model, adapters merged, as a folder that the library opens by itself.

    Afterwards the model has no adapters any more.
    """
    _merge_adapters(model)
    with _silent():
        model.vlm.save_pretrained(out.root, max_shard_size=_ONE_FILE)
    for path in base.beside_weights():
        shutil.copyfile(path, out.root / path.name)


def shape_of(folder: ModelLayout) -> PictureShape:
    """Return what a model asks of pictures; its family must be known."""
    settings = family_config(folder)
    family_of(settings)
    with speaking_plainly(folder), _silent():
        return picture_shape(folder, settings)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep back what the library tells of its own workings; an error comes as one."""
    import logging as plain

    from transformers.utils import logging

    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(plain.ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _give_adapters(vlm: "PreTrainedModel", lora: LoraConfig) -> None:
    """Put in adapters, if any; what learns, they or all, becomes float32."""
    if lora.rank:
        _add_adapters(vlm, lora)
    for parameter in vlm.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def _add_adapters(vlm: "PreTrainedModel", lora: LoraConfig) -> None:
    from peft import LoraConfig as Adapters
    from peft import inject_adapter_in_model

    names = "|".join(map(re.escape, lora.targets))
    targets = rf".*language_model\..*\.({names})"
    fitting = [name for name, _ in vlm.named_modules() if re.fullmatch(targets, name)]
    there = {name.rpartition(".")[2] for name in fitting}
    missing = [name for name in lora.targets if name not in there]
    if missing:
        linear = sorted(
            {
                name.rpartition(".")[2]
                for name, module in vlm.named_modules()
                if isinstance(module, nn.Linear) and "language_model." in name
            }
        )
        raise UsageError(
            "no projection of the language model has this name",
            where="lora.targets",
            expected=", ".join(linear),
            found=missing[0],
            remedy=did_you_mean(missing[0], linear),
        )
    adapters = Adapters(
        r=lora.rank,
        lora_alpha=lora.alpha,  # type: ignore[arg-type] # need not be whole
        lora_dropout=lora.dropout,
        target_modules=targets,
    )
    inject_adapter_in_model(adapters, vlm)
    for name, parameter in vlm.named_parameters():
        parameter.requires_grad_("lora_" in name)


def _merge_adapters(model: HfModel) -> None:
    """Add adapters to the weights that they belong to, and take them out."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(model.vlm.named_modules()):
        if isinstance(module, BaseTunerLayer):
            module.merge(safe_merge=True)
            parent, _, last = name.rpartition(".")
            setattr(model.vlm.get_submodule(parent), last, module.get_base_layer())
