"""How does one table of a dataset become one file? CSV for any program, or Parquet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.model.files import atomic_path
from gazekit.model.layout import DATASET_TABLES

__all__ = ["EXPORTED_TABLES", "export_table"]

_META = ("exclusions", "manifest")

EXPORTED_TABLES = (*DATASET_TABLES, *_META)
"""Every table that can be exported."""

_ROWS = 200


def export_table(
    dataset: Dataset, table: str, *, out: Path, split: str | None = None
) -> tuple[int, tuple[str, ...]]:
    """Write a table to ``OUT.csv`` or ``OUT.parquet``, some rows at a time.

    In CSV, lists and records are JSON text, an absent value is an empty cell and an empty text is
    ``""``; columns that hold bytes (the images) are left out. Parquet holds everything.

    Returns
    -------
    rows
        How many were written.
    left_out
        The columns that CSV cannot hold.

    Raises
    ------
    UsageError
        No such table, or OUT is neither CSV nor Parquet.
    DataError
        No such split, or a file of the dataset is missing.
    """
    if table not in EXPORTED_TABLES:
        raise UsageError(
            "no such table",
            expected=", ".join(EXPORTED_TABLES),
            found=table,
            remedy=did_you_mean(table, EXPORTED_TABLES),
        )
    writers = {".csv": _csv, ".parquet": _parquet}
    if out.suffix.lower() not in writers:
        raise UsageError(
            "the file's kind is not known", where=out.name, expected="OUT.csv or OUT.parquet"
        )
    batches, schema = _batches(dataset, table, split)
    with atomic_path(out) as part, writers[out.suffix.lower()](part, schema) as (write, left_out):
        rows = 0
        for batch in batches:
            write(batch)
            rows += batch.num_rows
    return rows, left_out


def _batches(
    dataset: Dataset, table: str, split: str | None
) -> tuple[Iterator[pa.RecordBatch], pa.Schema]:
    if table in DATASET_TABLES:
        shards = dataset.shards(table, split)
        if shards:
            return dataset.batches(table, split, rows=_ROWS), pq.read_schema(shards[0])
        return iter(()), dataset.table(table, split).schema
    path = dataset.layout.exclusions if table == "exclusions" else dataset.layout.manifest
    if split is not None:
        raise UsageError(f"the table {table} has no splits", remedy="leave --split out")
    if not path.is_file():
        raise DataError("the table is missing", where=f"{dataset.root.name}/{path.name}")
    whole = pq.read_table(path)
    return iter(whole.to_batches()), whole.schema


_Write = Callable[[pa.RecordBatch], None]


@contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Iterator[tuple[_Write, tuple[str, ...]]]:
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield lambda batch: writer.write_batch(batch.cast(schema)), ()


@contextmanager
def _csv(path: Path, schema: pa.Schema) -> Iterator[tuple[_Write, tuple[str, ...]]]:
    left_out = tuple(field.name for field in schema if _holds_bytes(field.type))
    kept = [field for field in schema if field.name not in left_out]
    plain = pa.schema(
        [pa.field(f.name, pa.string() if pa.types.is_nested(f.type) else f.type) for f in kept]
    )

    def write(batch: pa.RecordBatch) -> None:
        columns = [_as_text(batch.column(f.name), f.type) for f in kept]
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=plain))

    with pc.CSVWriter(path, plain) as writer:
        yield write, left_out


def _holds_bytes(type_: pa.DataType) -> bool:
    if pa.types.is_struct(type_):
        return any(_holds_bytes(type_.field(i).type) for i in range(type_.num_fields))
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_))


def _as_text(values: pa.Array, type_: pa.DataType) -> pa.Array:
    """Write lists and records as JSON; NaN, which JSON lacks, as null."""
    if not pa.types.is_nested(type_):
        return values
    texts = [None if v is None else msgspec.json.encode(v).decode() for v in values.to_pylist()]
    return pa.array(texts, pa.string())
