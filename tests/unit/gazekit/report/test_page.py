"""Can a page's text be read in either colour scheme, and does it follow the reader's choice?"""

import re
from pathlib import Path

import pytest

from gazekit.report.page import Page, section
from gazekit.report.table import Cell, Column, table
from tests.browser import page_of

_READ_ON = {
    "ink": ("paper", "card"),
    "soft": ("paper", "card"),
    "accent": ("paper", "card", "accent-soft"),
    "good": ("card", "good-soft"),
    "warn": ("card", "warn-soft"),
    "bad": ("card", "bad-soft"),
    **{f"s{step}": ("card",) for step in range(7)},
}
_PAIRS = [(text, under) for text, unders in _READ_ON.items() for under in unders]
_AA = 4.5


def _page() -> Page:
    made = table(
        ["Reading", Column("Error", numeric=True)],
        [["r1", 9], ["<script>alert(1)</script>", Cell("10 (above)", 10, "bad")], ["r3", None]],
        caption="Rows",
    )
    return Page("Report", "Colours", (section("Rows", made),))


def _palette(scheme: str) -> dict[str, str]:
    html = _page().html()
    light = dict(re.findall(r"--([\w-]+): (#\w{6})", html.split(":root {", 1)[1].split("}", 1)[0]))
    if scheme == "light":
        return light
    chosen = html.split(':root[data-scheme="dark"] {', 1)[1].split("}", 1)[0]
    return light | dict(re.findall(r"--([\w-]+): (#\w{6})", chosen))


def _luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("pair", _PAIRS)
def test_text_stands_out_from_what_it_is_read_on(scheme: str, pair: tuple[str, str]) -> None:
    palette = _palette(scheme)
    low, high = sorted(_luminance(palette[name]) for name in pair)
    assert (high + 0.05) / (low + 0.05) >= _AA


def test_the_two_schemes_differ() -> None:
    assert _palette("light")["paper"] != _palette("dark")["paper"]


def test_colours_switch_by_keyboard_and_print_is_light(tmp_path: Path) -> None:
    path = _page().write(tmp_path / "page.html")
    paper = "getComputedStyle(document.body).backgroundColor"
    with page_of(path, scheme="dark") as page:
        dark = page.evaluate(paper)
        page.get_by_role("button", name="Use light colours").press("Enter")
        assert page.evaluate(paper) != dark
        page.get_by_role("button", name="Use dark colours").press("Enter")
        assert page.evaluate(paper) == dark
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_a_table_sorts_by_keyboard_and_says_so(tmp_path: Path) -> None:
    path = _page().write(tmp_path / "page.html")
    with page_of(path) as page:
        head = page.get_by_role("columnheader", name="Error")
        head.get_by_role("button").press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        head.get_by_role("button").press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        shown = page.locator("tbody td:first-child").all_inner_texts()
    assert shown == ["<script>alert(1)</script>", "r1", "r3"]
