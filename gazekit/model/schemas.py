"""Arrow schemas made from the table of columns, and the check of a table against its own."""

from collections.abc import Iterable, Mapping

import msgspec
import pyarrow as pa

from gazekit.model.column_types import IMAGE_TYPE
from gazekit.model.columns import HEATMAP_GRID, columns_of
from gazekit.model.errors import DataError
from gazekit.model.version import SCHEMA_VERSION

__all__ = [
    "COLUMNS_OF_STORED",
    "VERSION_KEY",
    "check_table",
    "dataset_schema",
    "empty_table",
    "schema_of",
    "table_of",
]

COLUMNS_OF_STORED = {"samples": "cleaned_samples"}
"""Tables of a built dataset whose name stands for other columns than elsewhere."""

VERSION_KEY = b"gazekit_schema_version"


def schema_of(table: str, *, heatmap_grid: int = HEATMAP_GRID) -> pa.Schema:
    """Return the Arrow schema of `table`, with the schema version in its metadata.

    `heatmap_grid`: side of the grid that key frames carry, where it is not the usual one.

    Encoded images are named there as Hugging Face datasets reads it, so that it decodes them.
    """
    columns = columns_of(table, heatmap_grid=heatmap_grid)
    metadata = {VERSION_KEY: SCHEMA_VERSION.encode()}
    images = {c.name: {"_type": "Image"} for c in columns if c.type == IMAGE_TYPE}
    if images:
        metadata[b"huggingface"] = msgspec.json.encode({"info": {"features": images}})
    fields = [pa.field(c.name, c.type, nullable=c.nullable) for c in columns]
    return pa.schema(fields, metadata=metadata)


def dataset_schema(table: str, *, heatmap_grid: int = HEATMAP_GRID) -> pa.Schema:
    """Return the Arrow schema of a table of a built dataset: its ``samples`` are cleaned ones."""
    return schema_of(COLUMNS_OF_STORED.get(table, table), heatmap_grid=heatmap_grid)


def empty_table(table: str) -> pa.Table:
    """Return `table` with no rows."""
    return schema_of(table).empty_table()


def table_of(
    table: str, rows: Iterable[Mapping[str, object]], *, heatmap_grid: int = HEATMAP_GRID
) -> pa.Table:
    """Make `table` from rows; a missing or unknown key is a DataError that names it.

    Columns that a minor version added may be absent, and are null then.
    """
    schema = schema_of(table, heatmap_grid=heatmap_grid)
    rows = list(rows)
    names = set(schema.names)
    added = {column.name for column in columns_of(table) if column.since != "1.0"}
    for index, row in enumerate(rows):
        odd = sorted((names ^ row.keys()) - (added - row.keys()))
        if odd:
            raise DataError("the columns do not match", where=f"{table}[{index}]", found=odd)
    made = pa.Table.from_pylist(rows, schema=schema)
    check_table(made, table, heatmap_grid=heatmap_grid)
    return made


def check_table(data: pa.Table, table: str, *, heatmap_grid: int = HEATMAP_GRID) -> None:
    """Raise DataError unless `data` has exactly the columns and types of `table`, in order."""
    schema = schema_of(table, heatmap_grid=heatmap_grid)
    if data.schema.names != schema.names:
        odd = sorted(set(data.schema.names) ^ set(schema.names)) or "another order"
        raise DataError("the columns do not match", where=table, found=odd)
    for field in schema:
        have = data.schema.field(field.name)
        if have.type != field.type:
            raise DataError(
                "wrong column type",
                where=f"{table}.{field.name}",
                expected=field.type,
                found=have.type,
            )
        if not field.nullable and data.column(field.name).null_count:
            raise DataError("nulls in a column that has none", where=f"{table}.{field.name}")
