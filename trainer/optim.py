"""How do the weights move: AdamW, decay on matrices only, warm-up and cosine."""

import math

import torch
from torch import nn

from trainer.config import OptimConfig

__all__ = ["adamw", "learning_rate"]


def adamw(model: nn.Module, config: OptimConfig) -> torch.optim.AdamW:
    """Return AdamW over all parameters; biases and norms do not decay."""
    parameters = list(model.parameters())
    matrices = [p for p in parameters if p.dim() > 1]
    vectors = [p for p in parameters if p.dim() <= 1]
    return torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": config.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=config.lr,
        betas=(0.9, config.beta2),
    )


def learning_rate(step: int, steps: int, config: OptimConfig) -> float:
    """Return the rate of one step: linear warm-up, then a cosine to `final_lr` of the peak."""
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    after = max(0, step - config.warmup_steps) / max(1, steps - config.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, after)))
    return config.lr * warm * (config.final_lr + (1 - config.final_lr) * cosine)
