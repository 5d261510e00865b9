"""What differs between two datasets: schema, configuration, rows of each table, exclusions?"""

from collections.abc import Iterator, Mapping

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.model.dataset import Dataset
from gazekit.model.files import sha256_bytes

__all__ = ["KEYS", "Difference", "TableDifference", "compare", "config_differences"]

KEYS = {
    "keyframes": ("keyframe_id",),
    "sentences": ("sentence_id",),
    "fixations": ("fixation_id",),
    "readings": ("reading_id",),
    "images": ("image_id",),
    "samples": ("reading_id", "sample_index"),
    "audio": ("reading_id", "audio_index"),
}
"""What names a row of each table."""

_MOST_NAMES = 20
_DIGEST = 16


class TableDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Rows by key: how many are only in one, or differ; and the first few of each."""

    added: int
    removed: int
    changed: int
    first_added: tuple[str, ...] = ()
    first_removed: tuple[str, ...] = ()
    first_changed: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is a difference."""
        return self.added + self.removed + self.changed > 0


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs; settings are ``key: [here, there]``."""

    schema: tuple[str, str] | None
    config: dict[str, tuple[object, object]]
    tables: dict[str, TableDifference]
    exclusions: TableDifference

    @property
    def any(self) -> bool:
        """Whether there is a difference."""
        rows = any(found.any for found in self.tables.values())
        return bool(self.schema or self.config or rows or self.exclusions.any)


def compare(a: Dataset, b: Dataset) -> Difference:
    """Compare two datasets, B against A; neither how rows are cut into shards nor when counts."""
    versions = (a.info.schema_version, b.info.schema_version)
    tables = [*a.tables, *(table for table in b.tables if table not in a.tables)]
    return Difference(
        schema=versions if versions[0] != versions[1] else None,
        config=config_differences(a.info.config, b.info.config),
        tables={table: _differences(_rows(a, table), _rows(b, table)) for table in tables},
        exclusions=_differences(_exclusions(a), _exclusions(b)),
    )


def config_differences(
    a: Mapping[str, object], b: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    """Return the settings that differ, with both values; None where one has none."""
    flat_a, flat_b = dict(_flat(a, "")), dict(_flat(b, ""))
    return {
        key: (flat_a.get(key), flat_b.get(key))
        for key in sorted(flat_a.keys() | flat_b.keys())
        if flat_a.get(key) != flat_b.get(key)
    }


def _flat(table: Mapping[str, object], path: str) -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def _rows(dataset: Dataset, table: str) -> dict[str, bytes]:
    """Return a digest of each row, by its key; a row with all its columns, split included."""
    found: dict[str, bytes] = {}
    if table not in dataset.tables:
        return found
    for batch in dataset.batches(table):
        keys = zip(*(batch.column(name).to_pylist() for name in KEYS[table]), strict=True)
        for key, digest in zip(keys, _digests(batch), strict=True):
            found["/".join(map(str, key))] = digest
    return found


def _digests(batch: pa.RecordBatch) -> Iterator[bytes]:
    for row in batch.to_pylist():
        text = repr([row[name] for name in sorted(row)])
        yield bytes.fromhex(sha256_bytes(text.encode("utf-8", "surrogatepass")))[:_DIGEST]


def _exclusions(dataset: Dataset) -> dict[str, bytes]:
    rows = pq.read_table(dataset.layout.exclusions).to_pylist()
    return {f"{r['unit']} {r['unit_id']} {r['reason']}": r["detail"].encode() for r in rows}


def _differences(a: Mapping[str, bytes], b: Mapping[str, bytes]) -> TableDifference:
    added, removed = sorted(b.keys() - a), sorted(a.keys() - b)
    changed = sorted(key for key in a.keys() & b if a[key] != b[key])
    return TableDifference(
        added=len(added),
        removed=len(removed),
        changed=len(changed),
        first_added=tuple(added[:_MOST_NAMES]),
        first_removed=tuple(removed[:_MOST_NAMES]),
        first_changed=tuple(changed[:_MOST_NAMES]),
    )
