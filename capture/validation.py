"""How is the calibration validated before the readings: targets shown, attempts kept?"""

import random
import threading
from collections.abc import Callable

import msgspec

from capture.calibrate import judge, measure_point, target_grid
from capture.eyes import AtPoint
from capture.scene import Target, Text
from capture.station import Aborted, Station
from capture.trackers.base import Calibrator
from gazekit.model.errors import UnfitError
from gazekit.model.records import CalibrationRecord, ValidationPoint

__all__ = ["calibrate_and_validate"]

_ATTEMPTS = 3
_TARGET_S = 1.2
_MEASURED_US = (800_000, 1_100_000)
"""Part of a target's time in which gaze is measured: after the saccade to it, 300 ms."""
_SETTLE_S = 0.8


def calibrate_and_validate(station: Station, report: Callable[[str], None]) -> CalibrationRecord:
    """Calibrate where the tracker can, then validate until the limits hold; keep every attempt.

    Raises
    ------
    UnfitError
        No attempt was good enough. What was recorded is kept.
    """
    attempts = []
    for number in range(1, _ATTEMPTS + 1):
        if station.tracker.calibrator is not None:
            _calibrate(station, station.tracker.calibrator, number)
        record = _validate(station, number)
        if not record.accepted and _is_marginal(station, record) and _taken(station, record):
            reason = f"accepted by the operator: {record.reason}"
            record = msgspec.structs.replace(record, accepted=True, reason=reason)
        station.writer.calibration(record)
        attempts.append(record)
        report(_line(record))
        if record.accepted:
            return record
    raise UnfitError(
        f"the calibration was not good enough in {_ATTEMPTS} attempts",
        where="calibration",
        found=attempts[-1].reason,
        remedy="seat the reader anew, clean the glasses, and start another session",
    )


def _line(record: CalibrationRecord) -> str:
    accuracy = "unknown" if record.accuracy_deg is None else f"{record.accuracy_deg:.2f} deg"
    verdict = "accepted" if record.accepted else f"refused ({record.reason})"
    return f"validation {record.attempt}: accuracy {accuracy}, {verdict}"


def _targets(station: Station, number: int) -> list[tuple[float, float]]:
    targets = list(target_grid(station.protocol.calibration.points))
    random.Random(station.seed * 100 + number).shuffle(targets)  # noqa: S311 - an order
    return targets


def _place(station: Station, target: tuple[float, float]) -> tuple[float, float]:
    screen = station.stage.viewer.screen
    return target[0] * screen.width_px, target[1] * screen.height_px


def _validate(station: Station, number: int) -> CalibrationRecord:
    start_us = station.clock.now_us()
    plan = station.protocol.calibration
    points: list[ValidationPoint] = []
    for target in _targets(station, number):
        measured = _measured(station, target, attempt=number, repeated=False)
        if max(point.data_loss for point in measured) > plan.max_data_loss:
            measured = _measured(station, target, attempt=number, repeated=True)
        points += measured
    return judge(points, plan, time_us=start_us, attempt=number)


def _measured(
    station: Station, target: tuple[float, float], *, attempt: int, repeated: bool
) -> tuple[ValidationPoint, ...]:
    """Show a target and measure gaze on it; it is shown once more where a blink hid the eyes."""
    x, y = _place(station, target)
    onset_us, end_us = station.hold(Target(x, y), _TARGET_S, look=AtPoint(x, y))
    station.mark(
        "validation_target",
        onset_us,
        duration_us=end_us - onset_us,
        x_norm=target[0],
        y_norm=target[1],
        attempt=attempt,
        repeated=repeated,
    )
    first_us, last_us = (onset_us + part for part in _MEASURED_US)
    samples = station.recorder.between(first_us, last_us)
    return measure_point(samples, station.stage.viewer.screen, target_norm=target)


def _is_marginal(station: Station, record: CalibrationRecord) -> bool:
    plan = station.protocol.calibration
    return (
        record.accuracy_deg is not None
        and record.accuracy_deg <= plan.marginal_accuracy_deg
        and max(point.accuracy_deg or 0.0 for point in record.points) <= plan.max_point_deg
    )


def _taken(station: Station, record: CalibrationRecord) -> bool:
    """Ask the operator about a marginal result; a simulated one takes it in the end."""
    if station.simulated:
        return record.attempt == _ATTEMPTS
    page = Text(
        "The calibration is marginal",
        (record.reason or "", f"accuracy {record.accuracy_deg:.2f} degrees"),
        "m: accept it     r: repeat     escape: end the session",
    )
    return station.page(page, seconds=0.0, keys=("r", "m"), look=None) == "m"


def _calibrate(station: Station, calibrator: Calibrator, number: int) -> None:
    """Run the tracker's own calibration while the targets are shown."""
    start_us = station.clock.now_us()
    calibrator.start()
    try:
        for target in _targets(station, number):
            x, y = _place(station, target)
            station.hold(Target(x, y), _SETTLE_S)
            if not _collected(station, calibrator, target):
                calibrator.discard(*target)
                _collected(station, calibrator, target)
        done = _while_shown(station, Text("Calibrating ..."), calibrator.compute)
    finally:
        calibrator.stop()
    reason = None if done else "the tracker could not compute a calibration"
    station.writer.calibration(
        CalibrationRecord(
            time_us=start_us, kind="calibration", attempt=number, accepted=done, reason=reason
        )
    )


def _collected(station: Station, calibrator: Calibrator, target: tuple[float, float]) -> bool:
    x, y = _place(station, target)
    return _while_shown(station, Target(x, y, 6.0), lambda: calibrator.collect(*target))


def _while_shown(station: Station, scene: Target | Text, work: Callable[[], bool]) -> bool:
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
