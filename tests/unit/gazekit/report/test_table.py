"""Does a table of many rows stay light, and does it sort, filter and turn pages in a browser?"""

from pathlib import Path

import pytest

from gazekit.report.page import Page, section
from gazekit.report.table import ROWS_A_PAGE, Cell, Column, table
from tests.browser import page_of

COUNT = 1234
HOSTILE = "</script><script>alert(1)</script>"


def _page(tmp_path: Path, count: int = COUNT) -> Path:
    rows = [
        [
            HOSTILE if index == 7 else f"r{index:04d}",
            Cell("outside: gap", "2", "bad") if index % 100 == 99 else Cell("within", "0", "good"),
            Cell(f"{(index * 37) % COUNT:,}", (index * 37) % COUNT),
            None if index == 3 else f"word{index % 10}",
        ]
        for index in range(count)
    ]
    columns: list[Column | str] = [
        "Reading",
        "Verdict",
        Column("Error", "px", numeric=True),
        "Said",
    ]
    made = table(columns, rows, caption="Rows", whole="the readings table")
    page = Page("Report", "Many", (section("Rows", made),))
    return page.write(tmp_path / "page.html")


def test_many_rows_sort_filter_and_turn_by_keyboard(tmp_path: Path) -> None:
    with page_of(_page(tmp_path)) as page:
        first = page.locator("tbody tr:first-child td")
        said = page.get_by_role("status")
        assert said.inner_text() == "The first 50 of 1,234 rows. All are in the readings table."
        page.get_by_role("columnheader", name="Error").get_by_role("button").press("Enter")
        assert first.nth(2).inner_text() == "0"
        page.get_by_role("columnheader", name="Error").get_by_role("button").press("Enter")
        assert first.nth(2).inner_text() == "1,233"
        page.get_by_role("button", name="Next").press("Enter")
        assert said.inner_text().startswith("Rows 51 to 100 of 1,234.")
        page.get_by_role("button", name="Last").press("Enter")
        assert said.inner_text().startswith("Rows 1,201 to 1,234 of 1,234.")
        assert page.locator("tbody tr").count() == 34
        assert page.get_by_role("button", name="Next").get_attribute("aria-disabled") == "true"
        page.get_by_role("searchbox", name="Rows with the words").fill("OUTSIDE word9")
        assert said.inner_text().startswith("Rows 1 to 12 of 12 that fit, of 1,234 rows.")
        assert page.locator("tbody td.bad").count() == 12
        page.get_by_role("columnheader", name="Reading").get_by_role("button").press("Enter")
        assert first.nth(0).inner_text() == "r0099"
        page.get_by_role("searchbox").fill("nowhere")
        assert said.inner_text().startswith("None of 1,234 rows fits.")


def test_hostile_text_is_text_absent_is_last_and_print_has_no_controls(tmp_path: Path) -> None:
    with page_of(_page(tmp_path)) as page:
        cells = page.locator("tbody tr:first-child td")
        page.get_by_role("searchbox").fill("alert")
        assert cells.nth(0).inner_text() == HOSTILE
        page.get_by_role("searchbox").fill("")
        page.get_by_role("columnheader", name="Said").get_by_role("button").click()
        page.get_by_role("button", name="Last").click()
        assert page.locator("tbody tr:last-child td").nth(3).inner_text() == "–"
        page.emulate_media(media="print")
        assert not page.get_by_role("searchbox").is_visible()
        assert page.get_by_role("status").is_visible()


def test_without_scripts_the_first_rows_show(tmp_path: Path) -> None:
    main = _main(_page(tmp_path))
    assert main.split("<tbody>", 1)[1].split("</tbody>", 1)[0].count("<tr>") == ROWS_A_PAGE
    assert '<div class="turn" hidden>' in main
    assert "The first 50 of 1,234 rows. All are in the readings table." in main


@pytest.mark.parametrize(("count", "turns"), [(ROWS_A_PAGE, False), (ROWS_A_PAGE + 1, True)])
def test_only_a_table_of_more_rows_has_pages(tmp_path: Path, count: int, *, turns: bool) -> None:
    assert ("data-filter" in _main(_page(tmp_path, count))) is turns


def test_five_thousand_rows_take_little_room(tmp_path: Path) -> None:
    empty = _page(tmp_path, 1).stat().st_size
    assert _page(tmp_path, 5000).stat().st_size - empty < 5000 * 60


def _main(page: Path) -> str:
    return page.read_text("utf-8").split("<main", 1)[1].split("</main>", 1)[0]
