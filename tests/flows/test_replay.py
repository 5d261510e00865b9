"""Does the replay of a reading play, scrub and light the words in a browser?"""

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from gazekit.build import BuildConfig, Running, build
from gazekit.image import write_display_png
from gazekit.model.layout import StudyLayout
from gazekit.model.version import DISCLAIMER
from gazekit.report.replay import open_recording, write_replay
from gazekit.report.replay.recording import Said, SaidWord, Sound
from gazekit.synthetic import StudyPlan, write_study
from tests.accessible import barriers
from tests.browser import page_of
from tests.replay_cases import picture, said, tiny_recording

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SCRUB = """(at) => {
  const bar = document.querySelector("[data-time]");
  bar.value = at;
  bar.dispatchEvent(new Event("input"));
}"""
_GREY = """([x, y]) => {
  const canvas = document.querySelector("canvas");
  const copy = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  copy.drawImage(canvas, -Math.floor(x * canvas.width), -Math.floor(y * canvas.height));
  return copy.getImageData(0, 0, 1, 1).data[0];
}"""
_COLOURED = """() => {
  const canvas = document.querySelector("canvas");
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", {willReadFrequently: true});
  context.drawImage(canvas, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 0; i < pixels.length; i += 4) count += Math.abs(pixels[i] - pixels[i + 2]) > 60;
  return count;
}"""
_PLAYED = """async (forMs) => {
  const frames = [];
  const words = Array.from(document.querySelectorAll("[data-word]"));
  const bar = document.querySelector("[data-time]");
  const before = performance.now();
  document.querySelector("[data-play]").click();
  const start = performance.now();
  await new Promise((done) => {
    const frame = () => {
      const lit = words.findIndex((word) => word.classList.contains("lit"));
      const now = performance.now();
      frames.push([now - before, now - start, Number(bar.value) / 1000, lit]);
      if (performance.now() - start < forMs) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  return frames;
}"""


class _Made(NamedTuple):
    session: Path
    dataset: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> _Made:
    """Two readings in one session, and a dataset of them with their samples."""
    root = tmp_path_factory.mktemp("replay")
    plan = StudyPlan(readings=2, seed=5, readings_per_session=2, image_px=(128, 160), rate_hz=60)
    write_study(root / "study", plan, write_png=write_display_png)
    sessions = StudyLayout(root / "study").sessions
    config = BuildConfig(samples=True)
    build(sessions, root / "dataset", config=config, running=Running(executor="serial"))
    return _Made(next(sessions.iterdir()), root / "dataset")


def _at(page: "Page") -> float:
    return float(page.locator("[data-time]").input_value())


def _drawn(page: "Page") -> bytes:
    return page.locator("canvas").screenshot()


def test_a_session_and_its_dataset_play_the_same_gaze(made: _Made, tmp_path: Path) -> None:
    of_session = open_recording(made.session, "1")
    of_dataset = open_recording(made.dataset, of_session.reading_id)
    assert of_session.samples is not None
    assert of_dataset.samples is not None
    for name in ("time_us", "state", "image"):
        kept = getattr(of_dataset.samples, name)
        np.testing.assert_array_equal(getattr(of_session.samples, name), kept)
    np.testing.assert_allclose(of_session.samples.x_px, of_dataset.samples.x_px, rtol=1e-6)
    assert [w.text for s in of_session.sentences for w in s.words] == [
        w.text for s in of_dataset.sentences for w in s.words
    ]
    with page_of(write_replay([of_dataset], tmp_path / "page.html")) as page:
        assert page.locator("[data-camera]").is_disabled()
        assert page.get_by_text(DISCLAIMER).count() >= 1
        assert page.get_by_text("the gaze was simulated").count() == 1
        before = _drawn(page)
        page.evaluate(_SCRUB, of_dataset.duration_us // 2)
        assert _drawn(page) != before


def test_words_light_while_they_are_said(tmp_path: Path) -> None:
    recording = replace(
        tiny_recording(),
        sentences=(said("one two three four five six", 300_000, each_us=220_000),),
    )
    with page_of(write_replay([recording], tmp_path / "page.html")) as page:
        frames: list[tuple[float, float, float, int]] = page.evaluate(_PLAYED, 1900)
    assert len({lit for *_, lit in frames}) >= 3
    for (_, earlier_ms, _, _), (most_ms, least_ms, shown_ms, lit) in pairwise(frames):
        # The time on the page is that of the machine within 50 ms, from a moment in the click. A
        # busy machine holds frames back; each then shows the time at which it began, after the one
        # before it was done.
        assert min(earlier_ms, least_ms - 50) - 5 <= shown_ms <= most_ms + 5
        assert lit in {_said_at(shown_ms - 1), _said_at(shown_ms + 1)}


def _said_at(time_ms: float) -> int:
    """Return which of six words of 220 ms from 300 ms on is said at a moment; -1 for none."""
    return int((time_ms - 300) // 220) if 300 <= time_ms < 300 + 6 * 220 else -1


def test_the_keys_drive_the_time(tmp_path: Path) -> None:
    with page_of(write_replay([tiny_recording()], tmp_path / "page.html")) as page:
        expected = [
            ("End", 4_000_000),
            ("5", 2_000_000),
            ("ArrowRight", 2_500_000),
            ("Shift+ArrowLeft", 2_480_000),
            ("ArrowUp", 500_000),
            ("ArrowDown", 2_500_000),
            ("Home", 0),
        ]
        for key, at_us in expected:
            page.keyboard.press(key)
            assert _at(page) == at_us, key
        for key, speed in (("+", "1.5"), ("+", "2"), ("-", "1.5")):
            page.keyboard.press(key)
            assert page.locator("[data-speed]").input_value() == speed
        page.keyboard.press("Space")
        page.wait_for_function("() => Number(document.querySelector('[data-time]').value) > 0")
        page.get_by_role("button", name="Pause").press("Space")
        halted = _at(page)
        page.wait_for_timeout(60)
        assert _at(page) == halted
        page.locator("[data-speed]").press("ArrowDown")
        assert _at(page) == halted


def test_the_image_is_shown_whole_or_as_the_reader_had_it(tmp_path: Path) -> None:
    page_path = write_replay([tiny_recording(two_images=True)], tmp_path / "page.html")
    with page_of(page_path, size=(1000, 800)) as page:
        page.locator("[data-layers] input").evaluate_all("ticks => ticks.forEach(t => t.click())")
        page.wait_for_function("() => Array.from(document.images).every((image) => image.complete)")
        page.evaluate(_SCRUB, 100_000)
        assert page.evaluate(_GREY, [0.5, 0.5]) == pytest.approx(90, abs=2)
        page.evaluate(_SCRUB, 3_000_000)
        assert page.evaluate(_GREY, [0.5, 0.5]) == pytest.approx(200, abs=2)
        assert page.get_by_text("Image 2 of 2").count() == 1
        page.locator("[data-camera]").select_option("reader")
        # At six times, a quarter of the image lies left of the middle: 480 of 1600 pixels.
        assert page.evaluate(_GREY, [0.5 - 470 / 1600, 0.5]) == pytest.approx(200, abs=2)
        assert page.evaluate(_GREY, [0.5 - 490 / 1600, 0.5]) == 0
        page.evaluate(_SCRUB, 100_000)
        assert page.evaluate(_GREY, [0.5 - 470 / 1600, 0.5]) == pytest.approx(90, abs=2)
        assert page.evaluate(_GREY, [0.5 - 490 / 1600, 0.5]) == 0


def test_lost_gaze_is_said_and_not_drawn(tmp_path: Path) -> None:
    told = [(900_000, "Gaze seen."), (1_100_000, "Blink."), (2_050_000, "No gaze.")]
    with page_of(write_replay([tiny_recording()], tmp_path / "page.html")) as page:
        for at_us, words in told:
            page.evaluate(_SCRUB, at_us)
            assert page.locator("[data-state]").inner_text() == words
        # On a grey image only gaze has a colour.
        page.evaluate(_SCRUB, 1_195_000)
        assert page.evaluate(_COLOURED) > 0
        page.get_by_text("Settings and legends").click()
        page.get_by_label("Trail").select_option("0.1 s")
        assert page.evaluate(_COLOURED) == 0


@pytest.fixture
def tone() -> Callable[[int], bytes]:
    soundfile = pytest.importorskip("soundfile", reason="needs soundfile, of the extra speech")

    def make(seconds: int) -> bytes:
        sink = io.BytesIO()
        wave = np.sin(np.arange(16_000 * seconds) / 16_000 * 2 * np.pi * 300) * 8000
        soundfile.write(sink, wave.astype(np.int16), 16_000, format="FLAC", subtype="PCM_16")
        return sink.getvalue()

    return make


def test_sound_leads_the_time_while_it_plays(tone: Callable[[int], bytes], tmp_path: Path) -> None:
    sound = Sound(500_000, 32_000, rate_hz=16_000.0, nominal_rate_hz=16_000, data=tone(2))
    recording = replace(tiny_recording(), sounds=(sound,))
    with page_of(write_replay([recording], tmp_path / "page.html")) as page:
        assert page.get_by_text("holds the recorded voice").count() == 1
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("() => document.querySelector('audio').currentTime > 0.5")
        heard, shown = page.evaluate(
            """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
              done([document.querySelector("audio").currentTime,
                Number(document.querySelector("[data-time]").value)]);
            })))"""
        )
        assert shown / 1e6 - 0.5 == pytest.approx(heard, abs=0.05)
        page.keyboard.press("Home")
        assert page.evaluate("document.querySelector('audio').paused")


def test_a_page_has_no_sound_unless_asked(made: _Made, tmp_path: Path) -> None:
    recording = open_recording(made.session, "0")
    html = write_replay([recording], tmp_path / "page.html").read_text("utf-8")
    assert "<audio" not in html
    assert "This page has no sound." in html


def test_hostile_words_are_shown_as_text(tmp_path: Path) -> None:
    text = "</script><script>document.title = 'taken'</script><b id=taken>bold</b>"
    hostile = replace(
        tiny_recording(),
        sentences=(
            Said(text, None, 0, 1000, words=(SaidWord(text, 0, 1000),)),
            Said(text, None, None, None, words=(SaidWord(text, None, None),)),
        ),
        reading_id=text,
        pictures=(replace(picture("img-1", 90), image_id=text),),
    )
    with page_of(write_replay([hostile], tmp_path / "page.html")) as page:
        assert page.locator(".replay-text").all_inner_texts() == [text, text]
        assert page.get_by_role("heading", level=1).inner_text() == text
        assert page.locator("#taken").count() == 0
        assert page.get_by_text("no time").count() == 1


def test_the_page_is_used_without_colours_a_pointer_or_sight(tmp_path: Path) -> None:
    with page_of(write_replay([tiny_recording()], tmp_path / "page.html")) as page:
        assert barriers(page) == []
