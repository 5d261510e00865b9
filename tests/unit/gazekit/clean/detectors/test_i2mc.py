"""Does clustering find fixations through noise?"""

from collections.abc import Callable
from typing import Any

from gazekit.clean.detectors.i2mc import I2mc, i2mc

Simulate = Callable[..., Any]


def test_i2mc_bears_noise(simulate: Simulate) -> None:
    truth = simulate(noise_deg=0.3)
    assert truth.found(i2mc(truth.gaze, truth.screen)) >= 0.9
    none = i2mc(truth.gaze, truth.screen, I2mc(min_fixation_ms=10_000.0))
    assert "fixation" not in none["kind"].to_pylist()
