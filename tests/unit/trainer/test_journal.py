"""Are measurements kept, and those after the checkpoint dropped on resume?"""

from pathlib import Path

import pytest

from trainer.journal import Journal, read_metrics


def test_a_resumed_run_measures_again_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    journal = Journal(path, first=0, steps=9)
    for step in (1, 2, 3):
        journal.write(step, {"language": 1 / step})
    Journal(path, first=2, steps=9).write(3, {"language": 7.0})
    assert [row["language"] for row in read_metrics(path)] == [1, 0.5, 7]


def test_a_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    Journal(path, first=0, steps=9).write(1, {"language": 1.0})
    with path.open("ab") as file:
        file.write(b'{"step": 2, "lang')
    assert [row["step"] for row in read_metrics(path)] == [1]
    assert read_metrics(tmp_path / "none") == []


def test_a_person_sees_rate_and_time_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(tmp_path / "metrics", first=0, steps=10, batch=4)
    journal.tell(5, {"language": 1.25, "lr": 0.1})
    line = capsys.readouterr().err
    assert line.startswith("step 5/10  language 1.250")
    assert "readings/s" in line
    assert line.rstrip().endswith("left")
    assert "lr" not in line
