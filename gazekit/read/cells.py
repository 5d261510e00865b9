"""What stands in the cells of a text table, and which row and column is wrong?"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gazekit.model.errors import DataError

__all__ = [
    "Block",
    "Row",
    "ascending",
    "cell_error",
    "column_key",
    "shown_value",
    "whole_us",
]

_Floats = NDArray[np.float64]

_NUMBERLIKE = re.compile(r"[-+.,:\deE]{1,24}")
_MOST_S = 9e12
_TRUE, _FALSE = ("true", "1", "1.0"), ("false", "0", "0.0")


def column_key(name: str) -> str:
    """Return a column's name without case and spacing, by which it is found."""
    return " ".join(name.split()).lower()


def shown_value(text: str) -> str:
    """Quote a value that looks like a number; of any other text say only how long it is.

    A shifted row may hold a name, and a name never enters a message.
    """
    return repr(text) if _NUMBERLIKE.fullmatch(text) else f"{len(text)} characters of text"


def cell_error(
    where: str, row: object, column: str, *, expected: object, found: object
) -> DataError:
    """Return the error of a cell that names file, row and column."""
    place = f"{where}, row {row}, column {column}"
    return DataError("the value does not fit", where=place, expected=expected, found=found)


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
        return DataError(what, where=f"{self.where}, row {self.rows[index]}", **details)  # type: ignore[arg-type]

    def _bad_number(self, name: str, texts: Sequence[str | None]) -> DataError:
        bad = (at for at, text in enumerate(texts) if text is not None and not _is_number(text))
        at = next(bad, 0)
        found = shown_value(texts[at] or "")
        return cell_error(self.where, self.rows[at], name, expected="a number", found=found)


def _is_number(text: str) -> bool:
    try:
        pa.scalar(text).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


@dataclass(frozen=True)
class Row:
    """One row of a small table, as text; `number` is its place in the file, `where` the file."""

    where: str
    number: int
    values: Mapping[str, str]
    missing: tuple[str, ...] = ()

    def text(self, column: str) -> str:
        """Return a cell that must not be empty, without surrounding spaces."""
        value = self.values[column_key(column)].strip()
        if not value:
            raise self.fault(column, expected="a value", found="nothing")
        return value

    def optional(self, column: str) -> str | None:
        """Return a cell; None where it or its column is missing."""
        value = self.values.get(column_key(column), "").strip()
        return None if value in ("", *self.missing) else value

    def number_in(self, column: str) -> float:
        """Return a cell as a finite number."""
        value = self.text(column)
        try:
            number = float(value)
        except ValueError:
            raise self.fault(column, expected="a number", found=shown_value(value)) from None
        if not math.isfinite(number):
            raise self.fault(column, expected="a finite number", found=shown_value(value))
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
            raise self.fault(column, expected="True or False", found=shown_value(value))
        return value in _TRUE

    def fault(self, column: str, *, expected: object, found: object) -> DataError:
        """Return the error about a cell; a text that stands in it goes through `shown_value`."""
        return cell_error(self.where, self.number, column, expected=expected, found=found)


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
