"""Which figures does the operator see, how do they read, and how good is each?"""

from dataclasses import dataclass

from capture.monitor.judging import Tone, last_drift, last_validation, tone_of
from capture.monitor.watch import Snapshot
from gazekit.model.protocol import CalibrationPlan

__all__ = ["Figure", "figures_of"]

_ABSENT = "–"
_PERCENT = 100.0
_MINUTE_S = 60


@dataclass(frozen=True)
class Figure:
    """One figure: what it is, how it reads, a word on it, and the tone that says the same."""

    name: str
    value: str
    word: str = ""
    tone: Tone = "quiet"


def figures_of(snapshot: Snapshot) -> list[Figure]:
    """Return every figure, in the order in which they are shown."""
    return [
        _reading(snapshot),
        Figure("Elapsed", _clock(snapshot.elapsed_s)),
        _age(snapshot),
        _rate(snapshot),
        *_eyes(snapshot),
        _head(snapshot),
        _validation(snapshot),
        _drift(snapshot),
        _sound(snapshot),
        _disk(snapshot),
    ]


def _judged(name: str, value: str, tone: Tone, words: tuple[str, str, str]) -> Figure:
    """Make a figure whose word is that of its tone: good, warn, bad."""
    word = dict(zip(("good", "warn", "bad"), words, strict=True)).get(tone, "")
    return Figure(name, value, word, tone)


def _reading(snapshot: Snapshot) -> Figure:
    value = f"{snapshot.reading} of {max(len(snapshot.images), snapshot.reading)}"
    word = "running" if snapshot.in_reading else f"{snapshot.complete} complete"
    return Figure("Reading", value, word, "good" if snapshot.in_reading else "quiet")


def _age(snapshot: Snapshot) -> Figure:
    age = snapshot.sample_age_s
    if age is None:
        return Figure("Last sample", _ABSENT, "none yet", "warn")
    value = f"{age:.1f} s ago" if age < _MINUTE_S else f"{_clock(age)} ago"
    if snapshot.record.closed:
        return Figure("Last sample", value, "closed")
    tone = tone_of(age, warn=1.5, bad=4.0)
    return _judged("Last sample", value, tone, ("live", "late", "no data"))


def _rate(snapshot: Snapshot) -> Figure:
    rate, nominal = snapshot.gaze.rate_hz, snapshot.record.tracker.rate_hz
    if rate is None:
        return Figure("Rate", _ABSENT, f"of {nominal:g} Hz")
    tone = tone_of(rate / nominal, warn=0.95, bad=0.8)
    words = (f"of {nominal:g} Hz", "some missing", "many missing")
    return _judged("Rate", f"{rate:.0f} Hz", tone, words)


def _eyes(snapshot: Snapshot) -> list[Figure]:
    found = []
    for name, share in zip(("Left eye", "Right eye"), snapshot.gaze.valid, strict=True):
        value = _ABSENT if share is None else f"{share * _PERCENT:.0f} %"
        tone = tone_of(share, warn=0.7, bad=0.3)
        found.append(_judged(name, value, tone, ("seen", "often lost", "not seen")))
    return found


def _head(snapshot: Snapshot) -> Figure:
    head = snapshot.gaze.head_mm
    if head is None:
        return Figure("Head", _ABSENT, "position unknown")
    aside = f"{abs(head[0]) / 10:.0f} cm {'right' if head[0] > 0 else 'left'}"
    if abs(head[0]) < 10:  # noqa: PLR2004 - within a centimetre
        aside = "centred"
    off = abs(head[2] - snapshot.record.screen.distance_mm)
    return Figure("Head", f"{head[2] / 10:.0f} cm", aside, tone_of(off, warn=60.0, bad=150.0))


def _plan(snapshot: Snapshot) -> CalibrationPlan:
    return snapshot.protocol.calibration if snapshot.protocol else CalibrationPlan()


def _validation(snapshot: Snapshot) -> Figure:
    record = last_validation(snapshot)
    if record is None or record.accuracy_deg is None:
        return Figure("Validation", _ABSENT, "none yet" if record is None else "refused")
    value = f"{record.accuracy_deg:.2f}°"
    if not record.accepted:
        return Figure("Validation", value, "refused", "bad")
    within = record.accuracy_deg <= _plan(snapshot).max_accuracy_deg
    return Figure("Validation", value, "accepted" if within else "marginal", _ok(within=within))


def _drift(snapshot: Snapshot) -> Figure:
    record = last_drift(snapshot)
    if record is None or record.accuracy_deg is None:
        return Figure("Drift check", _ABSENT, "none yet" if record is None else "no gaze")
    within = record.accuracy_deg <= _plan(snapshot).drift_check_deg
    word = "within limit" if within else "recalibrate"
    return Figure("Drift check", f"{record.accuracy_deg:.2f}°", word, _ok(within=within))


def _ok(*, within: bool) -> Tone:
    return "good" if within else "warn"


def _sound(snapshot: Snapshot) -> Figure:
    level = snapshot.level
    if level is None:
        return Figure("Microphone", _ABSENT, "not recording")
    value = f"{level.rms_db:.0f} dB"
    if level.clipped:
        return Figure("Microphone", value, "too loud", "warn")
    return Figure("Microphone", value, "recording", "good")


def _disk(snapshot: Snapshot) -> Figure:
    tone = tone_of(snapshot.disk_free, warn=5e9, bad=1e9)
    return _judged("Disk", f"{snapshot.disk_free / 1e9:.1f} GB", tone, ("free", "low", "full"))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), _MINUTE_S)
    return f"{minutes}:{rest:02d} min"
