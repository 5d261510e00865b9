"""Are sessions listed for what they are, and removed without touching any other?"""

import json
import os
import shutil
from pathlib import Path

import pytest

from capture.catalogue import catalogue
from capture.commands import main
from capture.request import SessionResult
from gazekit.model.audit import AuditRecord, check_audit
from gazekit.model.layout import SessionLayout
from gazekit.model.layout_station import StationLayout
from gazekit.model.recovery import recover_session
from gazekit.model.stream import read_json_lines


@pytest.fixture
def parent(tmp_path: Path, short: SessionResult) -> Path:
    """Give a folder with a closed session of R01, an open one of R02 and a damaged one."""
    for name, reader in (("ses-R01-a", "R01"), ("ses-R02-b", "R02"), ("ses-R03-c", "R03")):
        root = tmp_path / name
        shutil.copytree(short.session, root)
        record = json.loads(SessionLayout(root).session.read_text("utf-8"))
        record["reader"]["reader_id"] = reader
        record["closed"] = reader != "R02"
        SessionLayout(root).session.write_text(json.dumps(record), "utf-8")
    SessionLayout(tmp_path / "ses-R02-b").checksums.unlink()
    (tmp_path / "ses-R03-c" / "session.json").write_text("{", "utf-8")
    (tmp_path / "notes").mkdir()
    return tmp_path


def erase(parent: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(args=["erase", str(parent), *words])
    return int(ended.value.code or 0)


def names(parent: Path) -> list[str]:
    return sorted(path.name for path in parent.iterdir() if path.is_dir())


def test_each_session_is_listed_with_its_state(parent: Path) -> None:
    lines = {line.session: line for line in catalogue(parent)}
    assert {name: line.state for name, line in lines.items()} == {
        "ses-R01-a": "closed",
        "ses-R02-b": "open",
        "ses-R03-c": "damaged",
    }
    closed = lines["ses-R01-a"]
    assert (closed.reader, closed.complete, closed.simulated) == ("R01", 1, True)
    assert closed.planned == 1
    assert closed.duration_s is not None
    assert closed.duration_s > 2
    assert closed.data_loss is not None
    assert 0 <= closed.data_loss < 0.5
    assert closed.accuracy_deg is not None
    files = (path for path in (parent / "ses-R01-a").rglob("*") if path.is_file())
    assert closed.size_bytes == sum(path.stat().st_size for path in files)
    assert "session.json" in (lines["ses-R03-c"].problem or "")


def test_states_change_with_what_happens(parent: Path) -> None:
    root = parent / "ses-R02-b"
    SessionLayout(root).lock.write_text(f"{os.getpid()}\n")
    assert {line.session: line.state for line in catalogue(parent)}[root.name] == "recording"
    recover_session(root)
    assert {line.session: line.state for line in catalogue(parent)}[root.name] == "recovered"


def test_the_table_names_what_waits_to_be_mended(
    parent: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(args=["list", str(parent)])
    out, err = capsys.readouterr()
    assert "ses-R01-a" in out
    assert "1 of 1" in out
    assert "capture recover" in err
    with pytest.raises(SystemExit):
        main(args=["list", str(parent), "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["session"] for line in lines} == {"ses-R01-a", "ses-R02-b", "ses-R03-c"}


def test_a_reader_is_erased_and_nobody_else(
    parent: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert erase(parent, "--reader", "R01", "--yes") == 0
    assert names(parent) == ["notes", "ses-R02-b", "ses-R03-c"]
    audit = StationLayout(parent).withdrawals
    assert check_audit(audit) == []
    acts = [record.what for record in read_json_lines(audit, AuditRecord)]
    assert [act.split()[0] for act in acts] == ["erasing", "erased"]
    assert all("ses-R01-a" in act for act in acts)
    assert "ses-R03-c stays" in capsys.readouterr().err


def test_a_damaged_session_goes_by_its_name(parent: Path) -> None:
    assert erase(parent, "--session", "R03-c", "--yes") == 0
    assert names(parent) == ["notes", "ses-R01-a", "ses-R02-b"]


def test_nothing_goes_unasked(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = names(parent)
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    assert erase(parent, "--reader", "R01") == 130
    assert erase(parent, "--reader", "R01", "--dry-run") == 0
    assert erase(parent, "--reader", "R09", "--yes") == 4
    assert erase(parent, "--reader", "R", "--yes") == 4
    assert erase(parent, "--yes") == 2
    assert names(parent) == before
    assert not StationLayout(parent).withdrawals.exists()


def test_what_is_being_recorded_stays(parent: Path) -> None:
    SessionLayout(parent / "ses-R02-b").lock.write_text(f"{os.getpid()}\n")
    assert erase(parent, "--reader", "R02", "--yes") == 4
    assert "ses-R02-b" in names(parent)
