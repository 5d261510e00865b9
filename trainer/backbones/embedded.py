"""The embedded model: conv stem -> ViT encoder -> causal text decoder with cross-attention.

::

    image (1, 96, 96)                       report tokens
       v conv stem, stride 8, 3 blocks          v embedding (tied with the output)
    patches (144, width)                    rows (T, width)
       v encoder layers                         v decoder layers: causal self-attention,
    memory  -------------------------------->     cross-attention to the memory, MLP
                                                v
                       last layer: softmax(q k) averaged over heads = evidence (T, 144)

Only the last cross-attention layer is written out; every other attention is torch's fused one, so
no text x text matrix is ever kept.
"""

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from trainer.config import ModelConfig

__all__ = ["STRIDE", "EmbeddedModel", "Output"]

STRIDE = 8
"""Side of a patch in pixels: three convolutions of stride 2."""

_STEM_CHANNELS = (24, 48)
_STEM_BLOCKS = 2
_STEM_GROUPS = 8
_INIT_STD = 0.1
"""Of embeddings; 0.02, the usual figure, suits models ten times as wide and learns late here."""

_MLP_RATIO = 4

_KeysValues = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Output:
    """What the decoder says about each text row."""

    logits: Tensor  # (batch, T, vocabulary)
    attention: Tensor  # float32 (batch, T, patches); each row sums to 1


class EmbeddedModel(nn.Module):
    """Image and report prefix in, next-token logits and evidence maps out."""

    def __init__(self, config: ModelConfig, *, vocabulary: int, mean: float, std: float) -> None:
        super().__init__()
        self.config = config
        self.grid = config.image_px // STRIDE
        self._mean, self._std = mean, std
        self.stem = _Stem(config.width)
        self.row = nn.Parameter(torch.empty(self.grid, 1, config.width))
        self.column = nn.Parameter(torch.empty(1, self.grid, config.width))
        self.encoder = nn.ModuleList(_EncoderLayer(config) for _ in range(config.encoder_layers))
        self.memory_norm = nn.LayerNorm(config.width)
        self.embedding = nn.Embedding(vocabulary, config.width)
        self.place = nn.Parameter(torch.empty(config.text_tokens, config.width))
        last = config.decoder_layers - 1
        self.decoder = nn.ModuleList(
            _DecoderLayer(config, evidence=i == last) for i in range(config.decoder_layers)
        )
        self.out_norm = nn.LayerNorm(config.width)
        self.dropout = nn.Dropout(config.dropout)
        self.apply(_initialise)
        for parameter in (self.row, self.column, self.place):
            nn.init.normal_(parameter, std=_INIT_STD)

    def forward(self, images: Tensor, ids: Tensor) -> Output:
        """Read whole reports under teacher forcing.

        Parameters
        ----------
        images
            uint8, shape (batch, 1, image_px, image_px).
        ids
            int64, shape (batch, T), T at most ``text_tokens``.
        """
        return self._decode(ids, self._memory(images), past=None, offset=0)

    @torch.no_grad()
    def generate(self, images: Tensor, *, start: int, end: int) -> list[list[int]]:
        """Write one report an image, always the likeliest token; start and end are left out."""
        memory = self._memory(images)
        past: list[_KeysValues | None] = [None] * len(self.decoder)
        token = torch.full((len(images), 1), start, dtype=torch.int64, device=images.device)
        written, done = [], torch.zeros(len(images), dtype=torch.bool, device=images.device)
        for offset in range(self.config.text_tokens):
            output = self._decode(token, memory, past=past, offset=offset)
            token = output.logits[:, -1:].argmax(dim=-1)
            done |= token[:, 0] == end
            written.append(token.masked_fill(done[:, None], end))
            if done.all():
                break
        rows = torch.cat(written, dim=1).tolist()
        return [row[: row.index(end)] if end in row else row for row in rows]

    def _memory(self, images: Tensor) -> list[_KeysValues]:
        """Encode images once; return the keys and values of each decoder layer."""
        x = (images.to(self.place.dtype) / 255 - self._mean) / self._std
        x = self.stem(x) + (self.row + self.column).flatten(0, 1)  # (batch, patches, width)
        for layer in self.encoder:
            x = layer(x)
        x = self.memory_norm(x)
        return [layer.cross.keys_values(x) for layer in self._decoder_layers()]

    def _decoder_layers(self) -> "list[_DecoderLayer]":
        return cast("list[_DecoderLayer]", list(self.decoder))

    def _decode(
        self,
        ids: Tensor,
        memory: list[_KeysValues],
        *,
        past: list[_KeysValues | None] | None,
        offset: int,
    ) -> Output:
        x = self.embedding(ids) + self.place[offset : offset + ids.shape[1]]
        x = self.dropout(x)
        evidence = x  # replaced by the last layer
        for i, layer in enumerate(self._decoder_layers()):
            x, weights, kept = layer(x, memory[i], None if past is None else past[i])
            if weights is not None:
                evidence = weights.mean(dim=1)
            if past is not None:
                past[i] = kept
        return Output(self.out_norm(x) @ self.embedding.weight.T, evidence)


class _Stem(nn.Module):
    """Pixels to patches.

    A block at half the stride sees what is smaller than a patch; those after it see 5 x 5
    patches, so that a finding on the edge of one is whole.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        first, second = _STEM_CHANNELS
        self.layers = nn.Sequential(
            _Halved(1, first),
            _Halved(first, second),
            _StemBlock(second),
            _Halved(second, width),
            *(_StemBlock(width) for _ in range(_STEM_BLOCKS)),
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
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


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def keys_values(self, x: Tensor) -> _KeysValues:
        key, value = self.key_value(x).chunk(2, dim=-1)
        return self._split(key), self._split(value)

    def fused(self, x: Tensor, keys_values: _KeysValues, *, causal: bool = False) -> Tensor:
        mixed = scaled_dot_product_attention(self._queries(x), *keys_values, is_causal=causal)
        return self._merged(mixed)

    def written_out(self, x: Tensor, keys_values: _KeysValues) -> tuple[Tensor, Tensor]:
        """Attend and also return the weights, float32, shape (batch, heads, T, P)."""
        key, value = keys_values
        query = self._queries(x)
        scores = (query @ key.transpose(-1, -2)).float() / query.shape[-1] ** 0.5
        weights = scores.softmax(dim=-1)
        return self._merged(weights.to(value.dtype) @ value), weights

    def _queries(self, x: Tensor) -> Tensor:
        return self._split(self.query(x))

    def _split(self, x: Tensor) -> Tensor:
        batch, count, width = x.shape
        return x.view(batch, count, self.heads, width // self.heads).transpose(1, 2)

    def _merged(self, x: Tensor) -> Tensor:
        return self.out(x.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class _Mlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.up = nn.Linear(width, _MLP_RATIO * width)
        self.down = nn.Linear(_MLP_RATIO * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(gelu(self.up(x)))  # type: ignore[no-any-return]


class _EncoderLayer(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm_self, self.norm_mlp = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.attention = _Attention(config.width, config.heads)
        self.mlp = _Mlp(config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm_self(x)
        x = x + self.dropout(self.attention.fused(y, self.attention.keys_values(y)))
        return x + self.dropout(self.mlp(self.norm_mlp(x)))  # type: ignore[no-any-return]


class _DecoderLayer(nn.Module):
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
        self, x: Tensor, memory: _KeysValues, past: _KeysValues | None
    ) -> tuple[Tensor, Tensor | None, _KeysValues]:
        y = self.norm_self(x)
        kept = self.attention.keys_values(y)
        if past is not None:
            kept = (torch.cat([past[0], kept[0]], dim=2), torch.cat([past[1], kept[1]], dim=2))
        # One new row may see everything before it; several are causal among themselves.
        x = x + self.dropout(self.attention.fused(y, kept, causal=past is None and y.shape[1] > 1))
        y, weights = self.norm_cross(x), None
        if self._evidence:
            mixed, weights = self.cross.written_out(y, memory)
        else:
            mixed = self.cross.fused(y, memory)
        x = x + self.dropout(mixed)
        return x + self.dropout(self.mlp(self.norm_mlp(x))), weights, kept


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=_INIT_STD)
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=module.in_features**-0.5)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
