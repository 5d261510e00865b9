"""Does the PsychoPy window show the image where the record says, and do hands move it?"""

import io
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from capture.soundness import problems_of
from gazekit.image import read_display_png
from gazekit.model.geometry import Affine
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ViewState
from gazekit.model.session import read_images, read_view_states, readings_of

ROOT = Path(__file__).resolve().parents[2]
CAPTURE = (sys.executable, "-c", "from capture.commands import main; main()")
PATIENCE_S = 240.0
PROTOCOL = """
title = "Test"
version = "1"
seed = 3
[images]
synthetic = 1
[reading]
fixation_ms = 100
"""


@dataclass(frozen=True)
class Running:
    """A program that records, and the folder that it records into."""

    program: subprocess.Popen[str]
    root: Path

    def views(self) -> list[ViewState]:
        return [state for state in read_view_states(self.root) if state.image_id is not None]


def wait_for(program: subprocess.Popen[str], happened: Callable[[], bool], what: str) -> None:
    give_up_s = time.monotonic() + PATIENCE_S
    while not happened():
        if program.poll() is not None:
            pytest.fail(f"the program ended before {what}: {program.communicate()[1]}")
        if time.monotonic() > give_up_s:
            pytest.fail(f"there was no {what}")
        time.sleep(0.02)


@pytest.fixture
def reading(display: str, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Return a function that starts a session in a window and waits until it shows the image."""
    programs: list[subprocess.Popen[str]] = []

    def start(*more: str) -> Running:
        protocol = tmp_path / "small.toml"
        protocol.write_text(PROTOCOL, "utf-8")
        command = (*CAPTURE, "run", str(protocol), "--reader", "R01", "--out", str(tmp_path))
        program = subprocess.Popen(
            (*command, "--tracker", "simulated", *more),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        programs.append(program)
        wait_for(program, lambda: bool(list(tmp_path.glob("ses-*/view_states.jsonl"))), "session")
        running = Running(program, next(tmp_path.glob("ses-*")))
        wait_for(program, lambda: bool(running.views()), "image")
        return running

    yield start
    for program in programs:
        if program.poll() is None:
            program.kill()
        program.communicate()


def screenshot() -> NDArray[np.float64]:
    program = shutil.which("import")
    if program is None:
        pytest.fail("imagemagick is not installed; run scripts/setup as root")
    shot = subprocess.run((program, "-window", "root", "png:-"), capture_output=True, check=True)
    return np.asarray(Image.open(io.BytesIO(shot.stdout)).convert("L"), np.float64)


def hand(*act: str) -> None:
    program = shutil.which("xdotool")
    if program is None:
        pytest.fail("xdotool is not installed; run scripts/setup as root")
    subprocess.run((program, *act), check=True)


def likeness(running: Running, view: ViewState) -> float:
    """Correlate what the screen shows with what the record says that it shows."""
    (record,) = read_images(running.root)
    image = read_display_png(SessionLayout(running.root).image(record.image_id), record)
    grey = image.to_uint8(
        low=view.window_low, high=view.window_high, inverted=view.inverted
    ).astype(np.float64)
    assert view.image_to_screen is not None
    assert view.clip_px is not None
    x0, y0, x1, y1 = (round(edge) for edge in view.clip_px)
    y, x = np.mgrid[y0 + 4 : y1 - 4 : 3, x0 + 4 : x1 - 4 : 3]
    image_x, image_y = Affine(*view.image_to_screen).undo(x + 0.5, y + 0.5)
    inside = (image_x > 2) & (image_y > 2)
    inside &= (image_x < record.width_px - 2) & (image_y < record.height_px - 2)
    places = np.stack([image_y[inside] - 0.5, image_x[inside] - 0.5])
    expected = ndimage.map_coordinates(grey, places, order=1)
    shown = screenshot()[y[inside], x[inside]]
    return float(np.corrcoef(expected, shown)[0, 1])


def test_the_screen_shows_the_image_where_the_record_says(
    reading: Callable[..., Running],
) -> None:
    running = reading("--window", "1280x800")
    first = running.views()[0]
    assert likeness(running, first) > 0.99
    assert first.clip_px is not None
    x0, y0, x1, y1 = first.clip_px
    assert (x1 - x0, y1 - y0) == (1280, 772)
    shot = screenshot()
    assert shot[: round(y0) - 1].max(initial=0) == 0
    assert shot[round(y0) + 5, round(x0) + 5] == pytest.approx(51, abs=2)

    middle = ((x0 + x1) / 2 + 40, (y0 + y1) / 2 - 60)
    hand("mousemove", str(round(middle[0])), str(round(middle[1])))
    for act, cause in (
        (("click", "--repeat", "3", "4"), "zoom"),
        (("mousedown", "1", "mousemove_relative", "--sync", "60", "30", "mouseup", "1"), "pan"),
        (("mousedown", "3", "mousemove_relative", "--sync", "50", "80", "mouseup", "3"), "window"),
        (("key", "i"), "i"),
    ):
        hand(*act)
        wait_for(running.program, lambda c=cause: c in causes(running), cause)  # type: ignore[misc]
    time.sleep(0.3)
    assert likeness(running, running.views()[-1]) > 0.99
    by_hand = [state for state in running.views() if state.input_us is not None]
    assert all(state.time_us > (state.input_us or 0) for state in by_hand)
    zoomed = next(state for state in by_hand if state.cause == "zoom")
    point = (round(middle[0]) + 0.5, round(middle[1]) + 0.5)
    before, after = (Affine(*(v.image_to_screen or ())) for v in (first, zoomed))
    assert np.allclose(before.undo(*point), after.undo(*point), atol=1e-6)

    hand("key", "space")
    stdout, stderr = running.program.communicate(timeout=PATIENCE_S)
    assert running.program.returncode == 0, stderr
    assert Path(stdout.strip()) == running.root
    assert problems_of(running.root) == []
    assert [reading.outcome for reading in readings_of(running.root)] == ["complete"]


def causes(running: Running) -> set[str | None]:
    return {state.cause for state in running.views()}


def test_escape_ends_a_fullscreen_session_properly(reading: Callable[..., Running]) -> None:
    running = reading("--speed", "3")
    (first, *_) = running.views()
    assert first.clip_px == (0.0, 0.0, 1920.0, 1052.0)
    hand("mousemove", "700", "500")
    hand("key", "Escape")
    _, stderr = running.program.communicate(timeout=PATIENCE_S)
    assert running.program.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert problems_of(running.root) == []
    assert [reading.outcome for reading in readings_of(running.root)] == ["aborted"]
