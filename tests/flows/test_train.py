"""Does the whole way work: a simulated study, its dataset, a model, a prediction on its image?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gazekit.model.layout import StudyLayout
from gazekit.model.layout_runs import PredictionLayout, RunLayout


def _run(program: str, *arguments: str | Path, codes: tuple[int, ...] = (0,)) -> str:
    path = Path(sys.executable).with_name(program)
    done = subprocess.run(
        [path, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode in codes, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyLayout:
    root = tmp_path_factory.mktemp("study") / "study"
    _run("gazekit", "synth", root, "--readings", "24", "--seed", "7", "--image-px", "160x200")
    return StudyLayout(root)


@pytest.fixture(scope="module")
def run(study: StudyLayout, tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    folder = tmp_path_factory.mktemp("built")
    dataset, layout = folder / "dataset", RunLayout(folder / "run")
    _run("gazekit", "build", study.sessions, "--out", dataset, "--workers", "1", codes=(0, 3))
    settings = ("model.width=32", "model.heads=2", "fit.steps=40", "fit.batch=8", "optim.lr=5e-3")
    sets = [part for setting in (*settings, "fit.threads=1") for part in ("--set", setting)]
    result = json.loads(
        _run("trainer", "fit", "nano", "--data", dataset, "--out", layout.root, "--json", *sets)
    )
    assert result["simulated"]
    assert result["step"] == 40
    return layout


def test_the_model_is_scored_beside_its_controls(run: RunLayout) -> None:
    result = json.loads(_run("trainer", "evaluate", run.root, "--split", "train", "--json"))
    assert result["simulated"]
    assert {"report_f1", "pointing", "nss", "nss_centre", "nss_train_mean", "nss_shuffled"} <= set(
        result["figures"]
    )
    # It was trained on these readings' gaze, so its maps follow it better than another's.
    assert result["figures"]["nss"]["value"] > result["figures"]["nss_shuffled"]["value"]


def test_a_dicom_image_of_the_study_is_read(
    study: StudyLayout, run: RunLayout, tmp_path: Path
) -> None:
    image = min(study.images.glob("*.dcm"))
    prediction = json.loads(
        _run("trainer", "predict", run.root, image, "--out", tmp_path / "p", "--json")
    )
    assert (prediction["width_px"], prediction["height_px"]) == (160, 200)
    layout = PredictionLayout(tmp_path / "p")
    assert layout.overlay.is_file()
    assert prediction["report"] in layout.report.read_text("utf-8")
