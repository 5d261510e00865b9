"""Can a coordinator and a reader go through a whole session with mouse and keys alone?

With ``CAPTURE_SCREENSHOTS`` set to a folder the screen is kept there at each step, to be looked at.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capture.calibrate import target_grid
from capture.soundness import problems_of
from gazekit.model.layout import SessionLayout
from gazekit.model.records import Event
from gazekit.model.session import (
    read_calibrations,
    read_events,
    read_session_record,
    read_view_states,
    readings_of,
)

ROOT = Path(__file__).resolve().parents[2]
CAPTURE = (sys.executable, "-c", "from capture.commands import main; main()")
PATIENCE_S = 240.0
SEED = 7
PROTOCOL = f"""
title = "Chest radiograph, ABCDEF review"
version = "1"
consent = "cxr-gaze-consent-1"
ethics = "EC-2026-014"
seed = {SEED}
[images]
synthetic = 2
[session]
break_every_readings = 1
[calibration]
max_accuracy_deg = 0.001
marginal_accuracy_deg = 2.0
max_point_deg = 3.0
max_rms_s2s_deg = 3.0
drift_check_deg = 3.0
after_break = false
[reading]
fixation_ms = 200
dictation = false
[viewer.keys]
lung = ["l", "1"]
[[steps]]
code = "A"
name = "Airways"
[[steps]]
code = "B"
name = "Breathing"
"""


class Desk:
    """A coordinator and a reader at one screen, with a session that runs before them."""

    def __init__(self, folder: Path, size: tuple[int, int], display: str) -> None:
        self.folder, self.size = folder, size
        self.environment = {**os.environ, "DISPLAY": display}
        self.protocol = folder / "review.toml"
        self.protocol.write_text(PROTOCOL, "utf-8")
        self.shots = 0
        self.program = subprocess.Popen(
            (*self.run_words("--tracker", "mouse"), "--backup", str(folder / "backup")),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_words(self, *more: str) -> tuple[str, ...]:
        place = ("--reader", "R01", "--out", str(self.folder / "out"))
        return (*CAPTURE, "run", str(self.protocol), *place, *more)

    @property
    def root(self) -> Path:
        return next((self.folder / "out").glob("ses-*"))

    def events(self) -> list[Event]:
        if not list((self.folder / "out").glob("ses-*/session.json")):
            return []
        return read_events(self.root)

    def wait(self, happened: Callable[[], bool], what: str) -> None:
        give_up_s = time.monotonic() + PATIENCE_S
        while not happened():
            if self.program.poll() is not None:
                pytest.fail(f"the program ended before {what}: {self.program.communicate()[1]}")
            if time.monotonic() > give_up_s:
                pytest.fail(f"there was no {what}; the last event is {self.events()[-1:]}")
            time.sleep(0.02)

    def count(self, kind: str, **value: str) -> int:
        return sum(
            event.kind == kind and value.items() <= event.value.items() for event in self.events()
        )

    def state(self, name: str, times: int = 1) -> None:
        self.wait(lambda: self.count("state", name=name) >= times, f"state {name}")

    def hand(self, *act: str) -> None:
        program = shutil.which("xdotool")
        if program is None:
            pytest.fail("xdotool is not installed; run scripts/setup as root")
        subprocess.run((program, *act), check=True, env=self.environment)

    def point(self, x: float, y: float) -> None:
        self.hand("mousemove", str(int(x * self.size[0])), str(int(y * self.size[1])))

    def press(self, key: str, happened: Callable[[], bool], what: str) -> None:
        """Press a key until it was taken: a page may not be on the screen yet."""
        give_up_s = time.monotonic() + PATIENCE_S
        while not happened() and time.monotonic() < give_up_s:
            self.hand("key", key)
            wait_until_s = time.monotonic() + 6.0
            while not happened() and time.monotonic() < wait_until_s:
                time.sleep(0.05)
        self.wait(happened, what)

    def shoot(self, name: str, *, after_s: float = 0.4) -> None:
        folder = os.environ.get("CAPTURE_SCREENSHOTS")
        if folder is None:
            return
        time.sleep(after_s)
        self.shots += 1
        path = Path(folder) / f"{self.size[1]}-{self.shots:02d}-{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        program = shutil.which("import") or "import"
        subprocess.run((program, "-window", "root", str(path)), check=True, env=self.environment)

    def follow_targets(self, attempt: int) -> None:
        """Move the mouse to each target as it comes, as eyes would."""
        targets = targets_of(attempt)
        for done, target in enumerate(targets):
            already = attempt_targets(self.events(), attempt)
            assert len(already) >= done
            self.point(*target)
            if done == 1 and attempt == 1:
                self.shoot("target", after_s=0.2)
            self.wait(
                lambda n=done: len(attempt_targets(self.events(), attempt)) > n,  # type: ignore[misc]
                f"target {done}",
            )


def targets_of(attempt: int) -> list[tuple[float, float]]:
    """Return the targets of a validation in the order in which the seed shows them."""
    targets = list(target_grid(5))
    order = random.Random(repr((SEED, "validation", attempt)))  # noqa: S311 - an order
    order.shuffle(targets)
    return targets


def attempt_targets(events: list[Event], attempt: int) -> set[tuple[object, object]]:
    return {
        (event.value["x_norm"], event.value["y_norm"])
        for event in events
        if event.kind == "validation_target" and event.value["attempt"] == attempt
    }


@pytest.fixture(params=[(1920, 1080), (3840, 2160)], ids=["1080", "2160"])
def desk(
    request: pytest.FixtureRequest, tmp_path: Path, x_server: Callable[..., str]
) -> Iterator[Desk]:
    size: tuple[int, int] = request.param
    desk = Desk(tmp_path, size, x_server(*size))
    yield desk
    if desk.program.poll() is None:
        desk.program.kill()
    desk.program.communicate()


def test_a_session_by_mouse_and_keys(desk: Desk) -> None:
    _come_in(desk)
    _calibrate(desk)
    if desk.size[1] > 1080 and "CAPTURE_SCREENSHOTS" not in os.environ:
        # The rest is the same on a large screen, and takes minutes where no graphics card helps.
        desk.wait(lambda: desk.count("reading_start") == 1, "the first image")
        _stop(desk, ["aborted"])
        return
    _first_reading(desk)
    _break(desk)
    _stop(desk, ["complete", "aborted"])
    assert [e.value["note"] for e in desk.events() if e.kind == "note"] == ["moved"]
    _resume(desk)


def _come_in(desk: Desk) -> None:
    desk.state("consent")
    desk.point(0.5, 0.5)
    desk.shoot("consent")
    desk.press("space", lambda: desk.count("state", name="preflight") == 1, "consent")
    desk.wait(lambda: desk.count("preflight") == 1, "checks")
    desk.point(0.5, 0.51)
    desk.shoot("preflight")
    while red := [e.value["red"] for e in desk.events() if e.kind == "preflight"][-1]:
        checked = desk.count("preflight")
        desk.press("r", lambda n=checked: desk.count("preflight") > n, f"{red} checked again")  # type: ignore[misc]
    desk.press("space", lambda: desk.count("state", name="position") == 1, "checks passed")
    desk.shoot("position")


def _calibrate(desk: Desk) -> None:
    """Validate twice: repeat the first, accept the second with a typed reason."""
    desk.point(*targets_of(1)[0])
    desk.press("space", lambda: desk.count("state", name="calibrate") == 1, "position")
    desk.follow_targets(1)
    desk.wait(lambda: desk.count("validation_shown") == 1, "the result")
    desk.shoot("validation", after_s=1.0)
    desk.point(*targets_of(2)[0])
    desk.press("r", lambda: len(read_calibrations(desk.root)) == 1, "a repeated validation")
    desk.follow_targets(2)
    desk.wait(lambda: desk.count("validation_shown") == 2, "the second result")
    desk.press("m", lambda: desk.count("question") == 1, "the question why")
    desk.hand("type", "--delay", "30", "pilot with the mouse")
    desk.shoot("reason")
    desk.point(0.5, 0.49)
    desk.press("Return", lambda: desk.count("state", name="drift") == 1, "the reason")


def _first_reading(desk: Desk) -> None:
    desk.wait(lambda: desk.count("reading_start") == 1, "the first image")
    desk.shoot("reading")
    for act, cause in (
        (("click", "--repeat", "3", "4"), "zoom"),
        (("mousedown", "2", "mousemove_relative", "--sync", "60", "30", "mouseup", "2"), "pan"),
        (("mousedown", "3", "mousemove_relative", "--sync", "50", "80", "mouseup", "3"), "window"),
        *((("key", key), key) for key in ("l", "2", "3", "5", "i", "o")),
    ):
        desk.hand(*act)
        desk.wait(lambda c=cause: c in causes(desk), cause)  # type: ignore[misc]
    desk.shoot("reading-changed")
    desk.press("r", lambda: "r" in causes(desk), "reset")
    desk.hand("key", "F9")
    desk.wait(lambda: desk.count("flag") == 1, "a flag")
    desk.hand("key", "F8")
    desk.wait(lambda: desk.count("operator_command", command="pause") == 1, "a pause")
    desk.shoot("pause")
    desk.hand("key", "F8")
    desk.wait(lambda: desk.count("pause", why="asked") == 1, "the end of the pause")
    desk.press("space", lambda: desk.count("question") == 2, "the question for a note")
    desk.hand("type", "--delay", "30", "moved")
    desk.shoot("note")
    desk.press("Return", lambda: desk.count("state", name="rest") == 1, "the note")


def causes(desk: Desk) -> set[str | None]:
    return {state.cause for state in read_view_states(desk.root)}


def _break(desk: Desk) -> None:
    desk.shoot("break")
    desk.point(0.5, 0.49)
    desk.press("space", lambda: desk.count("state", name="drift") == 2, "the end of the break")
    desk.wait(lambda: desk.count("reading_start") == 2, "the second image")


def _stop(desk: Desk, outcomes: list[str]) -> None:
    desk.hand("key", "ctrl+alt+e")
    stdout, stderr = desk.program.communicate(timeout=PATIENCE_S)
    assert desk.program.returncode == 130, stderr
    root = Path(stdout.strip())
    assert problems_of(root) == []
    assert [reading.outcome for reading in readings_of(root)] == outcomes
    assert desk.count("emergency_stop") == 1
    first, second = (r for r in read_calibrations(root) if r.kind == "validation")
    assert not first.accepted
    assert second.accepted
    assert "pilot with the mouse" in str(second.reason)
    copy = desk.folder / "backup" / root.name
    assert "the backup is whole" in stderr
    assert problems_of(copy) == []


def _resume(desk: Desk) -> None:
    """Go on with the reading that was cut, by a simulated reader."""
    earlier = desk.root
    more = ("--tracker", "simulated", "--headless", "--speed", "30", "--resume", "--json")
    done = subprocess.run(
        desk.run_words(*more), cwd=ROOT, capture_output=True, text=True, check=True
    )
    root = Path(json.loads(done.stdout)["session"])
    record = read_session_record(root)
    assert record.continues == read_session_record(earlier).session_id
    cut = readings_of(earlier)[-1].image_id
    assert [(r.image_id, r.outcome) for r in readings_of(root)] == [(cut, "complete")]
    assert not SessionLayout(root).lock.exists()
