"""Does a person leave a dataset whole, and is the dataset sound without them?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gazekit.build import Subject, erase
from gazekit.model.audit import check_audit
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import DataError
from gazekit.model.layout import DATASET_TABLES, DatasetLayout, UnitLayout

Run = Callable[..., Any]


@pytest.fixture
def built(built_study: DatasetLayout, copied: Run, tmp_path: Path) -> Path:
    """Copy a built dataset and the units beside it."""
    return Path(copied(built_study, tmp_path / "dataset"))


def ids(dataset: Dataset, table: str, column: str) -> set[str]:
    return set(dataset.table(table, columns=[column]).column(column).to_pylist())


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", ["reader", "patient"])
def test_no_row_is_left_and_the_dataset_is_sound(built: Path, gazekit: Run, kind: str) -> None:
    before = open_dataset(built)
    name = min(ids(before, "readings", f"{kind}_id"))
    rows = before.table("readings").to_pylist()
    own = {row["reading_id"] for row in rows if row[f"{kind}_id"] == name}
    done = gazekit("erase", f"--{kind}", name, built, "--yes", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)["datasets"][0]["rows"]
    after = open_dataset(built)
    for table in DATASET_TABLES:
        assert after.count(table) == before.count(table) - told[table]
        if table != "images":
            assert ids(after, table, "reading_id").isdisjoint(own)
            assert name not in ids(after, table, f"{kind}_id")
    assert ids(after, "images", "image_id") == ids(after, "readings", "image_id")
    assert len(own) == told["readings"] > 0
    manifest = pq.read_table(after.layout.manifest).column("reading_id").to_pylist()
    assert set(manifest) == ids(after, "readings", "reading_id")
    assert after.info.fingerprint != before.info.fingerprint
    assert gazekit("verify", built).code == 0


def test_only_the_audit_log_still_bears_the_pseudonym(built: Path, gazekit: Run) -> None:
    name = min(ids(open_dataset(built), "readings", "reader_id"))
    assert gazekit("erase", "--reader", name, built, "--yes").code == 0
    layout = DatasetLayout(built)
    for path, data in files_of(built).items():
        tables = repr(pq.read_table(built / path).to_pylist()) if "parquet" in path else ""
        for quote in "'\"":
            assert f"{quote}{name}{quote}" not in tables, path
            assert f"{quote}{name}{quote}".encode() not in data, path
    assert f"erased reader {name}: " in layout.audit.read_text("utf-8")
    assert check_audit(layout.audit) == []
    units = UnitLayout.under(layout.units)
    assert units
    assert not any(f'"{name}'.encode() in unit.unit.read_bytes() for unit in units)
    again = gazekit("erase", "--reader", name, built, "--json")
    (found,) = json.loads(again.out)["datasets"]
    assert set(found["rows"].values()) == {0}
    assert found["units"] == 0


def test_a_later_build_leaves_the_erased_out(small_study: Path, built: Path, gazekit: Run) -> None:
    names = sorted(ids(open_dataset(built), "readings", "reader_id"))
    gazekit("erase", "--reader", names[0], built, "--yes")
    done = gazekit("build", small_study, "--out", built, "--workers", 1)
    assert done.code == 3
    assert "erased" in done.err
    assert sorted(ids(open_dataset(built), "readings", "reader_id")) == names[1:]
    assert f"erased reader {names[0]}: " in DatasetLayout(built).audit.read_text("utf-8")
    assert gazekit("verify", built).code == 0


def test_without_yes_it_only_lists(built: Path, gazekit: Run) -> None:
    name = min(ids(open_dataset(built), "readings", "reader_id"))
    before = files_of(built)
    done = gazekit("erase", "--reader", name, built)
    assert done.code == 0
    assert "add --yes" in done.err
    assert " readings, " in done.out
    assert files_of(built) == before


def test_somebody_unknown_changes_nothing(built: Path, gazekit: Run) -> None:
    before = files_of(built)
    done = gazekit("erase", "--patient", "nobody", built, "--yes")
    assert done.code == 0
    assert files_of(built) == before


@pytest.mark.parametrize("arguments", [(), ("--reader", "R", "--patient", "P")])
def test_one_person_is_named(built: Path, gazekit: Run, arguments: tuple[str, ...]) -> None:
    done = gazekit("erase", built, *arguments)
    assert done.code == 2
    assert "either --reader or --patient" in done.err


def test_a_failure_on_the_way_leaves_the_dataset_as_it_was(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = min(ids(open_dataset(built), "readings", "reader_id"))
    before = files_of(built)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gazekit.report.write_dataset_report", fail)
    with pytest.raises(OSError, match="No space"):
        erase(built, Subject("reader", name))
    assert files_of(built) == before


def test_the_last_person_is_not_erased_but_the_folder_named(built: Path) -> None:
    names = sorted(ids(open_dataset(built), "readings", "reader_id"))
    for name in names[:-1]:
        erase(built, Subject("reader", name))
    with pytest.raises(DataError, match=r"nothing would be left.*Delete the folder"):
        erase(built, Subject("reader", names[-1]))
