"""What must the operator be told about a running session, in words and in a tone?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from capture.monitor.watch import Snapshot
from gazekit.model.protocol import CalibrationPlan
from gazekit.model.records import CalibrationRecord

__all__ = ["Notice", "Tone", "last_drift", "last_validation", "notices_of", "tone_of"]

Tone = Literal["good", "warn", "bad", "quiet"]

_LATE_S, _LOST_S = 1.5, 4.0
_VALID_WARN, _VALID_BAD = 0.7, 0.3
_RATE_WARN, _RATE_BAD = 0.95, 0.8
_DISK_WARN, _DISK_BAD = 5_000_000_000, 1_000_000_000
_HEAD_MM = 100.0
_QUIET_DB = -70.0
_SOUND_LATE_S = 3.0
_SAID_US = 30_000_000
"""What the session said is shown for half a minute; the log keeps it."""


@dataclass(frozen=True)
class Notice:
    """One thing that the operator is told."""

    tone: Tone
    words: str


def tone_of(value: float | None, *, warn: float, bad: float) -> Tone:
    """Judge a figure: larger is better where `warn` exceeds `bad`, else smaller is better."""
    if value is None:
        return "quiet"
    sign = 1 if warn >= bad else -1
    if sign * value < sign * bad:
        return "bad"
    return "warn" if sign * value < sign * warn else "good"


def last_validation(snapshot: Snapshot) -> CalibrationRecord | None:
    """Return the newest validation."""
    return next((c for c in reversed(snapshot.calibrations) if c.kind == "validation"), None)


def last_drift(snapshot: Snapshot) -> CalibrationRecord | None:
    """Return the newest drift check."""
    return next((c for c in reversed(snapshot.calibrations) if c.kind == "drift_check"), None)


def notices_of(snapshot: Snapshot) -> list[Notice]:
    """Return what is to be said, worst first; one notice where all is well."""
    order = {"bad": 0, "warn": 1, "quiet": 2, "good": 3}
    if snapshot.record.closed:
        return [Notice("quiet", "The session is closed. Read it with: capture report SESSION")]
    said = [
        *_program(snapshot),
        *_tracker(snapshot),
        *_head(snapshot),
        *_calibration(snapshot),
        *_sound(snapshot),
        *_disk(snapshot),
    ]
    return sorted(said, key=lambda notice: order[notice.tone]) or [
        Notice("good", "Recording: nothing to do")
    ]


def _program(snapshot: Snapshot) -> Iterator[Notice]:
    if not snapshot.running:
        yield Notice(
            "bad", "The recording program has ended without closing. Type: capture recover SESSION"
        )
    for fault in snapshot.faults:
        yield Notice("warn", f"The folder could not be read: {fault}")
    for line in snapshot.log[-20:]:
        if (line.time_us or 0) < snapshot.now_us - _SAID_US:
            continue
        if line.level in {"error", "critical"}:
            yield Notice("bad", line.message)
        elif line.level == "warning":
            yield Notice("warn", line.message)


def _tracker(snapshot: Snapshot) -> Iterator[Notice]:
    if not snapshot.running:
        return
    age = snapshot.sample_age_s
    if age is None:
        yield Notice("warn", "No gaze sample has come yet")
        return
    if age > _LATE_S:
        tone: Tone = "bad" if age > _LOST_S else "warn"
        yield Notice(tone, f"No gaze sample for {age:.0f} s: is the tracker plugged in?")
        return
    left, right = snapshot.gaze.valid
    for eye, share, other in (("left", left, right), ("right", right, left)):
        if share is not None and share < _VALID_BAD and other is not None and other >= _VALID_WARN:
            yield Notice("warn", f"The {eye} eye is not seen: check glasses, hair and seat")
    if left is not None and right is not None and max(left, right) < _VALID_BAD:
        yield Notice("bad", "Neither eye is seen: look at the screen, check the seat")
    rate, nominal = snapshot.gaze.rate_hz, snapshot.record.tracker.rate_hz
    if rate is not None and rate < _RATE_BAD * nominal:
        yield Notice("warn", f"The tracker delivers {rate:.0f} of {nominal:g} samples a second")


def _head(snapshot: Snapshot) -> Iterator[Notice]:
    head = snapshot.gaze.head_mm
    if head is None:
        return
    off = head[2] - snapshot.record.screen.distance_mm
    if abs(off) > _HEAD_MM:
        where = "far from" if off > 0 else "close to"
        yield Notice("warn", f"The head is {abs(off) / 10:.0f} cm too {where} the screen")


def _calibration(snapshot: Snapshot) -> Iterator[Notice]:
    plan = snapshot.protocol.calibration if snapshot.protocol else CalibrationPlan()
    validation, drift = last_validation(snapshot), last_drift(snapshot)
    if validation is not None and not validation.accepted:
        yield Notice("warn", f"The last validation was refused: {validation.reason}")
    if drift is not None and (drift.accuracy_deg or 0.0) > plan.drift_check_deg:
        yield Notice(
            "warn",
            f"Gaze has drifted by {drift.accuracy_deg:.2f}°, more than {plan.drift_check_deg:g}°: "
            "recalibrate",
        )


def _sound(snapshot: Snapshot) -> Iterator[Notice]:
    level = snapshot.level
    if level is None or not snapshot.running:
        return
    if snapshot.in_reading and (snapshot.silent_s or 0.0) > _SOUND_LATE_S:
        yield Notice("bad", "No sound has come for some seconds: is the microphone plugged in?")
    elif level.rms_db < _QUIET_DB and snapshot.in_reading:
        yield Notice("warn", "The microphone is silent: is it switched on?")
    elif level.clipped:
        yield Notice("warn", "The microphone is too loud: turn its gain down")


def _disk(snapshot: Snapshot) -> Iterator[Notice]:
    tone = tone_of(snapshot.disk_free, warn=_DISK_WARN, bad=_DISK_BAD)
    if tone in {"warn", "bad"}:
        yield Notice(tone, f"The disk has only {snapshot.disk_free / 1e9:.1f} GB left")
