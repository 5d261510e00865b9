"""What is the embedded model made of? Its stem, attention, and the layers of both its halves."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from trainer.config import ModelConfig

__all__ = [
    "INIT_STD",
    "DecoderLayer",
    "EncoderLayer",
    "KeysValues",
    "Stem",
    "TextRows",
    "initialise",
]

INIT_STD = 0.1
"""Of embeddings; 0.02, the usual figure, suits models ten times as wide and learns late here."""

_STEM_BLOCKS = 2
_STEM_GROUPS = 8
_MLP_RATIO = 4

KeysValues = tuple[Tensor, Tensor]


class Stem(nn.Module):
    """Pixels to patches.

    A block at half the stride sees what is smaller than a patch; those after it see 5 x 5
    patches, so that a finding on the edge of one is whole.
    """

    def __init__(self, width: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(_Halved(*pair) for pair in pairwise((1, *channels))),
            _StemBlock(channels[-1]),
            _Halved(channels[-1], width),
            *(_StemBlock(width) for _ in range(_STEM_BLOCKS)),
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """Return patches, shape (batch, patches, width)."""
        x = self.layers(x)
        return self.norm(x.flatten(2).transpose(1, 2))  # type: ignore[no-any-return]


class _Halved(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return gelu(self.conv(x))


class _StemBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(math.gcd(_STEM_GROUPS, width), width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + gelu(self.conv(self.norm(x)))


class TextRows:
    """Texts of unlike lengths: their rows one after the other, (n, width), or padded, and back.

    What is done to each row alone is done to those that are there; only attention needs the padded
    ones.

    Parameters
    ----------
    there
        bool, shape (batch, T): which rows are no padding.
    """

    def __init__(self, there: Tensor) -> None:
        self._at = there.flatten().nonzero()[:, 0]
        self._shape = there.shape

    def packed(self, x: Tensor) -> Tensor:
        """Return the rows that are there, shape (n, ...)."""
        return x.flatten(0, 1).index_select(0, self._at)

    def padded(self, x: Tensor) -> Tensor:
        """Return all rows, shape (batch, T, ...); those of padding are zero."""
        rows = x.new_zeros(self._shape.numel(), *x.shape[1:])
        whole = rows.index_copy(0, self._at, x)
        return whole.view(*self._shape, *x.shape[1:])


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def keys_values(self, x: Tensor, rows: TextRows | None = None) -> KeysValues:
        both = self.key_value(x)
        key, value = (both if rows is None else rows.padded(both)).chunk(2, dim=-1)
        return self._split(key), self._split(value)

    def fused(
        self,
        x: Tensor,
        keys_values: KeysValues,
        *,
        causal: bool = False,
        seen: Tensor | None = None,
        rows: TextRows | None = None,
    ) -> Tensor:
        mixed = scaled_dot_product_attention(
            self._queries(x, rows), *keys_values, attn_mask=seen, is_causal=causal
        )
        return self._merged(mixed, rows)

    def written_out(
        self,
        x: Tensor,
        keys_values: KeysValues,
        *,
        seen: Tensor | None = None,
        rows: TextRows | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Attend and also return the weights, float32, shape (batch, heads, T, P)."""
        key, value = keys_values
        query = self._queries(x, rows)
        scores = (query @ key.transpose(-1, -2)).float() / query.shape[-1] ** 0.5
        if seen is not None:
            scores = scores.masked_fill(~seen, float("-inf"))
        weights = scores.softmax(dim=-1)
        return self._merged(weights.to(value.dtype) @ value, rows), weights

    def _queries(self, x: Tensor, rows: TextRows | None) -> Tensor:
        query = self.query(x)
        return self._split(query if rows is None else rows.padded(query))

    def _split(self, x: Tensor) -> Tensor:
        batch, count, width = x.shape
        return x.view(batch, count, self.heads, width // self.heads).transpose(1, 2)

    def _merged(self, x: Tensor, rows: TextRows | None) -> Tensor:
        x = x.transpose(1, 2).flatten(2)
        return self.out(x if rows is None else rows.packed(x))  # type: ignore[no-any-return]


class _Mlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.up = nn.Linear(width, _MLP_RATIO * width)
        self.down = nn.Linear(_MLP_RATIO * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(gelu(self.up(x)))  # type: ignore[no-any-return]


class EncoderLayer(nn.Module):
    """Patches among themselves."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm_self, self.norm_mlp = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.attention = _Attention(config.width, config.heads)
        self.mlp = _Mlp(config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return patches of the same shape."""
        y = self.norm_self(x)
        x = x + self.dropout(self.attention.fused(y, self.attention.keys_values(y)))
        return x + self.dropout(self.mlp(self.norm_mlp(x)))  # type: ignore[no-any-return]


class DecoderLayer(nn.Module):
    """Text rows: causal among themselves, then to the memory; `evidence` keeps the weights."""

    def __init__(self, config: ModelConfig, *, evidence: bool) -> None:
        super().__init__()
        self._evidence = evidence
        self.norm_self, self.norm_cross = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.norm_mlp = nn.LayerNorm(config.width)
        self.attention = _Attention(config.width, config.heads)
        self.cross = _Attention(config.width, config.heads)
        self.mlp = _Mlp(config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        memory: KeysValues,
        past: KeysValues | None,
        seen: Tensor | None,
        rows: TextRows | None,
    ) -> tuple[Tensor, Tensor | None, KeysValues]:
        """Return the rows, the weights where they are kept, and keys and values of all rows.

        `rows`: how `x` is packed; None where it is (batch, T, width).
        """
        y = self.norm_self(x)
        kept = self.attention.keys_values(y, rows)
        if past is not None:
            kept = (torch.cat([past[0], kept[0]], dim=2), torch.cat([past[1], kept[1]], dim=2))
        # A new row may see everything before it; rows read at once are causal among themselves.
        x = x + self.dropout(self.attention.fused(y, kept, causal=past is None, rows=rows))
        y, weights = self.norm_cross(x), None
        if self._evidence:
            mixed, weights = self.cross.written_out(y, memory, seen=seen, rows=rows)
        else:
            mixed = self.cross.fused(y, memory, seen=seen, rows=rows)
        x = x + self.dropout(mixed)
        return x + self.dropout(self.mlp(self.norm_mlp(x))), weights, kept


def initialise(module: nn.Module) -> None:
    """Draw a module's own weights."""
    if isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=INIT_STD)
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=module.in_features**-0.5)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
