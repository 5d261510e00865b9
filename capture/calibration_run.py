"""How is the tracker's own calibration run while targets are shown?"""

import threading
from collections.abc import Callable, Sequence

from capture.scene import Scene, Text
from capture.station import Aborted, Station
from capture.trackers.base import Calibrator
from gazekit.model.records import CalibrationRecord

__all__ = ["run_calibration"]

_SETTLE_S = 0.8
_Pair = tuple[float, float]


def run_calibration(
    station: Station,
    calibrator: Calibrator,
    targets: Sequence[tuple[_Pair, _Pair]],
    *,
    number: int,
    again: bool,
) -> None:
    """Run the tracker's own calibration; each attempt is recorded.

    Parameters
    ----------
    targets
        For each target its place as a share of the display and in screen pixels.
    again
        Only these points are collected anew: what the tracker has of them is discarded first.
    """
    start_us = station.clock.now_us()
    calibrator.start()
    try:
        for target, place in targets:
            if again:
                calibrator.discard(*target)
            station.hold_target(*place, _SETTLE_S)
            if not _collected(station, calibrator, target, place):
                calibrator.discard(*target)
                _collected(station, calibrator, target, place)
        done = _while_shown(station, Text("Calibrating ..."), calibrator.compute)
    finally:
        calibrator.stop()
    reason = None if done else "the tracker could not compute a calibration"
    if again and done:
        reason = f"{len(targets)} bad points alone"
    station.writer.calibration(
        CalibrationRecord(
            time_us=start_us, kind="calibration", attempt=number, accepted=done, reason=reason
        )
    )


def _collected(station: Station, calibrator: Calibrator, target: _Pair, place: _Pair) -> bool:
    scene = station.target(*place, 0.0)
    return _while_shown(station, scene, lambda: calibrator.collect(*target))


def _while_shown(station: Station, scene: Scene, work: Callable[[], bool]) -> bool:
    """Do blocking work of the tracker in a thread while frames go on."""
    result: list[bool | Exception] = []

    def run() -> None:
        try:
            result.append(work())
        except Exception as error:  # noqa: BLE001 - raised below, in the main thread
            result.append(error)

    thread = threading.Thread(target=run, name="calibration", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            station.frame(scene)
    except Aborted:
        thread.join()
        raise
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]
