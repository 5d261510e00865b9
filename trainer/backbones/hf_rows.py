"""What share of its attention does each of some rows give to each of some keys, and its gradient?

As eager attention computes it, in float32 at least, yet for the rows alone and without keeping the
(heads, rows, T) probabilities: backward computes them again, some rows at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["Asked", "attention_of_rows"]

_ROOM = 1 << 24
"""Numbers of a block of rows: 64 MiB in float32."""


@dataclass(frozen=True)
class Asked:
    """What is asked of one layer's attention.

    `rows`, `keys`: int64, shapes (batch, rows) and (batch, keys), places along T. `mask`: shape
    (batch or 1, 1, T, T), bool, or numbers that are added to scores; None where each row sees all
    keys, or, if `causal`, those up to itself. `scale`: what scores are multiplied by.
    """

    rows: Tensor
    keys: Tensor
    mask: Tensor | None
    causal: bool
    scale: float

    def limit(self, scores: Tensor, block: slice) -> Tensor:
        """Make scores (batch, groups, heads, rows, T) of a block of rows lowest where unseen."""
        rows = self.rows[:, block]
        if self.mask is None:
            if not self.causal:
                return scores
            seen = torch.arange(scores.shape[-1], device=rows.device) <= rows[..., None]
        else:
            mask = self.mask.expand(len(rows), -1, -1, -1)
            seen = mask[torch.arange(len(rows), device=rows.device)[:, None], 0, rows]
        if seen.dtype == torch.bool:
            return scores.masked_fill_(~seen[:, None, None], torch.finfo(scores.dtype).min)
        return scores.add_(seen[:, None, None])


def attention_of_rows(query: Tensor, key: Tensor, asked: Asked) -> Tensor:
    """Return softmax over all keys that a row sees, of which some are taken; mean over heads.

    Parameters
    ----------
    query, key
        Shapes (batch, heads, T, width) and (batch, groups, T, width): every heads / groups heads
        after each other share the keys of a group.

    Returns
    -------
    Tensor
        float32, or float64 where `query` is, shape (batch, rows, keys).
    """
    at = asked.rows[:, None, :, None].expand(-1, query.shape[1], -1, query.shape[3])
    apply: Any = _Shares.apply
    shares: Tensor = apply(query.gather(2, at), key, asked)
    return shares


class _Shares(torch.autograd.Function):
    """The mean over heads of the softmax of scores, at some keys."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch's own
        query: Tensor,  # (batch, heads, rows, width)
        key: Tensor,  # (batch, groups, T, width)
        asked: Asked,
    ) -> Tensor:
        """Compute them, some rows at a time."""
        ctx.save_for_backward(query, key)
        ctx.asked = asked
        found = []
        for _, shares in _blocks(query, key, asked):
            at = asked.keys[:, None].expand(-1, shares.shape[3], -1)
            found.append(shares.mean(dim=(1, 2)).gather(2, at))
        return torch.cat(found, dim=1)

    @staticmethod
    def backward(
        ctx: Any,  # noqa: ANN401 - torch's own
        *grads: Tensor,
    ) -> tuple[Tensor, Tensor, None]:
        """Compute the shares once more, and what they pass on."""
        query, key = ctx.saved_tensors
        asked: Asked = ctx.asked
        grouped = _grouped(query, key)
        wide = key.to(grouped.dtype)
        of_query, of_key = torch.empty_like(grouped), torch.zeros_like(wide)
        for block, shares in _blocks(query, key, asked):
            pull = shares.new_zeros(len(shares), *shares.shape[3:])
            at = asked.keys[:, None].expand(-1, shares.shape[3], -1)
            pull.scatter_add_(2, at, grads[0][:, block].to(pull.dtype) / query.shape[1])
            mean = torch.einsum("bghrt,brt->bghr", shares, pull)
            push = shares.mul_(pull[:, None, None] - mean[..., None]).mul_(asked.scale)
            flat = push.flatten(2, 3)
            some = grouped[:, :, :, block]
            with _exact(query):
                of_query[:, :, :, block] = (flat @ wide).view_as(some)
                of_key += flat.transpose(2, 3) @ some.flatten(2, 3)
        return of_query.view_as(query).to(query.dtype), of_key.to(key.dtype), None


def _blocks(query: Tensor, key: Tensor, asked: Asked) -> Iterator[tuple[slice, Tensor]]:
    """Yield some rows and their softmax, (batch, groups, heads of a group, rows, T)."""
    grouped = _grouped(query, key)
    wide = key.to(grouped.dtype).transpose(2, 3)
    step = max(1, _ROOM // (query.shape[0] * query.shape[1] * key.shape[2]))
    for begin in range(0, query.shape[2], step):
        block = slice(begin, begin + step)
        some = grouped[:, :, :, block]
        with _exact(query):
            scores = (some.flatten(2, 3) @ wide).unflatten(2, tuple(some.shape[2:4]))
        yield block, asked.limit(scores.mul_(asked.scale), block).softmax(dim=-1)


def _grouped(query: Tensor, key: Tensor) -> Tensor:
    """Return queries as (batch, groups, heads of a group, rows, width), wide enough."""
    wide = query.to(torch.promote_types(query.dtype, torch.float32))
    grouped: Tensor = wide.unflatten(1, (key.shape[1], -1))
    return grouped


def _exact(like: Tensor) -> torch.autocast:
    """Return a context in which products are as exact as their factors."""
    return torch.autocast(like.device.type, enabled=False)
