"""Has gaze drifted since the calibration? A central target before each reading; never corrected.

::

    target, 500 ms of gaze --> within the limit: go on
         ^      | not           beyond it twice: calibrate anew
         `------'
"""

from typing import Literal

import pyarrow as pa

from capture.calibrate import measure_point
from capture.station import Station
from gazekit.model.records import CalibrationRecord, ValidationPoint

__all__ = ["Drift", "check_drift"]

Drift = Literal["well", "recalibrate"]

_TRIES = 2
_SETTLE_US = 500_000
_MEASURED_US = 500_000
_SECOND_US = 1_000_000


def check_drift(station: Station) -> Drift:
    """Show a central target up to twice; every check is recorded, gaze is never shifted."""
    for attempt in range(1, _TRIES + 1):
        record = _checked(station, attempt)
        station.writer.calibration(record)
        if record.accepted:
            return "well"
    return "recalibrate"


def _checked(station: Station, attempt: int) -> CalibrationRecord:
    x, y = station.middle_px
    onset_us, _ = station.hold_target(x, y, (_SETTLE_US + _MEASURED_US) / _SECOND_US)
    samples: pa.Table = station.recorder.between(
        onset_us + _SETTLE_US, onset_us + _SETTLE_US + _MEASURED_US
    )
    screen = station.stage.viewer.screen
    target = (x / screen.width_px, y / screen.height_px)
    points = measure_point(samples, screen, target_norm=target)
    return _judged(points, station.protocol.calibration.drift_check_deg, onset_us, attempt)


def _judged(
    points: tuple[ValidationPoint, ...], limit_deg: float, time_us: int, attempt: int
) -> CalibrationRecord:
    known = [point.accuracy_deg for point in points if point.accuracy_deg is not None]
    error = sum(known) / len(known) if known else None
    reason = None
    if error is None:
        reason = "no gaze on the target"
    elif error > limit_deg:
        reason = f"drift {error:.2f} deg exceeds {limit_deg:g}"
    return CalibrationRecord(
        time_us=time_us,
        kind="drift_check",
        attempt=attempt,
        accepted=reason is None,
        points=points,
        accuracy_deg=error,
        data_loss=min(point.data_loss for point in points),
        reason=reason,
    )
