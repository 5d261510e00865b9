"""How is a delimited text file read? In blocks, naming the row and column of what is wrong."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from numpy.typing import NDArray

from gazekit.model.errors import DataError

__all__ = ["Block", "Delimited", "ascending", "encoding_of", "shown_value", "whole_us"]

_Floats = NDArray[np.float64]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 8 << 20
_HEAD = 1 << 16
_NUMBERLIKE = re.compile(r"[-+.,:\deE]{1,24}")
_ROW = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")
_MOST_S = 9e12


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


def shown_value(text: str) -> str:
    """Quote a value that looks like a number; of any other text say only how long it is.

    A shifted row may hold a name, and a name never enters a message.
    """
    return repr(text) if _NUMBERLIKE.fullmatch(text) else f"{len(text)} characters of text"


@dataclass(frozen=True)
class Block:
    """Some rows of a file, as text; `rows`: the line of the file that each row stands on."""

    where: str
    rows: NDArray[np.int64]
    columns: dict[str, pa.Array]
    missing: tuple[str, ...] = ()
    decimal_comma: bool = True

    def __len__(self) -> int:
        """Count the rows."""
        return int(self.rows.size)

    def texts(self, name: str) -> list[str]:
        """Return a column as text; an empty cell is an empty text."""
        return cast("list[str]", self.columns[name].to_pylist())

    def numbers(self, name: str) -> _Floats:
        """Return a column as float64, NaN where the cell is empty or says that it is missing.

        Raises
        ------
        DataError
            A cell holds something else; it names the row and the column.
        """
        texts = pc.utf8_trim_whitespace(self.columns[name])
        blank = pc.is_in(texts, value_set=pa.array(["", *self.missing]))
        texts = pc.if_else(blank, pa.scalar(None, pa.string()), texts)
        if self.decimal_comma:
            texts = pc.replace_substring(texts, ",", ".")
        try:
            values = pc.cast(texts, pa.float64())
        except pa.ArrowInvalid:
            raise self._bad_number(name, texts.to_pylist()) from None
        numbers: _Floats = values.to_numpy(zero_copy_only=False)
        return np.where(np.isinf(numbers), np.nan, numbers)

    def filtered(self, keep: NDArray[np.bool_]) -> "Block":
        """Return the rows that `keep` marks."""
        mask = pa.array(keep)
        columns = {name: column.filter(mask) for name, column in self.columns.items()}
        return Block(self.where, self.rows[keep], columns, self.missing, self.decimal_comma)

    def error(self, what: str, index: int, **details: object) -> DataError:
        """Return an error about one row."""
        return DataError(what, where=f"{self.where}: row {self.rows[index]}", **details)  # type: ignore[arg-type]

    def _bad_number(self, name: str, texts: Sequence[str | None]) -> DataError:
        for index, text in enumerate(texts):
            if text is not None and not _is_number(text):
                found = shown_value(text)
                return self.error("not a number", index, found=f"{found} in column {name!r}")
        return self.error("not a number", 0, found=f"column {name!r}")


def _is_number(text: str) -> bool:
    try:
        pa.scalar(text).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


@dataclass(frozen=True)
class Delimited:
    """A delimited text file; `names`: its columns where it has no header row.

    `missing`: words that stand for a missing value, beside the empty cell.
    """

    path: Path
    delimiter: str
    names: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    decimal_comma: bool = False
    compressed: bool = False

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
            raise DataError("the file is empty", where=self.path.name, expected="a header row")
        names = [cell.strip() for cell in rows[0]]
        if len(rows) > 1:
            while len(names) > len(rows[1]) and not names[-1]:
                names.pop()
            while len(names) < len(rows[1]) and not rows[1][len(names)].strip():
                names.append("")
        return names

    def blocks(self, columns: Iterable[int], names: Sequence[str]) -> Iterator[Block]:
        """Yield the rows in blocks; `columns`: places in `header()`, under these `names`.

        Raises
        ------
        DataError
            A row has another number of cells, or the text is not in its encoding.
        """
        total = len(self.header())
        picked = [f"c{place}" for place in columns]
        line = 1 if self.names else 2
        try:
            with self._open() as stream:
                for batch in self._batches(stream, total, picked):
                    found = np.arange(line, line + batch.num_rows, dtype=np.int64)
                    line += batch.num_rows
                    parts = dict(zip(names, batch.columns, strict=True))
                    yield Block(self.path.name, found, parts, self.missing, self.decimal_comma)
        except pa.ArrowInvalid as error:
            raise self._broken(error, line) from None
        except (UnicodeError, EOFError, OSError) as error:
            raise self._unreadable(error, line) from None

    def _batches(
        self, stream: pa.NativeFile, total: int, picked: list[str]
    ) -> Iterator[pa.RecordBatch]:
        read = pcsv.ReadOptions(
            use_threads=False,
            block_size=_BLOCK,
            skip_rows=0 if self.names else 1,
            column_names=[f"c{place}" for place in range(total)],
            encoding=self._encoding(),
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

    def _open(self) -> pa.NativeFile:
        if not self.path.is_file():
            raise DataError("no such file", where=self.path.name)
        return pa.input_stream(self.path, compression="gzip" if self.compressed else None)

    def _encoding(self) -> str:
        with self._open() as stream:
            found = encoding_of(stream.read(_HEAD))
        return "utf-8" if found == "utf-8-sig" else found

    def _first_rows(self, count: int) -> list[list[str]]:
        try:
            with self._open() as stream:
                head = stream.read(_HEAD)
                rest = bool(stream.read(1))
            text = codecs.getincrementaldecoder(encoding_of(head))().decode(head, final=not rest)
        except UnicodeError as error:
            raise self._unreadable(error, 1) from None
        except (EOFError, OSError) as error:
            raise self._unreadable(error, 1) from None
        try:
            plain = self.delimiter != ","
            lines = io.StringIO(text)
            rows = (
                csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
                if plain
                else csv.reader(lines, delimiter=self.delimiter)
            )
            return [row for row, _ in zip(rows, range(count), strict=False)]
        except csv.Error:
            raise DataError("not a text table", where=self.path.name) from None

    def _broken(self, error: pa.ArrowInvalid, line: int) -> DataError:
        message = str(error)
        if ragged := _ROW.search(message):
            row, expected, found = (int(part) for part in ragged.groups())
            return DataError(
                "a row has another number of cells",
                where=f"{self.path.name}: row {row}",
                expected=expected,
                found=found,
                remedy="was the file cut off, or edited by hand? export it again",
            )
        return self._unreadable(error, line)

    def _unreadable(self, error: Exception, line: int) -> DataError:
        text = isinstance(error, UnicodeError) or "UTF8" in str(error) or "UTF-8" in str(error)
        return DataError(
            "the text is not in its encoding" if text else "the file cannot be read",
            where=f"{self.path.name}: row {line} or after",
            expected="UTF-8, or UTF-16 with its byte order mark" if text else "a whole file",
            remedy="export it again as UTF-8" if text else "was it cut off? copy it again",
        )


def ascending(block: Block, times_us: NDArray[np.int64], before_us: int | None) -> None:
    """Raise DataError at the first row whose time lies before that of the row above it."""
    first = times_us[0] if before_us is None else before_us
    back = np.flatnonzero(np.diff(times_us, prepend=first) < 0)
    if back.size:
        at = int(back[0])
        raise block.error(
            "the time goes backwards",
            at,
            expected=f"at least {times_us[at - 1] if at else first} us",
            found=f"{times_us[at]} us",
            remedy="were two recordings put into one file? give each its own",
        )


def whole_us(block: Block, name: str, scale: float) -> NDArray[np.int64]:
    """Return a column of times as whole microseconds; every row must have one."""
    times = block.numbers(name) * scale
    bad = np.flatnonzero(~(np.abs(times) < _MOST_S * 1e6))
    if bad.size:
        found = shown_value(block.texts(name)[int(bad[0])].strip())
        raise block.error("a row has no time", int(bad[0]), found=f"{found} in column {name!r}")
    return np.rint(times).astype(np.int64)
