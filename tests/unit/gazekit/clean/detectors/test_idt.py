"""Does I-DT measure its square and its time as published?"""

from typing import Any

import numpy as np

from gazekit.clean import Gaze, gaze_of
from gazekit.clean.detectors.idt import Idt, idt
from gazekit.model.records import ScreenRecord

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


def _gaze(xy: Any, step_us: int = 2000) -> Gaze:
    places = np.array(xy, float).reshape(-1, 2)
    return gaze_of(np.arange(len(places), dtype=np.int64) * step_us, places, screen=SCREEN)


def test_idt_leaves_out_the_sample_that_breaks_the_threshold() -> None:
    gaze = _gaze([[300, 300]] * 100 + [[700, 300]] + [[1100, 300]] * 100)
    fixations = [r for r in idt(gaze, SCREEN).to_pylist() if r["kind"] == "fixation"]
    assert [(r["onset_us"], r["offset_us"]) for r in fixations] == [
        (0, 200_000),
        (202_000, 402_000),
    ]
    assert [r["x_px"] for r in fixations] == [300, 1100]


def test_idt_takes_jittered_times_and_a_wider_square() -> None:
    rng = np.random.default_rng(0)
    time = np.sort(rng.integers(0, 1_000_000, 300))
    xy = np.full((300, 2), 500.0) + rng.uniform(-15, 15, (300, 2))
    gaze = gaze_of(time, xy, screen=SCREEN)
    kinds = idt(gaze, SCREEN, Idt(dispersion_deg=3.0))["kind"].to_pylist()
    assert kinds == ["fixation"]
    assert idt(gaze, SCREEN, Idt(dispersion_deg=0.1))["kind"].to_pylist().count("fixation") == 0
