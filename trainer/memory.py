"""How much memory does it take to train a model of the Hugging Face library, and is there enough?

Computed from shapes: no weights are read. Weights, gradients and AdamW's moments are counted; what
a batch keeps for its backward pass is estimated, for its longest sequences.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from gazekit.console import say
from gazekit.model.errors import UnfitError
from trainer.config import TrainConfig
from trainer.device import takes_bfloat16
from trainer.optim import freeze, part_of
from trainer.ranks import Ranks
from trainer.tokenizer import MOST_FRAMES

if TYPE_CHECKING:
    from trainer.backbones.hf_pictures import PictureShape

__all__ = ["Memory", "memory_of", "memory_problem", "require_memory", "room_of"]

_FRAMED = ("trajectory", "finding", "order_global", "order_local")
"""The tasks that show frames beside the image."""

_LEARNING_BYTES = 12
"""Of a number that learns: its gradient and AdamW's two moments, all float32."""

_LOGIT_BYTES = 16
"""Of a logit while the loss is taken: itself, in float32, its log-softmax, and both gradients."""

_GB = 10**9

_TOWER_WIDTHS = 16
"""What a layer of an image encoder keeps of a patch, in widths of the encoder."""


@dataclass(frozen=True)
class Memory:
    """Bytes that a process takes; `learning`: gradients and moments, `batch`: at most."""

    weights: int
    learning: int
    batch: int

    @property
    def fixed(self) -> int:
        """Return what it takes whatever the batch is."""
        return self.weights + self.learning

    def __str__(self) -> str:
        """Say it in a line."""
        told = f"weights {_told(self.weights)}, gradients and moments {_told(self.learning)}"
        total = _told(self.fixed + self.batch)
        return f"about {total}: {told}, a batch at most {_told(self.batch)}"


def memory_of(
    vlm: nn.Module,
    config: TrainConfig,
    shape: "PictureShape",
    device: torch.device,
    *,
    processes: int = 1,
) -> Memory:
    """Return what it takes to train a model.

    Parameters
    ----------
    vlm
        The library's model with its adapters, in its types; it may be on torch's meta device.
    processes
        How many there are: with ``fit.shard`` ``fsdp`` they share weights, gradients and moments.
    """
    freeze(vlm, set(config.optim.frozen) - {"heads"})
    shares = processes if config.fit.shard == "fsdp" else 1
    weights = sum(p.numel() * p.element_size() for p in vlm.parameters())
    learning = sum(p.numel() for p in vlm.parameters() if p.requires_grad) * _LEARNING_BYTES
    number = 2 if takes_bfloat16(config.fit, device) else 4
    kept = sum(_kept(vlm, config, shape)) * number
    logits = config.model.text_tokens * int(_text(vlm).vocab_size) * _LOGIT_BYTES
    return Memory(weights // shares, learning // shares, config.fit.batch * (kept + logits))


def require_memory(need: Memory, config: TrainConfig, ranks: Ranks) -> None:
    """Raise UnfitError where weights alone do not fit; warn where the longest batch may not."""
    room = room_of(ranks.device)
    problem = memory_problem(need, config, room)
    if problem is None or room is None:
        return
    if need.fixed > room:
        raise problem
    if ranks.first:
        say(str(problem))


def memory_problem(need: Memory, config: TrainConfig, room: int | None) -> UnfitError | None:
    """Return that a model does not fit into `room` bytes, where it does not."""
    if room is None or need.fixed + need.batch <= room:
        return None
    return UnfitError(
        "too little to train this model",
        where="memory",
        expected=need,
        found=_told(room),
        remedy=_remedy(need, config, room),
    )


def room_of(device: torch.device) -> int | None:
    """Return the memory of a GPU, or of this machine; None where it does not tell."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1])
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _told(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= _GB else f"{size / 1e6:.1f} MB"


def _remedy(need: Memory, config: TrainConfig, room: int) -> str:
    if need.fixed <= room:
        if not config.fit.checkpointing:
            return "set fit.checkpointing = true, or lower fit.batch and raise fit.accumulate"
        return "lower fit.batch and raise fit.accumulate, or lower model.text_tokens"
    if config.lora.rank == 0:
        return 'train adapters: set lora.rank = 16; or share the weights: fit.shard = "fsdp"'
    if config.model.base_dtype == "float32":
        return 'set model.base_dtype = "bfloat16"'
    return 'take a smaller model, or share the weights of this one: fit.shard = "fsdp"'


def _kept(vlm: nn.Module, config: TrainConfig, shape: "PictureShape") -> Iterator[int]:
    """Yield the numbers that language model and image encoder keep of the longest sequence."""
    model = config.model
    framed = any(getattr(stage.tasks, task) for stage in config.curriculum for task in _FRAMED)
    frames = MOST_FRAMES if framed else 0
    tokens = shape.tokens(model.image_px) + frames * shape.tokens(model.frame_px)
    text = _text(vlm)
    width, heads = int(text.hidden_size), int(text.num_attention_heads)
    head = int(getattr(text, "head_dim", None) or width // heads)
    attended = head * (heads + int(text.num_key_value_heads))
    each = 5 * width + 3 * attended + 4 * int(text.intermediate_size)
    depth = int(text.num_hidden_layers)
    yield (tokens + model.text_tokens) * _of_layers(depth, width, each, config)
    if any(p.requires_grad for name, p in vlm.named_parameters() if part_of(name) == "vision"):
        tower: Any = vlm.config.vision_config  # type: ignore[union-attr]
        width = int(getattr(tower, "embed_dim", None) or tower.hidden_size)
        depth = int(getattr(tower, "depth", None) or tower.num_hidden_layers)
        sides = (model.image_px, *[model.frame_px] * frames)
        patches = sum((side // int(tower.patch_size)) ** 2 for side in sides)
        yield patches * _of_layers(depth, width, _TOWER_WIDTHS * width, config)


def _of_layers(depth: int, width: int, each: int, config: TrainConfig) -> int:
    """Return the numbers of a token: all of each layer, or its input alone and all of one."""
    return depth * width + each if config.fit.checkpointing else depth * each


def _text(vlm: Any) -> Any:  # noqa: ANN401 - the library's own
    return vlm.config.get_text_config()
