"""How good is the gaze of each reading, and how steady was the tracker's rate?"""

import numpy as np
from markupsafe import Markup

from gazekit.model.records import ReadingRecord
from gazekit.quality import rms_s2s_deg
from gazekit.report.chart import Series, line_chart
from gazekit.report.page import Section, facts, note, number, section, subheading
from gazekit.report.raw import RawSession
from gazekit.report.signal import Signal
from gazekit.report.table import Cell, Column, table

__all__ = ["quality_section", "rate_block", "verdict_of"]

_LATE = 1.5
_BINS = 60


def quality_section(session: RawSession) -> Section:
    """Return the part of the page that judges each reading by the protocol's limits."""
    limits = session.limits
    if not session.readings:
        return section("Quality of the readings", note("There are no readings.", tone="warn"))
    asked = f"At most {limits.max_data_loss:.0%} of samples lost"
    asked += f", no gap longer than {limits.max_gap_ms / 1000:g} s."
    columns: list[Column | str] = [
        *("Reading", "Outcome", "Verdict"),
        Column("Duration", "s", numeric=True),
        Column("Samples", numeric=True),
        Column("Data loss", "%", numeric=True),
        Column("Largest gap", "ms", numeric=True),
        Column("Rate", "Hz", numeric=True),
        Column("RMS-S2S", "deg", numeric=True, meaning="of all valid samples, saccades included"),
    ]
    rows = [_row(session, reading) for reading in session.readings]
    made = table(columns, rows, caption="The limits are those of the protocol.")
    return section("Quality of the readings", made, intro=asked, key="quality")


def _row(session: RawSession, reading: ReadingRecord) -> list[Cell]:
    part = session.signal.during(reading)
    end = reading.offset_us
    seconds = None if end is None else (end - reading.onset_us) / 1e6
    gap_ms = None if part.largest_gap_us is None else part.largest_gap_us / 1000
    rms = rms_s2s_deg(session.record.screen, part.x_px, part.y_px)
    return [
        Cell(reading.reading_id),
        Cell(reading.outcome, tone="good" if reading.outcome == "complete" else "warn"),
        _verdict(session, part),
        Cell(number(seconds, 1), seconds),
        Cell(number(part.time_us.size), part.time_us.size),
        Cell(number(None if part.loss is None else part.loss * 100, 1), part.loss),
        Cell(number(gap_ms), gap_ms),
        Cell(number(part.rate_hz), part.rate_hz),
        Cell(number(rms, 2), rms),
    ]


def verdict_of(session: RawSession, reading: ReadingRecord) -> Cell:
    """Judge a reading by the protocol's limits, in words and in colour."""
    return _verdict(session, session.signal.during(reading))


def _verdict(session: RawSession, part: Signal) -> Cell:
    limits = session.limits
    if part.loss is None:
        return Cell("no samples", tone="bad")
    broken = []
    if part.loss > limits.max_data_loss:
        broken.append("too much lost")
    if part.largest_gap_us is not None and part.largest_gap_us > limits.max_gap_ms * 1000:
        broken.append("gap too long")
    if broken:
        return Cell(", ".join(broken), tone="bad")
    return Cell("within limits", tone="good")


def rate_block(session: RawSession) -> list[Markup]:
    """Return how evenly samples came: figures of the intervals, and how they are spread."""
    times = session.signal.time_us
    if times.size < 3:  # noqa: PLR2004 - a spread needs two intervals
        return []
    steps = np.diff(times) / 1000.0
    median = float(np.median(steps))
    missing = int(np.round(steps[steps > _LATE * median] / median - 1).sum())
    pairs: list[tuple[str, object]] = [
        ("Interval, median", f"{median:.3f} ms"),
        ("Jitter (standard deviation)", f"{_jitter(steps, median) * 1000:,.1f} µs"),
        ("99th percentile", f"{np.percentile(steps, 99):.3f} ms"),
        ("Longest", f"{steps.max():,.1f} ms"),
        ("Samples that did not come", f"{missing:,} ({missing / (missing + times.size):.2%})"),
        ("Same time twice", f"{int((steps == 0).sum()):,}"),
        ("Time going back", f"{int((np.diff(times) < 0).sum()):,}"),
    ]
    return [subheading("Rate and jitter", level=3), facts(pairs), _spread(steps, median)]


def _jitter(steps: "np.ndarray[tuple[int], np.dtype[np.float64]]", median: float) -> float:
    """Return the standard deviation of the intervals between which no sample is missing."""
    return float(np.std(steps[steps <= _LATE * median]))


def _spread(steps: "np.ndarray[tuple[int], np.dtype[np.float64]]", median: float) -> Markup:
    edges = np.linspace(0.0, 2.0 * median, _BINS + 1)
    counts, _ = np.histogram(np.clip(steps, 0.0, 2.0 * median), edges)
    share = counts / steps.size * 100.0
    return line_chart(
        [Series("intervals", (edges[:-1] + edges[1:]) / 2, share)],
        title="Intervals between samples",
        x_label="ms (twice the median and more at the right edge)",
        y_label="% of intervals",
        from_zero=True,
    )
