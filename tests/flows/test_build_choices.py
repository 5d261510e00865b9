"""Do samples, grids, sigma, left-out images and held-out readers come out as was asked?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from gazekit.build import BuildConfig, Running, build, verify_dataset
from gazekit.build.card import card_text
from gazekit.build.compare import compare
from gazekit.build.config import ImageConfig, RenderConfig, SplitConfig
from gazekit.build.merge import merge
from gazekit.build.migrate import migrate
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError, ProblemsError
from gazekit.model.files import write_checksums, write_json
from gazekit.model.layout import DatasetLayout, StudyLayout
from gazekit.model.version import SCHEMA_VERSION

Run = Callable[..., Any]
SERIAL = Running(executor="serial")


@pytest.fixture(scope="module")
def study(four_sessions: Path) -> Path:
    return four_sessions


@pytest.fixture(scope="module")
def chosen(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a dataset with samples, a grid of 16, another sigma and no pixels."""
    out = tmp_path_factory.mktemp("chosen") / "dataset"
    config = BuildConfig(
        samples=True,
        render=RenderConfig(heatmap_grid=16, sigma_deg=0.5),
        images=ImageConfig(embed=False),
    )
    build(study, out, config=config, running=SERIAL)
    return out


@pytest.fixture(scope="module")
def plain(built_four: DatasetLayout) -> Path:
    return built_four.root


def test_what_was_chosen_is_sound_and_stands_in_the_facts(chosen: Path) -> None:
    assert verify_dataset(chosen) == []
    dataset = open_dataset(chosen)
    assert dataset.info.heatmap_grid == 16
    assert set(map(len, dataset.table("keyframes").column("heatmap").to_pylist())) == {256}
    assert dataset.table("images").column("image").null_count == dataset.count("images") > 0
    assert "16 x 16 grid" in dataset.layout.schema.read_text("utf-8")


def test_samples_are_on_the_clock_of_the_reading_with_their_flags(chosen: Path) -> None:
    dataset = open_dataset(chosen)
    readings = {r["reading_id"]: r for r in dataset.table("readings").to_pylist()}
    assert dataset.count("samples") == sum(r["n_samples"] for r in readings.values())
    samples = dataset.table("samples").to_pandas()
    for name, rows in samples.groupby("reading_id"):
        assert list(rows["sample_index"]) == list(range(len(rows)))
        assert rows["time_us"].between(0, readings[name]["duration_us"]).all()
    seen = samples["screen_x_px"].notna()
    assert (samples["gap"] == (~seen | samples["filled"])).all()
    assert not (samples["blink"] & ~samples["gap"]).any()
    placed = samples[samples["x_px"].notna() & ~samples["off_image"]]
    assert placed["x_px"].between(0, 128).all()
    assert placed["y_px"].between(0, 160).all()
    assert samples["gap"].any()
    assert len(placed) > 0.5 * len(samples)


def test_a_split_without_a_row_is_not_named_to_hugging_face(chosen: Path) -> None:
    info = open_dataset(chosen).info
    counts = {table: dict(by_split) for table, by_split in info.counts.items()}
    some, *_ = counts["keyframes"]
    counts["keyframes"][some] = 0
    counts["samples"] = dict.fromkeys(counts["samples"], 0)
    emptied = msgspec.structs.replace(info, counts=counts)
    front = card_text(emptied, {"readings": {}}, {}).split("---")[1]
    assert f"data/keyframes/{some}-" not in front
    assert f"data/sentences/{some}-" in front
    assert "samples" not in front


def test_another_sigma_reads_no_recording_again(
    study: Path, built_four: DatasetLayout, copied: Run, tmp_path: Path
) -> None:
    out = copied(built_four, tmp_path / "dataset")
    narrow = BuildConfig(render=RenderConfig(sigma_deg=0.7))
    again = build(study, out, config=narrow, running=Running(executor="serial", prune=True))
    assert (again.made, again.reused, again.gaze_made, len(again.pruned)) == (4, 4, 0, 4)
    assert verify_dataset(out) == []
    fresh = tmp_path / "fresh"
    build(study, fresh, config=narrow, running=SERIAL)
    assert not compare(open_dataset(out), open_dataset(fresh)).any


def test_a_held_out_reader_and_his_patients_are_in_no_other_split(
    study: Path, plain: Path, tmp_path: Path
) -> None:
    rows = open_dataset(plain).table("readings").to_pylist()
    reader = rows[0]["reader_id"]
    config = BuildConfig(splits=SplitConfig(held_out_readers=(reader,)))
    out = tmp_path / "dataset"
    result = build(study, out, config=config, running=SERIAL)
    dataset = open_dataset(out)
    assert verify_dataset(out) == []
    held = dataset.table("readings", "held_out").to_pylist()
    assert {r["reader_id"] for r in held} == {reader}
    patients = {r["patient_id"] for r in held}
    others = [r for r in dataset.table("readings").to_pylist() if r["split"] != "held_out"]
    assert not patients & {r["patient_id"] for r in others}
    beside = [r for r in rows if r["reader_id"] != reader and r["patient_id"] in patients]
    assert result.reasons.get("patient_held_out", 0) == len(beside)
    unknown = BuildConfig(splits=SplitConfig(held_out_readers=("nobody",)))
    with pytest.raises(DataError, match="no reading is by the reader"):
        build(study, tmp_path / "d", config=unknown, running=SERIAL)


def test_diff_names_what_differs(plain: Path, chosen: Path, gazekit: Run) -> None:
    assert gazekit("diff", plain, plain).code == 0
    done = gazekit("diff", plain, chosen)
    assert done.code == 1
    assert "render.heatmap_grid: 32 -> 16" in done.out
    assert "samples: " in done.out


def test_parts_merge_to_the_whole(study: Path, plain: Path, tmp_path: Path) -> None:
    sessions = sorted(StudyLayout(study).sessions.iterdir())
    halves = [tmp_path / name for name in ("a", "b")]
    for half, part in zip(halves, (sessions[:2], sessions[2:]), strict=True):
        build(part, half, running=SERIAL)
    merge(halves[0], halves[1], tmp_path / "both")
    assert verify_dataset(tmp_path / "both") == []
    assert not compare(open_dataset(plain), open_dataset(tmp_path / "both")).any
    with pytest.raises(ProblemsError, match="both datasets have the reading"):
        merge(halves[0], halves[0], tmp_path / "twice")
    other = BuildConfig(splits=SplitConfig(key="another", validation=0.9, test=0.1))
    build(sessions[2:], halves[1], config=other, running=SERIAL)
    with pytest.raises(ProblemsError, match="built with other settings"):
        merge(halves[0], halves[1], tmp_path / "odd")
    assert not (tmp_path / "odd").exists()


def _as_of(root: Path, version: str, drop: str) -> None:
    """Make a dataset one of an older schema: without a column, and so called."""
    layout = DatasetLayout(root)
    for path in layout.shards("keyframes"):
        pq.write_table(pq.read_table(path).drop_columns([drop]), path)
    info = open_dataset(root).info
    write_json(layout.info, msgspec.structs.replace(info, schema_version=version))
    write_checksums(root)


def test_older_minors_open_and_migrate_and_majors_go_step_by_step(
    built_four: DatasetLayout, copied: Run, tmp_path: Path, gazekit: Run
) -> None:
    out = copied(built_four, tmp_path / "dataset")
    now = gazekit("migrate", out)
    assert now.code == 0
    assert "nothing to do" in now.out
    _as_of(out, "1.0", "clusters")
    old = open_dataset(out)
    assert verify_dataset(out) == []
    column = old.table("keyframes").column("clusters")
    assert column.null_count == len(column) > 0
    done = gazekit("migrate", out)
    assert (done.code, f"1.0 -> {SCHEMA_VERSION}" in done.out) == (0, True)
    assert verify_dataset(out) == []
    _as_of(out, "0.3", "clusters")
    refused = gazekit("migrate", out)
    assert refused.code == 4
    assert "no step leads on from schema 0" in refused.err

    def step(table: str, rows: Any) -> Any:
        names = rows.column_names
        return (
            rows
            if "text" not in names
            else rows.set_column(
                names.index("text"), rows.schema.field("text"), [["stepped"] * rows.num_rows]
            )
        )

    migrate(out, steps={0: step})
    assert set(open_dataset(out).table("sentences").column("text").to_pylist()) == {"stepped"}
    assert open_dataset(out).info.schema_version == SCHEMA_VERSION
    assert np.all(np.array([len(verify_dataset(out))]) == 0)
