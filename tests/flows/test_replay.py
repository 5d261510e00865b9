"""Does the replay of a reading play, scrub and light the words in a browser?"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import UsageError
from gazekit.report.dataset import reading_views
from gazekit.report.replay import write_replay
from tests.browser import page_of


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("replay")
    size = ("--image-px", "256x320", "--rate-hz", "60", "--image-format", "png")
    for words in (
        ("synth", str(root / "study"), "--readings", "1", "--seed", "5", *size),
        ("build", str(root / "study" / "sessions"), "--out", str(root / "dataset")),
    ):
        program = "from gazekit.commands import main; main()"
        done = subprocess.run([sys.executable, "-c", program, *words], check=False)
        assert done.returncode in {0, 3}
    return root / "dataset"


def test_words_and_gaze_follow_the_clock(dataset: Path, tmp_path: Path) -> None:
    rows = open_dataset(dataset)
    name = str(rows.table("readings")["reading_id"][0])
    fixation = rows.table("fixations").to_pylist()[3]
    word = rows.table("sentences").to_pylist()[0]["words"][0]
    path = write_replay(dataset, name, tmp_path / "page.html")
    with page_of(path) as page:
        scrub = "([t]) => { const s = document.querySelector('[data-time]'); s.value = t;"
        scrub += " s.dispatchEvent(new Event('input')); }"
        page.evaluate(scrub, [(fixation["onset_us"] // 1000 + 1) * 1000])
        drawn = page.locator("[data-trail] circle").last
        assert float(drawn.get_attribute("cx") or "nan") == pytest.approx(fixation["x_px"])
        page.evaluate(scrub, [(word["onset_us"] // 1000 + 1) * 1000])
        assert page.locator("[data-word].lit").all_inner_texts() == [word["text"]]
        before = float(page.locator("[data-time]").input_value())
        page.get_by_role("button", name="Play").press("Space")
        page.wait_for_function("b => document.querySelector('[data-time]').value > b", arg=before)
        page.get_by_role("button", name="Pause").press("Space")


@pytest.mark.parametrize("timed", [True, False])
def test_hostile_words_are_shown_as_text(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, timed: bool
) -> None:
    said = "<script>document.title = 'taken'</script><b id=taken>bold</b>"
    rows = open_dataset(dataset)
    name = str(rows.table("readings")["reading_id"][0])
    view = reading_views(rows, [name])[0]
    times = {"onset_us": 0, "offset_us": 1000} if timed else {"onset_us": None, "offset_us": None}
    told = [
        {**view.sentences[0], "words": [{"text": said, **times}]},
        {**view.sentences[0], "text": said, "words": []},
    ]
    hostile = replace(view, sentences=told)
    monkeypatch.setattr("gazekit.report.replay.reading_views", lambda *_args: [hostile])
    with page_of(write_replay(dataset, name, tmp_path / "page.html")) as page:
        assert page.locator("ol.said li").all_inner_texts() == [said, said]
        assert "taken" not in page.title()
        assert page.locator("#taken").count() == 0


def test_a_reading_that_is_not_there_is_one_line(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such reading"):
        write_replay(dataset, "nothing", tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
