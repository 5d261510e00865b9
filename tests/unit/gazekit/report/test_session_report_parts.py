"""Does a session's report say in words what went wrong, and draw targets true to the eye?"""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from gazekit.model.clocks import clock_quality
from gazekit.model.dictation import AudioSegment
from gazekit.model.protocol import DictationPlan, ImagePlan, Protocol, QualityLimits, ReadingPlan
from gazekit.model.records import (
    CalibrationRecord,
    Event,
    EventValue,
    ScreenRecord,
    ValidationPoint,
)
from gazekit.report.raw import RawSession, open_raw_session
from gazekit.report.session_calibration import calibration_section, target_plot
from gazekit.report.session_deviations import deviations_of
from gazekit.report.session_quality import quality_section, rate_block
from gazekit.report.session_sound import clock_section, sound_section

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
SOUND = AudioSegment(
    segment=0,
    reading_id="r-0",
    nominal_rate_hz=16_000,
    channels=1,
    n_frames=160_000,
    mode="continuous",
    onset_us=0,
    rate_hz=16_000.1,
    residual_us=800.0,
    dropped_frames=0,
    clipped_share=0.0,
    level_db=-30.0,
    simulated=True,
)


@pytest.fixture
def session(make_session: Callable[..., Path]) -> RawSession:
    return open_raw_session(make_session())


def said(session: RawSession) -> str:
    return " | ".join(words for _, words in deviations_of(session))


def changed(session: RawSession, **fields: object) -> RawSession:
    return dataclasses.replace(session, **fields)  # type: ignore[arg-type]


def event(of: str, **value: str) -> Event:
    given: EventValue = {**value}
    return Event(time_us=1_000_000, kind=of, value=given)


def point(x: float, eye: str, error: float | None) -> ValidationPoint:
    return msgspec.convert(
        {
            "x_norm": x,
            "y_norm": 0.5,
            "eye": eye,
            "accuracy_deg": error,
            "rms_s2s_deg": 0.1,
            "std_deg": 0.1,
            "data_loss": 0.0,
        },
        ValidationPoint,
    )


def check(time_us: int, error: float | None, *, accepted: bool) -> CalibrationRecord:
    return CalibrationRecord(
        time_us=time_us, kind="drift_check", attempt=1, accepted=accepted, accuracy_deg=error
    )


def test_what_went_wrong_is_said_in_words_worst_first(session: RawSession) -> None:
    record = msgspec.structs.replace(session.record, closed=False)
    events = (
        event("flag", reading_id="r-1", note="cough"),
        event("emergency_stop"),
        event("tracker_notification", kind="connection_lost"),
    )
    worse = changed(session, record=record, events=events)
    words = said(worse)
    assert "was not closed" in words
    assert "flagged this (r-1): cough" in words
    assert "stopped in an emergency" in words
    assert "connection lost" in words
    tones = [tone for tone, _ in deviations_of(worse)]
    assert tones == sorted(tones, key=["bad", "warn", "quiet", "good"].index)


def test_a_reading_beyond_the_limits_is_named_and_coloured(session: RawSession) -> None:
    strict = changed(session, limits=QualityLimits(max_data_loss=0.0, max_gap_ms=1))
    first = session.readings[0].reading_id
    assert f"{first}: " in said(strict)
    page = str(quality_section(strict).blocks[0])
    assert "too much lost, gap too long" in page
    assert re.search(r'class="[^"]*bad[^"]*"[^>]*>too much lost', page)
    assert "within limits" in str(quality_section(session).blocks[0])


def test_missing_drift_checks_and_sound_are_deviations(session: RawSession) -> None:
    protocol = Protocol(
        title="t", version="1", images=ImagePlan(synthetic=2), reading=ReadingPlan(dictation=True)
    )
    bare = changed(session, protocol=protocol, words=(), calibrations=())
    assert "2 readings began without a drift check" in said(bare)
    assert "no sound was recorded" in said(bare)
    assert "how good gaze is, is not known" in said(bare)
    checks = tuple(check(r.onset_us - 1, 0.3, accepted=True) for r in session.readings)
    assert "without a drift check" not in said(changed(bare, calibrations=checks))


def test_a_reading_without_the_report_that_was_asked_is_a_deviation(session: RawSession) -> None:
    protocol = Protocol(
        title="t",
        version="1",
        images=ImagePlan(synthetic=2),
        dictation=DictationPlan(transcript=True),
    )
    first, *_ = session.readings
    asked = changed(session, protocol=protocol)
    assert "2 complete readings without the report" in said(asked)
    given = changed(asked, events=(event("report", reading_id=first.reading_id),))
    assert "1 complete reading without the report" in said(given)


def test_a_calibration_that_the_tracker_tells_is_no_deviation(session: RawSession) -> None:
    routine = event("tracker_notification", kind="calibration_mode_entered")
    assert said(changed(session, events=(routine,))) == said(changed(session, events=()))
    silent = event("tracker_notification", kind="silent")
    assert "no sample came" in said(changed(session, events=(silent,)))


def test_a_session_without_an_accepted_validation_says_so(session: RawSession) -> None:
    refused = tuple(c for c in session.calibrations if not c.accepted)
    assert "No validation was accepted; 1 refused." in said(changed(session, calibrations=refused))
    assert "1 validation refused before one was accepted" in said(session)


def test_drift_is_drawn_with_its_trend(session: RawSession) -> None:
    start = int(session.signal.time_us[0])
    checks = tuple(check(start + k * 60_000_000, 0.2 + 0.1 * k, accepted=True) for k in range(4))
    blocks = calibration_section(changed(session, calibrations=checks)).blocks
    assert any("trend +0.100° a minute" in block for block in blocks)


def test_targets_are_round_in_degrees_and_show_both_eyes() -> None:
    points = (point(0.5, "left", 0.5), point(0.5, "right", 2.0), point(0.9, "left", None))
    record = CalibrationRecord(
        time_us=0, kind="validation", attempt=1, accepted=False, points=points
    )
    drawn = str(target_plot(record, SCREEN, limit_deg=1.5))
    assert drawn.count('<circle class="target"') == 2
    assert "ellipse" not in drawn
    assert "L 0.50° R 2.00°" in drawn.replace("  ", " ")
    assert "L no data" in drawn
    radii = [float(r) for r in re.findall(r"A([\d.]+) [\d.]+ 0 0", drawn)]
    assert radii[1] / radii[0] == pytest.approx(4.0, rel=0.01)
    assert '<path class="bad"' in drawn
    ticks = set(re.findall(r">(−?\d+)°<", drawn))
    assert {"−20", "0", "20"} <= ticks


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "good"),
        ({"onset_us": None}, "no place in time"),
        ({"dropped_frames": 99}, "frames lost"),
        ({"clipped_share": 0.1}, "clipped"),
        ({"level_db": None}, "almost silent"),
        ({"residual_us": 20_000.0}, "clock unsure"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sound_is_judged(session: RawSession, changes: dict[str, float], word: str) -> None:
    segment = msgspec.structs.replace(SOUND, **changes)
    page = str(sound_section(changed(session, audio=(segment,))).blocks[0])
    assert f">{word}<" in page
    assert "(simulated)" in page


def test_clocks_are_listed_with_residual_and_steps(session: RawSession) -> None:
    at = np.arange(0, 100_000_000, 1_000_000, dtype=np.int64)
    wall = at + np.where(at > 50_000_000, 3_600_000_000, 0)
    clock = clock_quality("wall", at, wall, at + 20)
    page = str(clock_section(changed(session, other_clocks=(clock,))).blocks[0])
    assert ">wall<" in page
    assert ">1<" in page


def test_jitter_counts_what_did_not_come(session: RawSession) -> None:
    times = np.delete(np.arange(0, 3_000_000, 3_000, dtype=np.int64), [10, 11, 500])
    fewer = dataclasses.replace(
        session.signal,
        time_us=times,
        x_px=np.zeros(times.size),
        y_px=np.zeros(times.size),
        valid=np.ones(times.size, bool),
    )
    words = " ".join(map(str, rate_block(changed(session, signal=fewer))))
    assert "3 (0.30%)" in words
    assert "3.000 ms" in words
