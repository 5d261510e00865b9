"""Do all readers of a dataset find the same rows, the same ids and images that decode?"""

import importlib.util
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

from gazekit import build, open_dataset
from gazekit.build.config import AboutConfig, BuildConfig
from gazekit.model.layout import DATASET_TABLES, DatasetLayout, StudyLayout
from gazekit.model.schemas import schema_of

KEYS = dict(
    zip(
        DATASET_TABLES,
        ("keyframe_id", "sentence_id", "fixation_id", "reading_id", "image_id"),
        strict=True,
    )
)
ABOUT = AboutConfig(
    license="https://spdx.org/licenses/CC0-1.0.html",
    creators=("A reading room",),
    url="https://example.org/gaze",
    citation="@misc{gaze, title={Gaze}}",
    published="2026-01-31",
)


@pytest.fixture(scope="module")
def dataset(small_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "gaze"
    sessions = sorted(StudyLayout(small_study).sessions.iterdir())[:3]
    build(sessions, out, workers=1, config=BuildConfig(about=ABOUT))
    return out


def _ours(dataset: Path, table: str) -> list[str]:
    ids: list[str] = open_dataset(dataset).table(table)[KEYS[table]].to_pylist()
    return sorted(ids)


def _duck(pattern: str, columns: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = duckdb.read_parquet(pattern).project(columns).fetchall()
    return rows


@pytest.mark.parametrize("table", DATASET_TABLES)
def test_pandas_polars_and_duckdb_agree_with_us(dataset: Path, table: str) -> None:
    pattern, key = str(dataset / "data" / table / "*.parquet"), KEYS[table]
    ours = _ours(dataset, table)
    assert len(set(ours)) == len(ours)
    assert sorted(pd.read_parquet(dataset / "data" / table)[key]) == ours
    assert sorted(pl.read_parquet(pattern)[key]) == ours
    assert sorted(row[0] for row in _duck(pattern, key)) == ours


def test_nested_columns_mean_the_same_everywhere(dataset: Path) -> None:
    ours = {row["keyframe_id"]: row for row in open_dataset(dataset).table("keyframes").to_pylist()}
    pattern = str(dataset / "data" / "keyframes" / "*.parquet")
    for row in pd.read_parquet(dataset / "data" / "keyframes").to_dict("records"):
        mine = ours[row["keyframe_id"]]
        assert list(row["clusters"]) == mine["clusters"]
        assert list(row["fixation_x_px"]) == mine["fixation_x_px"]
    for other in pl.read_parquet(pattern).to_dicts():
        assert other["clusters"] == ours[other["keyframe_id"]]["clusters"]
    for name, clusters in _duck(pattern, "keyframe_id, clusters"):
        assert clusters == ours[name]["clusters"]


def test_images_decode_in_each_reader(dataset: Path) -> None:
    pattern = str(dataset / "data" / "images" / "*.parquet")
    held = [row["image"]["bytes"] for row in pl.read_parquet(pattern).to_dicts()]
    held += [value["bytes"] for value in pd.read_parquet(dataset / "data" / "images")["image"]]
    held += [row[0]["bytes"] for row in _duck(pattern, "image")]
    assert len(held) == 3 * open_dataset(dataset).count("images")
    for data in held:
        with Image.open(io.BytesIO(data)) as picture:
            assert np.asarray(picture).std() > 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_hugging_face_datasets_finds_every_table_and_split_by_name(
    dataset: Path, tmp_path: Path
) -> None:
    hub = pytest.importorskip("datasets", reason="Hugging Face datasets is of the dev extra")
    hub.disable_progress_bars()
    opened = open_dataset(dataset)
    assert hub.get_dataset_config_names(str(dataset)) == list(DATASET_TABLES)
    for table, key in KEYS.items():
        by_split = hub.load_dataset(str(dataset), table, cache_dir=str(tmp_path))
        counts = {split: len(rows) for split, rows in by_split.items()}
        assert counts == opened.info.counts[table]
        assert sorted(name for rows in by_split.values() for name in rows[key]) == _ours(
            dataset, table
        )
    images = hub.load_dataset(str(dataset), "images", split="train", cache_dir=str(tmp_path))
    assert all(np.asarray(row["image"]).std() > 0 for row in images)
    unnamed = hub.load_dataset(str(dataset), cache_dir=str(tmp_path))
    assert "keyframe_id" in unnamed["train"].column_names


# In a process of its own: what mlcroissant imports takes over logging and stderr for good.
_READ_CROISSANT = """
import json, sys
import mlcroissant, numpy
keys = json.loads(sys.argv[2])
croissant = mlcroissant.Dataset(sys.argv[1])
issues = croissant.metadata.ctx.issues
rows = {table: list(croissant.records(table)) for table in keys}
print(json.dumps({
    "issues": [*issues.errors, *issues.warnings],
    "ids": {t: sorted(r[f"{t}/{keys[t]}"].decode() for r in rows[t]) for t in keys},
    "columns": {t: [name.split("/")[1] for name in rows[t][0]] for t in keys},
    "spreads": [float(numpy.asarray(row["images/image"]).std()) for row in rows["images"]],
}))
"""


def test_croissant_is_valid_and_reads_every_record(dataset: Path) -> None:
    if importlib.util.find_spec("mlcroissant") is None:
        pytest.skip("mlcroissant is of the dev extra")
    path = str(DatasetLayout(dataset).croissant)
    program = [sys.executable, "-c", _READ_CROISSANT, path, json.dumps(KEYS)]
    read = json.loads(subprocess.run(program, capture_output=True, check=True).stdout)
    assert read["issues"] == []
    for table in KEYS:
        assert read["ids"][table] == _ours(dataset, table)
        assert set(read["columns"][table]) == set(schema_of(table).names)
    assert all(spread > 0 for spread in read["spreads"])


def test_croissant_says_what_a_user_must_know(dataset: Path) -> None:
    layout = DatasetLayout(dataset)
    said: dict[str, Any] = json.loads(layout.croissant.read_text("utf-8"))
    assert said["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    assert said["rai:hasSyntheticData"] is True
    assert "Simulated" in said["rai:dataCollection"]
    for name in ("dataBiases", "dataLimitations", "personalSensitiveInformation"):
        assert said[f"rai:{name}"]
    assert (said["license"], said["datePublished"]) == (ABOUT.license, ABOUT.published)
    sums = dict(line.split("  ")[::-1] for line in layout.checksums.read_text().splitlines())
    files = [part for part in said["distribution"] if part["@type"] == "cr:FileObject"]
    assert {part["contentUrl"]: part["sha256"] for part in files} == {
        name: digest for name, digest in sums.items() if name.startswith("data/")
    }


def test_card_and_schema_name_every_table_and_column(dataset: Path) -> None:
    layout = DatasetLayout(dataset)
    schema, card = layout.schema.read_text("utf-8"), layout.card.read_text("utf-8")
    for table in DATASET_TABLES:
        section = schema.split(f"## {table}\n")[1].split("\n## ")[0]
        assert [line.split(" | ")[0][2:] for line in section.splitlines()[3:] if line] == list(
            schema_of(table).names
        )
        assert f"- config_name: {table}\n" in card
    for words in ("Research use only", "Synthetic data", "**Biases.**", "**Limits.**", "@misc{"):
        assert words in card


def test_what_nobody_said_is_not_made_up(
    small_study: Path, tmp_path: Path, gazekit: Callable[..., Any]
) -> None:
    session = min(StudyLayout(small_study).sessions.iterdir())
    out = tmp_path / "dataset"
    assert gazekit("build", session, "--out", out, "--workers", 1).code == 0
    said = json.loads(DatasetLayout(out).croissant.read_text("utf-8"))
    assert not {"license", "creator", "url", "citeAs", "datePublished"} & said.keys()
    assert "license:" not in DatasetLayout(out).card.read_text("utf-8")
