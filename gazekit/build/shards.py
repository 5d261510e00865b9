"""How do rows become Parquet shards? In a fixed order and layout: same rows, same bytes."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.model.columns import HEATMAP_GRID
from gazekit.model.layout import OPTIONAL_TABLES, DatasetLayout
from gazekit.model.schemas import COLUMNS_OF_STORED, check_table, dataset_schema

__all__ = ["write_shards"]

_GROUP_ROWS = 1000
_MOST_HELD = 64
"""Parts are joined by so many: a part of one row takes many times what its row takes."""

_SAMPLE_ROWS = 1 << 16
_GROUP_BYTES = 64 << 20
_SHARD_BYTES = 128 << 20


def write_shards(
    layout: DatasetLayout,
    table: str,
    split: str,
    *,
    parts: Iterable[pa.Table],
    heatmap_grid: int = HEATMAP_GRID,
) -> int:
    """Write the parts, in their order, as the shards of one split; return the number of rows.

    Holds one row group (at most 1,000 rows, or 65,536 samples, or 64 MB) at a time; a shard takes
    about 128 MB of uncompressed rows. A split without rows still has one shard, so that every
    reader finds it.
    """
    writer = _ShardWriter(layout, table, split, heatmap_grid)
    for part in parts:
        check_table(part, COLUMNS_OF_STORED.get(table, table), heatmap_grid=heatmap_grid)
        writer.add(part)
    return writer.close()


class _ShardWriter:
    def __init__(self, layout: DatasetLayout, table: str, split: str, heatmap_grid: int) -> None:
        self._layout, self._table, self._split = layout, table, split
        self._schema = dataset_schema(table, heatmap_grid=heatmap_grid)
        self._group_rows = _SAMPLE_ROWS if table in OPTIONAL_TABLES else _GROUP_ROWS
        self._held: list[pa.Table] = []
        self._held_rows = self._held_bytes = self._shard_bytes = self._rows = 0
        self._paths: list[Path] = []
        self._file: pq.ParquetWriter | None = None

    def add(self, part: pa.Table) -> None:
        for start in range(0, part.num_rows, self._group_rows):
            piece = part.slice(start, self._group_rows)
            full = self._held_rows + piece.num_rows > self._group_rows
            if self._held and (full or self._held_bytes + piece.nbytes > _GROUP_BYTES):
                self._flush()
            self._held.append(piece)
            self._held_rows += piece.num_rows
            self._held_bytes += piece.nbytes
            if len(self._held) >= _MOST_HELD:
                self._held = [pa.concat_tables(self._held).combine_chunks()]

    def close(self) -> int:
        if self._held or not self._paths:
            self._flush()
        self._end_shard()
        count = len(self._paths)
        for index, path in enumerate(self._paths):
            path.rename(self._layout.shard(self._table, self._split, index, count))
        return self._rows

    def _flush(self) -> None:
        group = pa.concat_tables(self._held) if self._held else self._schema.empty_table()
        if self._file is None:
            self._file = self._start_shard()
        if group.num_rows:  # Hugging Face datasets opens no file with an empty row group
            self._file.write_table(group.combine_chunks(), row_group_size=self._group_rows)
        self._rows += group.num_rows
        self._shard_bytes += group.nbytes
        self._held, self._held_rows, self._held_bytes = [], 0, 0
        if self._shard_bytes >= _SHARD_BYTES:
            self._end_shard()

    def _start_shard(self) -> pq.ParquetWriter:
        path = self._layout.shard(self._table, self._split, len(self._paths), 0)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._paths.append(path)
        self._shard_bytes = 0
        return pq.ParquetWriter(path, self._schema, compression="zstd", write_page_index=True)

    def _end_shard(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
