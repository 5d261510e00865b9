"""Does a reader who points at a sentence, tabs to it or plays the inspection see its evidence?"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gazekit.report.evidence import EvidenceSentence, EvidenceStop, evidence
from gazekit.report.page import Page, section
from tests.browser import page_of

if TYPE_CHECKING:
    from playwright.sync_api import Page as Shown

_NOTE = """() => {
  const output = document.querySelector("output[data-says]");
  window.told = [];
  new MutationObserver(() => output.textContent && window.told.push(output.textContent))
    .observe(output, {childList: true});
}"""
HOSTILE = "<img src=x onerror=\"document.title='taken'\"> is clear."


@pytest.fixture
def shown(tmp_path: Path) -> Iterator["Shown"]:
    heat = np.zeros((10, 8), np.float32)
    heat[3, 4] = 1.0
    block = evidence(
        np.full((100, 80), 90, np.uint8),
        [
            EvidenceSentence("The lungs are clear.", (10, 10, 40, 60), heat, code="B"),
            EvidenceSentence(HOSTILE, (20, 30, 60, 90), heat),
        ],
        [
            EvidenceStop(20.0, 30.0, 1, onset_us=0, duration_us=150_000),
            EvidenceStop(50.0, 60.0, 2, onset_us=150_000, duration_us=60_000_000),
        ],
        image_size=(80, 100),
    )
    page = Page("Prediction", "One", (section("Evidence", block),), scripts=("evidence.js",))
    with page_of(page.write(tmp_path / "page.html")) as opened:
        yield opened


def _lit(shown: "Shown") -> list[str | None]:
    boxes = shown.locator("rect.box.lit")
    return [boxes.nth(i).get_attribute("data-lights") for i in range(boxes.count())]


def test_a_sentence_lights_its_box_by_pointer_and_by_keyboard(shown: "Shown") -> None:
    first, second = shown.locator("[data-sentence]").all()
    first.hover()
    assert _lit(shown) == ["1"]
    first.focus()
    shown.keyboard.press("Tab")
    assert _lit(shown) == ["2"]
    assert "lit" in (second.get_attribute("class") or "")
    shown.get_by_role("button", name="Clear").press("Enter")
    assert _lit(shown) == []


def test_playing_visits_the_places_in_order_and_tells_of_each(shown: "Shown") -> None:
    shown.evaluate(_NOTE)
    shown.get_by_role("button", name="Play the inspection").press("Enter")
    says = "document.querySelector('output[data-says]').textContent"
    shown.wait_for_function(f"() => {says} > 'Place 2'")  # a function: the page forbids eval
    told: list[str] = shown.evaluate("window.told")
    assert [one.split(":")[0] for one in told] == ["Place 1, at 0.0 s", "Place 2, at 0.1 s"]
    assert _lit(shown) == ["2"]
    assert shown.locator("[data-drawn-stop].seen").count() == 2
    shown.get_by_role("button", name="Stop").press("Enter")
    assert shown.get_by_role("button", name="Play the inspection").is_visible()


def test_hostile_words_are_shown_as_text(shown: "Shown") -> None:
    assert shown.locator("[data-sentence] .text").all_inner_texts()[1] == HOSTILE
    assert shown.title() == "One · Prediction"
