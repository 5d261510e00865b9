"""Does a build leave out what a person marked, and take it back when the mark is gone?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gazekit.model.dataset import open_dataset
from gazekit.model.layout import DatasetLayout
from gazekit.model.marked import Mark, read_marks, write_marks


def _parquet(layout: DatasetLayout) -> dict[str, bytes]:
    paths = sorted(layout.root.rglob("*.parquet"))
    return {path.relative_to(layout.root).as_posix(): path.read_bytes() for path in paths}


def _ids(layout: DatasetLayout, table: str = "readings") -> set[str]:
    rows = open_dataset(layout.root).table(table, columns=["reading_id"])
    return set(rows.column(0).to_pylist())


@pytest.fixture
def built(
    built_four: DatasetLayout, copied: Callable[[DatasetLayout, Path], Path], tmp_path: Path
) -> DatasetLayout:
    return DatasetLayout(copied(built_four, tmp_path / "dataset"))


def test_a_mark_beside_the_dataset_is_honoured_and_undone_to_the_byte(
    built: DatasetLayout, four_sessions: Path, gazekit: Callable[..., Any]
) -> None:
    before, was = _parquet(built), open_dataset(built.root).info
    out = sorted(_ids(built))[1]
    write_marks(built.marked, [Mark(id=out, reason="calibration", note="drift to the left")])
    done = gazekit("build", four_sessions, "--out", built.root, "--workers", 1)
    assert done.code == 3
    assert f"left out: reading {out}: reading_marked" in done.err
    info = open_dataset(built.root).info
    assert _ids(built) == _ids(built, "fixations") == {*_ids(built)} - {out}
    assert len(_ids(built)) == 3
    assert info.fingerprint != was.fingerprint
    (row,) = pq.read_table(built.exclusions).to_pylist()
    assert (row["unit"], row["unit_id"], row["reason"]) == ("reading", out, "reading_marked")
    assert "calibration: drift to the left" in row["detail"]
    assert gazekit("verify", built.root).code in {0, 3}

    write_marks(built.marked, [])
    done = gazekit("build", four_sessions, "--out", built.root, "--workers", 1)
    assert (done.code, " 0 units made" in done.out) == (0, True)
    assert _parquet(built) == before
    assert open_dataset(built.root).info.fingerprint == was.fingerprint


def test_a_file_that_is_given_goes_before_the_one_beside_the_dataset(
    built: DatasetLayout, four_sessions: Path, gazekit: Callable[..., Any], tmp_path: Path
) -> None:
    first, second, *_ = sorted(_ids(built))
    write_marks(built.marked, [Mark(id=first, reason="calibration")])
    write_marks(tmp_path / "mine.toml", [Mark(id=second, reason="duplicate")])
    words = ("build", four_sessions, "--out", built.root, "--workers", 1)
    done = gazekit(*words, "--exclusions", tmp_path / "mine.toml")
    assert done.code == 3
    assert _ids(built) >= {first}
    assert second not in _ids(built)


def test_a_reading_that_no_source_holds_is_said_in_a_line(
    built: DatasetLayout, four_sessions: Path, gazekit: Callable[..., Any]
) -> None:
    near = f"{min(_ids(built))}x"
    write_marks(built.marked, [Mark(id=near, reason="calibration")])
    done = gazekit("build", four_sessions, "--out", built.root, "--workers", 1)
    assert done.code == 3
    assert done.err.count("warning:") == 1
    assert f"no reading {near!r} is in the sources" in done.err
    assert f"Did you mean {near[:-1]!r}?" in done.err


@pytest.mark.parametrize(("text", "code"), [("[[reading]", 2), ("[[reading]]\nid = 3\n", 4)])
def test_a_damaged_file_stops_the_build_before_anything_is_written(
    built: DatasetLayout, four_sessions: Path, gazekit: Callable[..., Any], text: str, code: int
) -> None:
    before = _parquet(built)
    built.marked.write_text(text, "utf-8")
    done = gazekit("build", four_sessions, "--out", built.root, "--workers", 1)
    assert done.code == code
    assert "error: dataset.exclusions.toml" in done.err
    assert _parquet(built) == before


def test_erasing_a_reader_takes_their_marks_away(
    built: DatasetLayout, gazekit: Callable[..., Any]
) -> None:
    rows = open_dataset(built.root).table("readings", columns=["reading_id", "reader_id"])
    whose = dict(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    write_marks(built.marked, [Mark(id=name, reason="duplicate") for name in sorted(whose)])
    gone = min(whose.values())
    assert gazekit("erase", "--reader", gone, built.root, "--yes").code == 0
    kept = {mark.id for mark in read_marks(built.marked)}
    assert kept == {name for name, reader in whose.items() if reader != gone}


@pytest.mark.parametrize("kind", ["reader", "patient"])
def test_erasing_leaves_nothing_of_a_reading_that_was_marked(
    built: DatasetLayout, four_sessions: Path, gazekit: Callable[..., Any], kind: str
) -> None:
    rows = open_dataset(built.root).table("readings").to_pylist()
    marked = rows[0]
    write_marks(built.marked, [Mark(id=marked["reading_id"], reason="duplicate")])
    words = ("build", four_sessions, "--out", built.root, "--workers", 1)
    assert gazekit(*words).code == 3
    done = gazekit("erase", f"--{kind}", marked[f"{kind}_id"], built.root, "--yes")
    assert done.code == 0, done.err
    assert pq.read_table(built.exclusions).num_rows == 0
    assert read_marks(built.marked) == ()
    assert marked["reading_id"] not in built.report.read_text("utf-8")
