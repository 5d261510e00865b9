"""Does a simulated study become a dataset that agrees with its truth and that everyone can open?"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from gazekit import build, open_dataset
from gazekit.build import BuildConfig, verify_dataset
from gazekit.build.config import AlignConfig
from gazekit.model.errors import GazekitError
from gazekit.model.files import held
from gazekit.model.layout import DATASET_TABLES, DatasetLayout, StudyLayout

Run = Callable[..., Any]
Rows = list[dict[str, Any]]


@pytest.fixture
def dataset(built_study: DatasetLayout) -> Path:
    return built_study.root


def _truth(study: Path, table: str) -> Rows:
    rows: Rows = pq.read_table(StudyLayout(study).truth_table(table)).to_pylist()
    return rows


def _by_reading(rows: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row["reading_id"], []).append(row)
    return found


def _best(rows: Rows, onset_us: int, offset_us: int) -> tuple[dict[str, Any], int]:
    """Return the row that shares most time with an interval, and how much it shares."""

    def shared(row: dict[str, Any]) -> int:
        return int(min(row["offset_us"], offset_us) - max(row["onset_us"], onset_us))

    best = max(rows, key=shared)
    return best, shared(best)


def _digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(DatasetLayout(root).data.rglob("*.parquet"))
    }


def test_fixations_agree_with_the_truth(small_study: Path, dataset: Path) -> None:
    found = _by_reading(open_dataset(dataset).table("fixations").to_pylist())
    errors, hits = [], 0
    for row in _truth(small_study, "fixations"):
        length = row["offset_us"] - row["onset_us"]
        if length >= 100_000:
            best, shared = _best(found[row["reading_id"]], row["onset_us"], row["offset_us"])
            off_x, off_y = ((best[f"{a}_px"] - row[f"{a}_px"]) for a in "xy")
            error = np.hypot(off_x / best["sigma_x_px"], off_y / best["sigma_y_px"])
            errors.append(error)
            hits += shared >= 0.5 * length and error < 1.5
    assert np.median(errors) < 0.5
    assert hits / len(errors) >= 0.95


def test_key_frames_hold_the_gaze_of_their_own_sentence(small_study: Path, dataset: Path) -> None:
    aimed = [r for r in _truth(small_study, "fixations") if r["sentence_index"] is not None]
    truth = _by_reading(aimed)
    keyframes = open_dataset(dataset).table("keyframes").to_pylist()
    right = 0
    for keyframe in keyframes:
        weight: dict[int, int] = {}
        spans = zip(keyframe["fixation_onset_us"], keyframe["fixation_duration_us"], strict=True)
        for onset, length in spans:
            best, shared = _best(truth[keyframe["reading_id"]], onset, onset + length)
            if shared > 0:
                sentence = best["sentence_index"]
                weight[sentence] = weight.get(sentence, 0) + length
        most = max(weight, key=weight.__getitem__) if weight else None
        right += most == keyframe["sentence_index"]
    assert right / len(keyframes) >= 0.95


def test_sentences_steps_and_labels_are_those_that_were_said(
    small_study: Path, dataset: Path
) -> None:
    def key(row: dict[str, Any]) -> tuple[str, int]:
        return row["reading_id"], row["sentence_index"]

    truth = {key(row): row for row in _truth(small_study, "sentences")}
    found = {key(row): row for row in open_dataset(dataset).table("sentences").to_pylist()}
    assert truth.keys() == found.keys()
    pairs = [(truth[name], found[name]) for name in truth]
    assert all(true["text"] == row["text"] for true, row in pairs)
    assert all(abs(true["onset_us"] - row["onset_us"]) <= 1 for true, row in pairs)
    assert np.mean([true["step"] == row["step"] for true, row in pairs]) >= 0.95
    assert np.mean([set(true["labels"]) == set(row["labels"]) for true, row in pairs]) >= 0.95


@pytest.mark.parametrize("table", DATASET_TABLES)
def test_every_reader_opens_every_table_in_one_line(dataset: Path, table: str) -> None:
    pattern = str(dataset / "data" / table / "*.parquet")
    count = open_dataset(dataset).count(table)
    assert count > 0
    assert len(pd.read_parquet(dataset / "data" / table)) == count
    assert pl.scan_parquet(pattern).collect().height == count
    assert len(duckdb.read_parquet(pattern)) == count


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_hugging_face_opens_it_by_name(dataset: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    opened = datasets.load_dataset(str(dataset), "keyframes", cache_dir=str(tmp_path))
    counts = open_dataset(dataset).info.counts["keyframes"]
    assert {split: len(rows) for split, rows in opened.items()} == counts
    first = opened["train"][0]
    assert len(first["heatmap"]) == 32 * 32
    assert first["fixation_x_px"]
    images = datasets.load_dataset(str(dataset), "images", cache_dir=str(tmp_path))
    row = images["train"][0]
    shape = row["image"].size[0] / row["image"].size[1]
    assert shape == pytest.approx(row["width_px"] / row["height_px"], abs=0.01)


def test_one_worker_and_two_make_the_same_bytes(
    four_sessions: Path, built_four: DatasetLayout, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    first = build(four_sessions, again, workers=2)
    assert (first.made, first.reused) == (8, 0)
    assert _digests(again) == _digests(built_four.root)


def test_a_second_build_makes_only_what_is_missing(
    small_study: Path, built_study: DatasetLayout, copied: Run, tmp_path: Path
) -> None:
    out = copied(built_study, tmp_path / "dataset")
    before = _digests(out)
    second = build(small_study, out, workers=1)
    assert (second.made, second.reused) == (0, 24)
    (unit,) = sorted(DatasetLayout(out).units.rglob("*.unit"))[:1]
    unit.write_bytes(unit.read_bytes()[:-7])
    assert build(small_study, out, workers=1).made == 1
    assert _digests(out) == before


def test_another_configuration_makes_other_readings_but_keeps_the_images(
    small_study: Path, built_study: DatasetLayout, copied: Run, tmp_path: Path
) -> None:
    out = copied(built_study, tmp_path / "dataset")
    narrow = BuildConfig(align=AlignConfig(lead_s=0.5))
    changed = build(small_study, out, config=narrow, workers=1)
    assert (changed.made, changed.reused) == (12, 12)
    assert open_dataset(out).info.config["align"] == {
        "preset": "default",
        "lead_s": 0.5,
        "overlap": "lead",
        "box_level": 0.5,
        "cluster_deg": 2.0,
    }


def test_a_dry_run_writes_nothing(small_study: Path, tmp_path: Path, gazekit: Run) -> None:
    done = gazekit("build", small_study, "--out", tmp_path / "dataset", "--dry-run")
    assert done.code == 0
    assert done.out.startswith("24 units to make, 0 there already; about ")
    assert list(tmp_path.iterdir()) == []


def test_the_result_as_json_stands_alone_on_stdout(
    small_study: Path, built_study: DatasetLayout, copied: Run, tmp_path: Path, gazekit: Run
) -> None:
    out = copied(built_study, tmp_path / "dataset")
    done = gazekit("build", small_study, "--out", out, "--json", "--workers", 1)
    result = json.loads(done.out)
    assert result["counts"]["readings"] == open_dataset(out).info.counts["readings"]
    assert result["exclusions"] == 0


def test_simulated_gaze_is_called_synthetic(dataset: Path) -> None:
    opened = open_dataset(dataset)
    assert opened.info.simulated
    assert set(opened.table("readings").column("simulated").to_pylist()) == {True}
    card = opened.layout.card.read_text("utf-8")
    assert "Synthetic data" in card
    assert "Research use only; not a medical device." in card


def test_a_sound_dataset_verifies(dataset: Path, gazekit: Run) -> None:
    assert verify_dataset(dataset) == []
    assert gazekit("verify", dataset).code == 0


def test_nothing_is_left_beside_a_dataset_but_its_units(dataset: Path) -> None:
    beside = {path.name for path in dataset.parent.iterdir()}
    assert beside == {dataset.name, DatasetLayout(dataset).units.name}


def test_two_builds_of_one_dataset_do_not_meet(small_study: Path, tmp_path: Path) -> None:
    layout = DatasetLayout(tmp_path / "dataset")
    with (
        held(layout.units, where="dataset"),
        pytest.raises(GazekitError, match="another process writes it"),
    ):
        build(small_study, layout.root, workers=1)
    assert not layout.root.exists()
