"""Is an exclusions file what a person can read, edit and trust?"""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.errors import GazekitError, ProblemsError, UsageError
from gazekit.model.marked import (
    MARK_REASONS,
    Mark,
    changing_marks,
    mark_of,
    read_marks,
    write_marks,
)

_LINES = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=60
).filter(lambda text: text.strip() == text)


@given(
    st.lists(
        st.builds(Mark, id=_LINES, reason=st.sampled_from(list(MARK_REASONS)), note=_LINES),
        unique_by=lambda mark: mark.id,
        max_size=5,
    )
)
def test_marks_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, marks: list[Mark]
) -> None:
    path = tmp_path_factory.mktemp("marks") / "ds.exclusions.toml"
    write_marks(path, marks)
    assert read_marks(path) == tuple(marks)


def test_the_file_says_what_it_is_and_which_reasons_there_are(tmp_path: Path) -> None:
    path = tmp_path / "ds.exclusions.toml"
    write_marks(path, [])
    text = path.read_text("utf-8")
    assert all(reason in text for reason in MARK_REASONS)
    assert read_marks(path) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[reading]]\nid = 'a'\nreasn = 'other'\nreason = 'calibration'\n", "line 3"),
        ("[[reading]]\nid = 'a'\nreason = 'calibraton'\n", "Did you mean 'calibration'?"),
        ("[[reading]]\nid = 'a'\nreason = 'other'\n", "needs a note"),
        ("[[reading]]\nreason = 'calibration'\n", "the key is missing"),
        ("[[reading]]\nid = 'a'\nreason = 'calibration'\n" * 2, "twice"),
        ('[[reading]]\nid = "a"\nreason = "dictation"\nnote = "b\\nc"\n', "one line of text"),
        ("reading = 3\n", "reading"),
        ("[[reading\n", "not valid TOML"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "ds.exclusions.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(GazekitError, match=says) as raised:
        read_marks(path)
    assert "ds.exclusions.toml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ds.exclusions.toml"
    path.write_text("[[reading]]\nid = 'a'\nreason = 'x'\n[[reading]]\nid = 4\n", "utf-8")
    with pytest.raises(ProblemsError) as raised:
        read_marks(path)
    assert len(raised.value.problems) == 3


@pytest.mark.parametrize(
    ("reason", "note", "says"),
    [
        ("bored", None, "no such reason"),
        ("other", "  ", "needs a note"),
        ("other", "x" * 201, "long"),
    ],
)
def test_what_is_typed_is_checked(reason: str, note: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        mark_of("R01-000", reason, note)


BY_HAND = """\
# The list of the second week, looked through twice.

# the tracker was knocked here
[[reading]]
id = "a"
reason = "calibration"  # seen on the replay
note = 'it is off'

[[ reading ]]  # asked twice
id = "b"
reason = "duplicate"
# end
"""


def _by_hand(tmp_path: Path) -> Path:
    path = tmp_path / "ds.exclusions.toml"
    path.write_text(BY_HAND, "utf-8")
    return path


def test_what_stands_beside_entries_survives_a_change(tmp_path: Path) -> None:
    path = _by_hand(tmp_path)
    with changing_marks(path) as marks:
        marks["c"] = Mark(id="c", reason="dictation")
    assert path.read_text("utf-8") == BY_HAND + '\n[[reading]]\nid = "c"\nreason = "dictation"\n'
    with changing_marks(path) as marks:
        del marks["c"]
    assert path.read_text("utf-8") == BY_HAND
    with changing_marks(path) as marks:
        marks["a"] = Mark(id="a", reason="other", note="odd")
        del marks["b"]
    text = path.read_text("utf-8")
    assert read_marks(path) == (Mark(id="a", reason="other", note="odd"),)
    for comment in ("second week", "knocked here", 'reason = "other"  # seen on', "# end"):
        assert comment in text


def test_a_block_that_changes_nothing_or_fails_leaves_the_file(tmp_path: Path) -> None:
    path = _by_hand(tmp_path)
    was = path.stat().st_mtime_ns
    with changing_marks(path) as marks:
        marks["a"] = marks["a"]
    with pytest.raises(KeyError), changing_marks(path) as marks:
        del marks["nobody"]
    assert (path.read_text("utf-8"), path.stat().st_mtime_ns) == (BY_HAND, was)


def test_entries_that_lines_do_not_show_are_refused_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "ds.exclusions.toml"
    text = 'reading = [{id = "a", reason = "calibration"}]  # in a line\n'
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="in an editor"), changing_marks(path) as marks:
        del marks["a"]
    assert path.read_text("utf-8") == text


_ADDS = """
import sys
from pathlib import Path
from gazekit.model.marked import Mark, changing_marks
for index in range(15):
    with changing_marks(Path(sys.argv[1])) as marks:
        name = f"{sys.argv[2]}-{index}"
        marks[name] = Mark(id=name, reason="calibration")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a file cannot be held there")
def test_two_processes_at_once_lose_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "ds.exclusions.toml"
    started = [
        subprocess.Popen([sys.executable, "-c", _ADDS, str(path), who]) for who in ("one", "two")
    ]
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    assert {mark.id for mark in read_marks(path)} == {
        f"{who}-{index}" for who in ("one", "two") for index in range(15)
    }
