"""Readings in memory: sentences with gaze in steps, findings with boxes."""

from dataclasses import replace

import numpy as np
import pytest

from trainer.config import ModelConfig
from trainer.corpus import Finding, Fixations, Place, Sample, Sentence
from trainer.tasks import QuestionBank, Setting
from trainer.tokenizer import ReportTokenizer

TEXTS = ("The airways are patent.", "There is a nodule.", "No effusion.", "The bones are intact.")


def _sentence(index: int) -> Sentence:
    at = np.array([20.0, 60.0, 100.0]) + 10 * index
    ones = np.ones(3)
    gaze = Fixations(at, at, 2e5 * ones, 5 * ones, 5 * ones, np.arange(3))
    clues = tuple(Place((x - 5, x - 5, x + 5, x + 5), (x, x)) for x in at.tolist())
    whole = Place((10.0, 10.0, 120.0, 120.0), (60.0, 60.0))
    labels = frozenset({"Lung Lesion"} if index == 1 else ())
    return Sentence(TEXTS[index], labels, gaze, step="ABBE"[index], clues=clues, observation=whole)


@pytest.fixture
def sample() -> Sample:
    findings = (Finding("Lung Lesion", "present", (120.0, 20.0, 150.0, 50.0)),)
    sentences = tuple(_sentence(i) for i in range(4))
    return Sample("r1", "p1", "i1", 0, (160, 200), sentences, findings, complete=True)


@pytest.fixture
def other(sample: Sample) -> Sample:
    """Another reading, whose gaze lies elsewhere."""
    moved = [
        replace(s, fixations=replace(s.fixations, y_px=s.fixations.y_px + 40))
        for s in sample.sentences
        if s.fixations
    ]
    return replace(sample, reading_id="r2", image_id="i2", sentences=tuple(moved))


@pytest.fixture(scope="package")
def setting() -> Setting:
    words = [*TEXTS, "Is there lung lesion?", "yes", "no", "left", "breathing", "Why?", "Because."]
    tokenizer = ReportTokenizer.train(words * 3, vocabulary=400, patches=144, coordinates=64)
    steps = {"A": "Airways", "B": "Breathing", "E": "External"}
    bank = QuestionBank(("Edema", "Fracture", "Lung Lesion"), steps)
    return Setting(tokenizer, ModelConfig(text_tokens=190), 0, bank)
