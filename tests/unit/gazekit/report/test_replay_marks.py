"""Which fixation, finding and step is marked at a moment, and how large, in the page's scripts?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.unit.gazekit.report.scripts import page_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

_ROWS = [
    {"onset_us": 0, "offset_us": 200},
    {"onset_us": 300, "offset_us": 500},
    {"onset_us": 500, "offset_us": 900},
]
_FIXATIONS = "const fixations = ReplayFixations.sorted(rows);"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Page"]:
    names = ("time", "samples", "camera", "stage", "settings", "fixations", "findings", "lane")
    scripts = [f"replay_{name}.js" for name in names]
    with page_with(tmp_path_factory.mktemp("marks"), *scripts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("at", "index"), [(-1, -1), (0, 0), (199, 0), (200, -1), (299, -1), (500, 2), (900, -1)]
)
def test_the_present_fixation_is_the_one_that_goes_on(page: "Page", at: int, index: int) -> None:
    script = f"([rows, at]) => {{ {_FIXATIONS} return ReplayFixations.current(fixations, at); }}"
    assert page.evaluate(script, [_ROWS, at]) == index


@pytest.mark.parametrize(
    ("at", "trail", "shown"), [(550, 100, [1, 3]), (550, 10, [2, 3]), (250, 1000, [0, 1])]
)
def test_a_trail_holds_what_ended_not_long_ago(
    page: "Page", at: int, trail: int, shown: list[int]
) -> None:
    script = f"([rows, at, trail]) => {{ {_FIXATIONS}"
    script += " return ReplayFixations.shown(fixations, at, trail); }"
    assert page.evaluate(script, [_ROWS, at, trail]) == shown


def test_four_times_the_duration_has_twice_the_radius(page: "Page") -> None:
    one, four = page.evaluate("() => [200000, 800000].map(ReplayFixations.radius)")
    assert four == pytest.approx(2 * one)


def test_a_finding_is_lit_only_while_a_sentence_names_it(page: "Page") -> None:
    findings = [{"named": [_ROWS[0], _ROWS[2]]}, {"named": []}, {"named": [_ROWS[2]]}]
    script = "([findings, at]) => ReplayFindings.named(findings, at)"
    assert [page.evaluate(script, [findings, at]) for at in (100, 250, 600)] == [[0], [], [0, 2]]


def test_a_step_lies_where_it_was_said_and_within_the_lane(page: "Page") -> None:
    places = page.evaluate("rows => rows.map((one) => ReplayLane.percentOf(one, 800))", _ROWS)
    assert places == [
        {"left": 0, "width": 25},
        {"left": 37.5, "width": 25},
        {"left": 62.5, "width": 37.5},
    ]
