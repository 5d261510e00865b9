"""Is a unit whole or absent, and never taken for more than it is?"""

from pathlib import Path

import pyarrow as pa
import pytest

from gazekit.build.store import UnitRecord, load_part, read_unit, write_unit
from gazekit.model.errors import GazekitError
from gazekit.model.layout import UnitLayout
from gazekit.read import Exclusion

KEY = "ab" * 32
RECORD = UnitRecord(
    key=KEY,
    unit_id="r1",
    source="session",
    source_sha256="0",
    excluded=(Exclusion("sentence", "r1/0", "sentence_untimed", "why"),),
)
TABLES = {"one": pa.table({"a": [1, 2, 3]}), "none": pa.table({"b": pa.array([], pa.string())})}


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    write_unit(tmp_path, RECORD, TABLES)
    found = read_unit(tmp_path, KEY)
    assert found is not None
    assert found.excluded == RECORD.excluded
    assert {name: found.rows(name) for name in TABLES} == {"one": 3, "none": 0}
    for name, table in TABLES.items():
        assert load_part(tmp_path, KEY, name).equals(table)


def test_nothing_else_is_left_behind(tmp_path: Path) -> None:
    write_unit(tmp_path, RECORD, TABLES)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [UnitLayout(tmp_path, KEY).unit]


def test_a_unit_that_was_never_made_is_absent(tmp_path: Path) -> None:
    assert read_unit(tmp_path, KEY) is None


def test_a_unit_cut_anywhere_is_absent(tmp_path: Path) -> None:
    write_unit(tmp_path, RECORD, TABLES)
    path = UnitLayout(tmp_path, KEY).unit
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        assert read_unit(tmp_path, KEY) is None
    path.write_bytes(whole)
    assert read_unit(tmp_path, KEY) is not None


def test_noise_inside_a_unit_is_one_line(tmp_path: Path) -> None:
    write_unit(tmp_path, RECORD, TABLES)
    path = UnitLayout(tmp_path, KEY).unit
    data = bytearray(path.read_bytes())
    data[-400:-100] = b"\xff" * 300
    path.write_bytes(bytes(data))
    with pytest.raises(GazekitError, match="a built part is damaged"):
        load_part(tmp_path, KEY, "none")
