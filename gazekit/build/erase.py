"""How does a person leave a dataset? Every row that came from them goes; a tombstone stays.

::

    dataset --> rows of others --> tables, facts, card, report, tombstone, SHA256SUMS
                                      --> takes the name --> units beside it go
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gazekit.build.erased import Subject, set_tombstone
from gazekit.build.facts import state_facts
from gazekit.build.pack import take_name
from gazekit.build.shards import write_shards
from gazekit.build.store import UnitRecord, load_part, read_unit
from gazekit.model.dataset import Dataset, DatasetInfo, open_dataset
from gazekit.model.errors import DataError
from gazekit.model.files import sha256_bytes, write_checksums
from gazekit.model.layout import DatasetLayout, UnitLayout
from gazekit.model.marked import changing_marks, read_marks

__all__ = ["ErasedRows", "erase", "list_rows"]

_PEOPLE = ("readings", "told", "images")
"""The table of a unit in which reader and patient stand."""


class ErasedRows(msgspec.Struct, frozen=True, kw_only=True):
    """What a dataset holds of a person: rows of each table, and built parts beside it."""

    dataset: str
    rows: dict[str, int]
    units: int

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return self.units > 0 or any(self.rows.values())


@dataclass(frozen=True)
class _Theirs:
    """What comes from a person: their readings, and the images that nobody else's readings show."""

    subject: Subject
    readings: frozenset[str]
    images: frozenset[str]

    @classmethod
    def of(cls, dataset: Dataset, subject: Subject) -> "_Theirs":
        columns = ["reading_id", "image_id", "reader_id", "patient_id", "study_id"]
        rows = dataset.table("readings", columns=columns).to_pylist()
        own = [row for row in rows if row[subject.column] == subject.pseudonym]
        others = [row for row in rows if row[subject.column] != subject.pseudonym]
        columns = ["image_id", "patient_id", "study_id"]
        table = dataset.table("images", columns=columns).to_pylist()
        images = _shown_in(own, table) - _shown_in(others, table)
        if subject.kind == "patient":
            images |= {r["image_id"] for r in table if r["patient_id"] == subject.pseudonym}
        return cls(subject, frozenset(row["reading_id"] for row in own), frozenset(images))

    def among(self, table: str, rows: pa.Table) -> pa.Array:
        """Say for each row whether it is theirs."""
        if table == "exclusions":
            pairs = rows.select(["unit_id", "detail"]).to_pylist()
            return pa.array([self.names(r["unit_id"], r["detail"]) for r in pairs], pa.bool_())
        name, ids = (
            ("image_id", self.images) if table == "images" else ("reading_id", self.readings)
        )
        return pc.is_in(rows.column(name), pa.array(sorted(ids), pa.string())).combine_chunks()

    def names(self, *texts: str) -> bool:
        """Say whether a text names one of their readings or images, or bears their pseudonym."""
        ids = {*self.readings, *self.images, self.subject.pseudonym}
        return any(set(re.split(r"[^\w.-]+", text)) & ids for text in texts) or any(
            re.search(rf"(?<![A-Za-z0-9]){re.escape(self.subject.pseudonym)}(?![A-Za-z0-9])", text)
            for text in texts
        )


def _shown_in(readings: list[dict[str, str]], images: list[dict[str, str]]) -> set[str]:
    """Return the images of some readings, and the others of their studies."""
    named = {row["image_id"] for row in readings}
    studies = {row["study_id"] for row in readings} - {None}
    return named | {row["image_id"] for row in images if row["study_id"] in studies}


def list_rows(path: str | Path, subject: Subject) -> ErasedRows:
    """Count what a dataset holds of a person; nothing is changed.

    Raises
    ------
    DataError
        There is no dataset at `path`.
    """
    dataset = open_dataset(path)
    return _count(dataset, _Theirs.of(dataset, subject), str(path))


def erase(path: str | Path, subject: Subject) -> ErasedRows:
    """Remove a person from a dataset and from the built parts beside it.

    The dataset is written anew aside and takes the name when it is whole; its fingerprint
    changes. Their readings leave the exclusions file beside it. The audit log keeps their
    pseudonym, so that a later build leaves them out too. Raw sessions,
    exports and trained models are other places: a model names the fingerprint of the data that it
    was trained on.

    Raises
    ------
    DataError
        There is no dataset at `path`, or nothing would be left of it.
    """
    dataset = open_dataset(Path(path).absolute())
    theirs = _Theirs.of(dataset, subject)
    found = _count(dataset, theirs, str(path))
    gone = set(theirs.readings) | _left_out(dataset, theirs)
    if dataset.layout.marked.exists():
        read_marks(dataset.layout.marked)  # one that is damaged stops it before anything is gone
    if any(found.rows.values()):
        if found.rows["readings"] == dataset.count("readings"):
            raise DataError(
                "nothing would be left of the dataset",
                where=dataset.root.name,
                found=f"all {found.rows['readings']} readings",
                remedy="delete the folder, and the folder of units beside it",
            )
        _write_anew(dataset, theirs, found)
    for unit in list(_units(dataset.layout.units, theirs)):
        record = read_unit(dataset.layout.units, unit.key)
        gone |= set() if record is None else {record.unit_id}
        unit.unit.unlink(missing_ok=True)
    if dataset.layout.marked.exists():
        with changing_marks(dataset.layout.marked) as marks:
            for name in [name for name in marks if name in gone or theirs.names(name)]:
                del marks[name]
    shutil.rmtree(dataset.layout.left, ignore_errors=True)
    return found


def _left_out(dataset: Dataset, theirs: _Theirs) -> set[str]:
    """Return what was left out of the dataset that came from them."""
    rows = pq.read_table(dataset.layout.exclusions)
    own = rows.filter(theirs.among("exclusions", rows))
    return set(own.column("unit_id").to_pylist())


def _count(dataset: Dataset, theirs: _Theirs, name: str) -> ErasedRows:
    rows = {}
    for table in dataset.tables:
        key = ["image_id"] if table == "images" else ["reading_id"]
        batches = dataset.batches(table, columns=key)
        marks = (theirs.among(table, pa.Table.from_batches([batch])) for batch in batches)
        rows[table] = sum(pc.sum(mark).as_py() or 0 for mark in marks)
    excluded = pq.read_table(dataset.layout.exclusions)
    rows["exclusions"] = pc.sum(theirs.among("exclusions", excluded)).as_py() or 0
    units = sum(1 for _ in _units(dataset.layout.units, theirs))
    return ErasedRows(dataset=name, rows=rows, units=units)


def _write_anew(dataset: Dataset, theirs: _Theirs, found: ErasedRows) -> None:
    from gazekit.report import write_dataset_report

    growing = DatasetLayout(dataset.layout.building)
    shutil.rmtree(growing.root, ignore_errors=True)
    growing.meta.mkdir(parents=True)
    counts = _write_tables(dataset, theirs, growing)
    excluded = _kept(pq.read_table(dataset.layout.exclusions), "exclusions", theirs)
    pq.write_table(excluded, growing.exclusions, compression="zstd")
    manifest = _kept(pq.read_table(dataset.layout.manifest), "manifest", theirs)
    pq.write_table(manifest, growing.manifest, compression="zstd")
    info = _info(dataset.info, counts, manifest.column("unit_key").to_pylist(), excluded.num_rows)
    state_facts(growing, info, reasons=excluded.column("reason").to_pylist())
    write_dataset_report(growing.root, growing.report)
    if dataset.layout.audit.is_file():
        shutil.copyfile(dataset.layout.audit, growing.audit)
    set_tombstone(growing, theirs.subject, found.rows)
    write_checksums(growing.root)
    take_name(dataset.layout)


def _write_tables(
    dataset: Dataset, theirs: _Theirs, growing: DatasetLayout
) -> dict[str, dict[str, int]]:
    """Write the rows of others; a split without readings is none."""
    counts: dict[str, dict[str, int]] = {table: {} for table in dataset.tables}
    grid = dataset.info.heatmap_grid
    for split in dataset.splits:
        if not any(part.num_rows for part in _parts(dataset, "readings", split, theirs)):
            continue
        for table in dataset.tables:
            parts = _parts(dataset, table, split, theirs)
            counts[table][split] = write_shards(
                growing, table, split, parts=parts, heatmap_grid=grid
            )
    return counts


def _parts(dataset: Dataset, table: str, split: str, theirs: _Theirs) -> Iterator[pa.Table]:
    for batch in dataset.batches(table, split):
        yield _kept(pa.Table.from_batches([batch]), table, theirs)


def _kept(rows: pa.Table, table: str, theirs: _Theirs) -> pa.Table:
    return rows.filter(pc.invert(theirs.among(table, rows)))


def _info(
    info: DatasetInfo, counts: dict[str, dict[str, int]], keys: Iterable[str], exclusions: int
) -> DatasetInfo:
    """Return the facts of what is left; the fingerprint is over the old one and the keys left."""
    text = "\n".join([info.fingerprint, "erased", *sorted(keys)])
    return msgspec.structs.replace(
        info, counts=counts, exclusions=exclusions, fingerprint=sha256_bytes(text.encode())
    )


def _units(root: Path, theirs: _Theirs) -> Iterator[UnitLayout]:
    """Yield the built parts that came from a person, those of earlier builds among them."""
    for unit in UnitLayout.under(root):
        record = read_unit(root, unit.key)
        if record is not None and _is_theirs(root, record, theirs):
            yield unit


def _is_theirs(root: Path, record: UnitRecord, theirs: _Theirs) -> bool:
    texts = [record.unit_id, *(found.detail for found in record.excluded)]
    if theirs.names(*texts):
        return True
    table = next((name for name in _PEOPLE if name in record.sections), None)
    if table is None or (table == "images" and theirs.subject.kind == "reader"):
        return False
    people = load_part(root, record.key, table).column(theirs.subject.column).to_pylist()
    return theirs.subject.pseudonym in people
