"""In what did a session differ from its protocol? A list of sentences, worst first."""

from collections.abc import Iterator

from gazekit.model.records import CalibrationRecord, Event, ReadingRecord
from gazekit.report.raw import RawSession
from gazekit.report.table import Tone

__all__ = ["deviations_of"]

_RATE_SHARE = 0.95
_CLIPPED = 1e-4
_RESIDUAL_US = 10_000
_ROUTINE = {"calibration_mode_entered", "calibration_mode_left", "calibration_changed"}
_OF_RECORDER: dict[str, tuple[Tone, str]] = {
    "silent": ("warn", "no sample came for some seconds."),
    "heard": ("quiet", "samples came again."),
    "recording_ended": ("quiet", "the recording that was replayed ended."),
}
_ORDER: dict[Tone, int] = {"bad": 0, "warn": 1, "quiet": 2, "good": 3}


def deviations_of(session: RawSession) -> list[tuple[Tone, str]]:
    """Return (tone, sentence) for everything that did not go as the protocol says; [] for none."""
    found = [
        *_ending(session),
        *_readings(session),
        *_unanswered(session),
        *_calibrations(session),
        *_gaze(session),
        *_sound(session),
        *_events(session),
    ]
    return sorted(found, key=lambda pair: _ORDER[pair[0]])


def _ending(session: RawSession) -> Iterator[tuple[Tone, str]]:
    record = session.record
    if not record.closed:
        yield "bad", "The session was not closed. Mend it with: capture recover SESSION"
    if record.recovered:
        yield "warn", "The session was cut and has been recovered; its end is missing."
    if record.speed != 1:
        yield "warn", f"It was recorded at {record.speed:g} times real time."
    plan = session.protocol.screen if session.protocol else None
    screen = record.screen
    if plan and (plan.width_px, plan.height_px) != (screen.width_px, screen.height_px):
        yield (
            "warn",
            f"The screen was {screen.width_px} × {screen.height_px} px, not as in the protocol.",
        )


def _readings(session: RawSession) -> Iterator[tuple[Tone, str]]:
    read = {r.image_id for r in session.readings if r.outcome == "complete"}
    missing = len(session.images) - len(read | _practised(session))
    if missing > 0:
        yield "warn", f"{missing} of {len(session.images)} images have no complete reading."
    for outcome, words in (("aborted", "broken off"), ("redone", "done again")):
        count = sum(r.outcome == outcome for r in session.readings)
        if count:
            yield "warn", f"{_count(count, 'reading')} {words}."
    over = sum(event.kind == "time_over" for event in session.events)
    if over:
        yield "warn", f"{_count(over, 'reading')} ended because the time was over."


def _unanswered(session: RawSession) -> Iterator[tuple[Tone, str]]:
    """Say which readings end without what the protocol asks after them."""
    plan = session.protocol
    if plan is None or not plan.reading.dictation:
        return
    complete = {r.reading_id for r in session.readings if r.outcome == "complete"}
    for kind, asked in (("report", plan.dictation.transcript), ("marks", plan.dictation.marks)):
        given = {e.value.get("reading_id") for e in session.events if e.kind == kind}
        left = len(complete - given)
        if asked and left:
            noun = "report" if kind == "report" else "marks"
            yield "bad", f"{_count(left, 'complete reading')} without the {noun} that was asked."


def _practised(session: RawSession) -> set[str]:
    return {r.image_id for r in session.readings if r.outcome == "practice"}


def _calibrations(session: RawSession) -> Iterator[tuple[Tone, str]]:
    plan = session.calibration_plan
    validations = [c for c in session.calibrations if c.kind == "validation"]
    if not validations:
        yield "bad", "No validation was recorded: how good gaze is, is not known."
    for record in validations:
        if record.accepted and record.reason:
            yield "warn", f"A validation was {record.reason}."
    refused = sum(not c.accepted for c in validations)
    if validations and refused == len(validations):
        yield "bad", f"No validation was accepted; {refused} refused."
    elif refused:
        yield "quiet", f"{_count(refused, 'validation')} refused before one was accepted."
    drifted = [c for c in session.calibrations if c.kind == "drift_check" and not c.accepted]
    if drifted:
        yield (
            "warn",
            f"{_count(len(drifted), 'drift check')} beyond {plan.drift_check_deg:g}°, or no gaze.",
        )
    if plan.drift_check and session.protocol is not None:
        unchecked = [r for r in session.readings if not _checked(session, r)]
        if unchecked:
            yield "warn", f"{_count(len(unchecked), 'reading')} began without a drift check."


def _checked(session: RawSession, reading: ReadingRecord) -> bool:
    """Say whether eyes were checked or validated since the reading before this one."""
    before = [r.onset_us for r in session.readings if r.onset_us < reading.onset_us]
    since = max(before, default=0)
    return any(_counts(c) and since <= c.time_us < reading.onset_us for c in session.calibrations)


def _counts(record: CalibrationRecord) -> bool:
    return record.kind in {"drift_check", "validation"}


def _gaze(session: RawSession) -> Iterator[tuple[Tone, str]]:
    signal, tracker, limits = session.signal, session.record.tracker, session.limits
    if signal.time_us.size == 0:
        yield "bad", "The session holds no gaze samples."
        return
    rate = signal.rate_hz
    if rate is not None and rate < _RATE_SHARE * tracker.rate_hz:
        yield "warn", f"The tracker delivered {rate:.0f} Hz of {tracker.rate_hz:g} Hz."
    most_s = limits.max_gap_ms / 1000
    for reading in session.readings:
        part = signal.during(reading)
        if part.loss is None:
            yield "bad", f"{reading.reading_id}: no gaze samples."
            continue
        if part.loss > limits.max_data_loss:
            yield (
                "bad",
                f"{reading.reading_id}: {part.loss:.1%} lost, {limits.max_data_loss:.0%} may be.",
            )
        gap = part.largest_gap_us
        if gap is not None and gap > most_s * 1e6:
            yield (
                "bad",
                f"{reading.reading_id}: gap of {gap / 1e6:.1f} s, {most_s:g} s may be.",
            )


def _sound(session: RawSession) -> Iterator[tuple[Tone, str]]:
    asked = session.protocol is not None and session.protocol.reading.dictation
    if asked and session.readings and not (session.audio or session.words):
        yield "warn", "The protocol asks for dictation; no sound was recorded."
    for segment in session.audio:
        name = f"Sound {segment.segment}"
        if segment.dropped_frames:
            yield "warn", f"{name}: the driver lost {segment.dropped_frames} frames."
        if segment.clipped_share > _CLIPPED:
            yield "warn", f"{name}: {segment.clipped_share:.2%} of it is clipped."
        if segment.onset_us is None:
            yield "warn", f"{name}: it has no place on the session clock."
            continue
        residual_us = segment.residual_us or 0.0
        if residual_us > _RESIDUAL_US:
            yield "warn", f"{name}: its clock is uncertain by {residual_us / 1000:.0f} ms."


def _events(session: RawSession) -> Iterator[tuple[Tone, str]]:
    for event in session.events:
        said = _event(event)
        if said is not None:
            at = session.seconds(event.time_us)
            when = "" if at is None else f"At {at:.0f} s: "
            yield said[0], f"{when}{said[1]}"


def _event(event: Event) -> tuple[Tone, str] | None:
    value = event.value
    note = f": {value.get('note')}" if value.get("note") else ""
    about = f" ({value.get('reading_id')})" if value.get("reading_id") else ""
    if event.kind == "flag" or (event.kind == "note" and note):
        return "warn", f"the operator flagged this{about}{note}."
    if event.kind == "tracker_notification":
        return _of_tracker(str(value.get("kind")))
    fixed: dict[str, tuple[Tone, str]] = {
        "emergency_stop": ("bad", "the session was stopped in an emergency."),
        "preflight_overridden": (
            "bad",
            f"a red check was overridden: {value.get('red')}; reason: {value.get('reason')}.",
        ),
        "recalibration_forced": ("quiet", f"a new calibration was forced: {value.get('why')}."),
        "drift_accepted": ("warn", "a drift beyond the limit was accepted by the operator."),
        "clock_step": ("quiet", "a clock of the computer was set; the session's own went on."),
        "microphone_lost": ("bad", f"the microphone was lost: {value.get('reason')}."),
        "microphone_back": ("quiet", "the microphone was back."),
        "audio_overflow": ("warn", "the sound driver lost frames."),
        "backup_failed": ("warn", "the backup failed."),
        "disk_low": ("warn", "the disk was almost full."),
    }
    return fixed.get(event.kind)


def _of_tracker(kind: str) -> tuple[Tone, str] | None:
    """Say what the tracker, or its recorder, said; a calibration that was asked for is none."""
    if kind in _ROUTINE:
        return None
    return _OF_RECORDER.get(kind, ("warn", f"the tracker said: {kind.replace('_', ' ')}."))


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
