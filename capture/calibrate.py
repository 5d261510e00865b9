"""How good is the calibration? Targets of known place are looked at, and every attempt is kept."""

import itertools
import statistics
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa

from gazekit.model.protocol import CalibrationPlan
from gazekit.model.records import CalibrationRecord, ScreenRecord, ValidationPoint
from gazekit.quality import accuracy_deg, data_loss, rms_s2s_deg, std_deg

__all__ = ["bad_targets", "judge", "measure_point", "target_grid"]

_Eye = Literal["left", "right"]
_EYES: tuple[_Eye, _Eye] = ("left", "right")

_OUTER, _MIDDLE = (0.1, 0.9), 0.5
_INNER = (0.3, 0.7)


def target_grid(points: int) -> tuple[tuple[float, float], ...]:
    """Return the targets of a 5, 9 or 13 point grid; 0 to 1 over the screen, top left origin."""
    corners = tuple((x, y) for y in _OUTER for x in _OUTER)
    centre = ((_MIDDLE, _MIDDLE),)
    if points == 5:  # noqa: PLR2004 - the grid's own name
        return centre + corners
    sides = ((_MIDDLE, 0.1), (0.1, _MIDDLE), (0.9, _MIDDLE), (_MIDDLE, 0.9))
    inner = tuple(itertools.product(_INNER, _INNER))
    return centre + corners + sides + (inner if points == 13 else ())  # noqa: PLR2004


def measure_point(
    samples: pa.Table, screen: ScreenRecord, *, target_norm: tuple[float, float]
) -> tuple[ValidationPoint, ...]:
    """Return how far each eye was from a target, and how steady.

    Parameters
    ----------
    samples
        Table ``raw_samples`` of the moments in which the target was looked at.
    screen
        The display and the viewing distance; the distance of the samples is taken where known.
    target_norm
        The target's place, 0 to 1 over the screen.
    """
    return tuple(_measure_eye(samples, screen, target_norm, eye) for eye in _EYES)


def _measure_eye(
    samples: pa.Table, screen: ScreenRecord, target_norm: tuple[float, float], eye: _Eye
) -> ValidationPoint:
    valid = samples.column(f"{eye}_gaze_valid").to_numpy()
    x = np.where(valid, samples.column(f"{eye}_gaze_x_norm").to_numpy(), np.nan) * screen.width_px
    y = np.where(valid, samples.column(f"{eye}_gaze_y_norm").to_numpy(), np.nan) * screen.height_px
    target_px = (target_norm[0] * screen.width_px, target_norm[1] * screen.height_px)
    seen = np.isfinite(x) & np.isfinite(y)
    gaze = (float(np.median(x[seen])), float(np.median(y[seen]))) if seen.any() else None
    return ValidationPoint(
        x_norm=target_norm[0],
        y_norm=target_norm[1],
        eye=eye,
        accuracy_deg=accuracy_deg(screen, x, y, target_px=target_px),
        rms_s2s_deg=rms_s2s_deg(screen, x, y),
        std_deg=std_deg(screen, x, y),
        data_loss=data_loss(seen),
        gaze_x_norm=None if gaze is None else gaze[0] / screen.width_px,
        gaze_y_norm=None if gaze is None else gaze[1] / screen.height_px,
    )


def judge(
    points: Sequence[ValidationPoint], plan: CalibrationPlan, *, time_us: int, attempt: int
) -> CalibrationRecord:
    """Return the record of a validation, accepted or refused by the protocol's limits."""
    accuracy = _mean(point.accuracy_deg for point in points)
    precision = _mean(point.rms_s2s_deg for point in points)
    loss = _mean(point.data_loss for point in points)
    reason = _reason(points, plan, accuracy, precision)
    return CalibrationRecord(
        time_us=time_us,
        kind="validation",
        attempt=attempt,
        accepted=reason is None,
        points=tuple(points),
        accuracy_deg=accuracy,
        rms_s2s_deg=precision,
        std_deg=_mean(point.std_deg for point in points),
        data_loss=loss,
        reason=reason,
    )


def bad_targets(
    points: Sequence[ValidationPoint], plan: CalibrationPlan
) -> tuple[tuple[float, float], ...]:
    """Return the targets at which an eye breaks a limit of the protocol, in their order."""
    bad = {
        (point.x_norm, point.y_norm): None
        for point in points
        if point.accuracy_deg is None
        or point.accuracy_deg > plan.max_accuracy_deg
        or (point.rms_s2s_deg or 0.0) > plan.max_rms_s2s_deg
        or point.data_loss > plan.max_data_loss
    }
    return tuple(bad)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _reason(
    points: Sequence[ValidationPoint],
    plan: CalibrationPlan,
    accuracy: float | None,
    precision: float | None,
) -> str | None:
    """Say which limit is broken, None when all hold."""
    if accuracy is None:
        return "no gaze on any target"
    worst = max(point.accuracy_deg or 0.0 for point in points)
    loss = max(point.data_loss for point in points)
    limits = (
        ("mean accuracy", accuracy, plan.max_accuracy_deg, "deg"),
        ("worst point", worst, plan.max_point_deg, "deg"),
        ("RMS-S2S", precision or 0.0, plan.max_rms_s2s_deg, "deg"),
        ("data loss at a point", loss, plan.max_data_loss, "of samples"),
    )
    broken = [
        f"{name} {value:.2f} {unit} exceeds {limit:g}"
        for name, value, limit, unit in limits
        if value > limit
    ]
    return "; ".join(broken) or None
