"""How do readers go about a reading: which step is a sentence of, and how long does it take?"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any

import msgspec

from gazekit.model.dataset import Dataset

__all__ = ["Habits", "StepHabit", "habits_of"]

_MOST_WORDS = 400
"""Words kept of a step, the most frequent: what tells steps apart is said often."""


class StepHabit(msgspec.Struct, frozen=True, kw_only=True):
    """A review step: its name, how many training sentences it has, their times and words.

    `sentence_us`: median duration of a sentence; `pause_us`: median time before it.
    """

    name: str
    sentences: int
    sentence_us: int
    pause_us: int
    words: dict[str, int]


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What the training readings did, by the letter of the step; empty where no steps are known."""

    steps: dict[str, StepHabit]

    def step_of(self, text: str) -> str | None:
        """Return the likeliest step of a sentence by its words (multinomial naive Bayes)."""
        said = _words(text)
        scores = {code: _log_chance(step, said) for code, step in self.steps.items()}
        return max(scores, key=lambda code: scores[code]) if scores else None


def habits_of(dataset: Dataset, split: str = "train") -> Habits:
    """Count the steps, words and times of a split's sentences."""
    columns = ["reading_id", "sentence_index", "text", "step", "onset_us", "offset_us"]
    rows = dataset.table("sentences", split, columns=columns).to_pylist()
    rows.sort(key=lambda row: (row["reading_id"], row["sentence_index"]))
    words: dict[str, Counter[str]] = defaultdict(Counter)
    lasting: dict[str, list[int]] = defaultdict(list)
    pauses: dict[str, list[int]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for row, pause in zip(rows, _pauses(rows), strict=True):
        code = row["step"]
        if code is None:
            continue
        counts[code] += 1
        words[code].update(_words(row["text"]))
        if row["onset_us"] is not None and row["offset_us"] is not None:
            lasting[code].append(row["offset_us"] - row["onset_us"])
        if pause is not None:
            pauses[code].append(pause)
    return Habits(
        steps={
            code: StepHabit(
                name=dataset.info.steps.get(code, code),
                sentences=count,
                sentence_us=int(median(lasting[code])) if lasting[code] else 0,
                pause_us=int(median(pauses[code])) if pauses[code] else 0,
                words=dict(words[code].most_common(_MOST_WORDS)),
            )
            for code, count in sorted(counts.items())
        }
    )


def _pauses(rows: list[dict[str, Any]]) -> Iterable[int | None]:
    """Yield the time before each sentence, None where it is not known; rows in order."""
    before: tuple[str, int | None] = ("", None)
    for row in rows:
        end = before[1] if before[0] == row["reading_id"] else 0
        known = end is not None and row["onset_us"] is not None
        yield max(0, row["onset_us"] - end) if known else None
        before = (row["reading_id"], row["offset_us"])


def _log_chance(step: StepHabit, said: list[str]) -> float:
    total = sum(step.words.values()) + len(step.words) + 1
    return math.log(max(1, step.sentences)) + sum(
        math.log((step.words.get(word, 0) + 1) / total) for word in said
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())
