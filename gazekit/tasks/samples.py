"""Which samples does a reading give? Each task of the paper, and grounding and questions.

::

    trajectory    image, all frames          --> report
    report        image                      --> report
    finding       image, a sentence's frames --> that sentence
    perception    image, a sentence          --> clues in order, observation
    order_global  image, shuffled sentences  --> their order, report
    order_local   image, shuffled clusters   --> their order
    grounding     image, a sentence          --> boxes that a reader placed
    vqa           image, a question          --> yes, no or uncertain

Frames are named by key, never by their place, so that a sentence without gaze moves no other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from gazekit.model.dataset import Dataset
from gazekit.model.templates import (
    Task,
    box_text,
    order_text,
    phrase,
    point_text,
    restored,
    shuffled,
)
from gazekit.tasks.records import Frame, Sample, TaskOptions
from gazekit.tasks.rows import ReadingRows, readings_of, refuse_old

__all__ = ["samples_of", "samples_of_reading"]

_Row = Mapping[str, Any]
_Size = tuple[float, float]
_LEAST_ORDERED = 3
_NEVER_TRUTH = ("gaze", "text")
_ANSWERS = {"present": "Yes.", "absent": "No.", "uncertain": "Uncertain."}


def samples_of(
    dataset: Dataset, options: TaskOptions, *, pictures: Mapping[str, _Size] | None = None
) -> Iterator[tuple[ReadingRows, list[Sample]]]:
    """Yield each reading with its samples, split by split; at most `limit` of a task and split.

    Parameters
    ----------
    dataset
        A built dataset.
    options
        Tasks, seed, coordinates, split, limit.
    pictures
        (width, height) of the picture of each image that the model is shown; where it is not
        here, the image's own size counts.

    Raises
    ------
    DataError
        The split does not exist, or the dataset holds no clusters.
    """
    refuse_old(dataset)
    splits = dataset.splits if options.split is None else (options.split,)
    for split in splits:
        left: dict[Task, int | None] = dict.fromkeys(options.tasks, options.limit)
        for rows in readings_of(dataset, split):
            picture = (pictures or {}).get(rows.reading["image_id"])
            made = samples_of_reading(rows, options, picture_px=picture)
            yield rows, list(_within(made, left))
            if all(count == 0 for count in left.values()):
                break


def _within(samples: Iterable[Sample], left: dict[Task, int | None]) -> Iterator[Sample]:
    for sample in samples:
        count = left[sample.task]
        if count is None:
            yield sample
        elif count > 0:
            left[sample.task] = count - 1
            yield sample


def samples_of_reading(
    rows: ReadingRows, options: TaskOptions, *, picture_px: _Size | None = None
) -> Iterator[Sample]:
    """Yield the samples of one reading, task by task, in the order of `TaskOptions.tasks`."""
    for task in options.tasks:
        yield from _MAKERS[task](rows, options, picture_px)


def _sample(
    task: Task,
    rows: ReadingRows,
    key: str,
    *,
    prompt: str,
    answer: str,
    frames: Iterable[Frame] = (),
    numbered: bool = False,
) -> Sample:
    reading = rows.reading
    return Sample(
        id=key,
        task=task,
        split=reading["split"],
        reading_id=reading["reading_id"],
        image_id=reading["image_id"],
        prompt=prompt,
        answer=answer,
        frames=tuple(frames),
        numbered=numbered,
    )


def _frames(row: _Row) -> list[Frame]:
    """Return the clusters in order, where there are several, and the whole gaze last."""
    clusters = _clusters(row)
    several = clusters if len(clusters) > 1 else []
    return [*several, Frame(row["keyframe_id"])]


def _clusters(row: _Row) -> list[Frame]:
    """Return the clusters that a frame can be made of: those that hold a fixation."""
    held = set(row["fixation_cluster"] or ())
    return [Frame(row["keyframe_id"], i) for i in range(len(row["clusters"] or ())) if i in held]


def _trajectory(rows: ReadingRows, options: TaskOptions, _: _Size | None) -> Iterator[Sample]:
    frames = [frame for row in rows.keyframes for frame in _frames(row)]
    report = rows.reading["report"]
    if frames and report:
        key = f"{rows.reading_id}/trajectory"
        words = phrase("trajectory", key, seed=options.seed)
        yield _sample("trajectory", rows, key, prompt=words, answer=report, frames=tuple(frames))


def _report(rows: ReadingRows, options: TaskOptions, _: _Size | None) -> Iterator[Sample]:
    if report := rows.reading["report"]:
        key = f"{rows.reading_id}/report"
        words = phrase("report", key, seed=options.seed)
        yield _sample("report", rows, key, prompt=words, answer=report)


def _finding(rows: ReadingRows, options: TaskOptions, _: _Size | None) -> Iterator[Sample]:
    for row in rows.keyframes:
        key = f"{row['keyframe_id']}/finding"
        words = phrase("finding", key, seed=options.seed)
        yield _sample("finding", rows, key, prompt=words, answer=row["text"], frames=_frames(row))


def _perception(
    rows: ReadingRows, options: TaskOptions, picture_px: _Size | None
) -> Iterator[Sample]:
    for row in rows.keyframes:
        whole = _box(row, "gaze_")
        if whole is None:
            continue
        key = f"{row['keyframe_id']}/perception"
        place = _place(row, options, picture_px)
        placed = [c for c in row["clusters"] or () if _box(c) is not None]
        lines = [
            f"Clue {number}: {place(_box(c), (c['centroid_x_px'], c['centroid_y_px']))}"
            for number, c in enumerate(placed if len(placed) > 1 else (), start=1)
        ]
        lines.append(f"Observation: {place(whole, (row['centroid_x_px'], row['centroid_y_px']))}")
        words = phrase("perception", key, seed=options.seed, text=row["text"])
        yield _sample("perception", rows, key, prompt=words, answer="\n".join(lines))


def _order_global(rows: ReadingRows, options: TaskOptions, _: _Size | None) -> Iterator[Sample]:
    report = rows.reading["report"]
    if len(rows.keyframes) < _LEAST_ORDERED or not report:
        return
    key = f"{rows.reading_id}/order_global"
    shown = shuffled(len(rows.keyframes), key, seed=options.seed)
    yield _sample(
        "order_global",
        rows,
        key,
        prompt=phrase("order_global", key, seed=options.seed),
        answer=f"Order: {order_text(restored(shown))}\nReport: {report}",
        frames=[Frame(rows.keyframes[i]["keyframe_id"]) for i in shown],
        numbered=True,
    )


def _order_local(rows: ReadingRows, options: TaskOptions, _: _Size | None) -> Iterator[Sample]:
    for row in rows.keyframes:
        clusters = _clusters(row)
        if len(clusters) < _LEAST_ORDERED:
            continue
        key = f"{row['keyframe_id']}/order_local"
        shown = shuffled(len(clusters), key, seed=options.seed)
        yield _sample(
            "order_local",
            rows,
            key,
            prompt=phrase("order_local", key, seed=options.seed, text=row["text"]),
            answer=f"Order: {order_text(restored(shown))}",
            frames=[clusters[i] for i in shown],
            numbered=True,
        )


def _grounding(
    rows: ReadingRows, options: TaskOptions, picture_px: _Size | None
) -> Iterator[Sample]:
    for row in rows.keyframes:
        placed = [f for f in row["findings"] if f["origin"] not in _NEVER_TRUTH and _box(f)]
        if not placed:
            continue
        key = f"{row['keyframe_id']}/grounding"
        place = _place(row, options, picture_px)
        lines = [f"{f['label']}: {place(_box(f), None)}" for f in placed]
        words = phrase("grounding", key, seed=options.seed, text=row["text"])
        yield _sample("grounding", rows, key, prompt=words, answer="\n".join(lines))


def _vqa(rows: ReadingRows, options: TaskOptions, _: _Size | None) -> Iterator[Sample]:
    """Ask for each label that somebody judged; one that was judged in two ways is left out."""
    stated: dict[str, set[str]] = {}
    for finding in rows.reading["findings"]:
        if finding["origin"] not in _NEVER_TRUTH:
            stated.setdefault(finding["label"], set()).add(finding["assertion"])
    for label, assertions in stated.items():
        if len(assertions) == 1:
            key = f"{rows.reading_id}/vqa/{label}"
            words = phrase("vqa", key, seed=options.seed, label=label.lower())
            (assertion,) = assertions
            yield _sample("vqa", rows, key, prompt=words, answer=_ANSWERS[assertion])


def _box(row: _Row, prefix: str = "") -> tuple[float, float, float, float] | None:
    x0, y0, x1, y1 = (row[f"{prefix}{name}_px"] for name in ("x0", "y0", "x1", "y1"))
    return None if x0 is None or y0 is None or x1 is None or y1 is None else (x0, y0, x1, y1)


def _place(
    row: _Row, options: TaskOptions, picture_px: _Size | None
) -> Callable[[tuple[float, float, float, float] | None, _Size | None], str]:
    """Return how a box and its centre are written for this image."""
    size = (row["image_width_px"], row["image_height_px"])
    shared: dict[str, Any] = {
        "image_px": size,
        "picture_px": picture_px or size,
        "coordinates": options.coordinates,
    }
    return partial(_place_text, shared)


def _place_text(
    shared: dict[str, Any], box: tuple[float, float, float, float], centre: _Size | None
) -> str:
    text = f"box {box_text(box, **shared)}"
    return text if centre is None else f"{text}, centre {point_text(centre, **shared)}"


_MAKERS: dict[Task, Callable[[ReadingRows, TaskOptions, _Size | None], Iterator[Sample]]] = {
    "trajectory": _trajectory,
    "report": _report,
    "finding": _finding,
    "perception": _perception,
    "order_global": _order_global,
    "order_local": _order_local,
    "grounding": _grounding,
    "vqa": _vqa,
}
