"""Does one reader give the same cells by row and by block, and name what is wrong?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gazekit.model.errors import DataError
from gazekit.read.delimited import Delimited, numbers_of

TEXT = "Name,First Value,second\na,1.5,10\nb,,20\nc,nan,30\n"


def _file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Delimited:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    return Delimited(path, ",", missing=("nan",), called="R01/table.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_rows_and_blocks_agree(tmp_path: Path, encoding: str) -> None:
    file = _file(tmp_path, TEXT, encoding)
    columns = numbers_of(file, ["SECOND", "first  value"])
    np.testing.assert_array_equal(columns["first  value"], [1.5, np.nan, np.nan])
    rows = list(file.rows(["second"]))
    assert [row.number_in("Second") for row in rows] == columns["SECOND"].tolist()
    assert [row.optional("first value") for row in rows] == ["1.5", None, None]
    assert [row.number for row in rows] == [2, 3, 4]


def test_a_stretch_keeps_the_rows_of_its_file(tmp_path: Path) -> None:
    whole = _file(tmp_path, TEXT)
    start = TEXT.index("b,")
    part = Delimited(whole.path, ",", spans=((start, len(TEXT)),), first_row=3)
    assert numbers_of(part, ["second"])["second"].tolist() == [20, 30]
    assert [row.number for row in part.rows(["second"])] == [3, 4]


def _by_block(file: Delimited) -> object:
    return numbers_of(file, ["second"])


def _by_row(file: Delimited) -> object:
    return [row.number_in("second") for row in file.rows(["second"])]


@pytest.mark.parametrize("read", [_by_block, _by_row])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,second\na,1\nb,2,3\n", "row 3: a row has another number of cells"),
        ("name,second\na,1\nb,Doe\n", r"row 3, column second: .*found 3 characters of text"),
        ("name,second\na,1\nb,2.5.1\n", r"row 3, column second: .*found '2.5.1'"),
        ("name,Second,SECOND\na,1,2\n", "row 1: two columns have one name"),
        ("name,secnd\na,1\n", "row 1: column second is missing .*Did you mean 'secnd'"),
        ("", "the file is empty"),
    ],
    ids=["ragged", "text", "number", "twice", "missing", "empty"],
)
def test_both_ways_name_the_place(
    tmp_path: Path, read: Callable[[Delimited], object], text: str, message: str
) -> None:
    with pytest.raises(DataError, match=rf"^R01/table\.csv.*{message}"):
        read(_file(tmp_path, text))


def test_a_ragged_row_of_a_stretch_is_counted_from_the_top(tmp_path: Path) -> None:
    text = TEXT + "d,4\n"
    file = _file(tmp_path, text)
    part = Delimited(file.path, ",", spans=((text.index("c,"), len(text)),), first_row=4)
    for read in (_by_block, _by_row):
        with pytest.raises(DataError, match="row 5: a row has another number of cells"):
            read(part)
