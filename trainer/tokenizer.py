"""How does report text become tokens: byte-level BPE learnt from the corpus, with sentence ends."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from gazekit.model.errors import DataError

__all__ = ["PAD", "ReportTokenizer"]

PAD = 0
_SPECIAL = ("<pad>", "<report>", "<sentence-end>", "<report-end>")
_START, _SENTENCE_END, _REPORT_END = 1, 2, 3


class ReportTokenizer:
    """Text of sentences to token ids and back.

    A report is ``<report> sentence <sentence-end> ... <report-end>``; byte-level, so that any
    text survives the round trip.
    """

    start = _START
    sentence_end = _SENTENCE_END
    report_end = _REPORT_END

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def __len__(self) -> int:
        """Count the vocabulary."""
        return int(self._tokenizer.get_vocab_size())

    @classmethod
    def train(cls, sentences: Iterable[str], *, vocabulary: int) -> "ReportTokenizer":
        """Learn a vocabulary of at most `vocabulary` tokens (never under the 256 bytes)."""
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

    def to_json(self) -> str:
        """Return the file's content."""
        return str(self._tokenizer.to_str())

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of one sentence, its end token included."""
        ids = self._tokenizer.encode(f" {sentence}", add_special_tokens=False).ids
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
