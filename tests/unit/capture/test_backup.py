"""Is the copy of a growing session whole, and is a failure told?"""

import time
from pathlib import Path

import pytest

from capture.backup import Backup, copy_session


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "ses-R01"
    (root / "images").mkdir(parents=True)
    (root / "events.jsonl").write_bytes(b"one\n")
    (root / "images" / "a.png").write_bytes(b"picture")
    return root


def same(root: Path, target: Path) -> bool:
    files = {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    copies = {p.relative_to(target): p.read_bytes() for p in target.rglob("*") if p.is_file()}
    return files == copies


def test_the_copy_grows_with_the_session(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup" / root.name
    assert copy_session(root, target) == []
    assert same(root, target)
    with (root / "events.jsonl").open("ab") as file:
        file.write(b"two\n")
    (root / "LOCK").write_bytes(b"1")
    assert copy_session(root, target) == []
    (root / "LOCK").unlink()
    assert copy_session(root, target) == []
    assert same(root, target)


def test_a_copy_that_was_cut_or_spoilt_is_made_good(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup" / root.name
    copy_session(root, target)
    (target / "events.jsonl").write_bytes(b"o")
    (target / "images" / "a.png").write_bytes(b"PICTURE and more")
    assert copy_session(root, target) == []
    assert same(root, target)


def test_a_failure_is_told_and_stops_nothing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "backup").write_bytes(b"a file in the place of the folder")
    told: list[str] = []
    backup = Backup(root, tmp_path / "backup", told.append)
    backup.kick()
    for _ in range(500):
        if told:
            break
        backup.kick()
        time.sleep(0.01)
    backup.stop()
    assert "the backup is not whole" in told[0]
    assert backup.final()
