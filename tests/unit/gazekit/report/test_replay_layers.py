"""Do the layers of a replay hold what the recording says, and no more?"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gazekit.report.replay.frames import keyframes_of
from gazekit.report.replay.layers import layers_of
from gazekit.report.replay.recording import Found, KeyFrame, Picture, Recording, Said, Shown

_FOUND = Found(
    label="Pneumothorax",
    assertion="present",
    origin="reader",
    shape="ellipse",
    box_px=(10.0, 20.0, 30.0, 40.0),
    image=0,
    certainty=4,
)
_SPAN = {"onset_us": 100, "offset_us": 900}
_FRAME: dict[str, Any] = {
    "sentence_id": "r/1",
    "image_id": "i",
    "fixation_onset_us": [60, 300],
    "fixation_duration_us": [100, 200],
    "fixation_x_px": [1.0, 2.0],
    "fixation_y_px": [3.0, 4.0],
    "fixation_sigma_x_px": [30.0, 30.0],
    "fixation_sigma_y_px": [31.0, 31.0],
}


def _said(text: str, *labels: str, onset_us: int | None = 100) -> Said:
    offset_us = None if onset_us is None else onset_us + 800
    return Said(text, None, onset_us, offset_us, words=(), labels=labels)


def _recording(*sentences: Said, **more: Any) -> Recording:
    recording = Recording(
        reading_id="r",
        reader_id="R01",
        duration_us=5000,
        pictures=(Picture("i", 80, 100, np.zeros((10, 8), np.uint8)),),
        shown=(Shown(0, 0),),
        screen_px=None,
        fixations=(),
        sentences=sentences,
        findings=(_FOUND,),
        steps={},
        lanes=(),
        simulated=True,
    )
    return replace(recording, **more)


def _named(recording: Recording) -> Any:
    findings: Any = layers_of(recording)["findings"]
    return findings[0]["named"]


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
def test_a_sentence_names_what_it_says_of_the_same_class(sentence: Said, *, named: bool) -> None:
    assert _named(_recording(sentence)) == ([_SPAN] if named else [])


def test_a_sentence_without_times_names_nothing_at_any_moment() -> None:
    said = _said("There is a pneumothorax.", "Pneumothorax", onset_us=None)
    assert _named(_recording(said)) == []


def test_a_finding_by_another_name_is_known_by_its_class() -> None:
    found = replace(_FOUND, label="lung nodule or mass")
    later = _said("There is a nodule.", "Lung Lesion", onset_us=1000)
    recording = _recording(_said("x"), later, findings=(found,))
    assert _named(recording) == [{"onset_us": 1000, "offset_us": 1800}]


def test_the_gaze_of_a_sentence_is_counted_by_when_sentences_began() -> None:
    said = (_said("a", onset_us=None), _said("b", onset_us=2000), _said("c", onset_us=100))
    data: Any = layers_of(_recording(*said, frames=(KeyFrame(1, 0, _FRAME),)))
    assert data["sentence_onsets_us"] == [100, 2000]
    assert [one["at"] for one in data["frames"]] == [1]
    assert [one["offset_us"] for one in data["frames"][0]["fixations"]] == [160, 500]


def test_a_key_frame_keeps_its_sentence_when_others_have_none() -> None:
    sentences = [{"sentence_id": "r/0"}, {"sentence_id": "r/1"}]
    elsewhere = {**_FRAME, "image_id": "not shown"}
    frames = keyframes_of([_FRAME, elsewhere], sentences, ["h", "i"])
    assert [(one.sentence, one.image) for one in frames] == [(1, 1)]
