"""What do the layers of a replay show: fixations, findings, steps, and the gaze of a sentence?"""

import math
from collections.abc import Mapping, Sequence

from gazekit.align.labels import assertions_of, class_of
from gazekit.report.colour import step_colour
from gazekit.report.rows import Row

__all__ = ["finding_marks", "fixation_marks", "sentence_gaze", "sentence_onsets", "step_spans"]

_PLACES = ("x_px", "y_px", "sigma_x_px", "sigma_y_px")
_CORNERS = ("x0_px", "y0_px", "x1_px", "y1_px")


def fixation_marks(fixations: Sequence[Row], images: Sequence[str]) -> list[dict[str, object]]:
    """Return when and where each fixation is, and one degree there; None where not known.

    `images`: the ids of the images that are shown, in the order in which they are numbered.
    """
    return [
        {**_timed(one), **_placed(one), "image": images.index(str(one["image_id"]))}
        for one in fixations
        if one["image_id"] in images
    ]


def finding_marks(
    findings: Sequence[Row], sentences: Sequence[Row], *, image: int = 0
) -> list[dict[str, object]]:
    """Return each finding on an image with its box, None without one, and when it is named.

    A sentence names a finding when it says of the same class what the finding says, or when its
    labels hold it as present.
    """
    said = [(_timed(one), _said(one)) for one in sentences if _has_times(one)]
    return [
        {
            **{name: one[name] for name in ("label", "assertion", "certainty", "origin", "shape")},
            "box": _box(one),
            "image": image,
            "named": [when for when, names in said if _meant(one) & names],
        }
        for one in findings
    ]


def step_spans(sentences: Sequence[Row], steps: Mapping[str, str]) -> list[dict[str, object]]:
    """Return when each sentence with a step and with times was said, and which step it is."""
    codes = tuple(steps)
    return [
        {
            **_timed(one),
            "code": str(one["step"]),
            "name": steps.get(str(one["step"]), str(one["step"])),
            "colour": step_colour(str(one["step"]), codes),
        }
        for one in sentences
        if one["step"] is not None and _has_times(one)
    ]


def sentence_onsets(sentences: Sequence[Row]) -> list[int]:
    """Return when each sentence with times began, in order; `sentence_gaze` counts by them."""
    return [int(one["onset_us"]) for one in _in_time(sentences)]


def sentence_gaze(
    frames: Sequence[Row], sentences: Sequence[Row], images: Sequence[str]
) -> list[dict[str, object]]:
    """Return, of each key frame, which timed sentence it is of, and the fixations in it."""
    place = {one["sentence_id"]: at for at, one in enumerate(_in_time(sentences))}
    return [
        {
            "at": place[frame["sentence_id"]],
            "image": images.index(str(frame["image_id"])),
            "fixations": _fixations_of(frame),
        }
        for frame in frames
        if frame["sentence_id"] in place and frame["image_id"] in images
    ]


def _in_time(sentences: Sequence[Row]) -> list[Row]:
    return sorted(filter(_has_times, sentences), key=lambda one: int(one["onset_us"]))


def _has_times(row: Row) -> bool:
    return row["onset_us"] is not None and row["offset_us"] is not None


def _timed(row: Row) -> dict[str, object]:
    return {"onset_us": row["onset_us"], "offset_us": row["offset_us"]}


def _placed(row: Row) -> dict[str, object]:
    return {name: _known(row[name]) for name in _PLACES}


def _fixations_of(frame: Row) -> list[dict[str, object]]:
    names = ("onset_us", "duration_us", *_PLACES)
    columns = [frame[f"fixation_{name}"] for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    for row in rows:
        row["offset_us"] = row["onset_us"] + row["duration_us"]
    return [{**_timed(row), **_placed(row)} for row in rows]


def _meant(finding: Row) -> set[tuple[str, str]]:
    label = str(finding["label"])
    return {(name, str(finding["assertion"])) for name in {label, class_of(label) or label}}


def _said(sentence: Row) -> set[tuple[str, str]]:
    labels = {(str(label), "present") for label in sentence["labels"]}
    return labels | set(assertions_of(str(sentence["text"])))


def _box(finding: Row) -> list[float] | None:
    box = [_known(finding[name]) for name in _CORNERS]
    known = [side for side in box if side is not None]
    return known if len(known) == len(box) else None


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
