"""What a simulated reader says about a phantom, in ABCDEF order, and when each word falls."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gazekit.model.records import Word
from gazekit.model.vocabulary import ABCDEF
from gazekit.synthetic.anatomy import Box
from gazekit.synthetic.phantom import Phantom
from gazekit.synthetic.phrases import NEGATIVES, POSITIVES, STEP_OF_LABEL
from gazekit.synthetic.placing import Placement

__all__ = ["SpokenSentence", "dictate", "speak"]

_VOWELS = re.compile(r"[aeiouy]+")
_MS = 1000
_MORE_NEGATIVES = 0.3


@dataclass(frozen=True)
class SpokenSentence:
    """One dictated sentence with its truth.

    `labels`: asserted present. `targets`: boxes in image pixels that the reader looks at while
    (before) saying it; the first is the finding's own where there is one. Times from the
    reading's onset; 0 until `speak` has placed it.
    """

    text: str
    step: str
    labels: tuple[str, ...]
    targets: tuple[Box, ...]
    finding_index: int | None = None
    onset_us: int = 0
    offset_us: int = 0

    @property
    def hull(self) -> Box:
        """The box around all targets, in image pixels."""
        x0, y0, x1, y1 = zip(*self.targets, strict=True)
        return min(x0), min(y0), max(x1), max(y1)


def dictate(phantom: Phantom, rng: np.random.Generator) -> tuple[SpokenSentence, ...]:
    """Choose the sentences: each finding once, and true negatives, at least one sentence a step."""
    sentences: list[SpokenSentence] = []
    present = {plan.label for plan in phantom.placements}
    for step in ABCDEF:
        spoken = [
            _positive(plan, index, rng)
            for index, plan in enumerate(phantom.placements)
            if STEP_OF_LABEL[plan.label] == step
        ]
        count = int(rng.random() < _MORE_NEGATIVES) + (0 if spoken else 1)
        spoken += list(_negatives(phantom, step, present, count, rng))
        sentences += spoken
    return tuple(sentences)


def _positive(plan: Placement, index: int, rng: np.random.Generator) -> SpokenSentence:
    key = f"{plan.label} {plan.detail}" if plan.label == "Support Devices" else plan.label
    text = str(rng.choice(POSITIVES[key])).format(side=plan.side, zone=plan.zone)
    return SpokenSentence(text, STEP_OF_LABEL[plan.label], (plan.label,), (plan.box,), index)


def _negatives(
    phantom: Phantom, step: str, present: set[str], count: int, rng: np.random.Generator
) -> Iterator[SpokenSentence]:
    true = [n for n in NEGATIVES[step] if present.isdisjoint(n[1])]
    said: set[str] = set()
    for choice in rng.permutation(len(true))[:count]:
        text, about, regions = true[choice]
        # Two ways to say one thing do not follow each other.
        if said.isdisjoint(about) or not about:
            said.update(about)
            yield SpokenSentence(text, step, (), tuple(phantom.regions[name] for name in regions))


def speak(
    sentences: tuple[SpokenSentence, ...],
    start_us: int,
    pauses_us: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[tuple[SpokenSentence, ...], tuple[Word, ...]]:
    """Place sentences and words in time.

    Parameters
    ----------
    sentences
        In the order in which they are said.
    start_us
        When the first word starts, from the reading's onset.
    pauses_us
        Silence before each sentence but the first; as many as `sentences`.
    rng
        For the lengths of words: log-normal about 90 ms and 55 ms a syllable plus its consonants.
    """
    timed: list[SpokenSentence] = []
    words: list[Word] = []
    now = start_us
    for sentence, pause in zip(sentences, pauses_us, strict=True):
        now += pause if timed else 0
        onset = now
        for text in sentence.text.split():
            length = _word_us(text, rng)
            words.append(
                Word(
                    reading_id="", index=len(words), text=text, onset_us=now, offset_us=now + length
                )
            )
            now += length + int(abs(rng.normal(0.0, 25.0)) * _MS)
        timed.append(_at(sentence, onset, words[-1].offset_us or onset))
    return tuple(timed), tuple(words)


def _at(sentence: SpokenSentence, onset_us: int, offset_us: int) -> SpokenSentence:
    return SpokenSentence(
        sentence.text,
        sentence.step,
        sentence.labels,
        sentence.targets,
        sentence.finding_index,
        onset_us,
        offset_us,
    )


def _word_us(text: str, rng: np.random.Generator) -> int:
    syllables = max(1, len(_VOWELS.findall(text.lower())))
    median_ms = 70.0 + 85.0 * syllables + 9.0 * len(text)
    return round(median_ms * float(np.exp(rng.normal(0.0, 0.18))) * _MS)
