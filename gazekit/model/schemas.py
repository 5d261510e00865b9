"""Arrow schemas made from the table of columns, and the check of a table against its own."""

from collections.abc import Iterable, Mapping

import msgspec
import pyarrow as pa

from gazekit.model.columns import IMAGE_TYPE, columns_of
from gazekit.model.errors import DataError
from gazekit.model.version import SCHEMA_VERSION

__all__ = ["VERSION_KEY", "check_table", "empty_table", "schema_of", "table_of"]

VERSION_KEY = b"gazekit_schema_version"


def schema_of(table: str) -> pa.Schema:
    """Return the Arrow schema of `table`, with the schema version in its metadata.

    Encoded images are named there as Hugging Face datasets reads it, so that it decodes them.
    """
    columns = columns_of(table)
    metadata = {VERSION_KEY: SCHEMA_VERSION.encode()}
    images = {c.name: {"_type": "Image"} for c in columns if c.type == IMAGE_TYPE}
    if images:
        metadata[b"huggingface"] = msgspec.json.encode({"info": {"features": images}})
    fields = [pa.field(c.name, c.type, nullable=c.nullable) for c in columns]
    return pa.schema(fields, metadata=metadata)


def empty_table(table: str) -> pa.Table:
    """Return `table` with no rows."""
    return schema_of(table).empty_table()


def table_of(table: str, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Make `table` from rows; a missing or unknown key is a DataError that names it."""
    schema = schema_of(table)
    rows = list(rows)
    names = set(schema.names)
    for index, row in enumerate(rows):
        if row.keys() != names:
            odd = sorted(names ^ row.keys())
            raise DataError("the columns do not match", where=f"{table}[{index}]", found=odd)
    made = pa.Table.from_pylist(rows, schema=schema)
    check_table(made, table)
    return made


def check_table(data: pa.Table, table: str) -> None:
    """Raise DataError unless `data` has exactly the columns and types of `table`, in order."""
    schema = schema_of(table)
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
