"""What of a session is played: gaze through its views, marks, notes, and which reading?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gazekit.commands.replay import command
from gazekit.model.errors import DataError, UsageError
from gazekit.model.geometry import ViewTrack
from gazekit.model.layout import SessionLayout
from gazekit.model.records import Event, ViewState
from gazekit.model.session import read_view_states
from gazekit.report.raw import open_raw_session
from gazekit.report.replay import Recording, open_recording
from gazekit.report.replay.choose import chosen
from gazekit.report.replay.lanes import event_lane, loss_lane, sentence_lane, view_lane
from gazekit.report.replay.recording import BLINK, MISSING, SEEN, Mark, Said
from tests.replay_cases import gaze_of_states, said

ONSET_US = 11_000_000
"""Of the first reading of the session made by hand."""


@pytest.fixture
def session(make_session: Callable[..., Path]) -> Path:
    return make_session()


@pytest.fixture
def recording(session: Path) -> Recording:
    return open_recording(session, "0")


def test_gaze_of_a_session_lies_where_its_view_put_it(session: Path, recording: Recording) -> None:
    samples, signal = recording.samples, open_raw_session(session).signal
    assert samples is not None
    first = slice(0, samples.time_us.size)
    views = ViewTrack(tuple(read_view_states(session)))
    x, y, _ = views.to_image(signal.time_us[first], signal.x_px[first], signal.y_px[first])
    np.testing.assert_array_equal(samples.time_us, signal.time_us[first] - ONSET_US)
    seen = samples.state == SEEN
    np.testing.assert_allclose(samples.x_px[seen], x[seen])
    np.testing.assert_allclose(samples.y_px[seen], y[seen])
    assert np.isnan(samples.x_px[~seen]).all()


def test_no_sample_that_the_tracker_lost_is_seen(session: Path, recording: Recording) -> None:
    samples, signal = recording.samples, open_raw_session(session).signal
    assert samples is not None
    lost = ~signal.valid[: samples.time_us.size]
    assert lost.sum() > 50
    assert (samples.state[lost] != SEEN).all()


def test_the_views_of_a_session_are_told(recording: Recording) -> None:
    assert [(one.at_us, one.image) for one in recording.shown] == [(0, 0), (2_000_000, 0)]
    before, after = (one.to_screen for one in recording.shown)
    assert before is not None
    assert after is not None
    assert after[0] == pytest.approx(2 * before[0])
    (lane,) = (one for one in recording.lanes if one.name == "views")
    assert [(mark.onset_us, mark.text) for mark in lane.marks] == [(2_000_000, "zoom")]


def test_a_session_that_was_not_closed_is_one_line(session: Path) -> None:
    layout = SessionLayout(session)
    text = layout.session.read_text("utf-8").replace('"closed": true', '"closed": false')
    layout.session.write_text(text.replace('"closed":true', '"closed":false'), "utf-8")
    with pytest.raises(DataError, match="capture recover"):
        open_recording(session, "0")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nowhere",), "neither a session folder nor a dataset"),
        (("ses-a",), "which reading?"),
        (("ses-a", "2"), "no such reading"),
        (("ses-a", "a-1100000"), "Did you mean 'a-11000000'?"),
        (("ses-a", "0", "--audio"), "no sound that has a place in time"),
    ],
)
def test_what_cannot_be_played_is_one_line_and_no_page(
    session: Path, words: tuple[str, ...], told: str
) -> None:
    out = session.parent / "page.html"
    source = str(session.parent / words[0])
    done = CliRunner().invoke(command, [source, *words[1:], "--out", str(out)])
    assert isinstance(done.exception, UsageError | DataError)
    assert told in str(done.exception)
    assert "\n" not in str(done.exception)
    assert not out.exists()


def test_an_id_goes_before_a_place_in_order() -> None:
    assert chosen(["1", "0"], "0", where="d") == "0"
    assert chosen(["a", "b"], "1", where="d") == "b"
    assert chosen(["a"], None, where="d") == "a"


def _state(at_us: int, zoom: float, left: float = 0.0, **changes: object) -> ViewState:
    view = (zoom, 0.0, left, 0.0, zoom, 0.0)
    facts = {"image_id": "a", "window_low": 0.0, "window_high": 10.0} | changes
    return ViewState(time_us=at_us, image_to_screen=view, **facts)  # type: ignore[arg-type]


def test_changes_of_the_view_are_named_and_those_of_one_movement_are_one_mark() -> None:
    second = 1_000_000
    states = [
        _state(0, 1.0),
        _state(second, 2.0),
        _state(second + 100_000, 3.0),
        _state(2 * second, 3.0, 5.0),
        _state(3 * second, 3.0, 5.0, window_high=20.0),
        _state(4 * second, 3.0, 5.0, window_high=20.0, inverted=True),
        _state(5 * second, 3.0, 5.0, window_high=20.0, inverted=True, image_id="b"),
    ]
    assert [(m.onset_us, m.offset_us, m.text) for m in view_lane(states, 0).marks] == [
        (second, second + 100_000, "zoom"),
        (2 * second, None, "pan"),
        (3 * second, None, "grey window"),
        (4 * second, None, "inverted"),
        (5 * second, None, "image b"),
    ]


def test_events_are_marked_from_the_onset_with_what_is_known() -> None:
    event = Event(time_us=500, kind="time_over", duration_us=7, value={"limit_s": 60, "by": None})
    assert event_lane([event], 100).marks == (Mark(400, 407, "time over, limit_s 60"),)


def test_a_sentence_without_a_time_has_no_mark() -> None:
    timed, untimed = said("One two.", 1000, step="B"), Said("Three.", None, None, None, ())
    assert sentence_lane([untimed, timed], ["A", "B"]).marks == (
        Mark(1000, 401_000, "One two.", 1),
    )


def test_blinks_are_marked_and_so_are_losses_of_some_length() -> None:
    states = [SEEN, BLINK, SEEN, MISSING, SEEN, *[MISSING] * 5, SEEN]
    marks = loss_lane(gaze_of_states(states)).marks
    assert [(m.onset_us, m.offset_us, m.text) for m in marks] == [
        (10_000, 20_000, "blink"),
        (50_000, 100_000, "no gaze"),
    ]
