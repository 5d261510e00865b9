"""Does each task show what it should, ask what it should, and leave out what is not there?"""

from dataclasses import replace

import numpy as np
import pytest

from trainer.config import TaskMix
from trainer.corpus import Sample
from trainer.tasks import Exercise, Question, QuestionBank, Setting, exercise
from trainer.tokenizer import ReportTokenizer

TASKS = TaskMix.__struct_fields__
FRAMED = {"trajectory", "finding", "order_global", "order_local"}
GAZE = FRAMED | {"perception", "scanpath"}


def _made(task: str, sample: Sample, setting: Setting, index: int = 0) -> Exercise:
    made = exercise(task, sample, sample, setting, turn=(0, index))
    assert made is not None
    return made


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_set(task: str, sample: Sample, setting: Setting) -> None:
    made = _made(task, sample, setting)
    assert isinstance(setting.tokenizer, ReportTokenizer)
    assert made.prompt[0] == setting.tokenizer.task(task)
    assert made.answer[-1] == setting.tokenizer.report_end
    assert len(made.owner) == len(made.answer)
    assert bool(made.frames) == (task in FRAMED)
    if task in FRAMED:
        assert set(made.owner) == {-1}, "the frames show the gaze: attention is not supervised"


@pytest.mark.parametrize("task", sorted(GAZE))
def test_without_gaze_the_tasks_of_gaze_are_not_set(
    task: str, sample: Sample, setting: Setting
) -> None:
    assert exercise(task, sample, None, setting) is None
    blind = [replace(s, fixations=None, clues=(), observation=None) for s in sample.sentences]
    lacking = replace(sample, sentences=tuple(blind))
    assert exercise(task, lacking, lacking, setting) is None


def test_a_reading_without_judged_findings_is_not_asked(sample: Sample, setting: Setting) -> None:
    bare = replace(sample, findings=(), complete=False)
    assert exercise("grounding", bare, bare, setting) is None
    assert exercise("vqa", bare, bare, setting) is None


def test_the_order_told_restores_the_frames(sample: Sample, setting: Setting) -> None:
    for index in range(6):
        made = _made("order_global", sample, setting, index)
        numbers = setting.tokenizer.numbers(made.answer[:4], "frame")
        assert tuple(numbers) == made.order
        assert made.order != (0, 1, 2, 3)
        first_x = [made.frames[place].x_px[0] for place in made.order]
        assert first_x == sorted(first_x)
        said = made.answer[4:]
        assert said == _made("report", sample, setting).answer, "then the dictation"
    local = _made("order_local", sample, setting)
    assert [local.frames[place].x_px[0] for place in local.order] == sorted(
        frame.x_px[0] for frame in local.frames
    )


def test_shuffled_gaze_is_the_others(sample: Sample, other: Sample, setting: Setting) -> None:
    own = exercise("scanpath", sample, sample, setting)
    borrowed = exercise("scanpath", sample, other, setting)
    assert own is not None
    assert borrowed is not None
    assert own.prompt == borrowed.prompt
    assert own.answer != borrowed.answer
    film = exercise("trajectory", sample, other, setting)
    assert film is not None
    gaze = other.sentences[0].fixations
    assert gaze is not None
    assert np.array_equal(film.frames[0].y_px, gaze.y_px)


def test_fixated_patches_are_told_in_order(sample: Sample, setting: Setting) -> None:
    made = _made("scanpath", sample, setting)
    patches = setting.tokenizer.numbers(made.answer, "patch")
    assert len(patches) == 3
    rows = [patch // 12 for patch in patches]
    columns = [patch % 12 for patch in patches]
    assert rows == sorted(rows)
    assert columns == sorted(columns)


def test_clues_come_before_the_observation(sample: Sample, setting: Setting) -> None:
    made, tokenizer = _made("perception", sample, setting), setting.tokenizer
    assert isinstance(tokenizer, ReportTokenizer)
    marks = [t for t in made.answer if t in {tokenizer.mark("clue"), tokenizer.mark("observation")}]
    assert marks == [tokenizer.mark("clue")] * 3 + [tokenizer.mark("observation")]
    assert len(tokenizer.numbers(made.answer, "at")) == 4 * 6


def test_a_users_questions_are_asked_too(sample: Sample, setting: Setting) -> None:
    own = Question("table", "Why?", "Because.")
    asking = replace(setting, bank=replace(setting.bank, asked={"i1": [own]}))
    kinds = set()
    for index in range(30):
        made = _made("vqa", sample, asking, index)
        assert made.question is not None
        kinds.add(made.question.kind)
        if made.question.kind == "table":
            assert setting.tokenizer.decode(made.answer) == ["Because."]
            assert setting.tokenizer.decode(made.prompt[1:]) == ["Why?"]
    assert "table" in kinds
    assert "presence" in kinds
    alone = replace(setting, bank=QuestionBank(asked={"i1": [own]}))
    bare = replace(sample, findings=(), complete=False)
    assert _made("vqa", bare, alone).question == own


def test_what_is_too_long_is_not_set(sample: Sample, setting: Setting) -> None:
    short = replace(setting, model=type(setting.model)(text_tokens=12))
    assert exercise("perception", sample, sample, short) is None
    assert exercise("report", sample, sample, short) is not None, "a report is cut"


def test_an_epoch_asks_something_else(sample: Sample, setting: Setting) -> None:
    prompts = {
        exercise("scanpath", sample, sample, setting, turn=(epoch, 0)).prompt  # type: ignore[union-attr]
        for epoch in range(12)
    }
    assert len(prompts) > 1
