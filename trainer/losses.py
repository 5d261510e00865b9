"""What is wrong with an answer: next-token cross-entropy, and maps against gaze."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from trainer.data import IGNORE

__all__ = [
    "attention_js",
    "attention_kl",
    "frame_loss",
    "heatmap_kl",
    "language_loss",
    "token_losses",
]


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
    wide = _wide(attention)
    attention, gaze = attention.to(wide), gaze.to(wide)
    share = mask.to(wide) if weight is None else mask.to(wide) * weight.to(wide)
    safe = torch.where(mask[..., None] > 0, attention, torch.ones_like(attention))
    log_ratio = torch.xlogy(gaze, gaze) - gaze * safe.clamp(min=torch.finfo(wide).tiny).log()
    return _mean(log_ratio.sum(dim=-1), mask, share)


def attention_js(
    attention: Tensor, gaze: Tensor, mask: Tensor, *, weight: Tensor | None = None
) -> Tensor:
    """Return the Jensen-Shannon divergence of attention and gaze, 0 to log 2 nats.

    Symmetric and bounded, so that a map which misses a place by far pulls no harder than one that
    misses it by little (CoGaze, arXiv:2603.26049). See `attention_kl` for the parameters.
    """
    wide = _wide(attention)
    attention, gaze = attention.to(wide), gaze.to(wide)
    share = mask.to(wide) if weight is None else mask.to(wide) * weight.to(wide)
    empty = mask[..., None] <= 0
    p = torch.where(empty, torch.ones_like(attention), attention)
    q = torch.where(empty, torch.ones_like(gaze), gaze)
    tiny = torch.finfo(wide).tiny
    middle = ((p + q) / 2).clamp(min=tiny).log()
    # xlogy has no gradient at 0; attention is a softmax, and is 0 only by underflow.
    own = p * (p.clamp(min=tiny).log() - middle)
    other = torch.xlogy(q, q) - q * middle
    return _mean((own + other).sum(dim=-1) / 2, mask, share)


def heatmap_kl(
    drawn: Tensor, gaze: Tensor, mask: Tensor, *, weight: Tensor | None = None
) -> Tensor:
    """Return KL(gaze || drawn) in nats; `drawn` are log-probabilities, as the head gives them.

    See `attention_kl` for the other parameters.
    """
    wide = _wide(drawn)
    drawn, gaze = drawn.to(wide), gaze.to(wide)
    share = mask.to(wide) if weight is None else mask.to(wide) * weight.to(wide)
    return _mean((torch.xlogy(gaze, gaze) - gaze * drawn).sum(dim=-1), mask, share)


def token_losses(logits: Tensor, targets: Tensor, kinds: Tensor, *, count: int) -> Tensor:
    """Return the cross-entropy in nats a target token, of each kind of token; 0 for none.

    Parameters
    ----------
    logits, targets
        As for `language_loss`.
    kinds
        int64, shape (batch, T): the kind of each target, below `count`.
    """
    each = cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORE, reduction="none"
    )
    told = (targets != IGNORE).flatten().to(each.dtype)
    kind = kinds.flatten()
    total = each.new_zeros(count).index_add(0, kind, each)
    amount = each.new_zeros(count).index_add(0, kind, told)
    return total / amount.clamp(min=1)


def frame_loss(film: Tensor, places: Tensor) -> Tensor:
    """Return minus the log of the attention that the right frame gets, averaged, in nats.

    To name a frame its patches must be looked at first. Held to that directly, the order of frames
    is learnt; from the names alone it is not, in the steps that a small model is given.

    Parameters
    ----------
    film
        Shape (batch, T, frames): the attention that each frame gets.
    places
        int64, shape (batch, T): the frame that a row names, IGNORE where it names none.

    Returns
    -------
    Tensor
        A scalar; 0 where no row names a frame.
    """
    rows = places != IGNORE
    right = film[rows].gather(1, places[rows][:, None]).float()
    return -right.clamp(min=torch.finfo(torch.float32).tiny).log().sum() / rows.sum().clamp(min=1)


def _wide(x: Tensor) -> torch.dtype:
    return torch.float64 if x.dtype == torch.float64 else torch.float32


def _mean(divergence: Tensor, mask: Tensor, share: Tensor) -> Tensor:
    """Average over what is supervised; what stands under a 0 of the mask has no influence."""
    kept = torch.where(mask > 0, divergence, torch.zeros_like(share))
    return (kept * share).sum() / share.sum().clamp(min=torch.finfo(share.dtype).tiny)
