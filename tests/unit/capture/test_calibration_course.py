"""Does a calibration go as the protocol and the eyes want: points, retries, the best taken back?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from capture.calibrate import target_grid
from capture.eyes import SimulatedEyes
from capture.request import SessionResult
from capture.scene import Scene, ValidationShown
from gazekit.model.errors import UnfitError
from gazekit.model.session import read_calibrations, read_events
from tests.unit.capture.conftest import PlayedCalibrator

Hand = Callable[[Scene, int], list[Any]]
Play = Callable[..., tuple[SessionResult, PlayedCalibrator]]
BAD = (0.1, 0.9)


class Keeping(PlayedCalibrator):
    """A calibration that can be kept; each leaves the error that `errors_deg` says."""

    def __init__(self, *errors_deg: float) -> None:
        super().__init__()
        self.errors_deg = errors_deg
        self.made = 0
        self.restored: list[bytes] = []

    def compute(self) -> bool:
        self.made += 1
        self._leave(self.errors_deg[self.made - 1])
        return super().compute()

    def saved(self) -> bytes | None:
        return bytes([self.made])

    def restore(self, data: bytes) -> None:
        self.restored.append(data)
        self._leave(self.errors_deg[data[0] - 1])

    def _leave(self, error_deg: float) -> None:
        offset = self.tracker._sensor.offset_deg  # noqa: SLF001 - what calibration leaves
        offset *= error_deg / np.hypot(*offset.T)[:, None]


def again(go_on: Hand, times: int) -> Hand:
    """Press r at so many validations, then what `go_on` does."""
    shown: list[Scene] = []

    def hand(scene: Scene, frame: int) -> list[Any]:
        if not isinstance(scene, ValidationShown):
            return go_on(scene, frame)
        # Of two results in a row the second is a new page, whatever the count of frames says.
        if any(scene is known for known in shown):
            return []
        shown.append(scene)
        key = "r" if len(shown) <= times else "m" if "m:" in scene.foot else "space"
        return [("key", {"key": key})]

    return hand


def collected(calls: list[str]) -> list[tuple[float, float]]:
    """Return the places that were collected, in order; one at once again counts once."""
    places = [tuple(map(float, c.split()[1:])) for c in calls if c.startswith("collect")]
    return list(dict.fromkeys(places))  # type: ignore[arg-type]


@pytest.mark.parametrize("points", [9, 13])
def test_every_point_of_the_grid_is_calibrated_and_validated(play: Play, points: int) -> None:
    result, calibrator = play(protocol=f"[calibration]\npoints = {points}\n")
    assert set(collected(calibrator.calls)) == set(target_grid(points))
    (validation,) = (
        found for found in read_calibrations(Path(result.session)) if found.kind == "validation"
    )
    assert {(p.x_norm, p.y_norm) for p in validation.points} == set(target_grid(points))
    assert len(validation.points) == 2 * points


def test_the_best_of_several_calibrations_is_taken_back(play: Play, go_on: Hand) -> None:
    calibrator = Keeping(0.95, 0.7, 0.9)
    result, _ = play(again(go_on, 3), calibrator=calibrator)
    assert calibrator.restored == [bytes([2])]
    found = read_calibrations(Path(result.session))
    assert [c.accepted for c in found if c.kind == "validation"] == [False] * 3 + [True]
    assert found[-1].kind == "drift_check" or "accepted by the operator" in (found[-1].reason or "")
    events = read_events(Path(result.session))
    (restored,) = (event for event in events if event.kind == "calibration_restored")
    assert restored.value["attempt"] == 2


def test_no_calibration_that_is_worse_than_marginal_is_taken_back(play: Play, go_on: Hand) -> None:
    calibrator = Keeping(1.6, 1.5, 1.7)
    with pytest.raises(UnfitError, match="not good enough in 3 attempts"):
        play(again(go_on, 3), calibrator=calibrator)
    assert calibrator.restored == []


def test_bad_points_alone_are_collected_again(
    play: Play, go_on: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One corner is 60 px off until it has been collected anew."""
    calibrator = Keeping(0.2, 0.2)
    honest = SimulatedEyes.gaze_at

    def gaze_at(eyes: SimulatedEyes, time_us: np.ndarray) -> Any:
        x, y, lids = honest(eyes, time_us)
        at = np.hypot(x - BAD[0] * 1920, y - BAD[1] * 1080) < 5
        return x + 60 * (at & (calibrator.made < 2)), y, lids

    monkeypatch.setattr(SimulatedEyes, "gaze_at", gaze_at)
    result, _ = play(again(go_on, 1), calibrator=calibrator)
    second = calibrator.calls.index("start", 1)
    assert set(collected(calibrator.calls[:second])) == set(target_grid(5))
    assert collected(calibrator.calls[second:]) == [BAD]
    assert f"discard {BAD[0]} {BAD[1]}" in calibrator.calls[second:]
    found = read_calibrations(Path(result.session))
    assert [c.reason for c in found if c.kind == "calibration"] == [None, "1 bad points alone"]
    assert [c.accepted for c in found if c.kind == "validation"] == [False, True]
