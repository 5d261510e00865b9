"""How well does a model do the tasks on held-out readings? One entry an answer."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from gazekit.metrics import box_iou, centre_prior
from trainer.backbones.protocol import Backbone, Words
from trainer.config import TrainConfig
from trainer.corpus import Sample
from trainer.data import Split, film_of
from trainer.region import region_of
from trainer.square import Square
from trainer.tasks.exercises import Exercise, Setting, exercise, questions
from trainer.tasks.order import pairs_in_order, places_right

__all__ = ["MEANINGS", "Entry", "task_entries"]

Entry = tuple[str, int, float]
"""Name of the figure, row of the reading, value; a figure is the mean of its entries."""

_ORDERS = {
    "order_global": "share of pairs of shuffled frames, one a sentence, put in the order of the "
    "dictation; chance is .5",
    "order_global_places": "share of those frames put at their very place",
    "order_global_exact": "share of readings with all of those frames at their place",
    "order_local": "share of pairs of a sentence's shuffled clusters put in the order of the "
    "gaze; chance is .5",
}
_ANSWERS = {
    "vqa": "share of questions answered word for word",
    "vqa_majority": "the same for always saying a kind of question's most frequent answer",
    "vqa_presence": "the same for: is a finding there",
    "vqa_side": "the same for: on which side",
    "vqa_place": "the same for: in which zone",
    "vqa_step": "the same for: in which review step",
    "vqa_table": "the same for the user's own questions",
}
_BOXES = {
    "grounding_iou": "mean overlap of decoded boxes with those that were placed",
    "perception_iou": "mean overlap of the decoded observation with the box of the gaze",
}
MEANINGS = {
    **_ORDERS,
    **{f"{name}_as_shown": "the same for leaving all as it is shown" for name in _ORDERS},
    **_ANSWERS,
    **_BOXES,
    **{f"{name}_centre": "the same for the region of a centred Gaussian" for name in _BOXES},
}
"""What each figure is."""

_MOST_TOKENS = 48


def task_entries(
    model: Backbone,
    split: Split,
    tokenizer: Words,
    config: TrainConfig,
    *,
    rows: Sequence[int],
) -> Iterator[Entry]:
    """Set each reading every task that the run was trained on; yield how each was done.

    Always with the readings' own gaze: a control is measured as the others are.
    """
    if not config.curriculum:
        return
    model.eval()
    setting = Setting(tokenizer, config.model, config.fit.seed, split.bank)
    asked: list[tuple[int, Exercise]] = []
    for row in rows:
        sample = split.samples[row]
        asked += [(row, made) for made in questions(sample, setting)]
        for task in ("order_global", "order_local", "grounding", "perception"):
            made = exercise(task, sample, sample, setting, turn=(0, row))
            if made is not None:
                asked.append((row, made))
    asked.sort(key=lambda pair: (pair[1].task, pair[0]))
    told: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for start in range(0, len(asked), config.fit.batch):
        chunk = asked[start : start + config.fit.batch]
        said = _answers(model, split, chunk, tokenizer, config)
        for (row, made), ids in zip(chunk, said, strict=True):
            for name, value in _judged(split.samples[row], made, ids, setting):
                yield name, row, value
            if made.question is not None:
                told[made.question.kind].append((row, made.question.answer))
    for answers in told.values():
        ((usual, _),) = Counter(answer for _, answer in answers).most_common(1)
        yield from (("vqa_majority", row, float(answer == usual)) for row, answer in answers)


def _answers(
    model: Backbone,
    split: Split,
    chunk: Sequence[tuple[int, Exercise]],
    tokenizer: Words,
    config: TrainConfig,
) -> list[list[int]]:
    images = np.stack([split.pixels[split.samples[row].image_row] for row, _ in chunk])
    exercises = [made for _, made in chunk]
    frames, frame_at = film_of(images, exercises, config)
    with torch.no_grad():
        device = model.device
        memory = model.memory(
            torch.from_numpy(images[:, None]).to(device),
            torch.from_numpy(frames).to(device),
            torch.from_numpy(frame_at).to(device),
        )
        texts = tokenizer.places(config.model).texts
        most = max(_length(made, texts=texts) for made in exercises)
        prompts = [made.prompt for made in exercises]
        return model.answer(prompts, memory, end=tokenizer.report_end, most=most)


def _length(made: Exercise, *, texts: bool) -> int:
    """Return how many tokens of an answer are looked at; places as text take many."""
    most = len(made.answer) if texts else _MOST_TOKENS
    return len(made.order) or min(len(made.answer) + 2, most)


def _judged(
    sample: Sample, made: Exercise, said: Sequence[int], setting: Setting
) -> list[tuple[str, float]]:
    tokenizer = setting.tokenizer
    if made.question is not None:
        hit = float(tuple(said) == made.answer[:-1])
        return [("vqa", hit), (f"vqa_{made.question.kind}", hit)]
    if made.order:
        numbers = tokenizer.numbers(said[: len(made.order)], "frame")
        shown = range(len(made.order))
        return [*_of_order(made, numbers), *_of_order(made, shown, suffix="_as_shown")]
    mark = "observation" if made.task == "perception" else None
    said_boxes, true_boxes = (
        setting.places.boxes(ids, sample.image_size, mark=mark) for ids in (said, made.answer)
    )
    middle = [_middle(sample, setting)]
    return [
        (f"{made.task}_iou", _overlap(said_boxes, true_boxes)),
        (f"{made.task}_iou_centre", _overlap(middle, true_boxes)),
    ]


def _of_order(
    made: Exercise, said: Sequence[int], *, suffix: str = ""
) -> Iterator[tuple[str, float]]:
    yield f"{made.task}{suffix}", pairs_in_order(said, made.order)
    if made.task == "order_global":
        places = places_right(said, made.order)
        yield f"{made.task}_places{suffix}", places
        yield f"{made.task}_exact{suffix}", float(places == 1)


def _middle(sample: Sample, setting: Setting) -> tuple[float, float, float, float]:
    """Return the box that knows nothing about the image."""
    grid = setting.model.grid
    prior = centre_prior((grid, grid)).astype(np.float32)
    return region_of(prior, Square(sample.image_size, setting.model.image_px)).box


def _overlap(
    said: Sequence[tuple[float, float, float, float]],
    truth: Sequence[tuple[float, float, float, float]],
) -> float:
    """Return the mean over true boxes of their best overlap."""
    return float(box_iou(said, truth).max(axis=0).mean()) if said else 0.0
