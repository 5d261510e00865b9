"""Does a session go on when PortAudio refuses, or the microphone is pulled out?"""

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from capture.audio.find import check_microphone
from capture.audio.portaudio import PortaudioMicrophone
from capture.clock import SessionClock
from capture.request import SessionRequest
from capture.session import run_session
from capture.soundness import problems_of
from gazekit.model.errors import UnfitError, UsageError
from gazekit.model.session import read_events, readings_of
from gazekit.model.spoken import read_audio_segments

PROTOCOL = """
title = "Test"
version = "1"
[images]
synthetic = 1
synthetic_px = [256, 320]
[reading]
fixation_ms = 100
max_s = 3.0
"""


class PortAudioError(Exception):
    """As sounddevice's."""


class PlayedStream:
    """A stream of sounddevice that hands over half a second at its start, and may end then."""

    def __init__(self, *, callback: Callable[..., None], blocksize: int, **_: Any) -> None:
        self.active = False
        self._callback, self._frames = callback, blocksize

    def start(self) -> None:
        for number in range(8):
            times = types.SimpleNamespace(
                inputBufferAdcTime=1e9 + number * 0.064, currentTime=1e9 + (number + 1) * 0.064
            )
            frames = np.full((self._frames, 1), 1000, np.int16)
            self._callback(frames, 1024, times, types.SimpleNamespace(input_overflow=False))

    def close(self, *, ignore_errors: bool) -> None:
        assert ignore_errors
        self.active = False


class RefusingStream(PlayedStream):
    def start(self) -> None:
        raise PortAudioError("Error opening InputStream: Device unavailable [PaErrorCode -9985]")


def played(stream: type[PlayedStream], *, inputs: int = 1) -> types.ModuleType:
    module = types.ModuleType("sounddevice")
    devices = [{"name": "Desk microphone", "index": 3, "max_input_channels": inputs}]

    def query_devices(kind: str | None = None) -> Any:
        if kind is None:
            return devices
        if not inputs:
            raise PortAudioError("Error querying device -1")
        return devices[0]

    vars(module).update(
        PortAudioError=PortAudioError, InputStream=stream, query_devices=query_devices
    )
    return module


def record(tmp_path: Path, **more: Any) -> tuple[Path, list[str]]:
    (tmp_path / "p.toml").write_text(PROTOCOL, "utf-8")
    request = SessionRequest(
        protocol=tmp_path / "p.toml",
        reader_id="R01",
        out=tmp_path,
        tracker="simulated",
        headless=True,
        **more,
    )
    told: list[str] = []
    return Path(run_session(request, told.append).session), told


@pytest.mark.parametrize(
    ("module", "why", "kinds"),
    [
        (played(PlayedStream, inputs=0), "there is no microphone", {"microphone_missing"}),
        (played(RefusingStream), "Device unavailable", {"microphone_lost"}),
        (played(PlayedStream), "ended the stream", {"microphone_lost"}),
    ],
    ids=["none", "refuses", "pulled-out"],
)
def test_gaze_goes_on_without_sound(
    module: types.ModuleType,
    why: str,
    kinds: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    # A played device may run on a fast clock, which a real one is refused.
    monkeypatch.setattr("capture.audio.opening.check_microphone", lambda *_, **__: "auto")
    root, told = record(tmp_path, microphone="auto", speed=20.0)
    assert any(why in line and "gaze" in line for line in told), told
    assert kinds <= {event.kind for event in read_events(root)}
    assert [reading.outcome for reading in readings_of(root)] == ["complete"]
    assert problems_of(root) == []
    assert not any(segment.simulated for segment in read_audio_segments(root))
    assert b"Desk" not in b"".join(p.read_bytes() for p in root.iterdir() if p.is_file())


def test_a_microphone_that_was_named_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", played(PlayedStream))
    with pytest.raises(UnfitError, match="no microphone of that name"):
        record(tmp_path, microphone="Head")
    assert not list(tmp_path.glob("ses-*"))
    microphone = PortaudioMicrophone(SessionClock(), rate_hz=16_000, name="desk")
    microphone.start()
    first, *_, last = microphone.take()
    # No time of day is kept: the driver's clock counts from its first block.
    assert -0.1 < first.adc_time_s < last.driver_time_s < 1.0


@pytest.mark.parametrize(
    ("name", "simulated", "speed"),
    [("simulated", False, 1.0), ("espeak", False, 1.0), ("auto", True, 4.0)],
)
def test_what_does_not_go_together_is_refused(name: str, simulated: bool, speed: float) -> None:  # noqa: FBT001
    with pytest.raises(UsageError, match="--microphone"):
        check_microphone(name, simulated=simulated, speed=speed)


def test_a_real_tracker_never_gets_a_simulated_microphone() -> None:
    assert check_microphone(None, simulated=False, speed=1.0) == "auto"
    assert check_microphone(None, simulated=True, speed=40.0) == "simulated"
