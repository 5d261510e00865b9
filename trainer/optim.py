"""How do the weights move: AdamW, decay on matrices only, warm-up and cosine, a rate by part."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import get_args

import torch
from torch import Tensor, nn

from gazekit.model.errors import UsageError
from trainer.config import OptimConfig, Part

__all__ = ["adamw", "freeze", "learning_rate", "part_of", "set_rate"]

_TOWER = {"visual", "vision_tower", "vision_model", "stem", "encoder", "row", "column"}
_CONNECTOR = {"merger", "deepstack_merger_list", "multi_modal_projector", "memory_norm"}
_HEADS = {"drawn"}
"""Names of modules: of the six families in transformers, and of the embedded model."""


def part_of(name: str) -> Part:
    """Return the part of a model that a parameter belongs to, by its name."""
    parts = name.split(".")
    if any(part.startswith("lora_") for part in parts):
        return "adapters"
    if not _CONNECTOR.isdisjoint(parts):
        return "connector"
    if not _TOWER.isdisjoint(parts):
        return "vision"
    return "language" if _HEADS.isdisjoint(parts) else "heads"


def freeze(model: nn.Module, frozen: Collection[Part]) -> None:
    """Let parts of a model not learn; adapters within a frozen image encoder do not either.

    Raises
    ------
    UsageError
        The model has no such part, or nothing is left to learn.
    """
    _require_parts(model, frozen, where="optim.frozen")
    for name, parameter in model.named_parameters():
        if part_of(name) in frozen or ("vision" in frozen and _within_tower(name)):
            parameter.requires_grad = False
    if frozen and not any(parameter.requires_grad for parameter in model.parameters()):
        raise UsageError(
            "nothing is left to learn", where="optim.frozen", found=", ".join(sorted(frozen))
        )


def _require_parts(model: nn.Module, wanted: Collection[Part], *, where: str) -> None:
    there = {part_of(name) for name, _ in model.named_parameters()}
    if missing := sorted(set(wanted) - there):
        raise UsageError(
            "the model has no such part",
            where=where,
            expected=", ".join(sorted(there)),
            found=", ".join(missing),
            remedy="leave it out",
        )


def _within_tower(name: str) -> bool:
    parts = set(name.split("."))
    return not _TOWER.isdisjoint(parts) and _CONNECTOR.isdisjoint(parts)


def adamw(model: nn.Module, config: OptimConfig) -> torch.optim.AdamW:
    """Return AdamW over what learns; biases and norms do not decay.

    A group for each rate and decay; ``share`` is its rate as a share of ``optim.lr``.

    Raises
    ------
    UsageError
        A rate is given for a part that the model does not have.
    """
    for part in get_args(Part):
        if getattr(config, f"lr_{part}") is not None:
            _require_parts(model, [part], where=f"optim.lr_{part}")
    groups: dict[tuple[float, bool], list[Tensor]] = defaultdict(list)
    for share, parameter in _shares(model, config):
        groups[share, parameter.dim() > 1].append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "weight_decay": config.weight_decay if matrices else 0.0,
                "lr": config.lr * share,
                "share": share,
            }
            for (share, matrices), parameters in sorted(groups.items(), key=_order)
        ],
        lr=config.lr,
        betas=(0.9, config.beta2),
    )


def _shares(model: nn.Module, config: OptimConfig) -> Iterator[tuple[float, Tensor]]:
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            rate = getattr(config, f"lr_{part_of(name)}")
            yield 1.0 if rate is None else rate / config.lr, parameter


def _order(group: tuple[tuple[float, bool], list[Tensor]]) -> tuple[float, bool]:
    (share, matrices), _ = group
    return share, not matrices


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Give each group its share of a step's rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("share", 1.0)  # states of older runs have none


def learning_rate(step: int, steps: int, config: OptimConfig) -> float:
    """Return the rate of one step: linear warm-up, then a cosine to `final_lr` of the peak."""
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    after = max(0, step - config.warmup_steps) / max(1, steps - config.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, after)))
    return config.lr * warm * (config.final_lr + (1 - config.final_lr) * cosine)
