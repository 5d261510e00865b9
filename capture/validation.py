"""How is the calibration made and validated: targets shown, results seen, attempts kept?

::

    calibrate (all points; then bad ones alone) --> validate --> page: figures and plot
         ^                                                         | r  | m: typed reason
         `---------------------------------------------------------'    | space
         after the last attempt: the best one is taken back, or the session ends
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from capture.calibrate import bad_targets, judge, measure_point, target_grid
from capture.calibration_run import run_calibration
from capture.scene import Entry, ValidationShown
from capture.station import PROCEED, Station
from capture.trackers.base import Calibrator, KeepsCalibration
from gazekit.model.errors import UnfitError
from gazekit.model.protocol import CalibrationPlan
from gazekit.model.records import CalibrationRecord, ValidationPoint

__all__ = ["calibrate_and_validate", "place_of"]

_TARGET_S = 1.2
_MEASURED_US = (800_000, 1_100_000)
"""Part of a target's time in which gaze is measured: after the saccade to it, 300 ms."""
_PAGE_S = 1.0
_MOST_BAD_SHARE = 0.5
_Report = Callable[[str], None]


@dataclass(frozen=True)
class _Attempt:
    record: CalibrationRecord
    saved: bytes | None


def calibrate_and_validate(station: Station, report: _Report) -> CalibrationRecord:
    """Calibrate where the tracker can, then validate until the limits hold; keep every attempt.

    Raises
    ------
    UnfitError
        No attempt was good enough. What was recorded is kept.
    """
    attempts: list[_Attempt] = []
    plan = station.protocol.calibration
    only: tuple[tuple[float, float], ...] = ()
    for number in range(1, plan.attempts + 1):
        saved = _calibrated(station, number, only)
        found = _validate(station, number)
        record = _decided(station, found, last=number == plan.attempts)
        report(_line(record))
        if record.accepted:
            return record
        attempts.append(_Attempt(record, saved))
        only = _worth_retrying(record, plan)
    return _best_of(station, attempts, report)


def place_of(station: Station, target: tuple[float, float]) -> tuple[float, float]:
    """Return the screen pixels of a target that is given as a share of the screen."""
    screen = station.stage.viewer.screen
    return target[0] * screen.width_px, target[1] * screen.height_px


def _line(record: CalibrationRecord) -> str:
    accuracy = "unknown" if record.accuracy_deg is None else f"{record.accuracy_deg:.2f} deg"
    verdict = "accepted" if record.accepted else f"refused ({record.reason})"
    return f"validation {record.attempt}: accuracy {accuracy}, {verdict}"


def _targets(station: Station, what: str, number: int) -> list[tuple[float, float]]:
    targets = list(target_grid(station.protocol.calibration.points))
    station.random(what, number).shuffle(targets)
    return targets


def _calibrated(
    station: Station, number: int, only: tuple[tuple[float, float], ...]
) -> bytes | None:
    """Calibrate, bad points alone where some are named; return what the tracker can keep of it."""
    calibrator = station.tracker.calibrator
    if calibrator is None:
        return None
    targets = _targets(station, "calibration", number)
    run_calibration(
        station,
        calibrator,
        [(target, place_of(station, target)) for target in targets if not only or target in only],
        number=number,
        again=bool(only),
    )
    return calibrator.saved() if isinstance(calibrator, KeepsCalibration) else None


def _worth_retrying(
    record: CalibrationRecord, plan: CalibrationPlan
) -> tuple[tuple[float, float], ...]:
    """Return the bad points where they are few; () calls for the whole calibration again."""
    bad = bad_targets(record.points, plan)
    return bad if len(bad) <= _MOST_BAD_SHARE * plan.points else ()


def _validate(station: Station, number: int) -> CalibrationRecord:
    start_us = station.clock.now_us()
    plan = station.protocol.calibration
    points: list[ValidationPoint] = []
    for target in _targets(station, "validation", number):
        measured = _measured(station, target, attempt=number, repeated=False)
        if max(point.data_loss for point in measured) > plan.max_data_loss:
            measured = _measured(station, target, attempt=number, repeated=True)
        points += measured
    return judge(points, plan, time_us=start_us, attempt=number)


def _measured(
    station: Station, target: tuple[float, float], *, attempt: int, repeated: bool
) -> tuple[ValidationPoint, ...]:
    """Show a target and measure gaze on it; it is shown once more where a blink hid the eyes."""
    x, y = place_of(station, target)
    onset_us, end_us = station.hold_target(x, y, _TARGET_S)
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


def _decided(station: Station, record: CalibrationRecord, *, last: bool) -> CalibrationRecord:
    """Show the result, let the operator decide, and write what was decided."""
    decided = msgspec.structs.replace(record, accepted=False, reason="the session ended here")
    try:
        decided = _asked(station, record, last=last)
    finally:
        station.writer.calibration(decided)
    return decided


def _asked(station: Station, record: CalibrationRecord, *, last: bool) -> CalibrationRecord:
    plan = station.protocol.calibration
    station.mark("validation_shown", station.clock.now_us(), attempt=record.attempt)
    if record.accepted:
        foot = "space: go on     r: calibrate again"
        shown = ValidationShown(record, plan, foot)
        if station.page(shown, seconds=_PAGE_S, keys=(*PROCEED, "r")) == "r":
            reason = "repeated by the operator"
            return msgspec.structs.replace(record, accepted=False, reason=reason)
        return record
    again = "end here" if last else "calibrate again"
    marginal = _is_marginal(record, plan)
    # A simulated operator repeats until the last attempt, and takes that where it is marginal.
    keys = ("m", "r") if marginal and last else ("r", "m") if marginal else ("r",)
    foot = f"m: accept with a reason     r: {again}" if marginal else f"r: {again}"
    page = ValidationShown(record, plan, foot)
    if station.page(page, seconds=_PAGE_S, keys=keys) == "m":
        return _taken(station, record)
    return record


def _is_marginal(record: CalibrationRecord, plan: CalibrationPlan) -> bool:
    return (
        record.accuracy_deg is not None
        and record.accuracy_deg <= plan.marginal_accuracy_deg
        and max(point.accuracy_deg or 0.0 for point in record.points) <= plan.max_point_deg
    )


def _taken(station: Station, record: CalibrationRecord) -> CalibrationRecord:
    """Let the operator type why a marginal result is taken; the reason is recorded."""
    page = Entry(
        "Why is this calibration accepted?",
        (record.reason or "",),
        foot="type a reason, then press return",
    )
    reason = station.ask(
        page,
        answer="simulated operator",
        check=lambda text: "" if len(text) >= 3 else "a reason is needed",  # noqa: PLR2004
    )
    why = f"accepted by the operator: {reason} ({record.reason})"
    return msgspec.structs.replace(record, accepted=True, reason=why)


def _best_of(station: Station, attempts: list[_Attempt], report: _Report) -> CalibrationRecord:
    """Give the tracker back its best calibration where that is marginal at least, or end."""
    plan = station.protocol.calibration
    usable = [a for a in attempts if a.saved is not None and _is_marginal(a.record, plan)]
    calibrator: Calibrator | None = station.tracker.calibrator
    if usable and isinstance(calibrator, KeepsCalibration):
        best = min(usable, key=lambda attempt: attempt.record.accuracy_deg or 0.0)
        calibrator.restore(best.saved or b"")
        station.mark("calibration_restored", station.clock.now_us(), attempt=best.record.attempt)
        report(f"calibration {best.record.attempt} is taken back: it was the best")
        decided = _decided(station, best.record, last=True)
        if decided.accepted:
            return decided
    raise UnfitError(
        f"the calibration was not good enough in {plan.attempts} attempts",
        where="calibration",
        found=attempts[-1].record.reason,
        remedy="seat the reader anew, clean the glasses, and start another session",
    )
