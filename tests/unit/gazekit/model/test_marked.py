"""Is an exclusions file what a person can read, edit and trust?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.errors import GazekitError, ProblemsError, UsageError
from gazekit.model.marked import MARK_REASONS, Mark, mark_of, read_marks, write_marks

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
