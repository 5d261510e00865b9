"""Do the tasks write places in a family's own text, and is it read back, weighed and scored?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tokenizers import Tokenizer

from trainer.config import ModelConfig, TrainConfig
from trainer.conventions import CONVENTIONS, Seen, convention
from trainer.corpus import Sample
from trainer.data import IGNORE, Split, make_batch
from trainer.places import Places, TextPlaces
from trainer.tasks import Exercise, QuestionBank, Setting, exercise
from trainer.tokenizer import TOKEN_KINDS, ReportTokenizer

SIZE = (160, 200)


class _Plain(ReportTokenizer):
    """The embedded words with places as a family's text: each letter is a token."""

    family = "qwen2vl-norm1000"

    def places(self, model: ModelConfig) -> Places:
        return TextPlaces(self, convention(self.family), model.image_px)

    def plain(self, text: str) -> list[int]:
        return [400 + ord(letter) for letter in text]

    def text(self, ids: Sequence[int]) -> str:
        return "".join(chr(token - 400) for token in ids if token >= 400)


@pytest.fixture(params=sorted(CONVENTIONS))
def texts(setting: Setting, request: pytest.FixtureRequest) -> Setting:
    """Return the setting of a model that writes text."""
    tokenizer = _Plain(Tokenizer.from_str(setting.tokenizer.to_json()))
    tokenizer.family = request.param
    return replace(setting, tokenizer=tokenizer, model=ModelConfig(text_tokens=2000))


def _made(task: str, sample: Sample, setting: Setting) -> Exercise:
    made = exercise(task, sample, sample, setting)
    assert made is not None
    assert len(made.kinds) == len(made.answer)
    return made


def test_boxes_are_written_read_and_weighed(sample: Sample, texts: Setting) -> None:
    made = _made("grounding", sample, texts)
    places = texts.places
    (box,) = places.boxes(made.answer, SIZE)
    step = convention(places.name).step_px(Seen.letterboxed(SIZE, texts.model.image_px))
    assert np.abs(np.subtract(box, (120, 20, 150, 50))).max() <= max(step)
    assert set(made.kinds[:-1]) == {TOKEN_KINDS.index("boxes")}
    assert made.kinds[-1] == 0, "the end is language"


def test_the_observation_is_found_among_the_clues(sample: Sample, texts: Setting) -> None:
    made = _made("perception", sample, texts)
    (box,) = texts.places.boxes(made.answer, SIZE, mark="observation")
    assert box == pytest.approx((10, 10, 120, 120), abs=2)
    assert len(texts.places.boxes(made.answer, SIZE)) == 4, "three clues and the observation"
    assert texts.places.boxes([401, 402, *made.answer[:7]], SIZE, mark="observation") == []


def test_a_scanpath_is_a_trajectory_of_points(sample: Sample, texts: Setting) -> None:
    made = _made("scanpath", sample, texts)
    family = convention(texts.places.name)
    assert isinstance(texts.tokenizer, _Plain)
    spots = family.read(
        texts.tokenizer.text(list(made.answer)), Seen.letterboxed(SIZE, texts.model.image_px)
    )
    xs = [spot.point[0] for spot in spots if spot.point]
    assert len(xs) == 3
    assert xs == sorted(xs)
    assert set(made.kinds[:-1]) == {TOKEN_KINDS.index("gaze_tokens")}


def test_kinds_and_named_frames_reach_the_batch(sample: Sample, texts: Setting) -> None:
    pixels = _Grey()
    split = Split([sample], pixels, range(1), QuestionBank())
    config = TrainConfig(model=texts.model, curriculum=())
    for task, kind in (("grounding", "boxes"), ("order_local", "order")):
        made = _made(task, sample, texts)
        batch = make_batch(split, [0], texts.tokenizer, config, exercises=[made])
        weighed = batch.kinds[0][batch.targets[0] != IGNORE].tolist()
        assert weighed == list(made.kinds)
        assert weighed.count(TOKEN_KINDS.index(kind)) == len(made.order or made.answer[:-1])
        named = batch.named[0][batch.named[0] != IGNORE].tolist()
        assert named == list(made.order)


class _Grey:
    groups = None
    present = np.ones(1, np.bool_)

    def __len__(self) -> int:
        return 1

    def __getitem__(self, row: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        return np.full((96, 96), row, np.uint8)
