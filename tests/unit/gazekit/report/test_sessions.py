"""Does one page say of several sessions what to redo, and does it lead to the page of each?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capture.commands import main
from gazekit.model.errors import DataError, UsageError
from gazekit.model.files import verify_checksums
from gazekit.model.layout import SessionLayout
from gazekit.report import write_sessions_report


@pytest.fixture
def three(make_session: Callable[..., Path], tmp_path: Path) -> list[Path]:
    """Give a good session, one whose only accepted validation is missing, and no session."""
    good = make_session()
    worse = Path(shutil.copytree(good, tmp_path / "ses-<b>"))
    path = SessionLayout(worse).calibrations
    path.write_text(f"{path.read_text('utf-8').splitlines()[0]}\n", "utf-8")  # the refused one
    return [good, worse, tmp_path / "nothing"]


def test_each_session_has_a_line_and_a_page_and_stays_sound(
    three: list[Path], tmp_path: Path, page_text: Callable[[str], Any]
) -> None:
    made = write_sessions_report(three, tmp_path / "pages")
    html = made.page.read_text("utf-8")
    page = page_text(html)
    assert page.open == []
    words = page.words
    assert "sessions with nothing to redo" in words
    assert "ses-<b>" in words
    assert "calibration: no validation was accepted" in words
    assert "cannot be read" in words
    assert [error.where for error in made.unread] == ["nothing"]
    targets = [a["href"] for tag, a in page.tags if tag == "a" and ".html" in (a["href"] or "")]
    assert targets == [f"{three[0].name}.html", "ses-%3Cb%3E.html"]
    assert {path.name for path in made.page.parent.iterdir()} == {
        "sessions.html",
        f"{three[0].name}.html",
        "ses-<b>.html",
    }
    assert verify_checksums(three[0]) == []


def test_one_name_twice_is_refused(three: list[Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one name"):
        write_sessions_report([three[0], three[0]], tmp_path / "pages")
    assert not (tmp_path / "pages").exists()


def test_the_program_says_what_it_could_not_read_and_writes_into_no_session(
    three: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["report", *map(str, three), "--out"]
    assert _code([*words, str(tmp_path / "pages")]) == 3
    told = capsys.readouterr()
    assert told.out.strip() == str(tmp_path / "pages" / "sessions.html")
    assert told.err.startswith("cannot be read: nothing: ")
    assert _code([*words, str(three[0] / "pages")]) == 2
    (tmp_path / "file").touch()
    assert _code([*words, str(tmp_path / "file")]) == 2
    assert not (three[0] / "pages").exists()


def test_no_page_tells_of_sessions_of_which_none_can_be_read(
    three: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"nothing, other: none of these sessions can be read"):
        write_sessions_report([three[2], tmp_path / "other"], tmp_path)
    assert not list(tmp_path.glob("*.html"))


def _code(words: list[str]) -> object:
    with pytest.raises(SystemExit) as stop:
        main(words)
    return stop.value.code
