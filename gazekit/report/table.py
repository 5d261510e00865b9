"""How are rows shown: a table to sort, and of many rows a page at a time, to filter as well?"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Union

from markupsafe import Markup

from gazekit.report.markup import block, embedded

__all__ = ["ABSENT", "ROWS_A_PAGE", "Cell", "Column", "Tone", "table"]

Tone = Literal["good", "warn", "bad", "quiet"]
_Value = Union[str, int, float, None, "Cell"]

ABSENT = "–"
"""What stands where there is no value; never 0."""

ROWS_A_PAGE = 50
"""Rows that a longer table shows at a time, and all that it shows without scripts."""

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")


@dataclass(frozen=True)
class Column:
    """One column of a table; `meaning` shows when the pointer rests on its head."""

    name: str
    unit: str | None = None
    numeric: bool = False
    meaning: str | None = None


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, what is sorted by, and a tone (a word must say the same).

    `target`: the file beside the page that it leads to; never an address of another machine.
    """

    text: str
    sort: str | float | None = None
    tone: Tone | None = None
    target: str | None = None


def table(
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[_Value]],
    *,
    caption: str,
    sortable: bool = True,
    whole: str | None = None,
) -> Markup:
    """Show a table that a reader may sort by any column.

    Of more than `ROWS_A_PAGE` rows the first are shown, and a script offers the others, page by
    page, with a box to filter by words; sorting is over all of them.

    Parameters
    ----------
    columns, rows
        The heads, and a value or a cell for each of them in every row.
    caption
        What the table shows.
    sortable
        Its order says nothing, so that another may be chosen; a longer table is always so.
    whole
        Where all rows are, in words, for who reads the first ones on paper.
    """
    heads = [Column(c) if isinstance(c, str) else c for c in columns]
    body = [[_cell(value) for value in row] for row in rows]
    if len(body) <= ROWS_A_PAGE:
        return block("table", heads, body, caption, sortable)
    data = embedded([[_packed(cell) for cell in row] for row in body])
    first = block("table", heads, body[:ROWS_A_PAGE], caption, True)
    where = f" All are in {whole}." if whole else ""
    said = f"The first {ROWS_A_PAGE} of {len(body):,} rows.{where}"
    return block("long_table", first, data, ROWS_A_PAGE, caption, said, where)


def _cell(value: _Value) -> Cell:
    if isinstance(value, Cell):
        return value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return Cell(ABSENT, "", "quiet")
    if isinstance(value, str):
        return Cell(value)
    return Cell(f"{value:,}" if isinstance(value, int) else f"{value:,.3g}", value)


def _packed(cell: Cell) -> object:
    """Return a cell as few characters: its text alone where that says all there is to say."""
    if cell == Cell(ABSENT, "", "quiet"):
        return None
    plain = isinstance(cell.sort, int | float) and _NUMBER.fullmatch(cell.text) is not None
    sort = None if plain else cell.sort
    if cell.target is not None:
        return [cell.text, sort, cell.tone, cell.target]
    if cell.tone is not None:
        return [cell.text, sort, cell.tone]
    return cell.text if sort is None else [cell.text, sort]
