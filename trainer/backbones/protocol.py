"""What must a model, and its words, be able to do for a run, whatever they are inside?

::

    image, frames + ids of a text  -->  Backbone  -->  Output: logits, attention to the patches
    task, sentences, places        -->  Words     -->  ids: ``prompt`` + answer + ``report_end``

``ids`` are what stands after the pictures; row i of an output predicts token i + 1. Padding stands
on the right of ids that are read, and is seen by no row before it.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gazekit.model.errors import UsageError
from trainer.config import ModelConfig
from trainer.places import Places

__all__ = ["Backbone", "Output", "Words"]


@dataclass(frozen=True)
class Output:
    """What the decoder says about each text row."""

    logits: Tensor  # (batch, T, vocabulary)
    attention: Tensor  # float32 (batch, T, patches); a row sums to 1, less with frames to look at
    heatmap: Tensor | None = None  # float32 (batch, T, patches), log-probabilities, by the head
    film: Tensor | None = None  # float32 (batch, T, frames): the attention that each frame gets


class Backbone(nn.Module):
    """A model that a run can train. A base class, as torch asks for modules by their class."""

    grid: int
    """Patches along a side of the image."""

    @property
    def device(self) -> torch.device:
        """Return where its weights lie."""
        return next(self.parameters()).device

    @property
    def learning(self) -> int:
        """Count the numbers that training moves."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    @abstractmethod
    def forward(
        self,
        images: Tensor,
        ids: Tensor,
        frames: Tensor | None = None,
        frame_at: Tensor | None = None,
    ) -> Output:
        """Read whole sequences under teacher forcing.

        Parameters
        ----------
        images
            uint8, shape (batch, 1, image_px, image_px).
        ids
            int64, shape (batch, T), T at most ``text_tokens``.
        frames
            uint8, shape (n, 1, frame_px, frame_px): the frames of all sequences.
        frame_at
            int64, shape (n, 2): which sequence a frame belongs to, and its place there.
        """

    @abstractmethod
    def memory(
        self, images: Tensor, frames: Tensor | None = None, frame_at: Tensor | None = None
    ) -> Any:  # noqa: ANN401 - each model keeps its own
        """Take in images and frames once, for `answer`; see `forward`."""

    @abstractmethod
    def generate(self, images: Tensor, *, prompt: Sequence[int], end: int) -> list[list[int]]:
        """Answer one prompt for each image, always the likeliest token; `end` is left out."""

    @abstractmethod
    def answer(
        self,
        prompts: Sequence[Sequence[int]],
        memory: Any,  # noqa: ANN401
        *,
        end: int,
        most: int,
    ) -> list[list[int]]:
        """Go on with each prompt, at most `most` tokens; prompt and `end` are left out."""

    def recompute_layers(self) -> None:
        """Keep of each layer its input alone until the backward pass, which computes it again.

        Raises
        ------
        UsageError
            The model always keeps what it computes.
        """
        raise UsageError(
            "this model keeps what it computes",
            where="fit.checkpointing",
            remedy="set fit.checkpointing = false",
        )

    def kept(self) -> dict[str, Tensor]:
        """Return what a checkpoint keeps: all that training moves, by name."""
        return dict(self.state_dict())

    def take(self, weights: dict[str, Tensor]) -> None:
        """Put in what `kept` returned.

        Raises
        ------
        RuntimeError
            Names or shapes are those of another model.
        """
        self.load_state_dict(weights)


class Words(Protocol):
    """Text and places as token ids, and back."""

    pad: int
    sentence_end: int
    report_end: int

    def __len__(self) -> int:
        """Count the vocabulary."""
        ...

    @property
    def has_tasks(self) -> bool:
        """Tell whether tasks beside the report can be set."""
        ...

    @property
    def frames(self) -> Sequence[int]:
        """Return the tokens that name the frames, in order."""
        ...

    def prompt(self, task: str, words: Sequence[int] = ()) -> list[int]:
        """Return what stands before the answer of a task; `words` are what it is about."""
        ...

    def frame(self, place: int) -> int:
        """Return the token that names the frame at a place, from 0."""
        ...

    def numbers(self, ids: Iterable[int], family: str) -> list[int]:
        """Return the indices of those tokens that are of a family, such as ``frame``."""
        ...

    def places(self, model: ModelConfig) -> Places:
        """Return how places are written."""
        ...

    def kinds(self) -> NDArray[np.int64]:
        """Return the loss that each token of the vocabulary belongs to by itself."""
        ...

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of one sentence, its end token included."""
        ...

    def segment(self, ids: Sequence[int]) -> list[tuple[str, slice]]:
        """Return the sentences of a report, each with the place of its tokens, its end included."""
        ...

    def decode(self, ids: Sequence[int]) -> list[str]:
        """Return the sentences of a report; special tokens are not text."""
        ...

    def to_json(self) -> str:
        """Return the file's content."""
        ...
