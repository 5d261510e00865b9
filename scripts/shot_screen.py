"""How are the windows of `capture` photographed? On virtual screens, while a session runs."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageGrab

__all__ = ["windows"]

_BIN = Path(sys.executable).parent
_ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_S = 240.0
_SIZE = (1920, 1080)
_SEED = 3
_INTO_READING_S = 9.0
_CHECKED_S = 8.0
_FILLED = (
    (("300", "70"), "Chest"),
    (("300", "128"), "R01"),
    (("300", "196"), "sessions"),
    (("300", "236"), "simulated"),
)
"""Where the fields of the dialog are, and what is typed into them."""
_CHECK = ("260", "300")


@dataclass(frozen=True)
class Screen:
    """A virtual screen with a hand at it; `home` keeps what PsychoPy writes."""

    display: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables of a program that shows its windows here."""
        own = {"DISPLAY": self.display, "HOME": str(self.home), "QT_QPA_PLATFORM": "xcb"}
        return {**os.environ, **own}

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program of the environment, in the folder `home`."""
        program = str(_BIN / words[0])
        return subprocess.Popen((program, *words[1:]), cwd=self.home, env=self.environment)

    def hand(self, *act: str) -> None:
        """Move, click or type."""
        program = shutil.which("xdotool")
        if program is None:
            sys.exit("error: xdotool is not installed; run scripts/setup as root")
        subprocess.run((program, *act), check=True, env=self.environment)

    def shoot(self) -> Image.Image:
        """Return what the screen shows."""
        return ImageGrab.grab(xdisplay=self.display)


@contextmanager
def _screen(home: Path) -> Iterator[Screen]:
    read_end, write_end = os.pipe()
    words = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{_SIZE[0]}x{_SIZE[1]}x24"]
    words += ["+extension", "GLX", "+render", "-noreset", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as numbers:
        number = numbers.readline().strip()
    try:
        yield Screen(f":{number}", home)
    finally:
        server.terminate()
        server.wait(timeout=10)


def windows(folder: Path) -> Iterator[tuple[str, Image.Image]]:
    """Give each picture's name and the picture: the dialog, a session as it goes, the monitor."""
    shutil.copytree(_ROOT / "protocols", folder / "protocols")
    with _screen(folder) as operator:
        yield "launch", _dialog(operator)
        with _screen(folder) as reader:
            yield from _session(reader, operator)


def _dialog(screen: Screen) -> Image.Image:
    """Return the dialog that starts a session, filled in and the station checked."""
    program = screen.start("capture", "launch")
    try:
        _wait(lambda: screen.shoot().getbbox() is not None, program, "dialog")
        screen.hand("search", "--sync", "--onlyvisible", "--name", "", "windowfocus")
        for place, text in _FILLED:
            screen.hand("mousemove", *place, "click", "1", "key", "ctrl+a")
            screen.hand("type", "--delay", "40", text)
            screen.hand("key", "Return")
        screen.hand("mousemove", *_CHECK, "click", "1")
        time.sleep(_CHECKED_S)
        shot = screen.shoot()
        return shot.crop(shot.getbbox())
    finally:
        program.terminate()
        program.wait()


def _session(reader: Screen, operator: Screen) -> Iterator[tuple[str, Image.Image]]:
    """Take the pages of a session as they go by, and the monitor during the reading."""
    out = reader.home / "sessions"
    words = ["capture", "run", "protocols/cxr_abcdef.toml", "--reader", "R01", "--out", "sessions"]
    words += ["--tracker", "simulated", "--limit", "1", "--seed", str(_SEED)]
    program = reader.start(*words)

    def last(*since: str | int, until: str) -> Image.Image:
        """Return the last picture before an event, so that the page was drawn and had not left."""
        kind, times = since
        _wait(lambda: len(_times(out, str(kind))) >= int(times), program, str(kind))
        before = len(_times(out, until))
        shots: list[tuple[float, Image.Image]] = []
        while len(_times(out, until)) == before and program.poll() is None:
            shots.append((time.monotonic(), reader.shoot()))
            time.sleep(0.1)
        end_s = _times(out, until)[before] - 0.15
        return next((shot for taken_s, shot in reversed(shots) if taken_s < end_s), shots[0][1])

    yield "consent", last("state consent", 1, until="consent")
    monitor = operator.start("capture", "monitor", "sessions")
    try:
        yield "preflight", last("preflight", 1, until="state position")
        yield "validation", last("validation_shown", 1, until="state next")
        _wait(lambda: bool(_times(out, "reading_start")), program, "reading")
        reader.hand("mousemove", "1100", "420", "click", "--repeat", "2", "4")
        time.sleep(_INTO_READING_S)
        yield "viewer", reader.shoot()
        shot = operator.shoot()
        yield "monitor", shot.crop(shot.getbbox())
    finally:
        monitor.terminate()
        monitor.wait()
    program.communicate(timeout=_PATIENCE_S)


def _times(out: Path, kind: str) -> list[float]:
    """Return when events of the one session came, in seconds; of a state, also by its name."""
    found = []
    for file in out.glob("ses-*/events.jsonl"):
        whole = [line for line in file.read_text("utf-8").splitlines() if line.endswith("}")]
        for event in map(json.loads, whole):
            name = f" {event['value']['name']}" if event["kind"] == "state" else ""
            if event["kind"] + name == kind:
                found.append(event["time_us"] / 1e6)
    return found


def _wait(happened: Callable[[], bool], program: subprocess.Popen[bytes], what: str) -> None:
    give_up_s = time.monotonic() + _PATIENCE_S
    while not happened():
        if program.poll() is not None or time.monotonic() > give_up_s:
            sys.exit(f"error: there was no {what}")
        time.sleep(0.05)
