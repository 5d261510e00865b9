"""How does a session with a real tracker and a reader at the keys go?

The tracker and the window are played by the test; what they deliver is what real ones do.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from capture.clock import SessionClock
from capture.eyes import AtPoint, SimulatedEyes
from capture.request import SessionRequest, SessionResult
from capture.scene import (
    Checklist,
    Entry,
    HeadGuide,
    ImageShown,
    Scene,
    Target,
    Text,
    ValidationShown,
)
from capture.session import run_session
from capture.soundness import problems_of
from capture.trackers.simulated import SimulatedTracker
from capture.viewer import InputAct
from capture.viewer_headless import HeadlessViewer
from gazekit.model.errors import UnfitError
from gazekit.model.records import ScreenRecord, TrackerRecord
from gazekit.model.session import (
    read_calibrations,
    read_session_record,
    read_view_states,
    read_words,
    readings_of,
)

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
Hand = Callable[[Scene, int], list[tuple[str, dict[str, float | str]]]]


class PlayedCalibrator:
    """A calibration whose first point must be collected twice."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def collect(self, x_norm: float, y_norm: float) -> bool:
        self.calls.append(f"collect {x_norm} {y_norm}")
        return len(self.calls) > 2

    def discard(self, x_norm: float, y_norm: float) -> None:
        self.calls.append(f"discard {x_norm} {y_norm}")

    def compute(self) -> bool:
        self.calls.append("compute")
        return True

    def stop(self) -> None:
        self.calls.append("stop")


class PlayedTracker(SimulatedTracker):
    """Delivers what a real tracker would, and says that it is one."""

    played: PlayedCalibrator

    @property
    def info(self) -> TrackerRecord:
        record = super().info
        return msgspec.structs.replace(record, kind="titta", simulated=False, model="Played")

    @property
    def calibrator(self) -> PlayedCalibrator:
        return self.played


class PlayedViewer(HeadlessViewer):
    """A window before which a reader follows the targets and uses the keys as `hand` says."""

    def __init__(self, clock: SessionClock, eyes: SimulatedEyes, hand: Hand) -> None:
        super().__init__(clock, SCREEN)
        self._eyes = eyes
        self._hand = hand
        self._scene: Scene | None = None
        self._frames = 0
        self._look: AtPoint | None = None

    def frame(self, scene: Scene) -> int:
        time_us = super().frame(scene)
        new = type(scene) is not type(self._scene) or isinstance(scene, (Target, Text))
        self._frames = 0 if new and scene != self._scene else self._frames + 1
        look = AtPoint(scene.x_px, scene.y_px) if isinstance(scene, Target) else None
        self._eyes.shown(time_us, None, look if look != self._look else None)
        self._look = look
        self._scene = scene
        return time_us

    def inputs(self) -> list[InputAct]:
        assert self._scene is not None
        assert self._frames < 5_000, f"nothing ends {self._scene}"
        now_us = self._clock.now_us()
        acts = self._hand(self._scene, self._frames)
        return [InputAct(now_us, kind, **more) for kind, more in acts]  # type: ignore[arg-type]


def space(scene: Scene, frame: int) -> list[tuple[str, dict[str, float | str]]]:
    """Press space on each page, and in each reading after zooming and dragging."""
    if isinstance(scene, Entry):
        typed: list[tuple[str, dict[str, float | str]]] = [("text", {"key": "tired"})]
        return [*typed, ("key", {"key": "return"})] if frame == 1 else []
    if isinstance(scene, (Text, Checklist, HeadGuide, ValidationShown)) and scene.foot:
        key = {"m:": "m", "r:": "r"}.get(scene.foot[:2], "space")
        return [("key", {"key": key})] if frame == 1 else []
    if isinstance(scene, ImageShown):
        acts: dict[int, tuple[str, dict[str, float | str]]] = {
            1: ("zoom", {"x_px": 900.0, "y_px": 500.0, "dy": 1.0}),
            2: ("pan", {"dx": 12.0, "dy": 5.0}),
            3: ("key", {"key": "space"}),
        }
        return [acts[frame]] if frame in acts else []
    return []


def escape(scene: Scene, frame: int) -> list[tuple[str, dict[str, float | str]]]:
    """As `space`, but leave in the middle of the reading."""
    if isinstance(scene, ImageShown) and frame == 2:
        return [("key", {"key": "escape"})]
    return space(scene, frame)


@pytest.fixture
def sit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, protocol_file: Callable[[float], Path]
) -> Callable[..., tuple[SessionResult, PlayedCalibrator]]:
    """Return a function that records a session with a played tracker and reader."""

    def run(hand: Hand) -> tuple[SessionResult, PlayedCalibrator]:
        clock = SessionClock(30.0)
        eyes = SimulatedEyes(clock.now_us(), 960.0, 540.0)
        tracker = PlayedTracker(clock, eyes, screen=SCREEN, seed=2)
        tracker.played = PlayedCalibrator()
        viewer = PlayedViewer(clock, eyes, hand)
        monkeypatch.setattr("capture.session.SessionClock", lambda _: clock)
        monkeypatch.setattr("capture.session.find_tracker", lambda _: tracker)
        monkeypatch.setattr("capture.session.open_viewer", lambda *_: viewer)
        request = SessionRequest(
            protocol=protocol_file(300.0), reader_id="R02", out=tmp_path, tracker="titta"
        )
        return run_session(request, lambda _: None), tracker.played

    return run


def test_a_reader_at_the_keys(
    sit: Callable[..., tuple[SessionResult, PlayedCalibrator]],
) -> None:
    result, calibrator = sit(space)
    root = Path(result.session)
    assert problems_of(root) == []
    session = read_session_record(root)
    assert not session.simulated
    assert session.tracker.model == "Played"
    assert [reading.outcome for reading in readings_of(root)] == ["complete", "complete"]
    causes = [state.cause for state in read_view_states(root) if state.cause]
    assert causes == ["reading_start", "zoom", "pan", "reading_end"] * 2
    assert read_words(root) == []

    calls = calibrator.calls
    assert calls[0] == "start"
    assert calls[-2:] == ["compute", "stop"]
    assert calls[2] == calls[1].replace("collect", "discard")
    assert calls[3] == calls[1]
    records = read_calibrations(root)
    assert [record.kind for record in records[:2]] == ["calibration", "validation"]
    assert (records[0].accepted, records[-1].accepted) == (True, True)


def test_escape_closes_the_session_with_the_reading_aborted(
    sit: Callable[..., tuple[SessionResult, PlayedCalibrator]],
) -> None:
    result, _ = sit(escape)
    root = Path(result.session)
    assert result.ending == "aborted"
    assert problems_of(root) == []
    assert [reading.outcome for reading in readings_of(root)] == ["aborted"]


def test_a_bad_calibration_ends_the_session_and_keeps_every_attempt(
    sit: Callable[..., tuple[SessionResult, PlayedCalibrator]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("capture.eyes._LATENCY_US", 5_000_000)
    with pytest.raises(UnfitError, match="not good enough in 3 attempts"):
        sit(space)
    (root,) = tmp_path.glob("ses-*")
    assert problems_of(root) == []
    validations = [r for r in read_calibrations(root) if r.kind == "validation"]
    assert [record.accepted for record in validations] == [False, False, False]
    assert [record.attempt for record in validations] == [1, 2, 3]
    assert readings_of(root) == []
