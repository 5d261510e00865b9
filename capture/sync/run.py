"""How does a sync test go?

::

    dark --> flash (flip time) and click (time at the speaker) --> dark, ten times
                                      |
    microphone, all the time ---------+--> onsets --> offset --> sync_test.json
"""

import datetime as dt
import platform
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from capture.audio.microphone import Microphone, SoundBlock
from capture.audio.simulated import MicrophoneFaults, SimulatedMicrophone
from capture.clock import SessionClock
from capture.open_viewer import open_viewer
from capture.scene import Blank
from capture.sync.clicker import Clicker, SimulatedClicker, SpeakerClicker
from capture.sync.measure import Click, SyncResult, heard_clicks, summarise
from capture.viewer import Viewer
from gazekit.model.errors import UnfitError
from gazekit.model.files import write_json
from gazekit.model.layout_station import StationLayout
from gazekit.model.protocol import ScreenPlan, ViewerPlan
from gazekit.model.version import __version__
from gazekit.synthetic import Voice

__all__ = ["SyncRequest", "run_sync_test"]

_S = 1_000_000
_RATE_HZ = 48_000
_DARK_S, _MORE_S, _FLASH_S = 0.6, 0.5, 0.15
_TRUTH_MS = 23.0
_JITTER_MS = 4.0


@dataclass(frozen=True)
class SyncRequest:
    """What `capture sync-test` was asked for."""

    out: Path
    clicks: int = 10
    simulated: bool = False
    headless: bool = False
    speed: float = 1.0
    microphone: str | None = None
    seed: int = 0


def run_sync_test(request: SyncRequest) -> SyncResult:
    """Measure the station's offset and write it beside its sessions.

    Raises
    ------
    GazekitError
        No microphone, no speaker, no display; or too few clicks were heard.
    """
    clock = SessionClock(request.speed)
    microphone, clicker = _sound(request, clock)
    viewer = open_viewer(
        clock,
        ScreenPlan(),
        plan=ViewerPlan(),
        headless=request.headless,
        window_px=None,
        simulated=request.simulated,
    )
    try:
        found, blocks = _played(request, clock, viewer, (microphone, clicker))
    finally:
        viewer.close()
    heard, residual_us = heard_clicks(found, blocks, microphone.info.rate_hz)
    result = summarise(
        heard,
        created_at=dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        simulated=request.simulated,
        rate_hz=microphone.info.rate_hz,
        residual_us=residual_us,
        software={"gazekit": __version__, "system": sys.platform, "python": _python()},
        truth_ms=_TRUTH_MS if request.simulated else None,
    )
    request.out.mkdir(parents=True, exist_ok=True)
    write_json(StationLayout(request.out).sync_test, result)
    return result


def _python() -> str:
    return platform.python_version()


def _sound(request: SyncRequest, clock: SessionClock) -> tuple[Microphone, Clicker]:
    if request.simulated:
        voice = Voice()
        faults = MicrophoneFaults(jitter_ms=_JITTER_MS, drift_ppm=40.0)
        heard = SimulatedMicrophone(
            clock, voice, rate_hz=_RATE_HZ, faults=faults, seed=request.seed
        )
        return heard, SimulatedClicker(clock, voice, late_us=round(_TRUTH_MS * 1000))
    from capture.audio.portaudio import PortaudioMicrophone

    try:
        microphone = PortaudioMicrophone(clock, rate_hz=_RATE_HZ, name=request.microphone)
    except UnfitError as error:
        remedy = "plug one in; to try the test without one, give --simulated"
        raise UnfitError(error.what, where=error.where, found=error.found, remedy=remedy) from error
    return microphone, SpeakerClicker(clock)


def _played(
    request: SyncRequest, clock: SessionClock, viewer: Viewer, sound: tuple[Microphone, Clicker]
) -> tuple[list[Click], list[SoundBlock]]:
    """Flash and click; return when, and everything that the microphone heard meanwhile."""
    microphone, clicker = sound
    rng = random.Random(request.seed)  # noqa: S311 - pauses, no secret
    found, blocks = [], []
    microphone.start()
    try:
        clicker.start()
        for _ in range(request.clicks):
            _hold(viewer, clock, 0.0, _DARK_S + rng.random() * _MORE_S)
            flash_us = viewer.frame(Blank(background=1.0))
            found.append(Click(flash_us=flash_us, played_us=clicker.click()))
            _hold(viewer, clock, 1.0, _FLASH_S)
            blocks += microphone.take()
        _hold(viewer, clock, 0.0, _DARK_S)
    finally:
        clicker.stop()
        microphone.stop()
    return found, blocks + microphone.take()


def _hold(viewer: Viewer, clock: SessionClock, grey: float, seconds: float) -> None:
    until_us = clock.now_us() + round(seconds * _S)
    while clock.now_us() < until_us:
        viewer.frame(Blank(background=grey))
