"""Where are the built parts of a unit kept? In a folder named by its key, whole or absent."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from gazekit.model.files import fsync_folder
from gazekit.model.layout import UnitLayout
from gazekit.read import Exclusion

__all__ = ["UnitRecord", "load_part", "read_unit", "write_unit"]


class UnitRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a unit holds: rows by table, and what it left out."""

    key: str
    unit_id: str
    source: str
    source_sha256: str
    rows: dict[str, int]
    excluded: tuple[Exclusion, ...] = ()


def write_unit(root: Path, record: UnitRecord, tables: Mapping[str, pa.Table]) -> None:
    """Write a unit so that it is whole or absent: temporary folder, sync, rename."""
    layout = UnitLayout(root, record.key)
    final = layout.folder
    part = UnitLayout(root / f".part-{os.getpid()}", record.key)
    shutil.rmtree(part.folder, ignore_errors=True)
    part.folder.mkdir(parents=True)
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        _write_synced(part.part(name), sink.getvalue())
    _write_synced(part.record, msgspec.json.encode(record))
    final.parent.mkdir(parents=True, exist_ok=True)
    if not final.exists():
        part.folder.rename(final)
        fsync_folder(final.parent)
    shutil.rmtree(part.root, ignore_errors=True)


def read_unit(root: Path, key: str) -> UnitRecord | None:
    """Read what a unit holds, None where it is not there or damaged (then it is made anew)."""
    layout = UnitLayout(root, key)
    try:
        record = msgspec.json.decode(layout.record.read_bytes(), type=UnitRecord)
    except (OSError, msgspec.DecodeError):
        shutil.rmtree(layout.folder, ignore_errors=True)
        return None
    if any(not layout.part(name).is_file() for name in record.rows):
        shutil.rmtree(layout.folder, ignore_errors=True)
        return None
    return record


def load_part(root: Path, key: str, table: str) -> pa.Table:
    """Read one table of a unit."""
    with pa.OSFile(str(UnitLayout(root, key).part(table)), "rb") as file:
        return pa.ipc.open_file(file).read_all()


def _write_synced(path: Path, data: bytes | pa.Buffer) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
