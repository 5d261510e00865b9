"""How is a delimited text file read? By place or by name of its columns, in blocks or by row.

Large files go through Arrow, a block at a time. Row 1 is the first line, as a spreadsheet counts.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
from numpy.typing import NDArray

from gazekit.model.errors import DataError, did_you_mean
from gazekit.read.cells import Block, Row, column_key

__all__ = ["Delimited", "encoding_of", "numbers_of"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 8 << 20
_HEAD = 1 << 16
_LONGEST_SHOWN = 120
_ROW = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


def encoding_of(head: bytes) -> str:
    """Tell the encoding of a text from its first bytes: its byte order mark, else UTF-8.

    UTF-16 without a mark is told by the zero bytes of its Latin letters.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    even, odd = head[0:200:2], head[1:200:2]
    if odd and odd.count(0) > len(odd) // 2:
        return "utf-16-le"
    if even and even.count(0) > len(even) // 2:
        return "utf-16-be"
    return "utf-8"


@dataclass(frozen=True)
class Delimited:
    """A delimited text file, or a stretch of one; `names`: its columns where it has no header row.

    `missing`: words that stand for a missing value, beside the empty cell. `called`: how errors
    call the file, where not by its name. `spans`: the byte ranges of the rows that are meant, all
    of them where None; `first_row`: the number of the first of these.
    """

    path: Path
    delimiter: str
    names: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    decimal_comma: bool = False
    compressed: bool = False
    called: str | None = None
    spans: tuple[tuple[int, int], ...] | None = None
    first_row: int = 2

    @property
    def where(self) -> str:
        """How errors call it; never its path, which may hold a patient's number."""
        return self.called or self.path.name

    @property
    def is_utf8(self) -> bool:
        """Whether the text is UTF-8, so that its lines can be told by their bytes."""
        return self._encoding().startswith("utf-8")

    def header(self) -> list[str]:
        """Return the names of the columns, stripped; as many as the first row has cells.

        A comma at the end of the header makes an unnamed column, whether or not the rows have it.

        Raises
        ------
        DataError
            The file is missing, empty, or no text.
        """
        rows = self._first_rows(1 if self.names else 2)
        if self.names:
            return list(self.names)
        if not rows or not any(cell.strip() for cell in rows[0]):
            raise DataError("the file is empty", where=self.where, expected="a header row")
        names = [cell.strip() for cell in rows[0]]
        if any("\ufffd" in name or "\0" in name for name in names):
            raise self._unreadable(UnicodeError(), 1)
        if len(rows) > 1:
            while len(names) > len(rows[1]) and not names[-1]:
                names.pop()
            while len(names) < len(rows[1]) and not rows[1][len(names)].strip():
                names.append("")
        return names

    def places_of(self, wanted: Iterable[str]) -> dict[str, int]:
        """Find columns by name, in any case and spacing; return the place of each in `header()`.

        Raises
        ------
        DataError
            As `header`, a column is missing, or two have one name.
        """
        keys = [column_key(name) for name in self.header()]
        twice = sorted({key for key in keys if key and keys.count(key) > 1})
        if twice:
            where = f"{self.where}, row 1"
            raise DataError("two columns have one name", where=where, found=", ".join(twice))
        wanted = list(wanted)
        missing = [name for name in wanted if column_key(name) not in keys]
        if missing:
            more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise DataError(
                f"column {missing[0]} is missing{more}",
                where=f"{self.where}, row 1",
                found=", ".join(keys)[:_LONGEST_SHOWN],
                remedy=did_you_mean(column_key(missing[0]), keys),
            )
        return {name: keys.index(column_key(name)) for name in wanted}

    def named_blocks(self, wanted: Iterable[str]) -> Iterator[Block]:
        """Yield these columns in blocks; raises as `places_of` and `blocks`."""
        places = self.places_of(wanted)
        return self.blocks(places.values(), list(places))

    def rows(self, required: Iterable[str]) -> Iterator[Row]:
        """Yield a small table row by row; raises as `named_blocks`."""
        self.places_of(required)
        keys = [column_key(name) for name in self.header()]
        for number, cells in self._lines():
            if not cells or cells == [""]:
                continue
            if len(cells) != len(keys):
                raise self._ragged(number, len(keys), len(cells))
            yield Row(self.where, number, dict(zip(keys, cells, strict=True)), self.missing)

    def blocks(self, columns: Iterable[int], names: Sequence[str]) -> Iterator[Block]:
        """Yield the rows in blocks; `columns`: places in `header()`, under these `names`.

        Raises
        ------
        DataError
            A row has another number of cells, or the text is not in its encoding.
        """
        total = len(self.header())
        picked = [f"c{place}" for place in columns]
        line = self._first
        try:
            with self._open() as stream:
                for batch in self._batches(stream, total, picked):
                    found = np.arange(line, line + batch.num_rows, dtype=np.int64)
                    line += batch.num_rows
                    parts = dict(zip(names, batch.columns, strict=True))
                    yield Block(self.where, found, parts, self.missing, self.decimal_comma)
        except pa.ArrowInvalid as error:
            raise self._broken(error, line) from None
        except (UnicodeError, EOFError, OSError) as error:
            raise self._unreadable(error, line) from None

    @property
    def _first(self) -> int:
        return 1 if self.names else self.first_row

    @property
    def _has_header(self) -> bool:
        """Whether what `_open` gives begins with the names of the columns."""
        return self.names is None and self.spans is None

    def _batches(
        self, stream: pa.NativeFile, total: int, picked: list[str]
    ) -> Iterator[pa.RecordBatch]:
        read = pcsv.ReadOptions(
            use_threads=False,
            block_size=_BLOCK,
            skip_rows=int(self._has_header),
            column_names=[f"c{place}" for place in range(total)],
            encoding=self._encoding().removesuffix("-sig"),
        )
        parse = pcsv.ParseOptions(
            delimiter=self.delimiter, quote_char='"' if self.delimiter == "," else False
        )
        convert = pcsv.ConvertOptions(
            include_columns=picked,
            column_types={name: pa.string() for name in picked},
            strings_can_be_null=False,
        )
        try:
            reader = pcsv.open_csv(
                stream, read_options=read, parse_options=parse, convert_options=convert
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return
            raise
        with reader:
            yield from reader

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield row number and cells, without the header."""
        encoding = self._encoding()
        try:
            with self._open() as stream, io.TextIOWrapper(stream, encoding, newline="") as text:
                rows = self._cells(text)
                if self._has_header:
                    next(rows, None)
                yield from enumerate(rows, self._first)
        except (UnicodeError, csv.Error, EOFError, OSError) as error:
            raise self._unreadable(error, self._first) from None

    def _cells(self, text: Iterable[str]) -> Iterator[list[str]]:
        if self.delimiter == ",":
            return csv.reader(text)
        return csv.reader(text, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)

    def _open(self, *, whole: bool = False) -> pa.NativeFile:
        if not self.path.is_file():
            raise DataError("no such file", where=self.where)
        if self.spans is None or whole:
            return pa.input_stream(self.path, compression="gzip" if self.compressed else None)
        with self.path.open("rb") as file:
            return pa.BufferReader(b"".join(_part(file, *span) for span in self.spans))

    def _encoding(self) -> str:
        try:
            with self._open(whole=True) as stream:
                return encoding_of(stream.read(_HEAD))
        except (EOFError, OSError) as error:
            raise self._unreadable(error, 1) from None

    def _first_rows(self, count: int) -> list[list[str]]:
        """Return the first rows; what is not in its encoding stands as U+FFFD."""
        try:
            with self._open(whole=True) as stream:
                head = stream.read(_HEAD)
            text = head.decode(encoding_of(head), errors="replace")
            return [
                row for row, _ in zip(self._cells(io.StringIO(text)), range(count), strict=False)
            ]
        except (csv.Error, EOFError, OSError) as error:
            raise self._unreadable(error, 1) from None

    def _broken(self, error: pa.ArrowInvalid, line: int) -> DataError:
        if found := _ROW.search(str(error)):
            row, expected, cells = (int(part) for part in found.groups())
            before = self.first_row - 1 if self.spans is not None else 0
            return self._ragged(row + before, expected, cells)
        return self._unreadable(error, line)

    def _ragged(self, row: int, expected: int, found: int) -> DataError:
        return DataError(
            "a row has another number of cells",
            where=f"{self.where}, row {row}",
            expected=expected,
            found=found,
            remedy="was the file cut off, or edited by hand? get it again",
        )

    def _unreadable(self, error: Exception, line: int) -> DataError:
        text = isinstance(error, UnicodeError) or "UTF8" in str(error) or "UTF-8" in str(error)
        return DataError(
            "the text is not in its encoding" if text else "the file cannot be read",
            where=f"{self.where}, row {line} or after",
            expected="UTF-8, or UTF-16 with its byte order mark" if text else "a whole file",
            remedy="export it again as UTF-8" if text else "was it cut off? copy it again",
        )


def numbers_of(file: Delimited, wanted: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """Return columns as float64, whole, by name, NaN for a missing cell; {} where no row is.

    Raises
    ------
    DataError
        As `Delimited.named_blocks`, or a cell holds something else.
    """
    wanted = list(wanted)
    blocks = [{n: block.numbers(n) for n in wanted} for block in file.named_blocks(wanted)]
    return {n: np.concatenate([part[n] for part in blocks]) for n in wanted if blocks}


def _part(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)
