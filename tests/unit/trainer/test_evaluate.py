"""Is a run scored beside its controls, by finding and reader, and against another run?"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from gazekit.model.errors import DataError
from gazekit.model.layout_runs import RunLayout
from trainer import fit
from trainer.config import load_config
from trainer.evaluate import evaluate
from trainer.evaluation import Evaluation
from trainer.measures import MEASURES, base_of


def _fitted(dataset: Path, root: Path, seed: int) -> RunLayout:
    layout = RunLayout(root)
    settings = ("model.width=32", "model.heads=2", "fit.steps=2", "fit.batch=4", "fit.threads=1")
    data = f'data.path="{dataset}"'
    fit.main(load_config("nano", [*settings, f"fit.seed={seed}", data]), layout)
    return layout


@pytest.fixture(scope="module")
def run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return _fitted(tiny_dataset, tmp_path_factory.mktemp("run"), 0)


def test_an_evaluation_is_written_and_explained(run: RunLayout) -> None:
    result = evaluate(run)
    assert msgspec.json.decode(run.evaluation.read_bytes(), type=Evaluation) == result
    assert result.simulated
    assert (result.readings, result.patients, result.readers) == (8, 8, 1)
    assert result.meanings.keys() == result.figures.keys()
    assert {base_of(name)[0] for name in result.figures} <= MEASURES.keys()
    wanted = {"pointing", "miou", "iou_30", "centroid_error", "bleu4", "rouge_l", "meteor_exact"}
    wanted |= {"nss", "nss_centre", "nss_shuffled", "cc", "sim", "kl", "auc_judd", "sauc"}
    wanted |= {"miou_train_mean", "miou_own_gaze", "gaze_cosine", "bleu4_shuffled"}
    assert wanted <= result.figures.keys()
    assert set(result.by_finding) >= {"Lung Lesion"}
    assert set(result.by_reader) == {"R01"}
    assert sum(map(len, result.tasks.values())) == len(result.figures)
    assert not any(name.endswith("_readers") for name in result.figures), "one reader an image"
    assert result.votes == {}
    assert evaluate(run) == result
    page = run.evaluation_page.read_text("utf-8")
    assert "Best cases" in page
    assert "Worst cases" in page
    assert "No image was read by several readers" in page


def test_readers_of_the_same_images_are_the_ceiling(
    run: RunLayout, make_dataset: Callable[..., Path]
) -> None:
    data = make_dataset({"train": 2, "test": 3}, seed=6, readers=3)
    result = evaluate(run, data=data, other_data=True)
    assert (result.readings, result.patients, result.readers) == (9, 3, 3)
    assert set(result.by_reader) == {"R01", "R02", "R03"}
    found = {name: figure.value for name, figure in result.figures.items()}
    for name in ("pointing", "report_f1", "vote_f1"):
        assert found[f"{name}_readers"] == 1, "they say the same and look at the same spot"
    assert 0.5 < found["gaze_cosine_readers"] < 1, "no two looks are the same"
    for name in ("nss", "gaze_cosine", "miou"):
        assert found[f"{name}_readers"] > max(found[name], found[f"{name}_shuffled"])
    assert set(result.votes) == {"model", "R01", "R02", "R03"}
    assert "No image was read by several readers" not in run.evaluation_page.read_text("utf-8")


def test_two_runs_are_compared_by_patient(
    run: RunLayout, tiny_dataset: Path, tmp_path: Path
) -> None:
    other = _fitted(tiny_dataset, tmp_path / "other", 1)
    result = evaluate(run, against=other)
    assert result.against is not None
    assert result.against.run == "other"
    assert result.against.differences["nss"].value == pytest.approx(
        result.figures["nss"].value - evaluate(other).figures["nss"].value
    )
    assert "Against another run" in run.evaluation_page.read_text("utf-8")


def test_other_data_and_other_splits_are_refused(
    run: RunLayout, make_dataset: Callable[..., Path]
) -> None:
    other = make_dataset({"train": 2, "test": 2}, seed=5)
    with pytest.raises(DataError, match="not the dataset"):
        evaluate(run, data=other)
    assert evaluate(run, data=other, other_data=True).readings == 2
    with pytest.raises(DataError, match="no such split"):
        evaluate(run, split="tset")
