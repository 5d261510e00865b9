"""Are a user's questions read, and a wrong table refused in one line?"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazekit.model.errors import DataError, UsageError
from trainer.tasks import read_questions

CSV = "image_id,question,answer,by\ni1,Why?,Because.,me\ni2,Who?,Nobody,me\ni1,How many?,2,me\n"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_questions_are_read_by_image(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"mine.{kind}"
    path.write_text(CSV, "utf-8")
    if kind == "parquet":
        rows = [line.split(",")[:3] for line in CSV.splitlines()]
        columns = list(zip(*rows[1:], strict=True))
        pq.write_table(pa.table(dict(zip(rows[0], columns, strict=True))), path)
    asked = read_questions(path)
    assert [(q.text, q.answer) for q in asked["i1"]] == [("Why?", "Because."), ("How many?", "2")]
    assert list(asked) == ["i1", "i2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image_id,question\ni1,Why?\n", "no column answer"),
        ("image_id,question,answer\ni1,Why?,a\ni2,,b\n", "row 2, question"),
        ("image_id,question,answer\ni1,a\n", "cannot be read"),
    ],
)
def test_a_wrong_table_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_questions(path)
    assert "\n" not in str(caught.value)
    assert "mine.csv" in str(caught.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.csv"):
        read_questions(tmp_path / "nothing.csv")
