"""What may be asked in a run, and which words does its vocabulary need for it?"""

from collections.abc import Sequence
from pathlib import Path

from gazekit.console import say
from gazekit.model.dataset import Dataset
from trainer.config import TrainConfig
from trainer.corpus import Sample
from trainer.tasks.questions import QuestionBank, questions_of
from trainer.tasks.table import read_questions

__all__ = ["bank_of", "texts_of"]


def bank_of(dataset: Dataset, samples: Sequence[Sample], config: TrainConfig) -> QuestionBank:
    """Return what questions about these readings are made of; empty for a run without tasks.

    Raises
    ------
    UsageError, DataError
        The user's table is missing or not such a table.
    """
    if not config.curriculum:
        return QuestionBank()
    labels = {finding.label for sample in samples for finding in sample.findings}
    asked = {} if config.data.questions is None else read_questions(Path(config.data.questions))
    if asked:
        here = {sample.image_id for sample in samples}
        count = sum(len(rows) for rows in asked.values())
        used = sum(len(rows) for image, rows in asked.items() if image in here)
        say(f"{used:,} of {count:,} questions of the table are about this split's images")
    return QuestionBank(sorted(labels), dataset.info.steps, asked)


def texts_of(samples: Sequence[Sample], bank: QuestionBank) -> set[str]:
    """Return the distinct texts that a vocabulary is learnt from."""
    texts = {sentence.text for sample in samples for sentence in sample.sentences}
    if not bank.labels and not bank.asked:
        return texts
    asked = [
        q
        for s in samples
        for q in (*questions_of(s, bank, seed=0), *bank.asked.get(s.image_id, ()))
    ]
    return texts | set(bank.labels) | {q.text for q in asked} | {q.answer for q in asked}
