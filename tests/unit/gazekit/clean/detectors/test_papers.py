"""Do the detectors of the literature find plain events, and stay calm where there is little?"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gazekit.clean import Gaze, gaze_of
from gazekit.clean.detectors.adaptive import adaptive
from gazekit.clean.detectors.engbert_kliegl import engbert_kliegl
from gazekit.clean.detectors.i2mc import i2mc
from gazekit.clean.detectors.idt import idt
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table

Simulate = Callable[..., Any]

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
DETECTORS = [
    pytest.param(adaptive, id="adaptive"),
    pytest.param(engbert_kliegl, id="engbert_kliegl"),
    pytest.param(i2mc, id="i2mc"),
    pytest.param(idt, id="idt"),
]


def _gaze(xy: Any, step_us: int = 2000) -> Gaze:
    places = np.array(xy, float).reshape(-1, 2)
    return gaze_of(np.arange(len(places), dtype=np.int64) * step_us, places, screen=SCREEN)


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("rate_hz", [250, 500, 1000])
def test_plain_fixations_are_found(simulate: Simulate, detector: Any, rate_hz: float) -> None:
    truth = simulate(rate_hz=rate_hz, jitter=0.2)
    events = detector(truth.gaze, truth.screen)
    check_table(events, "events")
    # A pursuit threshold of 2 deg/s takes some short fixations for pursuits: as published.
    least = 0.6 if detector is adaptive else 0.99
    assert truth.found(events) >= least


@pytest.mark.parametrize("detector", DETECTORS)
def test_events_follow_each_other(simulate: Simulate, detector: Any) -> None:
    truth = simulate(loss_ms=(700.0, 2000.0), noise_deg=0.05, ringing=0.08)
    rows = [r for r in detector(truth.gaze, truth.screen).to_pylist() if r["kind"] != "blink"]
    assert rows
    for before, after in pairwise(rows):
        assert before["offset_us"] <= after["onset_us"]


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize(
    "xy",
    [
        pytest.param([], id="nothing"),
        pytest.param([[1, 2]], id="one sample"),
        pytest.param([[1, 2], [5, 6]], id="two samples"),
        pytest.param([[np.nan, np.nan]] * 100, id="no gaze"),
        pytest.param([[np.nan, np.nan]] * 50 + [[5, 5]] + [[np.nan, np.nan]] * 50, id="one seen"),
    ],
)
def test_no_fixation_where_there_is_too_little(detector: Any, xy: Any) -> None:
    events = detector(_gaze(xy), SCREEN)
    check_table(events, "events")
    assert "fixation" not in events["kind"].to_pylist()


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_constant_signal_is_one_fixation(detector: Any) -> None:
    events = detector(_gaze([[300, 300]] * 300), SCREEN)
    assert events["kind"].to_pylist() == ["fixation"]
    assert events["offset_us"].to_pylist() == [600_000]
