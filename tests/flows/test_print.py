"""Does a report print well: all heads again on each page, no controls, the notice on every one?"""

import shutil
import subprocess
from pathlib import Path

import pytest

from gazekit.model.version import DISCLAIMER
from gazekit.report import Column, Page, card, facts, section, table
from tests.browser import page_of


def _page(tmp_path: Path) -> Path:
    columns = [Column("Reading"), Column("Verdict"), Column("Accuracy", "deg", numeric=True)]
    short = [(f"r{index:02d}", "within limits", index / 100) for index in range(48)]
    long = [(f"s{index:04d}", "outside: gap", index / 100) for index in range(400)]
    made = Page(
        "Report",
        "Printed",
        (
            section("Some", table(columns, short, caption="All of them")),
            section("Many", table(columns, long, caption="The first", whole="the dataset")),
            section("Readings", *(card(f"r{k}", facts([("Image", k)] * 9)) for k in range(3))),
        ),
    )
    return made.write(tmp_path / "page.html")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Print a page whose reader likes it dark and sorts it; give the text of each sheet."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("no pdftotext on this machine (Debian: poppler-utils)")
    folder = tmp_path_factory.mktemp("print")
    with page_of(_page(folder), scheme="dark") as page:
        page.get_by_role("searchbox").fill("outside")
        page.pdf(path=folder / "page.pdf", prefer_css_page_size=True, format="A4")
    words = [program, "-layout", str(folder / "page.pdf"), "-"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.split("\f")[:-1]


def test_every_sheet_has_the_notice_and_every_part_of_a_table_its_heads(
    printed: list[str],
) -> None:
    assert len(printed) > 2
    count = len(printed)
    for number, sheet in enumerate(printed, start=1):
        assert DISCLAIMER in sheet
        assert f"{number}/{count}" in sheet.replace(" ", "")
        if "within limits" in sheet or "outside: gap" in sheet:
            assert "Accuracy" in sheet
    whole = "".join(printed)
    assert all(f"r{index:02d} " in whole for index in range(48))
    assert "s0049" in whole
    assert "Rows 1 to 50 of 400. All are in the dataset." in whole


def test_no_control_is_printed(printed: list[str]) -> None:
    whole = "".join(printed)
    for word in ("Next", "Previous", "Rows with", "Skip to", "Use light", "↕"):
        assert word not in whole
