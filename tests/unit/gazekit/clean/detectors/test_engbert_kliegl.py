"""Does the threshold of Engbert and Kliegl follow the noise?"""

from collections.abc import Callable
from typing import Any

from gazekit.clean.detectors.engbert_kliegl import EngbertKliegl, engbert_kliegl

Simulate = Callable[..., Any]


def test_engbert_kliegl_threshold_follows_the_noise(simulate: Simulate) -> None:
    quiet, loud = simulate(noise_deg=0.01), simulate(noise_deg=0.05)
    for truth in (quiet, loud):
        assert truth.found(engbert_kliegl(truth.gaze, truth.screen), "saccade") >= 0.9
    deaf = engbert_kliegl(loud.gaze, loud.screen, EngbertKliegl(noise_factor=1000.0))
    assert "saccade" not in deaf["kind"].to_pylist()
