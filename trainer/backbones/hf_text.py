"""How do texts and tasks become tokens of a model that has its own tokenizer and its own manners?

A prompt is the question of a task in words, as the model's chat template has it; an answer is
sentences, a line each, or places as the family writes them (`trainer.conventions`). Frames are
named by letters, of which each is one token, so that an order is unambiguous.
"""

import string
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gazekit.model.errors import DataError
from gazekit.model.templates import PHRASES, TEMPLATE_VERSION
from trainer.backbones.hf_chat import Chat
from trainer.config import ModelConfig
from trainer.conventions import convention
from trainer.places import Places, TextPlaces
from trainer.tokenizer import MOST_FRAMES

__all__ = ["ChatWords", "Questions"]

_LETTERS = string.ascii_uppercase[:MOST_FRAMES]
_KNOWN = 50_000
"""Sentences and prompts that are kept as tokens: the same ones come again every epoch."""


def _questions() -> dict[str, str]:
    """Return the first phrasing of each task; frames have letters here, not numbers."""
    asked = {
        str(task): phrases[0].replace("their numbers", "their letters")
        for task, phrases in PHRASES.items()
    }
    path = 'Said: "{text}" List the places that were looked at for it, in order.'
    return asked | {"scanpath": path, "vqa": "{text}"}


class Questions(msgspec.Struct, frozen=True, kw_only=True):
    """What a run asked, so that a checkpoint is asked the same by a later version.

    `places`: the name of the convention that places are written by.
    """

    places: str
    version: str = TEMPLATE_VERSION
    questions: dict[str, str] = msgspec.field(default_factory=_questions)


class ChatWords:
    """Text of sentences and tasks to token ids and back, by a model's own tokenizer."""

    has_tasks = True

    def __init__(
        self,
        tokenizer: Any,  # noqa: ANN401 - one of the library's two kinds
        chat: Chat,
        questions: Questions,
    ) -> None:
        self._tokenizer, self.chat, self._asked = tokenizer, chat, questions
        self._special = {chat.image, *map(int, tokenizer.all_special_ids)}
        self._known: dict[str, list[int]] = {}
        self._prompts: dict[tuple[str, str], list[int]] = {}
        self._breaks: dict[int, bool] = {}
        self.report_end = chat.end
        self.sentence_end = self.plain("\n")[-1]
        padding = tokenizer.pad_token_id
        self.pad = chat.end if padding is None else int(padding)
        self._letters = [int(tokenizer.convert_tokens_to_ids(letter)) for letter in _LETTERS]
        if len(set(self._letters)) < MOST_FRAMES:
            raise DataError("the tokenizer has no token for each capital letter")

    def __len__(self) -> int:
        """Count the vocabulary."""
        return max(len(self._tokenizer), self.chat.image + 1)

    @property
    def frames(self) -> Sequence[int]:
        """Return the tokens that name the frames: letters."""
        return self._letters

    def frame(self, place: int) -> int:
        """Return the letter of the frame at a place, from 0."""
        return self._letters[place]

    def numbers(self, ids: Iterable[int], family: str) -> list[int]:
        """Return the places of the frames that are named; of no other family there are tokens."""
        if family != "frame":
            return []
        return [self._letters.index(token) for token in ids if token in self._letters]

    def places(self, model: ModelConfig) -> Places:
        """Return how places are written: as the model's family does."""
        return TextPlaces(self, convention(self._asked.places), model.image_px)

    def kinds(self) -> NDArray[np.int64]:
        """Return language for each token: what else it is, the task tells."""
        return self._language

    @cached_property
    def _language(self) -> NDArray[np.int64]:
        return np.zeros(len(self), np.int64)

    def prompt(self, task: str, words: Sequence[int] = ()) -> list[int]:
        """Return the question of a task and the turn of the speaker.

        Raises
        ------
        DataError
            There is no such task.
        """
        about = self.text(words).strip()
        if (task, about) not in self._prompts:
            question = self._asked.questions.get(task)
            if question is None:
                raise DataError("the run has no question for a task", where=task)
            asked = question.replace("{text}", about)
            made = self.plain(self.chat.gap + asked) + self.plain(self.chat.turn)
            if len(self._prompts) >= _KNOWN:
                return made
            self._prompts[task, about] = made
        return self._prompts[task, about]

    def pictured(self, tokens: Sequence[int]) -> list[int]:
        """Return what stands before a prompt: the image, then frames, each of so many tokens."""
        chat, ids = self.chat, self.plain(self.chat.head)
        for place, count in enumerate(tokens):
            if place:
                ids += [*self.plain("Frame "), self.frame(place - 1), *self.plain(": ")]
            ids += [*self.plain(chat.before), *[chat.image] * count, *self.plain(chat.after)]
        return ids

    def answers(self, ids: Tensor) -> Tensor:
        """Say which tokens of texts, bool (batch, T), come after the speaker's turn."""
        turn = torch.tensor(self.plain(self.chat.turn), device=ids.device)
        if ids.shape[1] < len(turn):
            return torch.zeros_like(ids, dtype=torch.bool)
        turned = (ids.unfold(1, len(turn), 1) == turn).all(dim=2).cumsum(dim=1) > 0
        late = turned.new_zeros(len(ids), len(turn))
        return torch.cat([late, turned], dim=1)[:, : ids.shape[1]]

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text, tags as what they are, with nothing before or after."""
        return list(self._tokenizer.encode(text, add_special_tokens=False))

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of tokens, tags included."""
        return str(self._tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of one sentence, its line end included; tags in it are left out."""
        ids = self._known.get(sentence)
        if ids is None:
            ids = [token for token in self.plain(sentence) if token not in self._special]
            if len(self._known) < _KNOWN:
                self._known[sentence] = ids
        return [*ids, self.sentence_end]

    def segment(self, ids: Sequence[int]) -> list[tuple[str, slice]]:
        """Return the sentences of a report, each with the place of its tokens, its end included.

        A token with a line end in it ends a sentence, whatever else it holds.
        """
        found: list[tuple[str, slice]] = []
        begin = 0
        for place, token in enumerate([*ids, self.sentence_end]):
            if token != self.report_end and not self._is_break(token):
                continue
            end = min(place + 1, len(ids))
            told = str(self._tokenizer.decode(list(ids[begin:end]), skip_special_tokens=True))
            text = "".join(letter for letter in told if letter.isprintable()).strip()
            if text:
                found.append((text, slice(begin, end)))
            begin = place + 1
        return found

    def decode(self, ids: Sequence[int]) -> list[str]:
        """Return the sentences of a report; special tokens are not text."""
        return [text for text, _ in self.segment(ids)]

    def to_json(self) -> str:
        """Return what was asked; the tokenizer itself stands in the model's folder."""
        return msgspec.json.format(msgspec.json.encode(self._asked), indent=2).decode() + "\n"

    def _is_break(self, token: int) -> bool:
        if token not in self._breaks:
            self._breaks[token] = "\n" in self._tokenizer.decode([token])
        return self._breaks[token]
