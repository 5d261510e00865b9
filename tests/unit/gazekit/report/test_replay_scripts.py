"""Do the pure functions of the replay's scripts do what they say, in a real browser?"""

import bisect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gazekit.model.geometry import Affine
from gazekit.report.replay import write_replay
from gazekit.report.replay.packed import STEP_PX, break_us_of, packed_samples, varints
from gazekit.report.replay.recording import BLINK, MISSING, SEEN, GazeSamples
from tests.browser import page_of
from tests.replay_cases import STEP_US, gaze_of_states, tiny_recording

_Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Ask]:
    """Return a function that asks the open page for the value of an expression of `given`."""
    path = write_replay([tiny_recording()], tmp_path_factory.mktemp("page") / "page.html")
    with page_of(path) as page:

        def ask_page(expression: str, given: object = None) -> Any:
            return page.evaluate(f"(given) => {expression}", given)

        yield ask_page


def test_a_search_finds_what_bisection_finds(ask: _Ask) -> None:
    rng = np.random.default_rng(3)
    lists = [sorted(rng.integers(0, 30, n).tolist()) for n in (0, 1, 2, 9, 40)]
    cases = [(times, at) for times in lists for at in range(-1, 31)]
    found = ask("given.map(([times, at]) => ReplayTime.lastUpTo(times, at))", cases)
    assert found == [bisect.bisect_right(times, at) - 1 for times, at in cases]


def test_times_within_leave_out_the_first_moment_and_hold_the_last(ask: _Ask) -> None:
    assert ask("ReplayTime.within([0, 10, 20, 30], 10, 30)") == [2, 4]
    assert ask("ReplayTime.within([], 0, 5)") == [0, 0]


def test_a_span_holds_its_onset_and_not_its_offset(ask: _Ask) -> None:
    holds = "ReplayTime.holds({onset_us: given[0], offset_us: given[1]}, given[2])"
    assert ask(holds, [10, 20, 10])
    assert not ask(holds, [10, 20, 20])
    assert not ask(holds, [None, None, 0])


def test_a_clock_runs_at_its_speed_and_halts_at_the_end(ask: _Ask) -> None:
    clock = {"from_us": 1_000_000, "since_ms": 50, "speed": 0.5, "end_us": 3_000_000}
    reads = "ReplayTime.reads(given[0], given[1])"
    assert ask(reads, [{**clock, "running": True}, 1050]) == 1_500_000
    assert ask(reads, [{**clock, "running": True}, 9050]) == 3_000_000
    assert ask(reads, [{**clock, "running": False}, 9050]) == 1_000_000
    assert ask("ReplayTime.setTo(given, -5, 70).from_us", {**clock, "running": True}) == 0


def test_speeds_go_from_a_quarter_to_four_and_stay_there(ask: _Ask) -> None:
    up = "[1, 1, 1, 1, 1, 1, 1].reduce((speed) => ReplayTime.nextSpeed(speed, given), 1)"
    assert ask(up, 1) == 4
    assert ask(up, -1) == 0.25


def test_the_sentence_before_is_the_one_before_that_which_has_just_begun(ask: _Ask) -> None:
    neighbour = "ReplayTime.neighbour([1e6, 3e6, 5e6], given[0], given[1])"
    assert ask(neighbour, [3_100_000, -1]) == 1_000_000
    assert ask(neighbour, [3_900_000, -1]) == 3_000_000
    assert ask(neighbour, [3_100_000, 1]) == 5_000_000
    assert ask(neighbour, [5_100_000, 1]) is None


def test_whole_numbers_come_out_of_varints_as_they_went_in(ask: _Ask) -> None:
    numbers = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2**31, -(2**31) - 1, 2**45]
    given = [list(varints(np.array(numbers, np.int64))), len(numbers)]
    out = "Array.from(ReplaySamples.integers(Uint8Array.from(given[0]), given[1]))"
    assert ask(out, given) == numbers


def _jumping(seed: int) -> GazeSamples:
    rng = np.random.default_rng(seed)
    n = 3000
    state = rng.choice([SEEN, MISSING, BLINK], n, p=[0.9, 0.06, 0.04]).astype(np.uint8)
    steps = rng.choice([833, 834, 5000, 3_000_000_000], n, p=[0.5, 0.48, 0.01, 0.01])
    places = rng.uniform(-20_000, 20_000, (n, 2))
    places[state != SEEN] = np.nan
    return GazeSamples(
        time_us=np.cumsum(steps),
        x_px=places[:, 0],
        y_px=places[:, 1],
        state=state,
        image=rng.integers(-1, 3, n).astype(np.int16),
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_packed_samples_open_to_what_was_recorded(ask: _Ask, seed: int) -> None:
    samples = _jumping(seed)
    opened = ask(
        """((s) => ({
          time_us: [...s.time_us], state: [...s.state], image: [...s.image],
          x_px: [...s.x_px].map((v) => (Number.isNaN(v) ? null : v)),
          y_px: [...s.y_px].map((v) => (Number.isNaN(v) ? null : v)),
        }))(ReplaySamples.unpack(given))""",
        packed_samples(samples),
    )
    for name in ("time_us", "state", "image"):
        assert opened[name] == getattr(samples, name).tolist()
    for name in ("x_px", "y_px"):
        places = np.array(opened[name], np.float64)
        np.testing.assert_allclose(places, getattr(samples, name), atol=STEP_PX / 2, rtol=1e-6)


def test_no_samples_are_packed_too(ask: _Ask) -> None:
    assert (
        ask("ReplaySamples.unpack(given).time_us.length", packed_samples(gaze_of_states([]))) == 0
    )


def test_nothing_bridges_a_gap_in_gaze_in_time_or_to_another_image(ask: _Ask) -> None:
    samples = gaze_of_states([SEEN, SEEN, MISSING, SEEN, BLINK, BLINK, SEEN, SEEN, SEEN, SEEN])
    samples.time_us[8:] += 20 * STEP_US
    samples.image[9] = 1
    stretches = "ReplaySamples.stretches(ReplaySamples.unpack(given), 0, 10, 0)"
    assert ask(stretches, packed_samples(samples)) == [[0, 2], [3, 4], [6, 8], [8, 9]]


def test_a_step_is_a_gap_from_two_and_a_half_usual_ones() -> None:
    assert break_us_of(np.array([0, 10_000, 20_000, 30_000])) == 25_000


def test_a_sample_holds_until_the_next_is_overdue(ask: _Ask) -> None:
    packed = packed_samples(gaze_of_states([SEEN, SEEN, SEEN]))
    at = "ReplaySamples.sampleAt(ReplaySamples.unpack(given[0]), given[1])"
    assert ask(at, [packed, -1]) == -1
    assert ask(at, [packed, 19_999]) == 1
    assert ask(at, [packed, 44_000]) == 2
    assert ask(at, [packed, 46_000]) == -1


def test_a_thinned_trail_is_nowhere_further_off_than_asked(ask: _Ask) -> None:
    samples = gaze_of_states([SEEN] * 500, seed=4)
    slow = np.cumsum(np.random.default_rng(4).normal(0, 0.3, (2, 500)), axis=1) + 100
    samples.x_px[:], samples.y_px[:] = slow
    kept = ask(
        "ReplaySamples.thinned(ReplaySamples.unpack(given), [10, 490], 2)", packed_samples(samples)
    )
    assert kept[0] == 10
    assert kept[-1] == 489
    assert len(kept) < 200
    before = np.array(kept)[np.searchsorted(kept, np.arange(10, 490), side="right") - 1]
    off = np.hypot(*(slow[:, 10:490] - slow[:, before]))
    assert off.max() <= 2 + 2 * STEP_PX


def test_a_view_maps_as_the_session_does(ask: _Ask) -> None:
    view = Affine(2.0, 0.1, -30.0, -0.2, 1.5, 12.0)
    room, screen = [800, 600], [1600, 900]
    given = [{"to_screen": view.values}, screen, room]
    x, y = ask("ReplayCamera.applied(ReplayCamera.asRead(...given), 50, 70)", given)
    on_screen = [float(v) for v in view.apply(50, 70)]
    # 1600 x 900 fits 800 x 600 at one half, with 75 above.
    assert [x, y] == pytest.approx([on_screen[0] / 2, on_screen[1] / 2 + 75])


def test_the_whole_image_fits_its_room(ask: _Ask) -> None:
    image = {"width_px": 300, "height_px": 200}
    corners = ask(
        """[[0, 0], [300, 200]].map(([x, y]) =>
          ReplayCamera.applied(ReplayCamera.whole(given, [600, 600]), x, y))""",
        image,
    )
    assert corners == [[0, 100], [600, 500]]
    assert ask("ReplayCamera.scaleOf(ReplayCamera.whole(given, [600, 600]))", image) == 2


def test_sound_is_placed_by_the_rate_of_the_session_clock(ask: _Ask) -> None:
    part = {"onset_us": 250_000, "rate_hz": 16_008.0, "nominal_rate_hz": 16_000}
    # Frame 160,080 was heard ten seconds after the first; the file has it at 10.005 s.
    assert ask("ReplaySound.placeIn(given, 10250000)", part) == pytest.approx(10.005)
    assert ask("ReplaySound.timeOf(given, 10.005)", part) == pytest.approx(10_250_000)
