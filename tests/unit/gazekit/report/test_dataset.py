"""Does the report of a dataset say what the dataset holds, and nothing else?"""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError
from gazekit.model.files import verify_checksums
from gazekit.model.version import DISCLAIMER
from gazekit.report import write_dataset_report

HOSTILE = '<script>alert("x")</script> & "quoted" <img src="http://example.org/x.png">'
LOADING = {"src", "href", "xlink:href", "action", "poster", "srcset", "data"}


def test_counts_are_those_of_the_dataset(
    make_dataset: Callable[..., Path], page_text: Callable[[str], Any]
) -> None:
    dataset = open_dataset(make_dataset(readings=5))
    words = page_text(write_dataset_report(dataset.root).read_text("utf-8")).words
    for table, word in (("readings", "readings"), ("keyframes", "key frames")):
        assert f"{dataset.count(table)} {word}" in words
    assert f"{dataset.count('fixations')} fixations" in words
    assert f"{dataset.count('images')} images" in words
    assert "1 exclusions" in words
    assert "no_gaze" in words


def test_page_says_what_it_is(
    make_dataset: Callable[..., Path], page_text: Callable[[str], Any]
) -> None:
    words = page_text(write_dataset_report(make_dataset()).read_text("utf-8")).words
    assert DISCLAIMER in words
    assert "Synthetic" in words
    assert "outside: data loss" in words


def test_page_is_well_formed_and_loads_nothing(
    make_dataset: Callable[..., Path], page_text: Callable[[str], Any]
) -> None:
    html = write_dataset_report(make_dataset()).read_text("utf-8")
    page = page_text(html)
    assert page.open == []
    loaded = [v for _, attrs in page.tags for k, v in attrs.items() if k in LOADING]
    assert loaded
    assert [v for v in loaded if not str(v).startswith(("data:", "#"))] == []
    assert "url(" not in html
    assert "@import" not in html


def test_every_picture_decodes_and_has_words(
    make_dataset: Callable[..., Path], page_text: Callable[[str], Any]
) -> None:
    html = write_dataset_report(make_dataset(readings=2)).read_text("utf-8")
    found = re.findall(r"data:image/(?:jpeg|png);base64,([A-Za-z0-9+/=]+)", html)
    assert len(found) == 2 * (2 + 3)
    for data in found:
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            picture.load()
            assert max(picture.size) <= 480
            assert np.asarray(picture.convert("L")).std() > 1
    drawings = [attrs for tag, attrs in page_text(html).tags if tag == "svg"]
    assert all(attrs.get("role") == "img" and attrs.get("aria-label") for attrs in drawings)


def test_hostile_text_shows_as_text(
    make_dataset: Callable[..., Path], page_text: Callable[[str], Any]
) -> None:
    page = page_text(write_dataset_report(make_dataset(text=HOSTILE)).read_text("utf-8"))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in page.tags]
    assert HOSTILE in page.words


def test_more_readings_than_asked_for_are_named(make_dataset: Callable[..., Path]) -> None:
    root = make_dataset(readings=9)
    html = write_dataset_report(root, readings=3).read_text("utf-8")
    assert html.count('<article class="card"') == 3
    assert "6 are not pictured" in html


def test_default_page_keeps_the_checksums_sound(make_dataset: Callable[..., Path]) -> None:
    root = make_dataset()
    assert write_dataset_report(root) == root / "report.html"
    assert write_dataset_report(root, readings=1) == root / "report.html"
    assert verify_checksums(root) == []


def test_another_place_leaves_the_dataset_as_it_is(
    make_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    root = make_dataset()
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert write_dataset_report(root, tmp_path / "page.html").is_file()
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before


def test_two_pages_of_one_dataset_are_equal(make_dataset: Callable[..., Path]) -> None:
    root = make_dataset()
    first = write_dataset_report(root).read_bytes()
    assert write_dataset_report(root).read_bytes() == first


def test_a_folder_that_is_no_dataset_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a built dataset"):
        write_dataset_report(tmp_path)
