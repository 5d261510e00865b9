"""Recorded sessions for the tests of the app: without a window, on a fast clock.

Besides simulated ones there are played ones, with a tracker and a reader as real ones would be.
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
from capture.trackers.simulated import SimulatedTracker
from capture.viewer import InputAct
from capture.viewer_headless import HeadlessViewer
from gazekit.model.records import ScreenRecord, TrackerRecord

PROTOCOL = """
title = "Test"
version = "1"
seed = 7
consent = "consent-1"
ethics = "ethics-1"
[images]
synthetic = 2
synthetic_px = [256, 320]
[reading]
fixation_ms = 300
max_s = {max_s}
"""

Record = Callable[..., SessionResult]


@pytest.fixture(scope="session")
def protocol_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """Return a function that writes a protocol whose readings last so long at most."""

    def write(max_s: float = 300.0) -> Path:
        path = tmp_path_factory.mktemp("protocol") / "small.toml"
        path.write_text(PROTOCOL.format(max_s=max_s), "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def record(
    tmp_path_factory: pytest.TempPathFactory, protocol_file: Callable[[float], Path]
) -> Record:
    """Return a function that records a simulated session without a window."""

    def run(
        *, max_s: float = 300.0, speed: float = 20.0, limit: int | None = None
    ) -> SessionResult:
        request = SessionRequest(
            protocol=protocol_file(max_s),
            reader_id="R01",
            out=tmp_path_factory.mktemp("sessions"),
            tracker="simulated",
            headless=True,
            speed=speed,
            limit=limit,
        )
        return run_session(request, lambda _: None)

    return run


@pytest.fixture(scope="session")
def whole(record: Record) -> SessionResult:
    """Give two readings from cross to end."""
    return record()


@pytest.fixture(scope="session")
def short(record: Record) -> SessionResult:
    """Give one reading that was ended after two seconds: a small folder to copy and damage."""
    return record(max_s=2.0, limit=1)


SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
Acts = list[tuple[str, dict[str, float | str]]]
Hand = Callable[[Scene, int], Acts]


class PlayedCalibrator:
    """A calibration whose first point must be collected twice."""

    tracker: SimulatedTracker

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


def space(scene: Scene, frame: int) -> Acts:
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


@pytest.fixture
def go_on() -> Hand:
    """Give the hand that presses space on each page and reads each image for some frames."""
    return space


@pytest.fixture
def play(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[SessionResult, PlayedCalibrator]]:
    """Return a function that records a session with a played tracker and reader."""

    def run(
        hand: Hand = space,
        *,
        protocol: str = "",
        resume: str | None = None,
        calibrator: PlayedCalibrator | None = None,
        **images: Path,
    ) -> tuple[SessionResult, PlayedCalibrator]:
        path = tmp_path / "played.toml"
        path.write_text(PROTOCOL.format(max_s=300) + protocol, "utf-8")
        clock = SessionClock(30.0)
        eyes = SimulatedEyes(clock.now_us(), 960.0, 540.0)
        tracker = PlayedTracker(clock, eyes, screen=SCREEN, seed=2)
        tracker.played = calibrator or PlayedCalibrator()
        tracker.played.tracker = tracker
        viewer = PlayedViewer(clock, eyes, hand)
        monkeypatch.setattr("capture.session.SessionClock", lambda _: clock)
        monkeypatch.setattr("capture.session.find_tracker", lambda _: tracker)
        monkeypatch.setattr("capture.session.open_viewer", lambda *_, **__: viewer)
        request = SessionRequest(
            protocol=path,
            reader_id="R02",
            out=tmp_path / "out",
            tracker="titta",
            resume=resume,
            **images,  # type: ignore[arg-type]
        )
        return run_session(request, lambda _: None), tracker.played

    return run
