"""Do the examples run on a small study, say what they found, and draw it?"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gazekit.model.layout import DatasetLayout

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _run(example: str, dataset: Path, picture: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / example), str(dataset), str(picture)],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    drawn = np.asarray(Image.open(picture).convert("L"))
    assert (drawn < 128).sum() > 500, "the picture is empty"
    return done.stdout


def test_pandas_and_polars_agree(built_study: DatasetLayout, tmp_path: Path) -> None:
    pytest.importorskip("polars", reason="the example needs polars, of the extra 'test'")
    said = _run("dataset_in_pandas_and_polars.py", built_study.root, tmp_path / "dwell.png")
    totals = [line.split(":")[1].split()[0] for line in said.splitlines() if "in all" in line]
    assert len(totals) == 2
    assert totals[0] == totals[1]
    assert float(totals[0]) > 0


def test_the_scanpath_study_counts_readings(built_study: DatasetLayout, tmp_path: Path) -> None:
    said = _run("scanpath_study.py", built_study.root, tmp_path / "scanmatch.png")
    assert "n = 12 readings of" in said
    assert 0 < float(said.split("p = ")[1].split(",")[0]) <= 1


def test_evidence_is_held_to_the_reader(built_study: DatasetLayout, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the example trains a model, which needs the extra 'train'")
    said = _run("training_and_reading_the_evidence.py", built_study.root, tmp_path / "evidence.png")
    scores = {line.split()[0]: line.split()[1:] for line in said.splitlines() if line.strip()}
    assert scores["pointing"][-1] == "1.0", "the reader's own gaze lies on what was placed"
    median = said.split("sentences: model ")[1]
    model, centre = (float(word) for word in (median.split(",")[0], median.split("centre ")[1][:5]))
    assert 0 < model < 1
    assert 0 < centre < 1
