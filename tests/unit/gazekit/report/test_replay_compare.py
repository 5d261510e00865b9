"""Do several readings of one image stand side by side, together or each at its own time?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gazekit.model.errors import UsageError
from gazekit.report.replay.compare import check_comparable
from gazekit.report.replay.recording import Recording, Sound
from tests.replay_cases import picture, tiny_recording
from tests.unit.gazekit.report.scripts import page_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

_ONE = tiny_recording()
_OTHER = replace(_ONE, reading_id="reading-2", reader_id="R02")
_VOICE = Sound(onset_us=0, n_frames=1, rate_hz=16000.0, nominal_rate_hz=16000, data=b"")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Page"]:
    folder = tmp_path_factory.mktemp("compare")
    with page_with(folder, "replay_time.js", "replay_compare.js") as opened:
        yield opened


def test_two_readings_of_one_image_go_side_by_side() -> None:
    check_comparable([_ONE])
    check_comparable([_ONE, _OTHER])
    check_comparable([replace(_ONE, sounds=(_VOICE,))])


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(_OTHER, pictures=(picture("img-9", 10),)), "different images"),
        (_ONE, "given twice"),
        (replace(_OTHER, sounds=(_VOICE,)), "several voices"),
    ],
)
def test_what_cannot_be_compared_is_refused(other: Recording, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_comparable([_ONE, other])


@pytest.mark.parametrize(("at", "offset", "own"), [(5, 0, 5), (5, 3, 8), (5, -7, 0), (5, 90, 10)])
def test_a_reading_stays_within_what_there_is_of_it(
    page: "Page", at: int, offset: int, own: int
) -> None:
    assert page.evaluate("given => ReplayCompare.timeOf(...given, 10)", [at, offset]) == own


def test_the_clock_ends_with_the_last_reading_to_end(page: "Page") -> None:
    assert page.evaluate("() => ReplayCompare.endOf([10, 20], [0, 0])") == 20
    assert page.evaluate("() => ReplayCompare.endOf([10, 20], [-15, 0])") == 25


def test_sentences_of_all_readings_are_stepped_through_in_order(page: "Page") -> None:
    times = page.evaluate("() => ReplayCompare.onClock([[1, 9], [2, 8]], [0, 5])")
    assert times == [-3, 1, 3, 9]
