"""Does a real microphone's sound stand at its moment? PortAudio on a virtual PulseAudio source."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180.0
DEVICES = """
pcm.vmic { type pulse device vmic hint { show on description "vmic" } }
"""
SERVER = ("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1")
PIPE = "module-pipe-source source_name=vmic file={} format=s16le rate=16000 channels=1"
# Sounds clicks before the virtual microphone at moments of its own, as they come; records them
# with the app's own code, and prints what was heard when.
PROGRAM = """
import json, os, sys
from pathlib import Path
import numpy as np, soundfile
from capture.audio import Dictaphone
from capture.audio.portaudio import PortaudioMicrophone
from capture.clock import SessionClock
from gazekit.model.records import ReaderRecord, ScreenRecord, SessionRecord, TrackerRecord
from gazekit.model.session import SessionWriter
from gazekit.model.spoken import read_audio_segments

clock = SessionClock()
record = SessionRecord(
    session_id="R01-a", created_at="", protocol="p", protocol_sha256="", seed=0,
    reader=ReaderRecord(reader_id="R01"), software={},
    screen=ScreenRecord(width_px=1, height_px=1, width_mm=1, height_mm=1, distance_mm=1),
    tracker=TrackerRecord(kind="none", rate_hz=1, simulated=True),
)
writer = SessionWriter(Path(sys.argv[1]), record, b"")
dictaphone = Dictaphone(PortaudioMicrophone(clock, rate_hz=16_000, name="vmic"), writer, clock)
dictaphone.start("reading-0")
clicks = np.cumsum(np.random.default_rng(1).uniform(0.5, 1.0, 11))
fifo = os.open(sys.argv[2], os.O_RDWR)
start_us = clock.now_us()
for chunk in range(930):
    place = (chunk * 160 + np.arange(160)) / 16_000
    since = place[:, None] - clicks[None, :]
    sound = 0.4 * ((since >= 0) & (since < 0.02)).any(axis=1)
    clock.wait_until_us(start_us + (chunk + 1) * 10_000)
    os.write(fifo, np.rint(sound * 32767).astype("<i2").tobytes())
dictaphone.stop()
dictaphone.close()
(segment,) = read_audio_segments(writer.layout.root)
sound, _ = soundfile.read(writer.layout.audio(0, "flac"))
loud = np.flatnonzero(np.abs(sound) > 0.2)
firsts = loud[np.diff(loud, prepend=-10_000) > 1_600]
print(json.dumps({
    "made_us": (start_us + clicks * 1e6).tolist(),
    "heard_us": (segment.onset_us + firsts / segment.rate_hz * 1e6).tolist(),
    "rate_hz": segment.rate_hz, "residual_us": segment.residual_us, "told": dictaphone.messages(),
}))
"""


@pytest.fixture
def virtual_microphone(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Start PulseAudio with a microphone that hears what is written to a pipe."""
    pytest.importorskip("sounddevice", reason="a real microphone is listened to with sounddevice")
    for program in ("pulseaudio", "pactl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed, so that there is no virtual microphone")
    home, runtime = tmp_path / "home", tmp_path / "run"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    (home / ".asoundrc").write_text(DEVICES, "utf-8")
    environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
    modules = ("-L", "module-native-protocol-unix", "-L", PIPE.format(tmp_path / "air"))
    server = subprocess.Popen(
        (*SERVER, *modules), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        give_up_s = time.monotonic() + PATIENCE_S
        while b"vmic" not in _sources(environment):
            if server.poll() is not None:
                pytest.skip(f"pulseaudio does not run here: exit code {server.returncode}")
            assert time.monotonic() < give_up_s, "the virtual microphone did not appear"
            time.sleep(0.1)
        yield environment
    finally:
        server.terminate()
        server.wait(timeout=10)


def _sources(environment: dict[str, str]) -> bytes:
    asked = ("pactl", "list", "short", "sources")
    return subprocess.run(asked, env=environment, capture_output=True, check=False).stdout


def test_clicks_are_heard_when_they_were_made(
    virtual_microphone: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        (sys.executable, "-c", PROGRAM, str(tmp_path / "out"), str(tmp_path / "air")),
        cwd=ROOT,
        env=virtual_microphone,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    made, heard = np.array(found["made_us"]), np.array(found["heard_us"])
    assert heard.size == made.size, found
    assert np.abs(heard - made).max() < 50_000, found
