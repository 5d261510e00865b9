"""A built dataset opens by its facts; tables and splits that do not exist are named."""

from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazekit.model.columns import TABLES
from gazekit.model.dataset import DatasetInfo, open_dataset
from gazekit.model.errors import DataError, UsageError
from gazekit.model.files import write_json
from gazekit.model.layout import DatasetLayout, check_identifier
from gazekit.model.schemas import check_table, empty_table, schema_of, table_of
from gazekit.model.version import SCHEMA_VERSION


def exclusion(unit_id: str) -> dict[str, str]:
    return {"unit": "reading", "unit_id": unit_id, "reason": "r", "detail": "d"}


def write_dataset(root: Path, schema_version: str = SCHEMA_VERSION) -> DatasetLayout:
    layout = DatasetLayout(root)
    layout.meta.mkdir(parents=True)
    counts = {"train": 2, "test": 1}
    for split, rows in counts.items():
        shard = layout.shard("images", split, 0, 1)
        shard.parent.mkdir(parents=True, exist_ok=True)
        names = [f"{split}-{index}" for index in range(rows)]
        pq.write_table(pa.table({"image_id": names, "width_px": [1] * rows}), shard)
    info = DatasetInfo(
        name=root.name,
        schema_version=schema_version,
        created_at="2026-01-01T00:00:00+00:00",
        software={},
        config={},
        counts={"images": counts, "readings": counts},
        exclusions=0,
        simulated=True,
        fingerprint="0" * 64,
    )
    write_json(layout.info, info)
    return layout


def test_tables_are_read_by_split_in_stored_order(tmp_path: Path) -> None:
    dataset = open_dataset(write_dataset(tmp_path / "d").root)
    assert dataset.splits == ("train", "test")
    assert dataset.count("images") == 3
    whole = dataset.table("images", columns=["image_id"])
    assert whole["image_id"].to_pylist() == ["train-0", "train-1", "test-0"]
    assert dataset.table("images", "test").num_rows == 1
    assert dataset.table("sentences").num_rows == 0


@pytest.mark.parametrize(("table", "split"), [("image", None), ("images", "dev")])
def test_what_does_not_exist_is_named(tmp_path: Path, table: str, split: str | None) -> None:
    dataset = open_dataset(write_dataset(tmp_path / "d").root)
    with pytest.raises(DataError, match="no such"):
        dataset.table(table, split)


def test_another_major_schema_is_refused_with_the_remedy(tmp_path: Path) -> None:
    layout = write_dataset(tmp_path / "d", schema_version="99.0")
    with pytest.raises(DataError, match=r"expected 1\..*found 99\.0.*Build it again"):
        open_dataset(layout.root)


def test_a_folder_that_is_no_dataset_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gazekit build"):
        open_dataset(tmp_path)


def test_damaged_facts_are_named(tmp_path: Path) -> None:
    layout = write_dataset(tmp_path / "d")
    layout.info.write_bytes(layout.info.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"meta/info\.json is damaged"):
        open_dataset(layout.root)


def test_every_table_is_plain_arrow_and_every_column_has_a_meaning() -> None:
    for name, columns in TABLES.items():
        assert len({column.name for column in columns}) == len(columns), name
        for column in columns:
            assert column.meaning, column.name
            assert not isinstance(column.type, pa.BaseExtensionType), column.name


def test_rows_become_a_table_and_a_wrong_row_is_named() -> None:
    assert table_of("exclusions", [exclusion("a")]).num_rows == 1
    row = exclusion("b")
    row["reasn"] = row.pop("reason")
    with pytest.raises(DataError, match=r"exclusions\[1\].*reasn"):
        table_of("exclusions", [exclusion("a"), row])


def test_a_table_of_other_types_or_with_nulls_is_refused() -> None:
    good = empty_table("clock")
    check_table(good, "clock")
    with pytest.raises(DataError, match=r"clock\.device_us.*expected int64"):
        check_table(good.set_column(1, "device_us", pa.array([], pa.int32())), "clock")
    nulls = pa.table(
        [pa.array([None], f.type) for f in schema_of("clock")], schema_of("clock").names
    )
    with pytest.raises(DataError, match="nulls in a column that has none"):
        check_table(nulls, "clock")


@pytest.mark.parametrize("text", ["", "a/b", "..", "Jane Doe", "a" * 65, "-x"])
def test_what_cannot_be_a_file_name_is_no_identifier(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be used as an identifier"):
        check_identifier(text, "the reader")


def test_an_info_round_trips() -> None:
    info = DatasetInfo(
        name="x",
        schema_version="1.0",
        created_at="",
        software={},
        config={"a": [1, None]},
        counts={},
        exclusions=1,
        simulated=False,
        fingerprint="",
    )
    assert msgspec.json.decode(msgspec.json.encode(info), type=DatasetInfo) == info
