"""Append-only streams that survive a cut tail: Arrow IPC for samples, JSON lines for the rest."""

import contextlib
import io
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, final

import msgspec
import pyarrow as pa

from gazekit.model.errors import DataError, GazekitError
from gazekit.model.schemas import schema_of

__all__ = [
    "ArrowStreamWriter",
    "JsonLinesWriter",
    "StreamState",
    "iter_batches",
    "mend_json_lines",
    "mend_stream",
    "read_json_lines",
    "read_stream",
    "stream_state",
]

_T = TypeVar("_T")

_SYNC_S = 1.0
_READ_FAULTS = (pa.ArrowInvalid, OSError, EOFError, pa.ArrowNotImplementedError)


@final
class ArrowStreamWriter:
    """Append record batches to an Arrow IPC stream; synced to disk at least once a second.

    The file is opened unbuffered, so that what `append` has returned from outlives the death of
    the process; `fsync` bounds what a loss of power can take. It never overwrites a file.

    Raises
    ------
    GazekitError
        The disk takes no more. What was there before is whole, and the stream can still be closed.
    """

    def __init__(self, path: Path, table: str) -> None:
        self._schema = schema_of(table)
        self._file = path.open("xb", buffering=0)
        self._name = path.name
        self._writer = pa.ipc.new_stream(_Whole(self._file), self._schema)
        self._synced_s = time.monotonic()
        self.rows = 0

    @property
    def schema(self) -> pa.Schema:
        """The schema of every batch."""
        return self._schema

    def append(self, batch: pa.RecordBatch) -> None:
        """Write one batch; it is read back whole or not at all."""
        before = self._file.tell()
        try:
            self._writer.write_batch(batch)
        except OSError as error:
            # A half-written batch would hide every batch that comes after it.
            self._file.truncate(before)
            self._file.seek(before)
            raise _refusal(error, self._name) from error
        self.rows += batch.num_rows
        if time.monotonic() - self._synced_s >= _SYNC_S:
            self.sync()

    def sync(self) -> None:
        """Make everything appended durable now."""
        os.fsync(self._file.fileno())
        self._synced_s = time.monotonic()

    def close(self) -> None:
        """Write the end-of-stream mark and close; a second call does nothing."""
        if self._file.closed:
            return
        try:
            self._writer.close()
            self.sync()
        except OSError as error:
            raise _refusal(error, self._name) from error
        finally:
            self._file.close()

    def __enter__(self) -> "ArrowStreamWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Whole(io.RawIOBase):
    """A file whose `write` writes everything or raises; a raw file may write a part."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        return _write_all(self._file, data)


def _write_all(file: io.FileIO, data: Any) -> int:  # noqa: ANN401 - any buffer
    left = memoryview(data).cast("B")
    size = left.nbytes
    while left:
        left = left[file.write(left) or 0 :]
    return size


def _refusal(error: OSError, name: str) -> GazekitError:
    what = f"the disk does not take it: {error.strerror or error}"
    remedy = "make room on the disk, then type: capture recover SESSION"
    return GazekitError(what, where=name, remedy=remedy)


@dataclass(frozen=True)
class StreamState:
    """What a stream file holds: good batches and rows, bytes of these, and whether it was cut."""

    batches: int
    rows: int
    good_bytes: int
    cut: bool


def iter_batches(path: Path, table: str) -> Iterator[pa.RecordBatch]:
    """Yield the good batches of a stream; stop silently at a cut tail (see `stream_state`)."""
    with path.open("rb") as file:
        for batch, _ in _walk(file, schema_of(table), path.name):
            yield batch


def read_stream(path: Path, table: str) -> pa.Table:
    """Read the good batches of a stream into one table with the schema of `table`."""
    return pa.Table.from_batches(iter_batches(path, table), schema=schema_of(table))


def stream_state(path: Path, table: str) -> StreamState:
    """Walk a stream and say how much of it is good; O(one batch) in memory."""
    batches = rows = good = 0
    with path.open("rb") as file:
        for batch, end in _walk(file, schema_of(table), path.name):
            batches, rows, good = batches + 1, rows + batch.num_rows, end
        file.seek(good)
        tail = file.read()
    closed = tail.startswith(_END_OF_STREAM) if batches else tail.endswith(_END_OF_STREAM)
    return StreamState(batches, rows, good, cut=not closed)


def mend_stream(path: Path, table: str) -> StreamState:
    """Cut a stream after its last good batch and close it properly; return what it held before.

    A stream without one good batch is replaced by an empty, closed one.
    """
    state = stream_state(path, table)
    if not state.cut:
        return state
    if state.batches == 0:
        path.unlink()
        ArrowStreamWriter(path, table).close()
        return state
    with path.open("rb+") as file:
        file.truncate(state.good_bytes)
        file.seek(state.good_bytes)
        file.write(_END_OF_STREAM)
        file.flush()
        os.fsync(file.fileno())
    return state


_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def _walk(file: BinaryIO, schema: pa.Schema, name: str) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield (batch, offset behind it) until the end or the first thing that is not a batch."""
    try:
        reader = pa.ipc.open_stream(file)
    except _READ_FAULTS:
        return
    if reader.schema != schema:
        raise DataError("the stream has another schema", where=name, expected=schema.names)
    while True:
        try:
            batch = reader.read_next_batch()
            batch.validate(full=True)
        except (StopIteration, *_READ_FAULTS):
            return
        yield batch, file.tell()


@final
class JsonLinesWriter:
    """Append records as JSON lines; each line is one write, synced at least once a second.

    Safe to call from several threads.

    Raises
    ------
    GazekitError
        The disk takes no more; a line that was half written is taken off again.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._name = path.name
        self._encoder = msgspec.json.Encoder()
        self._lock = threading.Lock()
        self._synced_s = time.monotonic()

    def append(self, record: object) -> None:
        """Write one record as one line."""
        line = self._encoder.encode(record) + b"\n"
        with self._lock:
            before = os.fstat(self._file.fileno()).st_size
            try:
                _write_all(self._file, line)
            except OSError as error:
                self._file.truncate(before)
                raise _refusal(error, self._name) from error
            if time.monotonic() - self._synced_s >= _SYNC_S:
                self._sync()

    def sync(self) -> None:
        """Make everything appended durable now."""
        with self._lock:
            self._sync()

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced_s = time.monotonic()

    def close(self) -> None:
        """Sync and close; a second call does nothing."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def __enter__(self) -> "JsonLinesWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_json_lines(path: Path, record: type[_T]) -> list[_T]:
    """Read JSON lines into records; a last line without its newline was cut and is left out.

    Raises
    ------
    DataError
        A whole line that is not such a record; it names file, line and field.
    """
    if not path.exists():
        return []
    decoder = msgspec.json.Decoder(record)
    lines = path.read_bytes().split(b"\n")
    records = []
    for number, line in enumerate(lines[:-1], start=1):
        try:
            records.append(decoder.decode(line))
        except msgspec.DecodeError as error:
            where = f"{path.parent.name}/{path.name} line {number}"
            raise DataError(f"not a {record.__name__}: {error}", where=where) from error
    return records


def mend_json_lines(path: Path) -> int:
    """Cut a file after its last whole line; return the number of bytes taken off."""
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    if end == len(data):
        return 0
    with path.open("rb+") as file:
        file.truncate(end)
        with contextlib.suppress(OSError):
            os.fsync(file.fileno())
    return len(data) - end
