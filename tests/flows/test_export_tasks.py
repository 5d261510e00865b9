"""Can another trainer load the exported tasks, and is each picture where its record says?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gazekit import build, open_dataset
from gazekit.export import export_tasks
from gazekit.model.layout import StudyLayout
from gazekit.model.layout_outputs import TaskExportLayout
from gazekit.model.templates import TASKS
from gazekit.tasks import TaskOptions

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def dataset(small_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "dataset"
    build(sorted(StudyLayout(small_study).sessions.iterdir())[:3], out, workers=1)
    return out


@pytest.fixture(scope="module")
def llamafactory(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "lf"
    options = TaskOptions(limit=3, frame_px=96)
    export_tasks(open_dataset(dataset), out, form="llamafactory", options=options)
    return out


def _records(root: Path) -> dict[str, list[dict[str, Any]]]:
    info = json.loads(TaskExportLayout(root).dataset_info.read_text("utf-8"))
    return {
        name: json.loads((root / d["file_name"]).read_text("utf-8")) for name, d in info.items()
    }


def _files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_each_tag_has_its_picture_and_each_picture_decodes(llamafactory: Path) -> None:
    records = _records(llamafactory)
    assert {name.removeprefix("dataset_").rsplit("_", 1)[0] for name in records} >= {
        "trajectory",
        "report",
        "finding",
        "perception",
        "order_global",
    }
    for samples in records.values():
        assert 1 <= len(samples) <= 3
        for sample in samples:
            user, assistant = sample["messages"]
            assert (user["role"], assistant["role"]) == ("user", "assistant")
            assert user["content"].count("<image>") == len(sample["images"])
            assert user["content"].count("<video>") == len(sample["videos"])
            assert assistant["content"]
            for path in [*sample["images"], *(p for video in sample["videos"] for p in video)]:
                with Image.open(llamafactory / path) as picture:
                    assert np.asarray(picture).size


def test_hugging_face_datasets_loads_both_forms(
    dataset: Path, llamafactory: Path, tmp_path: Path
) -> None:
    hub = pytest.importorskip("datasets", reason="Hugging Face datasets is of the dev extra")
    info = json.loads(TaskExportLayout(llamafactory).dataset_info.read_text("utf-8"))
    for name, told in info.items():
        path = str(llamafactory / told["file_name"])
        loaded = hub.load_dataset("json", data_files=path, split="train", cache_dir=str(tmp_path))
        assert loaded.num_rows == len(_records(llamafactory)[name])
        assert set(told["columns"].values()) <= set(loaded.column_names)
    chat = tmp_path / "chat"
    options = TaskOptions(tasks=("order_global", "finding"), limit=2, frames="images", frame_px=64)
    export_tasks(open_dataset(dataset), chat, form="chat", options=options)
    path = str(TaskExportLayout(chat).samples("order_global", "train", "jsonl"))
    loaded = hub.load_dataset("json", data_files=path, split="train", cache_dir=str(tmp_path / "c"))
    for row in loaded:
        user, assistant = row["messages"]
        shown = [part["path"] for part in user["content"] if part["type"] == "image"]
        assert all((chat / path).is_file() for path in shown)
        assert all("image" not in part and "video" not in part for part in user["content"])
        numbers = assistant["content"][0]["text"].split("\n")[0].removeprefix("Order: ")
        assert len(numbers.split(", ")) == len(shown) - 1


def test_frames_name_no_sentence_but_their_own(dataset: Path, llamafactory: Path) -> None:
    texts = {
        row["keyframe_id"]: row["text"]
        for row in open_dataset(dataset).table("keyframes").to_pylist()
    }
    for sample in _records(llamafactory)["dataset_finding_train"]:
        key = sample["id"].removesuffix("/finding")
        assert sample["messages"][1]["content"] == texts[key]
        reading, index = key.split("/")
        for frame in sample["videos"][0]:
            assert frame.startswith(f"frames/{reading}/{int(index):03d}-")


def test_an_export_that_was_cut_goes_on_and_ends_the_same(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = TaskOptions(tasks=("finding", "perception"), limit=2, frame_px=64)
    opened = open_dataset(dataset)
    whole = tmp_path / "whole"
    export_tasks(opened, whole, form="llamafactory", options=options)

    def cut(count: int, seen: list[int] = []) -> None:  # noqa: B006 - it counts the calls
        seen.append(count)
        if len(seen) == 2:
            raise KeyboardInterrupt

    again = tmp_path / "again"
    with pytest.raises(KeyboardInterrupt):
        export_tasks(opened, again, form="llamafactory", options=options, progress=cut)
    assert not again.exists()
    growing = TaskExportLayout(again).growing
    held = {p: p.stat().st_mtime_ns for p in growing.glob("frames/*/*.png")}
    assert held
    export_tasks(opened, again, form="llamafactory", options=options)
    assert _files(again) == _files(whole)
    assert not growing.exists()
    assert all(
        (again / path.relative_to(growing)).stat().st_mtime_ns == t for path, t in held.items()
    )


def test_another_recipe_starts_anew(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    growing = TaskExportLayout(out).growing
    growing.mkdir()
    stale = growing / "frames" / "x"
    stale.mkdir(parents=True)
    options = TaskOptions(tasks=("report",), limit=1)
    export_tasks(open_dataset(dataset), out, form="chat", options=options)
    assert not (out / "frames").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--tasks", "trajektory"), 2, "Did you mean 'trajectory'"),
        (("--tasks", ","), 2, "no task was named"),
        (("--split", "dev"), 4, "no such split"),
        (("--limit", 0), 2, "--limit"),
        (("--coordinates", "mm"), 2, "--coordinates"),
    ],
)
def test_bad_input_is_one_line(
    dataset: Path, tmp_path: Path, gazekit: Run, *, arguments: Any, code: int, words: str
) -> None:
    done = gazekit("export", "llamafactory", dataset, "--out", tmp_path / "out", *arguments)
    assert done.code == code
    assert words in done.err
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_it_wrote(dataset: Path, tmp_path: Path, gazekit: Run) -> None:
    out = tmp_path / "out"
    arguments = ("export", "chat", dataset, "--out", out, "--tasks", "report,vqa", "--json")
    done = gazekit(*arguments)
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert set(result["counts"]) <= set(TASKS)
    assert sum(result["counts"]["report"].values()) == open_dataset(dataset).count("readings")
    readme = TaskExportLayout(out).readme.read_text("utf-8")
    assert "Research use only" in readme
    assert "Synthetic data" in readme
    assert gazekit(*arguments).code == 2  # the folder exists


def test_images_that_are_not_embedded_are_told(dataset: Path, tmp_path: Path, gazekit: Run) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    copy = tmp_path / "bare"
    shutil.copytree(dataset, copy)
    for path in open_dataset(copy).layout.shards("images"):
        table = pq.read_table(path)
        index = table.schema.get_field_index("image")
        field = table.schema.field(index)
        bare = table.set_column(index, field, pa.nulls(table.num_rows, field.type))
        pq.write_table(bare, path)
    done = gazekit("export", "chat", copy, "--out", tmp_path / "out", "--tasks", "report")
    assert done.code == 4
    assert "image is not in the dataset" in done.err
