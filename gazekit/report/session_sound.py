"""How good is the sound of a session, and how well do its clocks agree?"""

import numpy as np
from markupsafe import Markup

from gazekit.model.dictation import AudioSegment
from gazekit.report.chart import Series, line_chart
from gazekit.report.page import Section, note, number, row, section
from gazekit.report.raw import RawSession
from gazekit.report.signal import ClockFit
from gazekit.report.table import Cell, Column, table

__all__ = ["clock_section", "sound_section"]

_CLIPPED = 1e-4
_UNSURE_US = 10_000.0
_QUIET_DB = -60.0


def sound_section(session: RawSession) -> Section:
    """Return the part of the page on the recorded sound."""
    if not session.audio:
        return section("Sound", note("No sound was recorded."))
    columns: list[Column | str] = [
        *("Stretch", "Reading", "Verdict"),
        Column("Duration", "s", numeric=True),
        Column("Level", "dB", numeric=True, meaning="root mean square below full scale"),
        Column("Clipped", "%", numeric=True),
        Column("Lost", "frames", numeric=True),
        Column("Rate", "Hz", numeric=True, meaning="fitted to the session clock"),
        Column("Clock residual", "ms", numeric=True, meaning="median distance of blocks"),
    ]
    rows = [_row(segment) for segment in session.audio]
    late = next((e.value for e in session.events if e.kind == "sync_test"), None)
    told = note(
        "The station's lateness was not measured (capture sync-test)."
        if late is None
        else f"The station records sound {late.get('offset_ms')} ms late "
        f"(± {late.get('spread_ms')} ms, sync test); times here are not corrected by it."
    )
    caption = "Each stretch lies on the session clock by one robust line through its blocks' times."
    return section("Sound", table(columns, rows, caption=caption), told)


def _row(segment: AudioSegment) -> list[Cell]:
    seconds = segment.n_frames / segment.nominal_rate_hz
    residual = None if segment.residual_us is None else segment.residual_us / 1000
    name = f"{segment.segment}{' (simulated)' if segment.simulated else ''}"
    return [
        Cell(name, segment.segment),
        Cell(segment.reading_id or "several"),
        _verdict(segment),
        Cell(number(seconds, 1), seconds),
        Cell(number(segment.level_db, 1), segment.level_db),
        Cell(number(segment.clipped_share * 100, 3), segment.clipped_share),
        Cell(number(segment.dropped_frames), segment.dropped_frames),
        Cell(number(segment.rate_hz, 2), segment.rate_hz),
        Cell(number(residual, 2), residual),
    ]


def _verdict(segment: AudioSegment) -> Cell:
    if segment.onset_us is None:
        return Cell("no place in time", tone="bad")
    broken = []
    if segment.dropped_frames:
        broken.append("frames lost")
    if segment.clipped_share > _CLIPPED:
        broken.append("clipped")
    if (segment.residual_us or 0.0) > _UNSURE_US:
        broken.append("clock unsure")
    if segment.level_db is None or segment.level_db < _QUIET_DB:
        broken.append("almost silent")
    if broken:
        return Cell(", ".join(broken), tone="warn")
    return Cell("good", tone="good")


def clock_section(session: RawSession) -> Section:
    """Return the part of the page on the clocks: the tracker's, and the host's others."""
    charts: list[Markup] = []
    rows: list[list[Cell]] = []
    if session.clock is not None:
        charts.append(_tracker_chart(session, session.clock))
        residual = session.clock.residual_us
        rows.append(_clock_row("tracker", session.clock.drift_ppm, np.abs(residual), 0))
    rows += [
        _clock_row(clock.name, clock.drift_ppm, np.abs(clock.residual_us), len(clock.steps))
        for clock in session.other_clocks
    ]
    if not rows:
        return section("Clocks", note("No pair of clock readings was recorded.", tone="warn"))
    columns: list[Column | str] = [
        "Clock",
        Column("Drift", "ppm", numeric=True),
        Column("Pairs", numeric=True),
        Column("Residual, median", "µs", numeric=True),
        Column("Residual, largest", "µs", numeric=True),
        Column("Was set", "times", numeric=True),
    ]
    made = table(columns, rows, caption="Each against the session clock, which is never set.")
    return section("Clocks", made, *([row(*charts)] if charts else []))


def _clock_row(
    name: str, drift_ppm: float, off_us: "np.ndarray[tuple[int], np.dtype[np.generic]]", steps: int
) -> list[Cell]:
    sizes = off_us.astype(np.float64)
    return [
        Cell(name),
        Cell(number(drift_ppm, 2), drift_ppm),
        Cell(number(sizes.size), sizes.size),
        Cell(number(float(np.median(sizes))), float(np.median(sizes))),
        Cell(number(float(sizes.max())), float(sizes.max())),
        Cell(str(steps), steps, tone="warn" if steps else None),
    ]


def _tracker_chart(session: RawSession, clock: ClockFit) -> Markup:
    start = session.signal.time_us[0] if session.signal.time_us.size else clock.time_us[0]
    return line_chart(
        [Series("residual", (clock.time_us - start) / 1e6, clock.residual_us, 3)],
        title="The tracker's clock pairs off the fitted line",
        x_label="time (s)",
        y_label="µs",
        caption=f"Device against session clock: drift {clock.drift_ppm:+.1f} ppm, "
        f"median residual {clock.median_us:.0f} µs.",
    )
