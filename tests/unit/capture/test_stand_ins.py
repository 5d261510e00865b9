"""Do a recording and the mouse stand in for a tracker honestly, and only when asked for?"""

import json
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from capture.clock import SessionClock
from capture.request import SessionRequest, check_request
from capture.trackers.find import find_tracker
from capture.trackers.mouse import MouseTracker
from capture.trackers.replay import ReplayTracker
from capture.trackers.sim_plan import SimPlan, parse_sim
from gazekit.model.errors import DataError, UnfitError, UsageError
from gazekit.model.records import ReaderRecord, ScreenRecord, SessionRecord, TrackerRecord
from gazekit.model.session import SessionWriter
from gazekit.synthetic import Sensor

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
SDK_LINES = Path(__file__).parents[2] / "data" / "formats" / "tobii_sdk" / "gaze.jsonl"
PATIENCE_S = 20.0


@pytest.fixture(params=[False, True], ids=["recorded", "simulated"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, pa.Table]:
    """Return a session of 0.4 s in two segments with a gap, and its samples."""
    sensor = Sensor(SCREEN, rate_hz=1000.0, seed=1)
    info = TrackerRecord(kind="titta", rate_hz=1000.0, simulated=request.param, serial="X1")
    record = SessionRecord(
        session_id="S1",
        created_at="2026-01-01T00:00:00+00:00",
        protocol="test",
        protocol_sha256="0" * 64,
        seed=0,
        reader=ReaderRecord(reader_id="R01"),
        screen=SCREEN,
        tracker=info,
        software={},
        simulated=request.param,
    )
    writer = SessionWriter(tmp_path, record, b"")
    batches = []
    for first_us in (0, 100_000, 500_000):
        times = first_us + np.arange(100, dtype=np.int64) * 1_000
        gaze = np.full(100, 500.0)
        batches.append(sensor.measure(times, times + 3_000, gaze, gaze, np.ones(100)))
        if first_us:
            writer.clock(sensor.clock_pair(first_us))
        if first_us == 500_000:
            writer.new_segment()
        writer.samples(batches[-1])
    return writer.close(), pa.Table.from_batches(batches)


def drained(tracker: ReplayTracker) -> tuple[pa.Table, list[str]]:
    batches, said = [], []
    give_up_s = time.monotonic() + PATIENCE_S
    while "recording_ended" not in said and time.monotonic() < give_up_s:
        batch = tracker.drain()
        if batch is not None:
            batches.append(batch)
        said += [notice.kind for notice in tracker.drain_notices()]
        time.sleep(0.01)
    return pa.Table.from_batches(batches), said


@pytest.mark.parametrize("speed", [1.0, 30.0])
def test_a_session_is_replayed_whole_on_this_clock(
    session: tuple[Path, pa.Table], speed: float
) -> None:
    root, recorded = session
    clock = SessionClock(speed)
    tracker = ReplayTracker(clock, root)
    assert tracker.info.kind == "replay"
    assert tracker.info.serial == "X1"
    before_us = clock.now_us()
    tracker.start()
    replayed, said = drained(tracker)
    assert said == ["recording_ended"]
    times = replayed.column("system_time_us").to_numpy()
    assert before_us <= times[0] <= clock.now_us()
    assert np.array_equal(times - times[0], recorded.column("system_time_us").to_numpy())
    assert (replayed.column("received_us").to_numpy() >= times).all()
    same = [n for n in recorded.schema.names if n not in {"system_time_us", "received_us"}]
    assert replayed.select(same).equals(recorded.select(same))
    pairs = tracker.drain_clock()
    assert pairs is not None
    assert pairs.num_rows == 2


def test_a_replay_is_simulated_where_the_recording_was(session: tuple[Path, pa.Table]) -> None:
    root, _ = session
    origin = json.loads((root / "session.json").read_text("utf-8"))["simulated"]
    assert ReplayTracker(SessionClock(), root).info.simulated == origin


def test_lines_of_the_tobii_sdk_are_replayed() -> None:
    clock = SessionClock(1000.0)
    tracker = ReplayTracker(clock, SDK_LINES)
    assert not tracker.info.simulated
    tracker.start()
    replayed, _ = drained(tracker)
    lines = [json.loads(line) for line in SDK_LINES.read_text("utf-8").splitlines()]
    stamps = [line["device_time_stamp"] for line in lines]
    assert replayed.column("device_time_us").to_pylist() == stamps
    given = [line["left_gaze_point_on_display_area"][0] for line in lines]
    expected = np.array(given, np.float64)
    assert np.array_equal(replayed.column("left_gaze_x_norm").to_numpy(), expected, equal_nan=True)


@pytest.mark.parametrize(
    ("name", "content", "kind", "says"),
    [
        ("none.jsonl", None, UsageError, "no such recording"),
        ("prolab.tsv", b"Recording timestamp\tx\n", UsageError, "gazekit source convert"),
        ("empty", "folder", DataError, "not a session folder"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(
    name: str, content: bytes | str | None, kind: type[Exception], says: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(kind, match=says):
        ReplayTracker(SessionClock(), path)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gaze.jsonl"
    path.write_bytes(SDK_LINES.read_bytes().splitlines(keepends=True)[0] + b'{"a": 1}\n')
    with pytest.raises(DataError, match=r"gaze\.jsonl line 2"):
        ReplayTracker(SessionClock(), path)


def test_the_mouse_is_gaze_of_both_eyes_and_says_so() -> None:
    places: list[tuple[float, float] | None] = [None]
    tracker = MouseTracker(SessionClock(), lambda: places[-1], screen=SCREEN)
    assert tracker.info.simulated
    tracker.start()
    time.sleep(0.15)
    places.append((960.0, 270.0))
    time.sleep(0.15)
    tracker.stop()
    batch = tracker.drain()
    assert batch is not None
    valid = batch.column("left_gaze_valid").to_pylist()
    assert not valid[0]
    assert valid[-1]
    assert np.isnan(batch.column("left_gaze_x_norm")[0].as_py())
    assert batch.column("right_gaze_x_norm")[-1].as_py() == 0.5
    assert batch.column("right_gaze_y_norm")[-1].as_py() == 0.25
    assert not any(batch.column("left_pupil_valid").to_pylist())
    assert (np.diff(batch.column("device_time_us").to_numpy()) > 0).all()


def test_auto_never_falls_back_to_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("TittaPy_v2", "TittaPy_v1"):
        fake = types.SimpleNamespace(find_all_eye_trackers=list)
        monkeypatch.setitem(sys.modules, module, fake)
    fake = types.SimpleNamespace(find_all_eyetrackers=tuple)
    monkeypatch.setitem(sys.modules, "tobii_research", fake)
    for stand_in in ("SimulatedTracker", "MouseTracker", "ReplayTracker"):
        for name, loaded in list(sys.modules.items()):
            if name.startswith("capture") and hasattr(loaded, stand_in):
                monkeypatch.setattr(loaded, stand_in, _forbidden)
    with pytest.raises(UnfitError, match="no eye tracker answers"):
        find_tracker("auto")


def _forbidden(*_: object, **__: object) -> None:
    pytest.fail("a stand-in was made for --tracker auto")


@pytest.mark.parametrize(
    ("tracker", "more", "where"),
    [
        ("mouse", {"headless": True}, "--headless"),
        ("mouse", {"speed": 2.0}, "--speed"),
        ("auto", {"sim": SimPlan(rate_hz=60.0)}, "--sim"),
        ("mause", {}, "Did you mean 'mouse'"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    tracker: str, more: dict[str, object], where: str
) -> None:
    make: Callable[..., SessionRequest] = SessionRequest
    with pytest.raises(UsageError, match=where):
        check_request(
            make(protocol=Path("p"), reader_id="R01", out=Path("o"), tracker=tracker, **more)
        )


def test_the_simulated_tracker_is_set_by_key_and_value() -> None:
    plan = parse_sim(("rate_hz=1200", "loss=0.2", "disconnect_s=3", "clock_ppm=-40"))
    assert plan == SimPlan(rate_hz=1200.0, loss=0.2, disconnect_s=3.0, clock_ppm=-40.0)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("rate=1", "Did you mean 'rate_hz'"),
        ("rate_hz", "KEY=VALUE"),
        ("loss=2", r"loss"),
        ("rate_hz=fast", "rate_hz"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_sim((setting,))
