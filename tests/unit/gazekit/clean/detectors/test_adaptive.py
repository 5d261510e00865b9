"""Does the adaptive detector tell oscillations and pursuits?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gazekit.clean import Gaze, gaze_of
from gazekit.clean.detectors.adaptive import Adaptive, adaptive
from gazekit.model.records import ScreenRecord

Simulate = Callable[..., Any]

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


def _gaze(xy: Any, step_us: int = 2000) -> Gaze:
    places = np.array(xy, float).reshape(-1, 2)
    return gaze_of(np.arange(len(places), dtype=np.int64) * step_us, places, screen=SCREEN)


def test_adaptive_tells_oscillations_and_pursuits(simulate: Simulate) -> None:
    truth = simulate(ringing=0.1)
    kinds = adaptive(truth.gaze, truth.screen)["kind"].to_pylist()
    assert kinds.count("pso") >= 0.8 * len(truth.saccades)
    moving = np.column_stack([300 + np.arange(1000) * 0.5, np.full(1000, 500.0)])
    assert adaptive(_gaze(moving), SCREEN)["kind"].to_pylist() == ["pursuit"]
    still = adaptive(_gaze(moving), SCREEN, Adaptive(pursuit_deg_s=None))
    assert still["kind"].to_pylist() == ["fixation"]
