"""Opens a built dataset: its tables, splits, facts; nothing is read before it is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.model.columns import HEATMAP_GRID
from gazekit.model.errors import DataError
from gazekit.model.layout import DATASET_TABLES, OPTIONAL_TABLES, DatasetLayout
from gazekit.model.schemas import dataset_schema
from gazekit.model.version import SCHEMA_VERSION

__all__ = ["Dataset", "DatasetInfo", "open_dataset"]


class DatasetInfo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts in ``meta/info.json``.

    `counts`: rows by table and split. `fingerprint`: SHA-256 over the sorted unit keys, so that
    a model can say which data it was trained on. `config`: the resolved build configuration.
    `heatmap_grid`: side of the grid that key frames carry.
    """

    name: str
    schema_version: str
    created_at: str
    software: dict[str, str]
    config: dict[str, object]
    counts: dict[str, dict[str, int]]
    exclusions: int
    simulated: bool
    fingerprint: str
    steps: dict[str, str] = {}
    heatmap_grid: int = HEATMAP_GRID


@dataclass(frozen=True)
class Dataset:
    """A built dataset on disk."""

    layout: DatasetLayout
    info: DatasetInfo

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.layout.root

    @property
    def splits(self) -> tuple[str, ...]:
        """Splits that have readings, in the order train, validation, test, then others."""
        usual = ("train", "validation", "test")
        present = self.info.counts.get("readings", {})
        return tuple(s for s in usual if s in present) + tuple(sorted(set(present) - set(usual)))

    @property
    def tables(self) -> tuple[str, ...]:
        """Its tables: those that every dataset has, then those that were asked for."""
        return DATASET_TABLES + tuple(t for t in OPTIONAL_TABLES if t in self.info.counts)

    def schema(self, table: str) -> pa.Schema:
        """Return the Arrow schema of a table, with this dataset's own grid."""
        return dataset_schema(table, heatmap_grid=self.info.heatmap_grid)

    def count(self, table: str, split: str | None = None) -> int:
        """Count the rows of a table, of one split or all."""
        counts = self.info.counts.get(table, {})
        return sum(counts.values()) if split is None else counts.get(split, 0)

    def table(
        self, table: str, split: str | None = None, *, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Read a table whole, of one split or all; see `batches` for bounded memory."""
        parts = list(self.batches(table, split, columns=columns))
        if parts:
            return pa.Table.from_batches(parts)
        schema = self.schema(table)
        return schema.empty_table().select(columns or schema.names)

    def batches(
        self,
        table: str,
        split: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        rows: int = 1000,
    ) -> Iterator[pa.RecordBatch]:
        """Yield record batches of at most `rows` rows, in the stored order.

        Columns that a later minor version of the schema added are null.
        """
        paths = self.shards(table, split)
        names = list(self.schema(table).names if columns is None else columns)
        for path in paths:
            with pq.ParquetFile(path) as file:
                have = [name for name in names if name in file.schema_arrow.names]
                for batch in file.iter_batches(batch_size=rows, columns=have):
                    yield batch if have == names else self._completed(batch, table, names)

    def _completed(self, batch: pa.RecordBatch, table: str, names: list[str]) -> pa.RecordBatch:
        fields = [self.schema(table).field(name) for name in names]
        arrays = [
            batch.column(field.name)
            if field.name in batch.schema.names
            else pa.nulls(batch.num_rows, field.type)
            for field in fields
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))

    def shards(self, table: str, split: str | None = None) -> list[Path]:
        """List the Parquet files of a table.

        Raises
        ------
        DataError
            The table or the split does not exist.
        """
        if table not in self.tables:
            raise DataError("no such table", expected=", ".join(self.tables), found=table)
        if split is not None and split not in self.splits:
            raise DataError(
                "no such split", where=self.root.name, expected=", ".join(self.splits), found=split
            )
        names = self.splits if split is None else (split,)
        return [path for name in names for path in self.layout.shards(table, name)]


def open_dataset(path: str | Path) -> Dataset:
    """Open a built dataset.

    Raises
    ------
    DataError
        There is none at `path`, its facts are damaged, or its schema is of another major version.
    """
    layout = DatasetLayout(Path(path))
    where = layout.root.name
    if not layout.info.is_file():
        raise DataError(
            "this is not a built dataset",
            where=where,
            expected="a folder with meta/info.json",
            remedy="build one with: gazekit build SESSIONS... --out DATASET",
        )
    try:
        info = msgspec.json.decode(layout.info.read_bytes(), type=DatasetInfo)
    except msgspec.DecodeError as error:
        raise DataError(f"meta/info.json is damaged: {error}", where=where) from error
    if info.schema_version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise DataError(
            "the dataset has another schema",
            where=where,
            expected=SCHEMA_VERSION,
            found=info.schema_version,
            remedy="build it again with this version",
        )
    return Dataset(layout, info)
