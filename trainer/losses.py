"""What is wrong with an answer: next-token cross-entropy, and attention against gaze."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from trainer.data import IGNORE

__all__ = ["attention_kl", "language_loss"]


def language_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the cross-entropy in nats a target token.

    Parameters
    ----------
    logits
        Shape (batch, T, vocabulary).
    targets
        int64, shape (batch, T); IGNORE where a row predicts nothing.
    """
    total = cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORE, reduction="sum"
    )
    return total / (targets != IGNORE).sum().clamp(min=1)


def attention_kl(
    attention: Tensor, gaze: Tensor, mask: Tensor, *, weight: Tensor | None = None
) -> Tensor:
    """Return KL(gaze || attention) in nats, averaged over the supervised maps.

    Parameters
    ----------
    attention, gaze
        Shape (..., P), densities; computed in float32, or float64 where given so.
    mask
        Shape (...): 1 where supervised, 0 where not; what stands under a 0 has no influence.
    weight
        Shape (...), optional: how much each map counts; the average is weighted.

    Returns
    -------
    Tensor
        A scalar; 0 with a gradient of 0 where nothing is supervised.
    """
    wide = torch.float64 if attention.dtype == torch.float64 else torch.float32
    attention, gaze = attention.to(wide), gaze.to(wide)
    share = mask.to(wide) if weight is None else mask.to(wide) * weight.to(wide)
    safe = torch.where(mask[..., None] > 0, attention, torch.ones_like(attention))
    log_ratio = torch.xlogy(gaze, gaze) - gaze * safe.clamp(min=torch.finfo(wide).tiny).log()
    divergence = torch.where(mask > 0, log_ratio.sum(dim=-1), torch.zeros_like(share))
    return (divergence * share).sum() / share.sum().clamp(min=torch.finfo(wide).tiny)
