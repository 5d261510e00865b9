"""Do the layers of a replay hold what the rows of the dataset say, and no more?"""

import math
from typing import Any

import pytest

from gazekit.model.vocabulary import ABCDEF
from gazekit.report.replay_layers import (
    finding_marks,
    fixation_marks,
    sentence_gaze,
    sentence_onsets,
    step_spans,
)

_FOUND: dict[str, Any] = {
    "label": "Pneumothorax",
    "assertion": "present",
    "certainty": 4,
    "origin": "reader",
    "shape": "ellipse",
    "x0_px": 10.0,
    "y0_px": 20.0,
    "x1_px": 30.0,
    "y1_px": 40.0,
}
_TIMED = {"onset_us": 100, "offset_us": 900}


def _said(text: str, *labels: str, **more: Any) -> dict[str, Any]:
    return {"sentence_id": text, "text": text, "labels": list(labels), "step": None} | _TIMED | more


def test_a_fixation_without_a_place_has_none() -> None:
    row = {
        **_TIMED,
        "image_id": "b",
        "x_px": math.nan,
        "y_px": 4.0,
        "sigma_x_px": 30.0,
        "sigma_y_px": None,
    }
    place = {"x_px": None, "y_px": 4.0, "sigma_x_px": 30.0, "sigma_y_px": None}
    assert fixation_marks([row], ["a", "b"]) == [{**_TIMED, **place, "image": 1}]


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        (_said("There is a pneumothorax.", "Pneumothorax"), True),
        (_said("Something else.", "Pneumothorax"), True),
        (_said("There is a pneumothorax."), True),
        (_said("There is no pneumothorax."), False),
        (_said("The heart is enlarged.", "Cardiomegaly"), False),
    ],
)
def test_a_sentence_names_what_it_says_of_the_same_class(
    sentence: dict[str, Any], *, named: bool
) -> None:
    assert finding_marks([_FOUND], [sentence])[0]["named"] == ([_TIMED] if named else [])


def test_a_sentence_without_times_names_nothing_at_any_moment() -> None:
    said = _said("There is a pneumothorax.", "Pneumothorax", onset_us=None, offset_us=None)
    assert finding_marks([_FOUND], [said])[0]["named"] == []


def test_a_finding_by_another_name_is_known_by_its_class() -> None:
    found = {**_FOUND, "label": "lung nodule or mass"}
    later = {"onset_us": 1000, "offset_us": 2000}
    said = [_said("x"), _said("There is a nodule.", "Lung Lesion", **later)]
    assert finding_marks([found], said)[0]["named"] == [later]


def test_a_finding_without_a_place_has_no_box() -> None:
    placed, unplaced = finding_marks([_FOUND, {**_FOUND, "x1_px": None}], [])
    assert placed["box"] == [10.0, 20.0, 30.0, 40.0]
    assert unplaced["box"] is None


def test_a_step_is_a_span_only_with_its_times() -> None:
    said = [
        _said("a", step="A"),
        _said("b", step="B", onset_us=None, offset_us=None),
        _said("c"),
        _said("d", step="Z"),
    ]
    spans = step_spans(said, ABCDEF)
    assert [(s["code"], s["name"], s["colour"]) for s in spans] == [
        ("A", "Airways", 0),
        ("Z", "Z", 6),
    ]


def test_the_gaze_of_a_sentence_is_that_of_its_key_frame() -> None:
    frame = {
        "sentence_id": "b",
        "image_id": "i",
        "fixation_onset_us": [60, 300],
        "fixation_duration_us": [100, 200],
        "fixation_x_px": [1.0, 2.0],
        "fixation_y_px": [3.0, 4.0],
        "fixation_sigma_x_px": [30.0, 30.0],
        "fixation_sigma_y_px": [31.0, 31.0],
    }
    elsewhere = {**frame, "image_id": "not shown"}
    said = [_said("a", onset_us=None), _said("b"), _said("c", onset_us=1000)]
    gaze = sentence_gaze([frame, elsewhere], said, ["i"])
    assert [one["at"] for one in gaze] == [0]
    assert sentence_onsets(said) == [100, 1000]
    fixations = gaze[0]["fixations"]
    assert isinstance(fixations, list)
    assert [one["offset_us"] for one in fixations] == [160, 500]
