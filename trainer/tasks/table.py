"""What does a user ask? A table of questions by image, CSV or Parquet."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from gazekit.model.errors import DataError, UsageError
from trainer.tasks.questions import Question

__all__ = ["read_questions"]

_COLUMNS = ("image_id", "question", "answer")


def read_questions(path: Path) -> dict[str, list[Question]]:
    """Return the questions of each image, in the order of the table.

    Raises
    ------
    UsageError
        There is no such file.
    DataError
        It is not such a table, a column is missing, or a row lacks a value.
    """
    if not path.is_file():
        raise UsageError(
            "no such file", where=f"data.questions: {path.name}", expected="CSV or Parquet"
        )
    table = _table(path)
    missing = [name for name in _COLUMNS if name not in table.column_names]
    if missing:
        raise DataError(
            f"the table has no column {missing[0]}",
            where=path.name,
            expected=", ".join(_COLUMNS),
            found=", ".join(table.column_names),
        )
    asked: dict[str, list[Question]] = {}
    for number, row in enumerate(table.select(_COLUMNS).to_pylist(), start=1):
        empty = [name for name in _COLUMNS if not (row[name] or "").strip()]
        if empty:
            raise DataError("a row lacks a value", where=f"{path.name}, row {number}, {empty[0]}")
        question = Question("table", row["question"].strip(), row["answer"].strip())
        asked.setdefault(row["image_id"], []).append(question)
    return asked


def _table(path: Path) -> pa.Table:
    try:
        if path.suffix.lower() == ".parquet":
            table = pq.read_table(path, partitioning=None)
        else:
            table = pc.read_csv(path)
        kept = [name for name in table.column_names if name in _COLUMNS]
        text = [table[name].cast(pa.string()) for name in kept]
        others = [name for name in table.column_names if name not in _COLUMNS]
        return pa.table(dict(zip(kept, text, strict=True)) or {n: table[n] for n in others})
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise DataError(
            f"the table cannot be read: {first}", where=path.name, expected="CSV or Parquet"
        ) from error
