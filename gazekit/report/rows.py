"""Which rows of a dataset belong to these readings: found without reading the rest into memory."""

from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gazekit.model.dataset import Dataset

__all__ = ["Row", "by_key", "rows_where", "sample_evenly"]

Row = dict[str, Any]
"""One row as Arrow hands it over: column to value."""

_BATCH = 64


def rows_where(
    dataset: Dataset,
    table: str,
    *,
    key: str,
    values: Collection[str],
    columns: Sequence[str] | None = None,
) -> list[Row]:
    """Return the rows whose `key` is among `values`, in the stored order.

    Only the key column is read of row groups without such a row, so that images of thousands of
    readings are never in memory together.
    """
    wanted = pa.array(sorted(values), pa.string())
    found: list[Row] = []
    for path in dataset.shards(table):
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                keys = file.read_row_group(group, columns=[key]).column(key)
                if not pc.any(pc.is_in(keys, wanted)).as_py():
                    continue
                for batch in file.iter_batches(_BATCH, row_groups=[group], columns=columns):
                    hit = batch.filter(pc.is_in(batch.column(key), wanted))
                    found.extend(hit.to_pylist())
    return found


def by_key(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    """Group rows by the text in `key`, order kept."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row[key]), []).append(row)
    return groups


def sample_evenly(names: Sequence[str], count: int) -> list[str]:
    """Pick `count` of `names` at even steps, the first always among them; order kept."""
    if len(names) <= count:
        return list(names)
    return [names[i * len(names) // count] for i in range(count)]
