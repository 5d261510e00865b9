"""Does the replay of a reading play, scrub and light the words in a browser?"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gazekit.model.errors import UsageError
from gazekit.report.replay import Recording, open_recording, write_replay
from gazekit.report.replay.recording import Said, SaidWord
from tests.browser import page_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SCRUB = """(at) => {
  const bar = document.querySelector("[data-time]");
  bar.value = at;
  bar.dispatchEvent(new Event("input"));
}"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("replay")
    size = ("--image-px", "256x320", "--rate-hz", "60", "--image-format", "png")
    for words in (
        ("synth", str(root / "study"), "--readings", "1", "--seed", "5", *size),
        ("build", str(root / "study" / "sessions"), "--out", str(root / "dataset")),
    ):
        program = "from gazekit.commands import main; main()"
        done = subprocess.run([sys.executable, "-c", program, *words], check=False)
        assert done.returncode in {0, 3}
    return root


@pytest.fixture(scope="module")
def recording(study: Path) -> Recording:
    return open_recording(next((study / "study" / "sessions").iterdir()))


def _drawn(page: "Page") -> bytes:
    return page.locator("canvas").screenshot()


def test_words_and_gaze_follow_the_time_bar(recording: Recording, tmp_path: Path) -> None:
    word = next(one for one in recording.sentences[0].words if one.onset_us is not None)
    with page_of(write_replay([recording], tmp_path / "page.html")) as page:
        page.evaluate(_SCRUB, (word.onset_us or 0) // 1000 * 1000 + 1000)
        assert page.locator("[data-word].lit").all_inner_texts() == [word.text]
        before = _drawn(page)
        page.evaluate(_SCRUB, recording.duration_us // 2)
        assert _drawn(page) != before


def test_a_dataset_without_samples_plays_fixations(study: Path, tmp_path: Path) -> None:
    recording = open_recording(study / "dataset")
    assert recording.samples is None
    with page_of(write_replay([recording], tmp_path / "page.html")) as page:
        assert page.get_by_text("only fixations are played").count() == 1
        assert page.locator("[data-camera]").is_disabled()


@pytest.mark.parametrize("timed", [True, False])
def test_hostile_words_are_shown_as_text(
    recording: Recording, tmp_path: Path, *, timed: bool
) -> None:
    said = "</script><script>document.title = 'taken'</script><b id=taken>bold</b>"
    start, end = (0, 1000) if timed else (None, None)
    sentence = Said(said, None, start, end, words=(SaidWord(said, start, end),))
    hostile = replace(recording, sentences=(sentence,))
    with page_of(write_replay([hostile], tmp_path / "page.html")) as page:
        assert page.locator(".replay-text").all_inner_texts() == [said]
        assert "taken" not in page.title()
        assert page.locator("#taken").count() == 0


def test_a_reading_that_is_not_there_is_one_line(study: Path) -> None:
    with pytest.raises(UsageError, match="no such reading"):
        open_recording(study / "dataset", "nothing")
    with pytest.raises(UsageError, match="neither a session folder nor a dataset"):
        open_recording(study)
