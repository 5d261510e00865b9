"""How do units become a dataset? Tables, facts, card and report grow aside and take the name last.

::

    units --> data/<table>/<split>-*.parquet --> meta/* README.md --> report.html --> SHA256SUMS
                                                                        --> rename
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.build.config import BuildConfig
from gazekit.build.facts import software, write_facts
from gazekit.build.guard import refuse_leaks
from gazekit.build.plan import ImageUnit, Plan, ReadingUnit
from gazekit.build.samples import with_ids
from gazekit.build.shards import write_shards
from gazekit.build.splits import SPLITS
from gazekit.build.store import UnitRecord, load_part, read_unit
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.files import fsync_folder, sha256_bytes, write_checksums
from gazekit.model.layout import OPTIONAL_TABLES, DatasetLayout
from gazekit.model.schemas import table_of
from gazekit.model.version import SCHEMA_VERSION
from gazekit.read import Exclusion

__all__ = ["Chosen", "Packed", "choose", "decides_of", "pack", "take_name"]

_READING_TABLES = ("readings", "keyframes", "sentences", "fixations")


@dataclass(frozen=True)
class Packed:
    """What a packed dataset holds: rows by table and split, and what was left out."""

    counts: dict[str, dict[str, int]]
    excluded: tuple[Exclusion, ...]
    fingerprint: str


@dataclass(frozen=True)
class Chosen:
    """The units that made it, with what they hold; and everything that was left out."""

    readings: tuple[tuple[ReadingUnit, UnitRecord], ...]
    images: tuple[ImageUnit, ...]
    excluded: tuple[Exclusion, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the sorted keys of the units."""
        keys = [unit.key for unit, _ in self.readings] + [image.key for image in self.images]
        return sha256_bytes("\n".join(sorted(keys)).encode())


def decides_of(plan: Plan, chosen: Chosen, *, name: str, audit: Path) -> str:
    """Return a hash over everything that decides the files of the dataset."""
    acts = audit.read_bytes() if audit.is_file() else b""
    parts = [
        chosen.fingerprint,
        [found.row() for found in chosen.excluded],
        [name, plan.config, plan.steps, plan.simulated, software(), SCHEMA_VERSION],
        sha256_bytes(acts),
    ]
    return sha256_bytes(msgspec.json.encode(parts, order="sorted"))


def pack(plan: Plan, chosen: Chosen, layout: DatasetLayout, *, name: str) -> Packed:
    """Write the dataset beside its place, then let it take its name; one that stood there goes.

    Raises
    ------
    DataError
        Nothing is left to pack, or an identifier that the sources hold is in what was written.
    """
    if not chosen.readings:
        first = chosen.excluded[0].detail if chosen.excluded else "the sources hold no reading"
        count = len(chosen.excluded)
        raise DataError(f"no reading is left to build; {count} left out, the first: {first}")
    growing = DatasetLayout(layout.building)
    shutil.rmtree(growing.root, ignore_errors=True)
    growing.meta.mkdir(parents=True)
    counts = _write_tables(chosen, growing, layout.units, plan.config)
    fingerprint = chosen.fingerprint
    packed = Packed(counts, chosen.excluded, fingerprint)
    _write_meta(chosen, growing)
    info = write_facts(
        growing,
        plan=plan,
        name=name,
        counts=counts,
        excluded=chosen.excluded,
        fingerprint=fingerprint,
    )
    _write_report(growing)
    if layout.audit.is_file():
        shutil.copyfile(layout.audit, growing.audit)
    refuse_leaks(growing, plan, created_at=info.created_at, units=layout.units)
    write_checksums(growing.root)
    take_name(layout)
    return packed


def choose(plan: Plan, root: Path) -> Chosen:
    """Read what every unit holds and left out, and choose those that make the dataset.

    Raises
    ------
    GazekitError
        A unit is gone.
    """
    excluded = list(plan.excluded)
    images: list[ImageUnit] = []
    undecodable: dict[tuple[str, str], Exclusion] = {}
    for image in plan.images:
        record = _unit(root, image.key)
        failed = dict(zip(record.failed, record.excluded, strict=True))
        found = {source: failed[source] for source in image.copies if source in failed}
        excluded += dict.fromkeys(found.values())
        if record.sections:
            images.append(image)
        image_id = image.image.record.image_id
        undecodable |= {(image_id, source): why for source, why in found.items()}
    readings = []
    shown: set[str] = set()
    for unit in plan.readings:
        reading, copies = unit.reading, _copies_of(plan, unit)
        why = next((undecodable[copy] for copy in copies if copy in undecodable), None)
        if why is not None:
            detail = f"{reading.reading_id}: {why.detail}"
            excluded.append(Exclusion("reading", reading.reading_id, "image_undecodable", detail))
            continue
        record = _unit(root, unit.key)
        excluded += record.excluded
        if record.sections:
            readings.append((unit, record))
            shown.update(image_id for image_id, _ in copies)
    kept = tuple(image for image in images if image.image.record.image_id in shown)
    excluded.sort(key=lambda found: (found.unit, found.unit_id, found.reason))
    return Chosen(tuple(readings), kept, tuple(excluded))


def _copies_of(plan: Plan, unit: ReadingUnit) -> list[tuple[str, str]]:
    """Return the images of a reading, and which copy of each its source holds."""
    catalogue = plan.sources[unit.source].catalogue
    return [(name, catalogue.hash_of_image(name)) for name in catalogue.images_of(unit.reading)]


def _unit(root: Path, key: str) -> UnitRecord:
    record = read_unit(root, key)
    if record is None:
        raise GazekitError("a built part is gone", where=key[:12], remedy="run the build again")
    return record


def _write_tables(
    chosen: Chosen, growing: DatasetLayout, root: Path, config: BuildConfig
) -> dict[str, dict[str, int]]:
    present = [s for s in SPLITS if any(unit.split == s for unit, _ in chosen.readings)]
    counts: dict[str, dict[str, int]] = {}
    units = {s: [u for u, _ in chosen.readings if u.split == s] for s in present}
    grid = config.render.heatmap_grid
    for table in _READING_TABLES:
        keys = {s: [u.key for u in units[s]] for s in present}
        counts[table] = {
            split: write_shards(
                growing, table, split, parts=_parts(root, table, keys[split]), heatmap_grid=grid
            )
            for split in present
        }
    for table in OPTIONAL_TABLES:
        if getattr(config, table):
            counts[table] = {
                split: write_shards(growing, table, split, parts=_kept(root, table, units[split]))
                for split in present
            }
    image_keys = {s: [image.key for image in chosen.images if image.split == s] for s in present}
    counts["images"] = {
        split: write_shards(growing, "images", split, parts=_parts(root, "images", keys))
        for split, keys in image_keys.items()
    }
    return counts


def _parts(root: Path, table: str, keys: list[str]) -> Iterator[pa.Table]:
    return (load_part(root, key, table) for key in keys)


def _kept(root: Path, table: str, units: list[ReadingUnit]) -> Iterator[pa.Table]:
    """Yield the samples, or the sound, of each reading that has some."""
    for unit in units:
        record = read_unit(root, unit.gaze_key)
        if record is not None and table in record.sections:
            reading = unit.reading
            ids = {
                "reading_id": reading.reading_id,
                "image_id": reading.image_id,
                "reader_id": reading.reader_id,
                "patient_id": reading.patient_id,
                "split": unit.split,
            }
            yield with_ids(table, load_part(root, unit.gaze_key, table), ids)


def _write_meta(chosen: Chosen, growing: DatasetLayout) -> None:
    manifest = [
        {
            "reading_id": unit.reading.reading_id,
            "unit_key": unit.key,
            "source": record.source,
            "source_sha256": record.source_sha256,
            "n_keyframes": record.rows("keyframes"),
            "n_fixations": record.rows("fixations"),
        }
        for unit, record in chosen.readings
    ]
    pq.write_table(table_of("manifest", manifest), growing.manifest, compression="zstd")
    rows = table_of("exclusions", [found.row() for found in chosen.excluded])
    pq.write_table(rows, growing.exclusions, compression="zstd")


def _write_report(growing: DatasetLayout) -> None:
    from gazekit.report import write_dataset_report

    write_dataset_report(growing.root, growing.report)


def take_name(layout: DatasetLayout) -> None:
    """Let the grown dataset take its name; the one before it stands aside until it has."""
    shutil.rmtree(layout.previous, ignore_errors=True)
    if layout.root.exists():
        layout.root.rename(layout.previous)
    layout.building.rename(layout.root)
    fsync_folder(layout.root.parent)
    shutil.rmtree(layout.previous, ignore_errors=True)
