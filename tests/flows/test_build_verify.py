"""Does `gazekit verify` find each kind of damage, in one line?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazekit.build import verify_dataset
from gazekit.model.files import write_checksums
from gazekit.model.layout import DatasetLayout

Run = Callable[..., Any]


@pytest.fixture
def copy(built_study: DatasetLayout, tmp_path: Path) -> DatasetLayout:
    return DatasetLayout(Path(shutil.copytree(built_study.root, tmp_path / "dataset")))


def _change(layout: DatasetLayout, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Rewrite the training shard of a table, with fitting checksums."""
    (path,) = layout.shards(table, "train")
    pq.write_table(change(pq.read_table(path)), path)
    write_checksums(layout.root)


def _messages(layout: DatasetLayout) -> str:
    return "\n".join(str(problem) for problem in verify_dataset(layout.root))


def test_a_changed_byte(copy: DatasetLayout, gazekit: Run) -> None:
    with copy.card.open("a") as file:
        file.write("more\n")
    done = gazekit("verify", copy.root)
    assert done.code == 4
    assert done.err.strip().startswith("README.md: changed")


def test_a_shard_cut_in_the_middle(copy: DatasetLayout) -> None:
    (path,) = copy.shards("fixations", "train")
    path.write_bytes(path.read_bytes()[:1000])
    write_checksums(copy.root)
    assert "cannot be read" in _messages(copy)


def test_a_lost_row(copy: DatasetLayout) -> None:
    _change(copy, "keyframes", lambda table: table.slice(1))
    assert "the rows differ from meta/info.json" in _messages(copy)


def test_a_lost_column(copy: DatasetLayout) -> None:
    _change(copy, "readings", lambda table: table.drop_columns("report"))
    assert "the columns do not match the schema" in _messages(copy)


def test_a_key_that_leads_nowhere(copy: DatasetLayout) -> None:
    def elsewhere(table: pa.Table) -> pa.Table:
        names = pa.array(["img-unknown"] * table.num_rows)
        return table.set_column(
            table.schema.get_field_index("image_id"), table.schema.field("image_id"), names
        )

    _change(copy, "keyframes", elsewhere)
    assert "image_id is not in table images" in _messages(copy)


def test_a_patient_in_two_splits(copy: DatasetLayout) -> None:
    def one_patient(table: pa.Table) -> pa.Table:
        names = pa.array(["P1"] * table.num_rows)
        return table.set_column(
            table.schema.get_field_index("patient_id"), table.schema.field("patient_id"), names
        )

    for split in ("train", "validation", "test"):
        for path in copy.shards("images", split):
            pq.write_table(one_patient(pq.read_table(path)), path)
    write_checksums(copy.root)
    assert "a patient stands in two splits" in _messages(copy)


def test_a_heatmap_that_is_not_its_fixations(copy: DatasetLayout) -> None:
    def turned(table: pa.Table) -> pa.Table:
        grids = [row[::-1] for row in table.column("heatmap").to_pylist()]
        field = table.schema.field("heatmap")
        index = table.schema.get_field_index("heatmap")
        return table.set_column(index, field, pa.array(grids, field.type))

    _change(copy, "keyframes", turned)
    assert "the heatmap is not that of its fixations" in _messages(copy)


def test_what_is_no_dataset(tmp_path: Path, gazekit: Run) -> None:
    done = gazekit("verify", tmp_path)
    assert done.code == 4
    assert len(done.err.strip().splitlines()) == 1
    assert "this is not a built dataset" in done.err
