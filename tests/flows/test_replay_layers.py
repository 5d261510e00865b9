"""Do the layers, lanes and key frames of a replay follow its time, alone and side by side?"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gazekit.model.layout import DatasetLayout
from gazekit.report.replay import Recording, open_recording, write_replay
from gazekit.report.replay.recording import Fixation, Found
from tests.accessible import barriers
from tests.browser import page_of
from tests.replay_cases import said, tiny_recording

if TYPE_CHECKING:
    from playwright.sync_api import Page

_HOSTILE = "<img src=x onerror=\"document.title='taken'\">"
_FOUND = Found("Lung Lesion", "present", "reader", "ellipse", (60.0, 50.0, 140.0, 120.0), 0, 4)
_CHANGED = """([before, name]) => {
  const now = Array.from(document.querySelectorAll("canvas"), (one) => one.toDataURL());
  const changed = now.map((one, i) => one !== (window[before] ?? [])[i]);
  window[name] = now;
  return changed;
}"""


def _recording(**more: object) -> Recording:
    fixations = tuple(
        Fixation(at, at + 300_000, 40.0 + at / 20_000, 120.0, 18.0, 18.0, 0)
        for at in range(0, 4_000_000, 500_000)
    )
    sentences = (said("There is a nodule.", 500_000, step="C"), said("Else.", 2_500_000))
    made = replace(
        tiny_recording(), samples=None, fixations=fixations, sentences=sentences, findings=(_FOUND,)
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _changed(page: "Page", before: str, name: str) -> list[bool]:
    changed: list[bool] = page.evaluate(_CHANGED, [before, name])
    return changed


def _at(page: "Page") -> float:
    return float(page.locator("[data-time]").input_value())


def test_layers_are_set_by_keyboard_and_drawn(tmp_path: Path) -> None:
    with page_of(write_replay([_recording()], tmp_path / "page.html")) as page:
        page.keyboard.press("5")
        _changed(page, "", "bare")
        page.get_by_role("checkbox", name="Heatmap").press("Space")
        assert _changed(page, "bare", "hot") == [True]
        page.locator("summary", has_text="Settings and legends").press("Enter")
        wide = page.get_by_label("Width (sigma)")
        wide.press("End")
        assert wide.get_attribute("aria-valuetext") == "3.00°"
        assert _changed(page, "hot", "wide") == [True]
        page.get_by_label("Opacity").press("Home")
        assert _changed(page, "wide", "faint") == [True]
        page.get_by_label("Heatmap of").select_option("sentence")
        assert _changed(page, "faint", "none") == [True]
        for name in ("Heatmap", "Fixations", "Findings"):
            page.get_by_role("checkbox", name=name).uncheck()
        assert _changed(page, "bare", "nothing") == [True]


def test_a_step_and_a_finding_light_when_they_are_said_and_lead_there(tmp_path: Path) -> None:
    with page_of(write_replay([_recording()], tmp_path / "page.html"), size=(390, 844)) as page:
        step = page.get_by_role("button", name="C Circulation, 0.5 to 1.3 s: go there")
        found = page.locator("[data-finding]")
        assert "lit" not in (found.get_attribute("class") or "")
        step.press("Enter")
        assert _at(page) == 500_000
        assert step.get_attribute("aria-current") == "true"
        assert found.get_attribute("class") == "lit"
        page.keyboard.press("End")
        assert step.get_attribute("aria-current") is None
        page.get_by_role("button", name="said at 0.5 s").press("Enter")
        assert _at(page) == 500_000


def test_a_width_is_in_pixels_where_no_degree_is_known_and_fits_a_phone(tmp_path: Path) -> None:
    known = _recording().fixations
    unknown = tuple(replace(one, sigma_x_px=None, sigma_y_px=None) for one in known)
    path = write_replay([_recording(fixations=unknown)], tmp_path / "page.html")
    with page_of(path, size=(390, 844)) as page:
        page.keyboard.press("5")
        _changed(page, "", "bare")
        page.get_by_role("checkbox", name="Heatmap").check()
        page.locator("summary", has_text="Settings and legends").press("Enter")
        said_width = page.get_by_label("Width (sigma)").get_attribute("aria-valuetext")
        assert said_width == "10 image pixels"
        assert _changed(page, "bare", "hot") == [True]
        inside = """() => Array.from(document.querySelectorAll(".replay-bar *"))
          .filter((one) => one.getBoundingClientRect().right > window.innerWidth).length"""
        assert page.evaluate(inside) == 0


def test_what_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    bare = _recording(sentences=(), findings=(), frames=())
    with page_of(write_replay([bare], tmp_path / "page.html")) as page:
        for words in ("No findings were", "No key frames: no sentence", "No sentence has both"):
            assert page.get_by_text(words).count() == 1
    session = write_replay([_recording()], tmp_path / "session.html")
    assert "No key frames: a build makes them" in session.read_text("utf-8")


def test_hostile_names_are_shown_as_text(tmp_path: Path) -> None:
    hostile = _recording(
        findings=(replace(_FOUND, label=_HOSTILE), replace(_FOUND, label="unplaced", box_px=None)),
        steps={"C": _HOSTILE},
    )
    with page_of(write_replay([hostile], tmp_path / "page.html")) as page:
        assert page.locator("[data-finding] strong").first.inner_text() == _HOSTILE
        assert page.locator(".replay-letters li").inner_text() == f"C {_HOSTILE}"
        assert page.get_by_text("no place given, so not drawn").count() == 1
        assert page.locator(".replay img:not([alt^=Image])").count() == 0
        assert "taken" not in page.title()


def test_a_key_frame_leads_to_its_sentence(built_four: DatasetLayout, tmp_path: Path) -> None:
    recording = open_recording(built_four.root, "1")
    first = (recording.frames or ())[1]
    sentence = recording.sentences[first.sentence]
    with page_of(write_replay([recording], tmp_path / "page.html")) as page:
        frame = page.locator("[data-frame]").nth(1)
        frame.press("Enter")
        assert _at(page) == pytest.approx(sentence.onset_us, abs=1000)
        assert frame.get_attribute("aria-current") == "true"
        assert sentence.text in page.locator("[data-words] [aria-current]").inner_text()


def test_readings_side_by_side_share_a_clock_or_have_their_own(tmp_path: Path) -> None:
    other = _recording(reading_id="reading-2", reader_id="R02", duration_us=3_000_000)
    path = write_replay([_recording(), other], tmp_path / "page.html")
    with page_of(path) as page:
        own = page.locator("[data-own-time]")
        assert own.first.is_disabled()
        page.keyboard.press("5")
        assert [float(one.input_value()) for one in own.all()] == [2_000_000, 2_000_000]
        page.get_by_label("Clock").select_option("own")
        _changed(page, "", "together")
        own.nth(1).press("Home")
        assert _changed(page, "together", "apart") == [False, True]
        assert _at(page) == 2_000_000
        page.locator("[data-words]").nth(1).get_by_role("button", name="Go to 0.5 s").press("Enter")
        assert [float(one.input_value()) for one in own.all()] == [2_500_000, 500_000]
        page.get_by_label("Clock").select_option("one")
        assert [float(one.input_value()) for one in own.all()] == [2_500_000, 2_500_000]
        page.keyboard.press("End")
        assert own.nth(1).get_attribute("aria-valuetext") == "3.0 s, over"
        page.get_by_role("checkbox", name="Heatmap").check()
        page.locator("summary", has_text="Settings and legends").press("Enter")
        assert barriers(page) == []
