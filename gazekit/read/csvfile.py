"""How is a CSV file of somebody else's read, so that a fault in it is named by row and column?

Large files go through Arrow, a block at a time. Only when that fails is the file walked again in
Python, to find the row and the column to name. Columns are found by name in any order, case and
spacing; others are passed over. Row 1 is the header, as a spreadsheet counts.
"""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pc

from gazekit.model.errors import DataError, did_you_mean

__all__ = ["CsvFile", "Row", "header_of"]

_BLOCK_BYTES = 4 << 20
_MAX_SHOWN = 24
_LONGEST_HEADER = 1 << 16
_MISSING = ("", "nan", "NaN", "NAN", "n/a", "NA")
_TRUE, _FALSE = ("true", "1", "1.0"), ("false", "0", "0.0")


@dataclass(frozen=True)
class Row:
    """One row of a small table, as text; `number` is its place in the file, `where` the file."""

    where: str
    number: int
    values: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a cell that must not be empty, without surrounding spaces."""
        value = self.values[_key(column)].strip()
        if not value:
            raise self.fault(column, expected="a value", found="nothing")
        return value

    def optional(self, column: str) -> str | None:
        """Return a cell; None where it or its column is missing."""
        value = self.values.get(_key(column), "").strip()
        return None if value in _MISSING else value

    def number_in(self, column: str) -> float:
        """Return a cell as a finite number."""
        value = self.text(column)
        try:
            number = float(value)
        except ValueError:
            raise self.fault(column, expected="a number", found=value) from None
        if not math.isfinite(number):
            raise self.fault(column, expected="a finite number", found=value)
        return number

    def whole(self, column: str) -> int:
        """Return a cell as a whole number; ``2540.0`` is one."""
        number = self.number_in(column)
        if number != int(number):
            raise self.fault(column, expected="a whole number", found=number)
        return int(number)

    def flag(self, column: str) -> bool:
        """Return a cell as true or false, in any case."""
        value = self.text(column).lower()
        if value not in (*_TRUE, *_FALSE):
            raise self.fault(column, expected="True or False", found=value)
        return value in _TRUE

    def fault(self, column: str, *, expected: object, found: object) -> DataError:
        """Return the error that names file, row and column."""
        shown = found if not isinstance(found, str) else _short(found)
        return DataError(
            "the value does not fit",
            where=f"{self.where}, row {self.number}, column {column}",
            expected=expected,
            found=shown,
        )


@dataclass(frozen=True)
class CsvFile:
    """A CSV file, or a stretch of one.

    `where`: how errors call it; never its path, which may hold a patient's number. `spans`: the
    byte ranges of the data rows that are meant, all of them where None; the header is the file's
    first line. `first_row`: the number of the first of these rows.
    """

    path: Path
    where: str
    delimiter: str = ","
    spans: tuple[tuple[int, int], ...] | None = None
    first_row: int = 2

    def header(self) -> tuple[str, ...]:
        """Return the names of the columns as they stand.

        Raises
        ------
        DataError
            No such file, an empty one, not UTF-8, or two columns of one name.
        """
        names = header_of(self.path, delimiter=self.delimiter, where=self.where)
        keys = [_key(name) for name in names if name.strip()]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise DataError(
                "two columns have one name", where=f"{self.where}, row 1", found=", ".join(twice)
            )
        return names

    def rows(self, required: Iterable[str]) -> Iterator[Row]:
        """Yield a small table row by row.

        Raises
        ------
        DataError
            A required column is missing, a row is cut or too long, or it is not UTF-8 text.
        """
        names = self.header()
        self._columns(required)
        keys = [_key(name) for name in names]
        for number, cells in self._lines():
            if not cells or cells == [""]:
                continue
            if len(cells) != len(keys):
                raise self._ragged(number, len(cells), names)
            yield Row(self.where, number, dict(zip(keys, cells, strict=True)))

    def batches(self, types: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
        """Yield record batches of these columns, in this order; empty cells are null.

        Raises
        ------
        DataError
            As `rows`, or a cell is not of its column's type: with row and column.
        """
        columns = self._columns(types)
        convert = pc.ConvertOptions(
            include_columns=list(columns.values()),
            column_types={columns[name]: kind for name, kind in types.items()},
            null_values=list(_MISSING),
            strings_can_be_null=False,
        )
        read = pc.ReadOptions(
            use_threads=False,
            block_size=_BLOCK_BYTES,
            column_names=list(self._unique_names()),
            skip_rows=0 if self.spans is not None else 1,
        )
        parse = pc.ParseOptions(delimiter=self.delimiter)
        try:
            with self._open() as source:
                reader = pc.open_csv(
                    source, read_options=read, parse_options=parse, convert_options=convert
                )
                for batch in reader:
                    yield batch.rename_columns(list(types))
        except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeDecodeError) as error:
            if "Empty CSV file" in str(error):
                return
            raise self._blamed(types, error) from error

    def _columns(self, wanted: Iterable[str]) -> dict[str, str]:
        """Return the name in the file of each wanted column."""
        there = {_key(name): name for name in self.header()}
        wanted = list(wanted)
        missing = [name for name in wanted if _key(name) not in there]
        if missing:
            raise DataError(
                f"column {missing[0]} is missing"
                + (f", and {len(missing) - 1} more" if len(missing) > 1 else ""),
                where=f"{self.where}, row 1",
                found=_short(", ".join(there.values()), 120),
                remedy=did_you_mean(_key(missing[0]), list(there)),
            )
        return {name: there[_key(name)] for name in wanted}

    def _unique_names(self) -> Iterator[str]:
        """Name the nameless columns too (a trailing comma makes one), so that Arrow takes them."""
        for index, name in enumerate(self.header()):
            yield name if name.strip() else f"unnamed {index}"

    def _open(self) -> BinaryIO:
        if self.spans is None:
            return self.path.open("rb")
        return io.BytesIO(_stretches(self.path, self.spans))

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield row number and cells, without the header."""
        with self._open() as source, io.TextIOWrapper(source, "utf-8-sig", newline="") as text:
            reader = csv.reader(text, delimiter=self.delimiter)
            try:
                if self.spans is None:
                    next(reader, None)
                yield from enumerate(reader, self.first_row)
            except UnicodeDecodeError as error:
                raise self._encoding() from error
            except csv.Error as error:
                raise DataError(f"not a CSV file: {error}", where=self.where) from error

    def _blamed(self, types: Mapping[str, pa.DataType], error: Exception) -> DataError:
        """Find the first cell that does not fit."""
        names = self.header()
        keys = [_key(name) for name in names]
        for number, cells in self._lines():
            if cells and len(cells) != len(keys):
                return self._ragged(number, len(cells), names)
            row = Row(self.where, number, dict(zip(keys, cells, strict=False)))
            for column, kind in types.items():
                expected = _misfit(row.values.get(_key(column), ""), kind)
                if expected:
                    return row.fault(column, expected=expected, found=row.values[_key(column)])
        return DataError("not a CSV file", where=self.where, found=_short(str(error), 80))

    def _ragged(self, number: int, count: int, names: Sequence[str]) -> DataError:
        last = names[min(count, len(names)) - 1]
        return DataError(
            "the row is cut" if count < len(names) else "the row is too long",
            where=f"{self.where}, row {number}, column {last}",
            expected=f"{len(names)} cells",
            found=count,
        )

    def _encoding(self) -> DataError:
        return DataError(
            "not UTF-8 text", where=self.where, remedy="get the file as its makers published it"
        )


def header_of(path: Path, *, delimiter: str = ",", where: str | None = None) -> tuple[str, ...]:
    """Return the names in the first line of a CSV file.

    Raises
    ------
    DataError
        No such file, an empty one, or not UTF-8 text.
    """
    where = where or path.name
    if not path.is_file():
        raise DataError("no such file", where=where, remedy="check that the download is complete")
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(
            "not UTF-8 text", where=where, remedy="get the file as its makers published it"
        )
    names = next(csv.reader([text], delimiter=delimiter), [])
    if not any(name.strip() for name in names):
        raise DataError("the file is empty", where=where, expected="a header row")
    return tuple(names)


def _key(name: str) -> str:
    return " ".join(name.split()).lower()


def _misfit(value: str, kind: pa.DataType) -> str | None:
    """Say what was expected where `value` is not of `kind`."""
    if value in _MISSING or pa.types.is_string(kind):
        return None
    try:
        float(value) if pa.types.is_floating(kind) else int(value)
    except ValueError:
        return "a number" if pa.types.is_floating(kind) else "a whole number"
    return None


def _stretches(path: Path, spans: Iterable[tuple[int, int]]) -> bytes:
    parts = []
    with path.open("rb") as file:
        for start, end in spans:
            file.seek(start)
            parts.append(file.read(end - start))
    return b"".join(parts)


def _short(text: str, most: int = _MAX_SHOWN) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 3]}..."
