"""A vision-language model of the Hugging Face library, trained as the embedded model is.

::

    head  [image tokens]  Frame A: [frame tokens] ...  |  ids: question, turn, answer  padding
          ^ keys of the watched attention                 ^ its rows, and those of the logits

The library's own model runs; attention is taken where `trainer.backbones.hf_attention` watches it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from trainer.backbones.hf_attention import watching
from trainer.backbones.hf_families import Family
from trainer.backbones.hf_pictures import PictureShape
from trainer.backbones.hf_text import ChatWords
from trainer.backbones.protocol import Backbone, Output
from trainer.config import ModelConfig

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["HEADS", "HfModel"]

HEADS = "drawn."
"""How the names of weights begin that the library's own model does not have."""


@dataclass(frozen=True)
class _Shown:
    """The pictures of some sequences; `of_frames`: which frames each has, in order."""

    images: Tensor
    frames: Tensor | None
    of_frames: list[list[int]]


@dataclass(frozen=True)
class _Laid:
    """Whole sequences; rows and keys are places in them."""

    ids: Tensor  # int64 (batch, L)
    pictured: Tensor  # bool (batch, L): the tokens of pictures
    rows: Tensor  # int64 (batch, T): the tokens of the text
    keys: Tensor  # int64 (batch, patches + frames x patches of a frame): those of pictures
    there: Tensor  # bool, like keys: which are there; the others repeat one


class HfModel(Backbone):
    """Image, frames and text in, next-token logits and evidence maps out."""

    def __init__(
        self,
        vlm: "PreTrainedModel",
        words: ChatWords,
        shape: PictureShape,
        config: ModelConfig,
        *,
        family: Family,
    ) -> None:
        super().__init__()
        self.vlm: Any = vlm
        self.config, self.grid = config, config.grid
        self._words, self._shape, self._family = words, shape, family
        self._prefixes: dict[int, Tensor] = {}
        width = int(vlm.config.get_text_config().hidden_size)
        self.drawn = nn.Linear(width, width) if config.heatmap_head else None

    def forward(
        self,
        images: Tensor,
        ids: Tensor,
        frames: Tensor | None = None,
        frame_at: Tensor | None = None,
    ) -> Output:
        """Read whole sequences under teacher forcing; see `Backbone.forward`."""
        shown = self.memory(images, frames, frame_at)
        laid = self._laid(shown, ids)
        hidden, attention = self._read(shown, laid, ids)
        batch = torch.arange(len(ids), device=ids.device)[:, None]
        x = hidden[batch, laid.rows]
        patches = self.grid**2
        image, film = attention.tensor_split([patches], dim=2)
        patched = hidden[batch, laid.keys[:, :patches]]
        per_frame = self._shape.tokens(self.config.frame_px)
        seen = film.unflatten(2, (-1, per_frame)).sum(3) if film.shape[2] else None
        return Output(self._logits(x), image, self._drawing(x, patched), seen)

    def memory(
        self, images: Tensor, frames: Tensor | None = None, frame_at: Tensor | None = None
    ) -> _Shown:
        """Note which pictures belong to which sequence."""
        of_frames: list[list[int]] = [[] for _ in range(len(images))]
        for number, (row, _) in enumerate([] if frame_at is None else frame_at.tolist()):
            of_frames[row].append(number)
        return _Shown(images, frames, of_frames)

    @torch.no_grad()
    def generate(self, images: Tensor, *, prompt: Sequence[int], end: int) -> list[list[int]]:
        """Answer one prompt for each image; see `Backbone.generate`."""
        most = self.config.text_tokens - len(prompt)
        return self.answer([prompt] * len(images), self.memory(images), end=end, most=most)

    @torch.no_grad()
    def answer(
        self, prompts: Sequence[Sequence[int]], memory: _Shown, *, end: int, most: int
    ) -> list[list[int]]:
        """Go on with each prompt, always with the likeliest token; see `Backbone.answer`."""
        begun = [
            [*self._prefix(len(of)).tolist(), *prompt]
            for of, prompt in zip(memory.of_frames, prompts, strict=True)
        ]
        longest = max(map(len, begun))
        pads = torch.tensor([longest - len(row) for row in begun], device=self.device)
        pad = self._words.pad
        ids = torch.tensor([[pad] * (longest - len(row)) + row for row in begun])
        ids = ids.to(self.device)
        seen = torch.arange(longest, device=self.device) >= pads[:, None]
        pictured = (ids == self._words.chat.image) & seen
        said = self.vlm.generate(
            input_ids=ids,
            attention_mask=seen.long(),
            **self.pictures(memory),
            **self._family.token_types(pictures=pictured, answer=torch.zeros_like(pictured)),
            generation_config=self._greedy(end, most),
        )
        rows = said[:, longest:].tolist()
        return [row[: row.index(end)] if end in row else row for row in rows]

    def recompute_layers(self) -> None:
        """See `Backbone.recompute_layers`."""
        # The other kind gives no gradient where the input of a layer needs none: LoRA.
        settings = {"use_reentrant": False}
        if hasattr(self.vlm, "activation_checkpointing_enable"):
            self.vlm.activation_checkpointing_enable(activation_checkpointing_kwargs=settings)
        else:  # as transformers had it before 5.24
            self.vlm.gradient_checkpointing_enable(gradient_checkpointing_kwargs=settings)

    def kept(self) -> dict[str, Tensor]:
        """Return what training moves; the rest is the base model's."""
        return {n: p.detach() for n, p in self.named_parameters() if p.requires_grad}

    def take(self, weights: dict[str, Tensor]) -> None:
        """Put in what `kept` returned; adapters and heads must all be among it."""
        own = dict(self.named_parameters())
        new = {name for name in own if "lora_" in name or name.startswith(HEADS)}
        unlike = [n for n, w in weights.items() if n not in own or own[n].shape != w.shape]
        if unlike or new - weights.keys():
            raise RuntimeError((unlike or sorted(new - weights.keys()))[0])
        with torch.no_grad():
            for name, value in weights.items():
                own[name].data = value.to(own[name].device, own[name].dtype, copy=True)

    # ---- sequences --------------------------------------------------------------------------

    def _prefix(self, frames: int) -> Tensor:
        """Return what stands before the text, with so many frames."""
        if frames not in self._prefixes:
            tokens = [self._shape.tokens(self.config.image_px)]
            tokens += [self._shape.tokens(self.config.frame_px)] * frames
            self._prefixes[frames] = torch.tensor(self._words.pictured(tokens))
        return self._prefixes[frames]

    def _laid(self, shown: _Shown, text: Tensor) -> _Laid:
        prefixes = [self._prefix(len(of)) for of in shown.of_frames]
        starts = torch.tensor([len(prefix) for prefix in prefixes])
        count, image = text.shape[1], self._words.chat.image
        ids = torch.full((len(text), int(starts.max()) + count), self._words.pad)
        places = [(prefix == image).nonzero()[:, 0] for prefix in prefixes]
        keys = torch.zeros(len(text), max(map(len, places)), dtype=torch.int64)
        there = torch.zeros_like(keys, dtype=torch.bool)
        pictured = torch.zeros_like(ids, dtype=torch.bool)
        for i, (prefix, place) in enumerate(zip(prefixes, places, strict=True)):
            ids[i, : len(prefix)] = prefix
            pictured[i, place] = True
            keys[i], there[i, : len(place)] = place[0], True
            keys[i, : len(place)] = place
        rows = starts[:, None] + torch.arange(count)
        moved = [x.to(text.device) for x in (ids, pictured, rows, keys, there)]
        # A picture's token in the text, which only a model can have written, has no picture.
        moved[0].scatter_(1, moved[2], text.masked_fill(text == image, self._words.pad))
        return _Laid(*moved)

    def _read(self, shown: _Shown, laid: _Laid, text: Tensor) -> tuple[Tensor, Tensor]:
        """Return the last hidden states, and the attention of the rows to the keys."""
        told = torch.zeros_like(laid.pictured).scatter(1, laid.rows, self._words.answers(text))
        answer = told.cumsum(dim=1) > 0  # up to the end: nothing before it sees its padding
        with watching(self.vlm, rows=laid.rows, keys=laid.keys) as watch:
            hidden = self.vlm.model(
                input_ids=laid.ids,
                # Padding stands on the right: no row before it sees it.
                attention_mask=torch.ones_like(laid.ids),
                use_cache=False,
                **self.pictures(shown),
                **self._family.token_types(pictures=laid.pictured, answer=answer),
            ).last_hidden_state
        maps = watch.maps().masked_fill(~laid.there[:, None], 0.0)
        return hidden, maps / maps.sum(dim=2, keepdim=True).clamp(min=1e-30)

    def pictures(self, shown: _Shown) -> dict[str, Tensor]:
        """Return pixel values in the order in which pictures stand in the sequences."""
        sizes = [self.config.image_px, self.config.frame_px]
        images = self._shape.values(shown.images)
        frames = (
            images[:0]
            if shown.frames is None or not len(shown.frames)
            else self._shape.values(shown.frames)
        )
        parts: list[Tensor] = []
        grids: list[tuple[int, int, int]] = []
        for row, of in enumerate(shown.of_frames):
            parts += [images[row], *(frames[number] for number in of)]
            if self._shape.patch_px:
                grids += [self._shape.grid(size) for size in (sizes[0], *sizes[1:] * len(of))]
        if not grids:
            return {"pixel_values": torch.stack(parts)}
        grid = torch.tensor(grids, device=images.device)
        return {"pixel_values": torch.cat(parts), "image_grid_thw": grid}

    # ---- heads ------------------------------------------------------------------------------

    def _logits(self, x: Tensor) -> Tensor:
        logits: Tensor = self.vlm.get_output_embeddings()(x)
        cap = getattr(self.vlm.config.get_text_config(), "final_logit_softcapping", None)
        return logits if cap is None else torch.tanh(logits / cap) * cap

    def _drawing(self, x: Tensor, patches: Tensor) -> Tensor | None:
        """Return the head's map of each text row, log-probabilities of the image's patches."""
        if self.drawn is None:
            return None
        scores: Tensor = (self.drawn(x.float()) @ patches.float().transpose(1, 2)) / x.shape[
            -1
        ] ** 0.5
        return scores.log_softmax(dim=-1)

    def _greedy(self, end: int, most: int) -> Any:  # noqa: ANN401 - the library's own settings
        from transformers import GenerationConfig

        return GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False,
            max_new_tokens=max(1, most),
            eos_token_id=end,
            pad_token_id=self._words.pad,
            suppress_tokens=[self._words.chat.image],
        )
