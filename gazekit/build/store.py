"""Where are the built parts of a unit kept? In one file named by its key, whole or absent.

::

    8 bytes: length of the record | record, JSON | tables, each an Arrow IPC stream
"""

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa

from gazekit.model.errors import GazekitError
from gazekit.model.layout import UnitLayout
from gazekit.read import Exclusion

__all__ = ["UnitRecord", "load_part", "load_parts", "read_unit", "write_unit"]

_HEAD = 8
# Tables are small: threads, and the start of zstd for each column, cost more than they save.
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_READ = pa.ipc.IpcReadOptions(use_threads=False)


class _Section(msgspec.Struct, frozen=True):
    """Where a table stands behind the record, in bytes."""

    offset: int
    size: int
    rows: int


class UnitRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a unit holds: its tables, and what it left out.

    Of an image: `tried`, the sources whose copies were decoded, by their hashes, and `failed`,
    those whose copy did not decode, in the order of `excluded`.
    """

    key: str
    unit_id: str
    source: str
    source_sha256: str
    sections: dict[str, _Section] = {}
    excluded: tuple[Exclusion, ...] = ()
    tried: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def rows(self, table: str) -> int:
        """Count the rows of a table."""
        return self.sections[table].rows


def write_unit(root: Path, record: UnitRecord, tables: Mapping[str, pa.Table]) -> None:
    """Write a unit so that it is whole or absent: temporary file, sync, rename."""
    sections, pieces, offset = {}, [], 0
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=_COMPRESSED) as writer:
            writer.write_table(table)
        piece = sink.getvalue()
        sections[name] = _Section(offset, piece.size, table.num_rows)
        pieces.append(piece)
        offset += piece.size
    head = msgspec.json.encode(msgspec.structs.replace(record, sections=sections))
    path = UnitLayout(root, record.key).unit
    path.parent.mkdir(parents=True, exist_ok=True)
    # Workers on two machines may have one process id.
    part = path.with_name(f".{path.name}.part-{uuid.uuid4().hex}")
    with part.open("wb") as file:
        file.write(len(head).to_bytes(_HEAD, "little"))
        file.write(head)
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_unit(root: Path, key: str) -> UnitRecord | None:
    """Read what a unit holds, None where it is not there or damaged (then it is made anew)."""
    path = UnitLayout(root, key).unit
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_HEAD), "little")
            record = msgspec.json.decode(file.read(length), type=UnitRecord)
            size = os.fstat(file.fileno()).st_size
    except (OSError, msgspec.DecodeError, OverflowError, MemoryError):
        return None
    told = _HEAD + length + sum(section.size for section in record.sections.values())
    return record if size == told else None


def load_part(root: Path, key: str, table: str) -> pa.Table:
    """Read one table of a unit; see `load_parts`."""
    return load_parts(root, key, (table,))[table]


def load_parts(root: Path, key: str, tables: Sequence[str] | None = None) -> dict[str, pa.Table]:
    """Read tables of a unit, all of them where none is named.

    Raises
    ------
    GazekitError
        The unit is gone or damaged.
    """
    try:
        with UnitLayout(root, key).unit.open("rb") as file:
            length = int.from_bytes(file.read(_HEAD), "little")
            sections = msgspec.json.decode(file.read(length), type=UnitRecord).sections
            found = {}
            for name in sections if tables is None else tables:
                file.seek(_HEAD + length + sections[name].offset)
                stream = pa.ipc.open_stream(file.read(sections[name].size), options=_READ)
                found[name] = stream.read_all()
            return found
    except (OSError, msgspec.DecodeError, pa.ArrowInvalid, KeyError) as error:
        remedy = "delete the folder of units beside the dataset, and build again"
        raise GazekitError("a built part is damaged", where=key[:12], remedy=remedy) from error
