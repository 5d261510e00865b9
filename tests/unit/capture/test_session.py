"""Does a session record what was shown, looked at and said?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from capture.eyes import SimulatedEyes
from capture.images import images_of
from capture.request import SessionRequest, SessionResult
from capture.session import run_session
from capture.soundness import problems_of
from capture.viewer import image_area
from gazekit.model.errors import UsageError
from gazekit.model.geometry import ViewTrack, angle_deg
from gazekit.model.protocol import load_protocol
from gazekit.model.session import (
    iter_clock,
    iter_samples,
    read_calibrations,
    read_events,
    read_findings,
    read_session_record,
    read_view_states,
    read_words,
    readings_of,
)
from gazekit.model.viewport import Viewport
from gazekit.synthetic import SimulatedReading, plan_reading

AUDIO = ["audio_start", "audio_end"]


def samples_of(root: Path) -> dict[str, np.ndarray]:
    table = pa.Table.from_batches(iter_samples(root))
    return {name: table.column(name).to_numpy() for name in table.column_names}


def plans_of(root: Path, protocol: Path) -> list[SimulatedReading]:
    """Plan the session's readings anew, from its seed."""
    session = read_session_record(root)
    screen = session.screen
    area = image_area((0.0, 0.0, float(screen.width_px), float(screen.height_px)))
    images = images_of(load_protocol(protocol).images, protocol.parent, seed=session.seed)
    return [
        plan_reading(
            image.phantom,
            seed=session.seed * 1000 + order,
            screen=screen,
            viewport=Viewport.fit(image.display.record, area),
        )
        for order, image in enumerate(images)
        if image.phantom is not None
    ]


def test_session_is_sound_and_says_that_it_is_simulated(whole: SessionResult) -> None:
    root = Path(whole.session)
    assert problems_of(root) == []
    session = read_session_record(root)
    assert session.closed
    assert session.simulated
    assert session.tracker.simulated
    assert session.speed == 20.0
    assert not session.recovered
    assert [reading.outcome for reading in readings_of(root)] == ["complete", "complete"]
    assert whole.readings == 2
    assert whole.ending == "complete"


def test_no_sample_is_invented_or_lost(whole: SessionResult) -> None:
    samples = samples_of(Path(whole.session))
    times = samples["system_time_us"]
    assert times.size == whole.samples
    steps = np.diff(times)
    assert set(np.unique(steps)) <= {3333, 3334}
    assert (samples["received_us"] >= times).all()


def test_gaze_through_the_recorded_views_is_where_the_reader_looked(
    whole: SessionResult, protocol_file: Callable[[float], Path]
) -> None:
    root = Path(whole.session)
    screen = read_session_record(root).screen
    samples, track = samples_of(root), ViewTrack(tuple(read_view_states(root)))
    zoomed = 0
    for reading, plan in zip(readings_of(root), plans_of(root, protocol_file(300.0)), strict=True):
        assert reading.offset_us is not None
        times = samples["system_time_us"]
        inside = (times >= reading.onset_us) & (times < reading.offset_us)
        x = samples["left_gaze_x_norm"][inside] * screen.width_px
        y = samples["left_gaze_y_norm"][inside] * screen.height_px
        true_x, true_y, lids = plan.gaze_at(times[inside] - reading.onset_us)
        image_x, image_y, index = track.to_image(times[inside], x, y)
        back_x, back_y = track.to_screen(times[inside], true_x, true_y)
        error = angle_deg(screen, x, y, back_x, back_y)[lids == 1.0]
        assert np.nanmedian(error) < 0.35
        assert np.nanquantile(error, 0.99) < 0.6
        scale = np.array([track.states[i].image_to_screen[0] for i in index])
        away = np.hypot(image_x - true_x, image_y - true_y) * scale
        assert np.nanmedian(away[lids == 1.0]) < 20.0
        zoomed += len(set(index.tolist())) > 1
    assert zoomed, "no reading of this seed changes its view; choose another seed"


def test_views_are_bracketed_by_the_readings(whole: SessionResult) -> None:
    root = Path(whole.session)
    readings = {reading.reading_id: reading for reading in readings_of(root)}
    shown = [state for state in read_view_states(root) if state.image_id is not None]
    for state in shown:
        reading = readings[str(state.reading_id)]
        assert reading.offset_us is not None
        assert state.image_id == reading.image_id
        assert reading.onset_us <= state.time_us < reading.offset_us
        assert state.input_us is None or state.input_us <= state.time_us
    starts = [state.time_us for state in shown if state.cause == "reading_start"]
    assert starts == [reading.onset_us for reading in readings.values()]


def test_words_are_the_dictation_on_the_session_clock(
    whole: SessionResult, protocol_file: Callable[[float], Path]
) -> None:
    root = Path(whole.session)
    words = read_words(root)
    for reading, plan in zip(readings_of(root), plans_of(root, protocol_file(300.0)), strict=True):
        said = [word for word in words if word.reading_id == reading.reading_id]
        assert [word.text for word in said] == [word.text for word in plan.words]
        onsets = [(word.onset_us or 0) - reading.onset_us for word in said]
        assert onsets == [word.onset_us for word in plan.words]


def test_validation_finds_the_sensors_error(whole: SessionResult) -> None:
    records = read_calibrations(Path(whole.session))
    (record,) = [record for record in records if record.kind == "validation" and record.accepted]
    assert len(record.points) == 10
    assert {(point.x_norm, point.y_norm) for point in record.points} >= {(0.5, 0.5), (0.1, 0.9)}
    assert record.accuracy_deg == pytest.approx(0.25, abs=0.08)
    assert record.rms_s2s_deg == pytest.approx(0.10, abs=0.03)


def test_clock_pairs_tell_offset_and_drift_of_the_device(whole: SessionResult) -> None:
    from gazekit.model.clocks import fit_clock

    root = Path(whole.session)
    pairs = pa.Table.from_batches(iter_clock(root))
    columns = (pairs.column(name).to_numpy() for name in ("request_us", "device_us", "response_us"))
    model = fit_clock(*columns)
    samples = samples_of(root)
    error = model.to_session(samples["device_time_us"]) - samples["system_time_us"]
    assert np.abs(error).max() < 500


def test_same_seed_plans_the_same_session(
    whole: SessionResult, record: Callable[..., SessionResult]
) -> None:
    again = record(speed=60.0)
    roots = [Path(whole.session), Path(again.session)]
    assert len({tuple(r.image_id for r in readings_of(root)) for root in roots}) == 1
    texts = [[word.text for word in read_words(root)] for root in roots]
    assert texts[0] == texts[1]
    labels = [[(f.label, f.x0_px) for f in read_findings(root)] for root in roots]
    assert labels[0] == labels[1]


def test_events_tell_the_course(whole: SessionResult) -> None:
    events = read_events(Path(whole.session))
    states = [event.value["name"] for event in events if event.kind == "state"]
    read = ["next", "drift", "reading", "after"]
    assert states == [
        *("consent", "preflight", "position", "calibrate"),
        *read,
        *read,
        "next",
        "close",
    ]
    kinds = [event.kind for event in events if event.kind not in {"state", *AUDIO}]
    assert [event.kind for event in events if event.kind in AUDIO] == AUDIO * 2
    targets = kinds.count("validation_target")
    assert targets >= 5  # one that a blink hid is shown again
    assert kinds[:2] == ["consent", "preflight"]
    course = ["fixation_cross", "reading_start", "reading_end", "reading_quality"] * 2
    assert kinds[-len(course) :] == course


def test_every_reading_is_preceded_by_a_drift_check(whole: SessionResult) -> None:
    records = read_calibrations(Path(whole.session))
    checks = [record for record in records if record.kind == "drift_check"]
    assert len(checks) >= 2
    assert sum(record.accepted for record in checks) == 2
    (first, *_) = checks
    assert first.accuracy_deg == pytest.approx(0.25, abs=0.15)
    assert {(point.x_norm, point.eye) for point in first.points} == {(0.5, "left"), (0.5, "right")}


def test_time_over_ends_a_reading(short: SessionResult) -> None:
    root = Path(short.session)
    (reading,) = readings_of(root)
    assert reading.offset_us is not None
    assert 2_000_000 <= reading.offset_us - reading.onset_us < 20_000_000
    assert "time_over" in [event.kind for event in read_events(root)]
    assert problems_of(root) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"tracker": "titta", "speed": 2.0}, "only a simulated session can run faster"),
        ({"tracker": "titta", "headless": True}, "a real tracker needs a window"),
        ({"tracker": "titta", "window_px": (800, 600)}, "a real tracker needs the whole screen"),
        ({"tracker": "simulate"}, "Did you mean 'simulated'"),
        ({"reader_id": "Jane"}, "does not follow the protocol"),
    ],
    ids=[
        "fast real tracker",
        "headless real tracker",
        "small window",
        "misspelt tracker",
        "a name",
    ],
)
def test_what_does_not_go_together_is_refused(
    change: dict[str, object],
    what: str,
    tmp_path: Path,
    protocol_file: Callable[[float], Path],
) -> None:
    given: dict[str, object] = {
        "protocol": protocol_file(1.0),
        "reader_id": "R01",
        "out": tmp_path,
        "tracker": "simulated",
        **change,
    }
    with pytest.raises(UsageError, match=what) as caught:
        run_session(SessionRequest(**given), lambda _: None)  # type: ignore[arg-type]
    assert "Jane" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_eyes_reach_a_target_and_stay() -> None:
    from capture.eyes import AtPoint

    eyes = SimulatedEyes(0, 100.0, 100.0)
    eyes.shown(1_000_000, None, AtPoint(500.0, 300.0))
    eyes.shown(2_000_000, None, None)
    x, y, lids = eyes.gaze_at(np.array([500_000, 1_100_000, 1_250_000, 1_999_999], np.int64))
    assert x.tolist() == [100.0, 100.0, 500.0, 500.0]
    assert y.tolist() == [100.0, 100.0, 300.0, 300.0]
    assert lids.tolist() == [1.0] * 4
    assert eyes.known_until_us == 2_000_000
