"""Does the page of a prediction show every sentence's evidence, and hostile text as text?"""

import base64
import hashlib
import re

import numpy as np
import pytest

from trainer.evidence import Written
from trainer.habits import Habits, StepHabit
from trainer.prediction import Prediction, told
from trainer.prediction_page import prediction_page
from trainer.square import Square

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
SIZE = (100, 140)


def _habit(name: str, words: dict[str, int], sentence_us: int) -> StepHabit:
    return StepHabit(
        name=name, sentences=10, sentence_us=sentence_us, pause_us=500_000, words=words
    )


HABITS = Habits(
    steps={
        "A": _habit("Airways", {"trachea": 9, "midline": 4}, 1_000_000),
        "B": _habit("Breathing", {"nodule": 9, "pneumothorax": 6}, 2_000_000),
    }
)


def _written(text: str, *cells: tuple[int, int]) -> Written:
    rows = np.full((len(cells), 12, 12), 1e-4, np.float32)
    for i, (row, column) in enumerate(cells):
        rows[i, row, column] = 1
    rows /= rows.sum(axis=(1, 2), keepdims=True)
    return Written(text, rows.mean(axis=0), rows, 0.5)


def _prediction(*written: Written, habits: Habits | None = HABITS) -> Prediction:
    sentences, trajectory = told(written, Square(SIZE, 96), habits)
    return Prediction(
        image_sha256="0" * 64,
        width_px=SIZE[0],
        height_px=SIZE[1],
        checkpoint="step-1",
        fingerprint="f",
        trained_on_simulated=True,
        report="",
        sentences=sentences,
        trajectory=trajectory,
        confidence=0.5,
    )


def test_the_inspection_has_steps_and_times_in_order() -> None:
    prediction = _prediction(
        _written("The trachea is midline.", (2, 6)),
        _written("A nodule here and there.", (6, 4), (8, 8)),
    )
    assert [s.step for s in prediction.sentences] == ["A", "B"]
    assert [s.step_name for s in prediction.sentences] == ["Airways", "Breathing"]
    points = prediction.trajectory
    assert [p.sentence for p in points] == [1, 2, 2]
    assert [p.onset_us for p in points] == [500_000, 2_000_000, 3_000_000]
    assert sum(p.duration_us or 0 for p in points) == 3_000_000


def test_without_known_habits_nothing_is_made_up() -> None:
    prediction = _prediction(_written("The trachea.", (2, 6)), habits=None)
    assert prediction.sentences[0].step is None
    assert prediction.trajectory[0].onset_us is None
    assert prediction.trajectory[0].duration_us is None


def test_a_map_lies_on_the_image_as_its_region_does() -> None:
    sentence = _prediction(_written("x", (6, 6), (6, 6))).sentences[0]
    assert sentence.map is not None
    values = np.array(sentence.map.values)
    assert values.sum() == pytest.approx(1, abs=1e-3)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    across = (sentence.map.x1_px - sentence.map.x0_px) / values.shape[1]
    down = (sentence.map.y1_px - sentence.map.y0_px) / values.shape[0]
    assert sentence.map.x0_px + (column + 0.5) * across == pytest.approx(
        sentence.region.centroid_x_px, abs=1
    )
    assert sentence.map.y0_px + (row + 0.5) * down == pytest.approx(
        sentence.region.centroid_y_px, abs=1
    )


def test_hostile_text_is_text_and_only_our_scripts_run() -> None:
    prediction = _prediction(_written(HOSTILE, (2, 6)), _written("A nodule.", (6, 4), (8, 8)))
    html = prediction_page(np.zeros((140, 100), np.uint8), prediction, name=HOSTILE).html()
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in html
    assert "<img" not in html
    assert "onerror=alert" in html, "shown, escaped"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


def test_each_sentence_can_be_reached_and_lights_its_own() -> None:
    prediction = _prediction(_written("One.", (2, 6)), _written("A nodule.", (6, 4), (8, 8)))
    html = prediction_page(np.zeros((140, 100), np.uint8), prediction, name="x.png").html()
    for number in (1, 2):
        assert f'tabindex="0" data-sentence="{number}"' in html
        assert html.count(f'data-lights="{number}"') == 2, "a map and a box"
    assert html.count("data-drawn-stop") - html.count("[data-drawn-stop]") == 3
    assert "not calibrated" in html
    assert "not measured on this image" in html
