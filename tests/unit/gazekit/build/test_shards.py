"""Are shards laid out as promised, with the same bytes for the same rows?"""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from gazekit.build import shards
from gazekit.build.shards import write_shards
from gazekit.model.layout import DatasetLayout
from gazekit.model.schemas import empty_table, schema_of, table_of


def _sentences(first: int, count: int) -> list[dict[str, object]]:
    return [
        {
            "sentence_id": f"r/{i}",
            "reading_id": "r",
            "image_id": "i",
            "reader_id": "R01",
            "patient_id": None,
            "split": "train",
            "sentence_index": i,
            "text": f"Sentence {i}.",
            "step": None,
            "labels": [],
            "onset_us": None,
            "offset_us": None,
            "words": [],
            "n_fixations": 0,
        }
        for i in range(first, first + count)
    ]


def _parts(*counts: int) -> list[object]:
    first, parts = 0, []
    for count in counts:
        parts.append(table_of("sentences", _sentences(first, count)))
        first += count
    return parts


def _write(root: Path, *counts: int) -> list[Path]:
    layout = DatasetLayout(root)
    assert write_shards(layout, "sentences", "train", parts=_parts(*counts)) == sum(counts)
    return layout.shards("sentences", "train")


def test_row_groups_hold_at_most_a_thousand_rows(tmp_path: Path) -> None:
    (path,) = _write(tmp_path, 700, 700, 2500)
    with pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        assert max(sizes) <= 1000
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"
        assert file.metadata.row_group(0).column(0).has_column_index
        assert file.schema_arrow.equals(schema_of("sentences"), check_metadata=False)
        assert file.schema_arrow.metadata == schema_of("sentences").metadata


def test_the_bytes_depend_on_the_rows_alone(tmp_path: Path) -> None:
    (one,) = _write(tmp_path / "one", 30, 70)
    (two,) = _write(tmp_path / "two", 30, 70)
    assert one.read_bytes() == two.read_bytes()


def test_a_large_table_has_several_shards_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "_SHARD_BYTES", 50_000)
    paths = _write(tmp_path, *[400] * 10)
    assert len(paths) > 1
    assert paths[0].name == f"train-00000-of-{len(paths):05d}.parquet"
    indices = [i for path in paths for i in pq.read_table(path)["sentence_index"].to_pylist()]
    assert indices == list(range(4000))


def test_a_split_without_rows_still_has_a_shard(tmp_path: Path) -> None:
    (path,) = _write(tmp_path)
    assert pq.read_table(path).equals(empty_table("sentences"))
    assert pq.read_metadata(path).num_row_groups == 0
