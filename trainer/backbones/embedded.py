"""The embedded model: conv stem -> ViT encoder -> causal text decoder with cross-attention.

::

    image (1, 96, 96)   frames (n, 1, 48, 48)    report tokens
       v                   v the same stem          v embedding (tied with the output)
    patches (144, width)  (n x 36, width)        rows (T, width)
       v                   v the same encoder       v decoder layers: causal self-attention,
    memory    +    memory + token of the frame -->    cross-attention to the memory, MLP
                                                    v
                        last layer: softmax(q k) averaged over heads = evidence (T, 144)

A frame's patches carry the embedding of the token that names the frame, so that to look at a frame
is to know its number: a film is a list of such frames, in order.

The encoder may have no layers: then a patch knows what the stem sees about it, and no more.
Only the last cross-attention layer is written out; every other attention is torch's fused one, so
no text x text matrix is ever kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from trainer.backbones.embedded_layers import (
    INIT_STD,
    DecoderLayer,
    EncoderLayer,
    KeysValues,
    Stem,
    TextRows,
    initialise,
)
from trainer.backbones.protocol import Backbone, Output
from trainer.config import ModelConfig

__all__ = ["EmbeddedModel", "Memory"]


@dataclass(frozen=True)
class Memory:
    """What the decoder looks at, of some images."""

    layers: list[KeysValues]  # of each decoder layer
    hidden: Tensor  # (batch, patches, width): the images' patches alone
    seen: Tensor | None  # bool (batch, 1, 1, keys): which are there; None for all of them


class EmbeddedModel(Backbone):
    """Image, frames and report prefix in, next-token logits and evidence maps out.

    `frame_tokens`: the tokens that name the frames, in order. `pad`: the token of padding, whose
    rows are left out of what is done to each row alone while the model learns, and say nothing.
    """

    def __init__(
        self,
        config: ModelConfig,
        *,
        vocabulary: int,
        mean: float,
        std: float,
        frame_tokens: range = range(0),
        pad: int | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.grid = config.grid
        self._mean, self._std, self._frame_tokens, self._pad = mean, std, frame_tokens, pad
        self.stem = Stem(config.width, config.stem)
        self.row = nn.Parameter(torch.empty(self.grid, 1, config.width))
        self.column = nn.Parameter(torch.empty(1, self.grid, config.width))
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.encoder_layers))
        self.memory_norm = nn.LayerNorm(config.width)
        self.embedding = nn.Embedding(vocabulary, config.width)
        self.place = nn.Parameter(torch.empty(config.text_tokens, config.width))
        last = config.decoder_layers - 1
        self.decoder = nn.ModuleList(
            DecoderLayer(config, evidence=i == last) for i in range(config.decoder_layers)
        )
        self.out_norm = nn.LayerNorm(config.width)
        self.drawn = nn.Linear(config.width, config.width) if config.heatmap_head else None
        self.dropout = nn.Dropout(config.dropout)
        self.apply(initialise)
        for parameter in (self.row, self.column, self.place):
            nn.init.normal_(parameter, std=INIT_STD)

    def forward(
        self,
        images: Tensor,
        ids: Tensor,
        frames: Tensor | None = None,
        frame_at: Tensor | None = None,
    ) -> Output:
        """Read whole sequences under teacher forcing; see `Backbone.forward`."""
        return self._decode(ids, self.memory(images, frames, frame_at), past=None, offset=0)

    @torch.no_grad()
    def generate(self, images: Tensor, *, prompt: Sequence[int], end: int) -> list[list[int]]:
        """Answer one prompt for each image, always the likeliest token; `end` is left out."""
        memory = self.memory(images)
        past: list[KeysValues | None] = [None] * len(self.decoder)
        token = torch.tensor([list(prompt)] * len(images), device=images.device)
        written, done = [], torch.zeros(len(images), dtype=torch.bool, device=images.device)
        offset = 0
        while offset + token.shape[1] <= self.config.text_tokens:
            output = self._decode(token, memory, past=past, offset=offset)
            offset += token.shape[1]
            token = output.logits[:, -1:].argmax(dim=-1)
            done |= token[:, 0] == end
            written.append(token.masked_fill(done[:, None], end))
            if done.all():
                break
        rows = torch.cat(written, dim=1).tolist()
        return [row[: row.index(end)] if end in row else row for row in rows]

    @torch.no_grad()
    def answer(
        self, prompts: Sequence[Sequence[int]], memory: Memory, *, end: int, most: int
    ) -> list[list[int]]:
        """Go on with each prompt, always with the likeliest token; prompt and end are left out.

        Prompts of unlike lengths are read again for each token: answers are short.

        Parameters
        ----------
        prompts
            Token ids, at least one each.
        memory
            What `memory` made of the prompts' images.
        most
            The most tokens of an answer.
        """
        rows = [list(prompt) for prompt in prompts]
        done = [False] * len(rows)
        device = self.place.device
        for _ in range(most):
            longest = max(len(row) for row in rows)
            if all(done) or longest >= self.config.text_tokens:
                break
            padded = torch.tensor([row + [end] * (longest - len(row)) for row in rows])
            logits = self._decode(padded.to(device), memory, past=None, offset=0).logits
            last = torch.tensor([len(row) - 1 for row in rows], device=device)
            tokens = logits[torch.arange(len(rows), device=device), last].argmax(dim=-1).tolist()
            for i, token in enumerate(tokens):
                done[i] |= token == end
                if not done[i]:
                    rows[i].append(token)
        return [row[len(prompt) :] for row, prompt in zip(rows, prompts, strict=True)]

    def memory(
        self, images: Tensor, frames: Tensor | None = None, frame_at: Tensor | None = None
    ) -> Memory:
        """Encode images and frames once, for any number of words; see `forward`."""
        x = self._encoded(images, self.row + self.column)
        patches, hidden, seen = x.shape[1], x, None
        if frames is not None and frame_at is not None and len(frames):
            film, there = self._film(frames, frame_at, len(images))
            x = torch.cat([x, film], dim=1)
            seen = torch.cat([there.new_ones(len(images), patches), there], dim=1)[:, None, None]
        kept = [layer.cross.keys_values(x) for layer in self._decoder_layers()]
        return Memory(kept, hidden, seen)

    def _encoded(self, pictures: Tensor, places: Tensor) -> Tensor:
        """Return normalised patches, shape (pictures, patches, width)."""
        x = (pictures.to(self.place.dtype) / 255 - self._mean) / self._std
        x = self.stem(x) + places.flatten(0, 1)
        for layer in self.encoder:
            x = layer(x)
        return self.memory_norm(x)  # type: ignore[no-any-return]

    def _film(self, frames: Tensor, frame_at: Tensor, batch: int) -> tuple[Tensor, Tensor]:
        """Return the frames' patches padded to the longest film, and which are there."""
        side = self.config.frame_px // self.config.patch_px
        places = (self.row + self.column).permute(2, 0, 1)[None]
        places = adaptive_avg_pool2d(places, side)[0].permute(1, 2, 0)
        x = self._encoded(frames, places)
        owner, place = frame_at.unbind(dim=1)
        # Embeddings are drawn small; to be seen beside a normalised patch they must be as large.
        x = x + self.embedding(place + self._frame_tokens.start)[:, None] / INIT_STD
        longest = int(place.max()) + 1
        film = x.new_zeros(batch, longest, *x.shape[1:]).index_put((owner, place), x)
        there = torch.zeros(batch, longest, dtype=torch.bool, device=x.device)
        there[owner, place] = True
        return film.flatten(1, 2), there.repeat_interleave(x.shape[1], dim=1)

    def _decoder_layers(self) -> "list[DecoderLayer]":
        return cast("list[DecoderLayer]", list(self.decoder))

    def _decode(
        self,
        ids: Tensor,
        memory: Memory,
        *,
        past: list[KeysValues | None] | None,
        offset: int,
    ) -> Output:
        x = self.embedding(ids) + self.place[offset : offset + ids.shape[1]]
        x, rows = self.dropout(x), None
        if self.training and self._pad is not None:
            rows = TextRows(ids != self._pad)
            x = rows.packed(x)
        evidence = x  # replaced by the last layer
        for i, layer in enumerate(self._decoder_layers()):
            x, weights, kept = layer(
                x, memory.layers[i], None if past is None else past[i], memory.seen, rows
            )
            if weights is not None:
                evidence = weights.mean(dim=1)
            if past is not None:
                past[i] = kept
        x = self.out_norm(x)
        logits = x @ self.embedding.weight.T
        if rows is not None:
            x, logits = rows.padded(x), rows.padded(logits)
        image, film = evidence.tensor_split([memory.hidden.shape[1]], dim=2)
        frames = (
            None if memory.seen is None else film.unflatten(2, (-1, self._frame_patches)).sum(3)
        )
        return Output(logits, image, self._drawing(x, memory.hidden), frames)

    @property
    def _frame_patches(self) -> int:
        return int((self.config.frame_px // self.config.patch_px) ** 2)

    def _drawing(self, x: Tensor, hidden: Tensor) -> Tensor | None:
        """Return the head's map of each text row, log-probabilities of the image's patches."""
        if self.drawn is None:
            return None
        scores: Tensor = (self.drawn(x) @ hidden.transpose(1, 2)).float() / x.shape[-1] ** 0.5
        return scores.log_softmax(dim=-1)
