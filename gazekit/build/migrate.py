"""How does a dataset of an older schema become one of this? A step for each major version."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.build.facts import state_facts
from gazekit.build.pack import take_name
from gazekit.build.shards import write_shards
from gazekit.model.dataset import Dataset, DatasetInfo
from gazekit.model.errors import DataError
from gazekit.model.files import verify_checksums, write_checksums
from gazekit.model.layout import DatasetLayout
from gazekit.model.version import SCHEMA_VERSION

__all__ = ["STEPS", "Migration", "Step", "migrate"]

Step = Callable[[str, pa.Table], pa.Table]
"""Turns rows of a table, by its name, of one major version into those of the next."""

STEPS: dict[int, Step] = {}
"""The step that leads away from each major version; there is none yet, since 1 is the first."""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a dataset: its schema before and after; the same where nothing was done."""

    dataset: str
    before: str
    after: str
    rows: dict[str, int]


def migrate(
    path: str | Path, *, steps: Mapping[int, Step] | None = None, to: str = SCHEMA_VERSION
) -> Migration:
    """Bring a dataset to the schema of this version; in place, when the new one is whole.

    Parameters
    ----------
    path
        A dataset of this major version or an older one.
    steps
        From each major version to the next; `STEPS` by default.
    to
        The schema's version to reach.

    Raises
    ------
    DataError
        There is no dataset, it is damaged or newer, or no step leads on from its version.
    """
    layout = DatasetLayout(Path(path).absolute())
    info = _facts(layout)
    before, after = (_numbers(text) for text in (info.schema_version, to))
    if before == after:
        return Migration(dataset=str(path), before=to, after=to, rows={})
    if before > after:
        raise DataError(
            "the dataset is newer than this program",
            where=layout.root.name,
            expected=to,
            found=info.schema_version,
            remedy="install a newer gazekit",
        )
    problems = verify_checksums(layout.root)
    if problems:
        raise problems[0]
    chain = _chain(steps if steps is not None else STEPS, before[0], after[0], layout.root.name)
    rows = _write(layout, info, chain, to)
    return Migration(dataset=str(path), before=info.schema_version, after=to, rows=rows)


def _facts(layout: DatasetLayout) -> DatasetInfo:
    """Read the facts of a dataset of any major version."""
    try:
        return msgspec.json.decode(layout.info.read_bytes(), type=DatasetInfo)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(
            "this is not a built dataset", where=layout.root.name, expected="meta/info.json"
        ) from error


def _numbers(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    if not (major.isdigit() and minor.isdigit()):
        raise DataError("not a schema version", expected="major.minor", found=version)
    return int(major), int(minor)


def _chain(steps: Mapping[int, Step], first: int, last: int, where: str) -> list[Step]:
    absent = [major for major in range(first, last) if major not in steps]
    if absent:
        raise DataError(
            f"no step leads on from schema {absent[0]}",
            where=where,
            remedy="build it again from its sources",
        )
    return [steps[major] for major in range(first, last)]


def _write(layout: DatasetLayout, info: DatasetInfo, chain: list[Step], to: str) -> dict[str, int]:
    from gazekit.report import write_dataset_report

    growing = DatasetLayout(layout.building)
    shutil.rmtree(growing.root, ignore_errors=True)
    growing.meta.mkdir(parents=True)
    dataset = Dataset(layout, info)
    counts = {
        table: {
            split: write_shards(
                growing,
                table,
                split,
                parts=_parts(dataset, table, split, chain),
                heatmap_grid=info.heatmap_grid,
            )
            for split in dataset.splits
        }
        for table in dataset.tables
    }
    for source, target in (
        (layout.manifest, growing.manifest),
        (layout.exclusions, growing.exclusions),
        (layout.audit, growing.audit),
    ):
        if source.is_file():
            shutil.copyfile(source, target)
    reasons = pq.read_table(growing.exclusions).column("reason").to_pylist()
    made = msgspec.structs.replace(info, schema_version=to, counts=counts)
    state_facts(growing, made, reasons=reasons)
    write_dataset_report(growing.root, growing.report)
    write_checksums(growing.root)
    take_name(layout)
    return {table: sum(by_split.values()) for table, by_split in counts.items()}


def _parts(dataset: Dataset, table: str, split: str, chain: list[Step]) -> Iterator[pa.Table]:
    """Yield rows, stepped on; columns that a minor version added are null."""
    schema = dataset.schema(table)
    for path in dataset.layout.shards(table, split):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1000):
                part = pa.Table.from_batches([batch])
                for step in chain:
                    part = step(table, part)
                absent = [f for f in schema if f.name not in part.column_names and f.nullable]
                for field in absent:
                    part = part.append_column(field, pa.nulls(part.num_rows, field.type))
                yield part.select([n for n in schema.names if n in part.column_names]).cast(schema)
