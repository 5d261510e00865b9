"""Are figures counted as they say, beside their controls, and absent where undefined?"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from gazekit.metrics import SentenceLabeller
from gazekit.model.errors import DataError
from gazekit.model.layout_runs import RunLayout
from trainer import fit
from trainer.config import load_config
from trainer.corpus import Fixations, Sample, Sentence
from trainer.evaluate import MEANINGS, Evaluation, evaluate
from trainer.evidence import Written
from trainer.scores import Baselines, Tally, count_evidence, count_report

GRID, SIZE_PX = 12, 96


def _map(column: int, row: int) -> np.ndarray:
    heat = np.full((GRID, GRID), 1e-6, np.float32)
    heat[row, column] = 1
    return heat


def _sample(*sentences: Sentence, patient: str = "p") -> Sample:
    return Sample("r", patient, "i", 0, (96, 96), sentences)


def _look(x: float, y: float) -> Fixations:
    one = np.ones(1)
    return Fixations(x * one, y * one, one, one, one)


NODULE = Sentence(
    "A nodule.", frozenset({"Lung Lesion"}), _look(20, 20), (("Lung Lesion", 16, 16, 24, 24),)
)
CLEAR = Sentence("No effusion.", frozenset(), None)


def _report(*written: tuple[str, np.ndarray]) -> dict[str, float]:
    tally = Tally()
    said = [Written(text, heat, heat[None]) for text, heat in written]
    count_report(
        tally,
        _sample(NODULE, CLEAR),
        said,
        labeller=SentenceLabeller(),
        placed=frozenset({"Lung Lesion"}),
        size_px=SIZE_PX,
    )
    return {name: figure.value for name, figure in tally.figures(seed=0).items()}


def test_a_lesion_counts_where_label_and_place_are_right() -> None:
    right, wrong = _map(2, 2), _map(9, 9)
    assert _report(("A nodule.", right)) == {"report_f1": 1, "lesion_f1": 1}
    assert _report(("A nodule.", wrong)) == {"report_f1": 1, "lesion_f1": 0}
    assert _report(("No nodule.", right)) == {"report_f1": 0, "lesion_f1": 0}


def test_a_false_alarm_and_a_repetition_cost() -> None:
    right = _map(2, 2)
    found = _report(("A nodule.", right), ("A nodule.", right), ("Rib fracture.", right))
    assert found["report_f1"] == pytest.approx(2 / 3)
    assert found["lesion_f1"] == pytest.approx(2 / 3), "a box is taken once; fractures have none"


def test_evidence_is_counted_beside_its_controls() -> None:
    tally = Tally()
    baselines = Baselines.on(GRID, [_map(2, 2)])
    maps = np.stack([_map(2, 2), _map(0, 0)])
    stranger = _sample(Sentence("x", frozenset(), _look(80, 80)))
    count_evidence(
        tally,
        _sample(NODULE, CLEAR),
        maps,
        stranger=stranger,
        baselines=baselines,
        size_px=SIZE_PX,
    )
    figures = tally.figures(seed=0)
    assert figures["pointing"].value == figures["pointing_train_mean"].value == 1
    assert figures["pointing_centre"].value == 0
    assert figures["nss"].value > 10
    assert figures["nss_shuffled"].value < 0
    assert figures["nss"].n == 1, "a sentence without gaze is not counted"


def test_what_cannot_be_computed_is_absent() -> None:
    tally = Tally()
    baselines = Baselines.on(GRID, [])
    count_evidence(
        tally,
        _sample(CLEAR),
        np.stack([_map(2, 2)]),
        stranger=None,
        baselines=baselines,
        size_px=SIZE_PX,
    )
    assert tally.figures(seed=0) == {}


@pytest.fixture(scope="module")
def run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    layout = RunLayout(tmp_path_factory.mktemp("run"))
    settings = ("model.width=32", "model.heads=2", "fit.steps=2", "fit.batch=4", "fit.threads=1")
    fit.main(load_config("nano", [*settings, f'data.path="{tiny_dataset}"']), layout)
    return layout


def test_an_evaluation_is_written_and_explained(run: RunLayout) -> None:
    result = evaluate(run)
    assert msgspec.json.decode(run.evaluation.read_bytes(), type=Evaluation) == result
    assert result.simulated
    assert (result.readings, result.patients) == (8, 8)
    assert result.figures.keys() <= MEANINGS.keys()
    assert {"report_f1", "pointing", "nss", "nss_centre", "nss_shuffled"} <= result.figures.keys()
    assert evaluate(run) == result


def test_other_data_and_other_splits_are_refused(
    run: RunLayout, make_dataset: Callable[..., Path]
) -> None:
    other = make_dataset({"train": 2, "test": 2}, seed=5)
    with pytest.raises(DataError, match="not the dataset"):
        evaluate(run, data=other)
    assert evaluate(run, data=other, other_data=True).readings == 2
    with pytest.raises(DataError, match="no such split"):
        evaluate(run, split="tset")
