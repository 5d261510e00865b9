"""How does a text change as one types, and where does each letter stand? Pure, no window needed."""

from dataclasses import dataclass, replace

__all__ = ["TypedText", "wrapped"]


def wrapped(text: str, columns: int) -> list[tuple[int, int]]:
    """Return the rows of a text as (start, end) in it; lines break at spaces, else anywhere.

    A space at which a line breaks stays at the end of its row, out of sight; a line break belongs
    to no row. There is always at least one row.
    """
    rows: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        rows += _rows_of(text, start, end, columns)
        start = end + 1
    return rows


def _rows_of(text: str, start: int, end: int, columns: int) -> list[tuple[int, int]]:
    rows = []
    while end - start > columns:
        space = text.rfind(" ", start, start + columns + 1)
        cut = start + columns if space <= start else space + 1
        rows.append((start, cut))
        start = cut
    return [*rows, (start, end)]


@dataclass(frozen=True)
class TypedText:
    """A text and the place in it at which one types: before the character at `cursor`."""

    text: str
    cursor: int

    @classmethod
    def of(cls, text: str) -> "TypedText":
        """Begin with a text, to be typed on at its end."""
        return cls(text, len(text))

    def insert(self, more: str) -> "TypedText":
        """Type."""
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        return TypedText(before + more + after, self.cursor + len(more))

    def key(self, name: str, columns: int) -> "TypedText":
        """Return the text after an editing key; the same where the key does not edit.

        Known: left, right, up, down, home, end (of the row), ctrl+home, ctrl+end (of the text),
        ctrl+left, ctrl+right (by a word), backspace, delete, return.
        """
        text, cursor = self.text, self.cursor
        if name == "backspace" and cursor > 0:
            return TypedText(text[: cursor - 1] + text[cursor:], cursor - 1)
        if name == "delete":
            return TypedText(text[:cursor] + text[cursor + 1 :], cursor)
        if name in {"return", "enter"}:
            return self.insert("\n")
        return self._moved(name, columns)

    def at(self, row: int, column: int, columns: int) -> "TypedText":
        """Put the cursor where a row and a column are pointed at, or as near as there is text."""
        rows = wrapped(self.text, columns)
        start, end = rows[min(max(row, 0), len(rows) - 1)]
        last = end if row >= len(rows) - 1 or rows[row + 1][0] != end else max(start, end - 1)
        return replace(self, cursor=min(start + max(column, 0), last))

    def place(self, columns: int) -> tuple[int, int]:
        """Return the row and the column of the cursor."""
        rows = wrapped(self.text, columns)
        row = max(index for index, (start, _) in enumerate(rows) if start <= self.cursor)
        return row, self.cursor - rows[row][0]

    def _moved(self, name: str, columns: int) -> "TypedText":
        row, column = self.place(columns)
        rows = wrapped(self.text, columns)
        if name in {"up", "down"}:
            to = row + (1 if name == "down" else -1)
            return self.at(to, column, columns) if 0 <= to < len(rows) else self
        jumps = {
            "left": max(0, self.cursor - 1),
            "right": min(len(self.text), self.cursor + 1),
            "home": rows[row][0],
            "end": self.at(row, columns + 1, columns).cursor,
            "ctrl+home": 0,
            "ctrl+end": len(self.text),
            "ctrl+left": self.text.rstrip().rfind(" ", 0, max(0, self.cursor - 1)) + 1,
            "ctrl+right": _next_word(self.text, self.cursor),
        }
        return replace(self, cursor=jumps.get(name, self.cursor))


def _next_word(text: str, cursor: int) -> int:
    space = text.find(" ", cursor)
    return len(text) if space < 0 else space + 1
