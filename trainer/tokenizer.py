"""How do texts, places and orders become tokens? BPE learnt from the corpus, and task tokens.

::

    0..3       <pad> <report> <sentence-end> <report-end>
    4..        bytes and pieces of words, learnt from the train split
    then, where a run has tasks:
               <trajectory> ... <vqa>                    which task a sequence is
               <clue> <observation>                      before a place
               <at-0> ... <at-63>                        a coordinate
               <patch-0> ... <patch-143>                 a patch of the image
               <frame-1> ... <frame-24>                  a frame, by its number
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from gazekit.model.errors import DataError
from trainer.config import ModelConfig
from trainer.places import Places, TokenPlaces

__all__ = ["MOST_FRAMES", "PAD", "TOKEN_KINDS", "ReportTokenizer"]

PAD = 0
_SPECIAL = ("<pad>", "<report>", "<sentence-end>", "<report-end>")
_START, _SENTENCE_END, _REPORT_END = 1, 2, 3

MOST_FRAMES = 24
"""The most frames of a sample; a sentence more is not shown."""

TOKEN_KINDS = ("language", "gaze_tokens", "boxes", "order", "answers")
"""The losses that a token can belong to."""

_TASKS = (
    "trajectory", "finding", "perception", "scanpath", "order_global", "order_local",
    "grounding", "vqa",
)  # fmt: skip
_MARKS = ("clue", "observation")
_FAMILIES = (("patch", 1), ("at", 2), ("frame", 3))

_KNOWN_SENTENCES = 50_000
"""That are kept as tokens: the same ones are dictated again, and every epoch."""


class ReportTokenizer:
    """Text of sentences to token ids and back.

    A report is ``<report> sentence <sentence-end> ... <report-end>``; byte-level, so that any
    text survives the round trip.
    """

    start = _START
    pad = PAD
    sentence_end = _SENTENCE_END
    report_end = _REPORT_END

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}
        self._families = {name: self._family(name) for name, _ in _FAMILIES}

    def __len__(self) -> int:
        """Count the vocabulary."""
        return int(self._tokenizer.get_vocab_size())

    @classmethod
    def train(
        cls,
        sentences: Iterable[str],
        *,
        vocabulary: int,
        patches: int = 0,
        coordinates: int = 0,
    ) -> "ReportTokenizer":
        """Learn a vocabulary of at most `vocabulary` tokens (never under the 256 bytes).

        `patches`, `coordinates`: how many such tokens the tasks need; without them there are no
        tokens of tasks at all, as they would never be learnt.
        """
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=list(_SPECIAL),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        # Sorted and distinct, so that the vocabulary does not depend on the order of readings.
        tokenizer.train_from_iterator((f" {text}" for text in sorted(sentences)), trainer)
        if patches or coordinates:
            names = [*_TASKS, *_MARKS, *(f"at-{i}" for i in range(coordinates))]
            names += [f"patch-{i}" for i in range(patches)]
            names += [f"frame-{i + 1}" for i in range(MOST_FRAMES)]
            tokenizer.add_special_tokens([f"<{name}>" for name in names])
        return cls(tokenizer)

    @classmethod
    def load(cls, path: Path) -> "ReportTokenizer":
        """Read a tokenizer file.

        Raises
        ------
        DataError
            It is missing or damaged.
        """
        try:
            return cls(Tokenizer.from_str(path.read_text("utf-8")))
        except Exception as error:
            raise DataError("the tokenizer cannot be read", where=path.name) from error

    @property
    def has_tasks(self) -> bool:
        """Tell whether there are tokens of tasks."""
        return bool(self._families["frame"])

    def task(self, name: str) -> int:
        """Return the token that opens a sequence of a task; that of a report is `start`."""
        return self.start if name == "report" else self._id(name)

    def prompt(self, task: str, words: Sequence[int] = ()) -> list[int]:
        """Return what stands before the answer of a task; `words` are what it is about."""
        return [self.task(task), *words]

    def mark(self, name: str) -> int:
        """Return the token ``clue`` or ``observation``."""
        return self._id(name)

    def coordinate(self, index: int) -> int:
        """Return the token of a coordinate's bin."""
        return self._families["at"][index]

    def patch(self, index: int) -> int:
        """Return the token of a patch, counted row by row."""
        return self._families["patch"][index]

    def frame(self, place: int) -> int:
        """Return the token of the frame at a place, from 0."""
        return self._families["frame"][place]

    @property
    def frames(self) -> range:
        """Return the tokens of frames; empty where a run has no tasks."""
        return self._families["frame"]

    def places(self, model: ModelConfig) -> Places:
        """Return how places are written."""
        return TokenPlaces(self, model)

    def kinds(self) -> NDArray[np.int64]:
        """Return the loss that each token belongs to, an index of `TOKEN_KINDS`."""
        kinds = np.zeros(len(self), np.int64)
        for name, kind in _FAMILIES:
            kinds[list(self._families[name])] = kind
        if self.has_tasks:  # what is told before a box belongs to it, or boxes drown it
            kinds[[self.mark(name) for name in _MARKS]] = TOKEN_KINDS.index("boxes")
        return kinds

    def numbers(self, ids: Iterable[int], family: str) -> list[int]:
        """Return the indices of those tokens that are of a family: ``at``, ``patch``, ``frame``."""
        tokens = self._families[family]
        return [tokens.index(token) for token in ids if token in tokens]

    def _family(self, name: str) -> range:
        first = self._tokenizer.token_to_id(f"<{name}-{1 if name == 'frame' else 0}>")
        if first is None:
            return range(0)
        count = 0
        offset = 1 if name == "frame" else 0
        while self._tokenizer.token_to_id(f"<{name}-{count + offset}>") is not None:
            count += 1
        return range(first, first + count)

    def _id(self, name: str) -> int:
        token = self._tokenizer.token_to_id(f"<{name}>")
        if token is None:
            raise DataError(
                f"the tokenizer has no token for the task {name}",
                remedy="it belongs to a run without tasks; start a new run for them",
            )
        return int(token)

    def to_json(self) -> str:
        """Return the file's content."""
        return str(self._tokenizer.to_str())

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of one sentence, its end token included."""
        ids = self._known.get(sentence)
        if ids is None:
            ids = self._tokenizer.encode(f" {sentence}", add_special_tokens=False).ids
            if len(self._known) < _KNOWN_SENTENCES:
                self._known[sentence] = ids
        return [*ids, self.sentence_end]

    def segment(self, ids: Sequence[int]) -> list[tuple[str, slice]]:
        """Return the sentences of a report, each with the place of its tokens, its end included.

        A sentence without text is left out; text after the last sentence end is kept.
        """
        found: list[tuple[str, slice]] = []
        begin = 0
        for place, token in enumerate([*ids, self.sentence_end]):
            if token not in {self.sentence_end, self.report_end}:
                continue
            words = [t for t in ids[begin:place] if t > self.report_end]
            text = self._tokenizer.decode(words).strip()
            if text:
                found.append((text, slice(begin, min(place + 1, len(ids)))))
            begin = place + 1
        return found

    def decode(self, ids: Sequence[int]) -> list[str]:
        """Return the sentences of a report; special tokens are not text."""
        return [text for text, _ in self.segment(ids)]
