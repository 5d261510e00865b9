"""Does the report of a session say what was recorded, and call raw gaze raw?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gazekit.model.errors import DataError
from gazekit.model.files import verify_checksums
from gazekit.model.layout import SessionLayout
from gazekit.model.version import DISCLAIMER
from gazekit.report import write_session_report

HOSTILE = '<script>alert("x")</script><b>&amp;</b>'


def _words(html: str, page_text: Callable[[str], Any]) -> str:
    words: str = page_text(html).words
    return words


def test_page_says_what_was_recorded(
    make_session: Callable[..., Path], page_text: Callable[[str], Any], tmp_path: Path
) -> None:
    root = make_session()
    words = _words(write_session_report(root, tmp_path / "s.html").read_text("utf-8"), page_text)
    assert "2 of 2 readings complete" in words
    assert "3,000 gaze samples" in words
    assert "300 Hz effective rate" in words
    assert "0.40° accuracy, last accepted validation" in words
    assert "refused: accuracy" in words
    assert "Raw gaze samples, not fixations" in words
    assert "The heart is not enlarged." in words
    assert "Synthetic" in words
    assert DISCLAIMER in words


def test_page_is_well_formed_and_leaves_the_session_sound(
    make_session: Callable[..., Path], page_text: Callable[[str], Any], tmp_path: Path
) -> None:
    root = make_session(text=HOSTILE)
    page = page_text(write_session_report(root, tmp_path / "s.html").read_text("utf-8"))
    assert page.open == []
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert HOSTILE in page.words
    assert verify_checksums(root) == []


def test_gap_is_listed_with_its_length(
    make_session: Callable[..., Path], page_text: Callable[[str], Any], tmp_path: Path
) -> None:
    html = write_session_report(make_session(), tmp_path / "s.html").read_text("utf-8")
    # Between the readings no sample came for a second; inside each, 200 ms are invalid.
    assert "3 longest of 3 gaps" in _words(html, page_text)


def test_image_that_is_gone_is_said(
    make_session: Callable[..., Path], page_text: Callable[[str], Any], tmp_path: Path
) -> None:
    root = make_session()
    for image in SessionLayout(root).image_folder.iterdir():
        image.unlink()
    html = write_session_report(root, tmp_path / "s.html").read_text("utf-8")
    assert "the image is missing" in _words(html, page_text)


def test_session_without_samples_says_so(
    make_session: Callable[..., Path], page_text: Callable[[str], Any], tmp_path: Path
) -> None:
    root = make_session()
    for path in SessionLayout(root).samples_files():
        path.unlink()
    html = write_session_report(root, tmp_path / "s.html").read_text("utf-8")
    assert "holds no gaze samples" in _words(html, page_text)


def test_folder_that_is_no_session_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a session folder"):
        write_session_report(tmp_path, tmp_path / "s.html")
