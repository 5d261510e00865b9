"""What do the layers of a replay show: fixations, findings, steps, and the gaze of a sentence?"""

import math
from collections.abc import Mapping, Sequence

from gazekit.align.labels import assertions_of, class_of
from gazekit.report.colour import step_colour
from gazekit.report.rows import Row

__all__ = ["finding_marks", "fixation_marks", "sentence_gaze", "step_spans"]

_PLACES = ("x_px", "y_px", "sigma_x_px", "sigma_y_px")
_CORNERS = ("x0_px", "y0_px", "x1_px", "y1_px")


def fixation_marks(fixations: Sequence[Row]) -> list[dict[str, float | None]]:
    """Return when and where each fixation is, and one degree there; None where not known."""
    return [
        {
            "onset_us": one["onset_us"],
            "offset_us": one["offset_us"],
            **{name: _known(one[name]) for name in _PLACES},
        }
        for one in fixations
    ]


def finding_marks(findings: Sequence[Row], sentences: Sequence[Row]) -> list[dict[str, object]]:
    """Return each finding with its box, None without one, and which sentences name it.

    A sentence names a finding when it says of the same class what the finding says, or when its
    labels hold it as present.
    """
    said = [_said(sentence) for sentence in sentences]
    return [
        {
            "label": str(one["label"]),
            "assertion": str(one["assertion"]),
            "certainty": one["certainty"],
            "origin": str(one["origin"]),
            "shape": one["shape"],
            "box": _box(one),
            "sentences": [i for i, names in enumerate(said) if _meant(one) & names],
        }
        for one in findings
    ]


def step_spans(sentences: Sequence[Row], steps: Mapping[str, str]) -> list[dict[str, object]]:
    """Return when each sentence with a step and with times was said, and which step it is."""
    codes = tuple(steps)
    return [
        {
            "sentence": index,
            "code": str(one["step"]),
            "name": steps.get(str(one["step"]), str(one["step"])),
            "colour": step_colour(str(one["step"]), codes),
            "onset_us": one["onset_us"],
            "offset_us": one["offset_us"],
        }
        for index, one in enumerate(sentences)
        if one["step"] is not None and one["onset_us"] is not None and one["offset_us"] is not None
    ]


def sentence_gaze(frames: Sequence[Row], sentences: Sequence[Row]) -> list[dict[str, object]]:
    """Return, of each key frame, its sentence, its window, and the fixations in it."""
    place = {one["sentence_id"]: index for index, one in enumerate(sentences)}
    return [
        {
            "sentence": place[frame["sentence_id"]],
            "onset_us": frame["window_onset_us"],
            "offset_us": frame["window_offset_us"],
            "fixations": fixation_marks(_fixations_of(frame)),
        }
        for frame in frames
        if frame["sentence_id"] in place
    ]


def _fixations_of(frame: Row) -> list[Row]:
    names = ("onset_us", "duration_us", *_PLACES)
    columns = [frame[f"fixation_{name}"] for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    return [{**row, "offset_us": row["onset_us"] + row["duration_us"]} for row in rows]


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
