"""Files that another process still writes: what is new in them since the last look.

A half-written line or batch is not an error but simply not there yet; it is read next time.
"""

from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import pyarrow as pa

from gazekit.model.errors import DataError
from gazekit.model.schemas import schema_of

__all__ = ["JsonLinesTail", "StreamTail"]

_T = TypeVar("_T")

_PIECE = 1 << 22
"""Bytes read in one go; doubled where one batch is larger."""


class JsonLinesTail(Generic[_T]):
    """Reads the records that were appended to a JSON lines file since the last look."""

    def __init__(self, path: Path, record: type[_T]) -> None:
        self.path = path
        self._decoder = msgspec.json.Decoder(record)
        self._read = 0

    def take(self) -> list[_T]:
        """Return the new whole records, oldest first; [] where the file is not there yet.

        Raises
        ------
        DataError
            A whole line is not such a record.
        """
        data = _piece(self.path, self._read, None)
        end = data.rfind(b"\n") + 1
        self._read += end
        try:
            return [self._decoder.decode(line) for line in data[:end].splitlines()]
        except msgspec.DecodeError as error:
            raise DataError(f"not the expected record: {error}", where=self.path.name) from error


class StreamTail:
    """Reads the batches that were appended to an Arrow IPC stream since the last look.

    Parameters
    ----------
    path
        The stream; it need not be there yet.
    table
        The table whose schema it has.
    """

    def __init__(self, path: Path, table: str) -> None:
        self.path = path
        self._schema = schema_of(table)
        self._read = 0
        self._piece = _PIECE

    def take(self, *, most_bytes: int = 8 * _PIECE) -> list[pa.RecordBatch]:
        """Return the new whole batches, oldest first; a half-written one waits for the next call.

        Parameters
        ----------
        most_bytes
            Stop after so many bytes: who looks at an old recording for the first time catches up
            over several calls, and memory stays flat.

        Raises
        ------
        DataError
            The stream has another schema.
        """
        batches: list[pa.RecordBatch] = []
        taken = 0
        while taken < most_bytes:
            data = _piece(self.path, self._read, self._piece)
            found, used = self._parse(data)
            batches += found
            self._read += used
            taken += used
            if len(data) < self._piece:
                break
            if used == 0:
                self._piece *= 2
        return batches

    def _parse(self, data: bytes) -> tuple[list[pa.RecordBatch], int]:
        """Return the whole batches in `data`, and how many bytes of it they took."""
        source = pa.BufferReader(data)
        batches: list[pa.RecordBatch] = []
        used = 0
        while True:
            try:
                message = pa.ipc.read_message(source)
                if message.type == "schema":
                    self._check(pa.ipc.read_schema(message))
                else:
                    batches.append(pa.ipc.read_record_batch(message, self._schema))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, EOFError, OSError):
                return batches, used
            used = source.tell()

    def _check(self, schema: pa.Schema) -> None:
        if schema != self._schema:
            raise DataError(
                "the stream has another schema", where=self.path.name, expected=self._schema.names
            )


def _piece(path: Path, start: int, size: int | None) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(start)
            return file.read(-1 if size is None else size) or b""
    except FileNotFoundError:
        return b""
