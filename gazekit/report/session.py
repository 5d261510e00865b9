"""What was recorded in a sitting, and how good is it: one HTML page of a raw session folder."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from gazekit.image import read_display_png
from gazekit.model.errors import DataError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import (
    ReadingRecord,
    ViewState,
    Word,
)
from gazekit.report.chart import Series, line_chart
from gazekit.report.page import (
    Page,
    Section,
    Tile,
    card,
    facts,
    note,
    number,
    prose,
    row,
    section,
    subheading,
    tiles,
)
from gazekit.report.raw import RawSession, open_raw_session
from gazekit.report.session_calibration import calibration_section
from gazekit.report.session_deviations import deviations_of
from gazekit.report.session_figures import raw_gaze_figure, timeline
from gazekit.report.session_quality import quality_section, rate_block
from gazekit.report.session_sound import clock_section, sound_section
from gazekit.report.signal import Signal, gaps_of, per_second
from gazekit.report.table import Cell, Column, Tone, table

__all__ = ["session_page", "write_session_report"]

_MOST_READINGS = 40
_MOST_GAPS = 20
_GAP_US = 75_000


def write_session_report(session_root: str | Path, out: str | Path) -> Path:
    """Write the report of a raw session folder as one self-contained HTML page.

    Gaze on it is raw: samples as the tracker gave them, not fixations.

    Parameters
    ----------
    session_root
        The session's folder; nothing is written into it.
    out
        The page.
    """
    return session_page(open_raw_session(session_root)).write(Path(out))


def session_page(session: RawSession) -> Page:
    """Make the page of a session that is open."""
    record = session.record
    simulated = record.simulated or record.tracker.simulated
    return Page(
        kind="Session report",
        title=f"Session {record.session_id}",
        lead=(
            f"Reader {record.reader.reader_id}, {len(session.readings)} readings, "
            f"{number(session.duration_us / 60e6, 1)} minutes, {record.tracker.kind} tracker at "
            f"{number(record.tracker.rate_hz)} Hz."
        ),
        simulated="the reader and the tracker were simulated" if simulated else None,
        sections=(
            _result(session),
            _deviations(session),
            calibration_section(session),
            quality_section(session),
            _course(session),
            sound_section(session),
            clock_section(session),
            _readings(session),
            _about(session),
        ),
        foot="Raw gaze: samples as the tracker gave them, not fixations. Nothing was filtered.",
    )


def _result(session: RawSession) -> Section:
    signal, limits, plan = session.signal, session.limits, session.calibration_plan
    complete = sum(r.outcome == "complete" for r in session.readings)
    accepted = session.accepted
    accuracy = accepted.accuracy_deg if accepted else None
    gap = signal.largest_gap_us
    headline = [
        Tile(f"{complete} of {len(session.readings)}", "readings complete"),
        Tile(number(signal.time_us.size), "gaze samples"),
        Tile(
            number(signal.rate_hz, 0, unit=" Hz"),
            "effective rate",
            f"nominal {number(session.record.tracker.rate_hz)} Hz",
        ),
        _against(
            _percent(signal.loss),
            "data loss",
            signal.loss,
            limits.max_data_loss,
            _percent(limits.max_data_loss),
        ),
        _against(
            number(None if gap is None else gap / 1e6, 2, unit=" s"),
            "largest gap",
            None if gap is None else gap / 1000,
            limits.max_gap_ms,
            f"{limits.max_gap_ms / 1000:g} s",
        ),
        _against(
            number(accuracy, 2, unit="°"),
            "accuracy, last accepted validation",
            accuracy,
            plan.max_accuracy_deg,
            f"{plan.max_accuracy_deg:g}°",
        ),
        Tile(
            number(session.clock.median_us if session.clock else None, 0, unit=" µs"),
            "clock residual, median",
        ),
    ]
    return section("Result", tiles(headline), *_shown_first(session), key="result")


def _shown_first(session: RawSession) -> list[Markup]:
    """Return the serious deviations: they are read before anything else."""
    return [note(words, tone="bad") for tone, words in deviations_of(session) if tone == "bad"]


def _against(value: str, label: str, figure: float | None, limit: float, words: str) -> Tile:
    if figure is None:
        return Tile(value, label, "not known")
    within = figure <= limit
    tone: Tone = "good" if within else "bad"
    return Tile(value, label, f"{'within' if within else 'beyond'} the limit of {words}", tone)


def _deviations(session: RawSession) -> Section:
    found = deviations_of(session)
    if not found:
        words = "None: everything went as the protocol says."
        return section("Deviations from the protocol", note(words, tone="good"))
    tones: dict[Tone, str] = {"bad": "serious", "warn": "note", "quiet": "for the record"}
    rows = [[Cell(tones[tone], tone=tone), Cell(words)] for tone, words in found]
    made = table(["Weight", "What"], rows, caption=f"{len(found)} in all.", sortable=False)
    return section("Deviations from the protocol", made, key="deviations")


def _course(session: RawSession) -> Section:
    signal = session.signal
    blocks = [timeline(signal, session.readings, session.views)]
    seconds, loss, rate = per_second(signal)
    charts = []
    if seconds.size:
        # The last bin is cut short by the end of the recording, so its rate says nothing.
        charts.append(
            line_chart(
                [Series("samples", seconds[:-1], rate[:-1])],
                title="Samples each second",
                x_label="time (s)",
                y_label="Hz",
                from_zero=True,
            )
        )
        charts.append(
            line_chart(
                [Series("loss", seconds, loss * 100, 4)],
                title="Data loss each second",
                x_label="time (s)",
                y_label="%",
                limit=session.limits.max_data_loss * 100,
                from_zero=True,
            )
        )
    blocks += [row(*charts)] if charts else []
    return section("Course", *blocks, _gap_table(session), *rate_block(session))


def _gap_table(session: RawSession) -> Markup:
    gaps = gaps_of(session.signal, longer_us=_GAP_US)
    if not gaps:
        return note(f"No gap longer than {_GAP_US // 1000} ms.", tone="good")
    start = int(session.signal.time_us[0])
    return table(
        [Column("At", "s", numeric=True), Column("Length", "ms", numeric=True)],
        [
            [
                Cell(number((gap.onset_us - start) / 1e6, 2), gap.onset_us),
                Cell(number(gap.duration_us / 1000), gap.duration_us),
            ]
            for gap in gaps[:_MOST_GAPS]
        ],
        caption=f"The {min(len(gaps), _MOST_GAPS)} longest of {len(gaps)} gaps of more than "
        f"{_GAP_US // 1000} ms (a blink is such a gap).",
    )


def _readings(session: RawSession) -> Section:
    cards = [_reading(session, reading) for reading in session.readings[:_MOST_READINGS]]
    left = len(session.readings) - len(cards)
    intro = f"All {len(cards)}." if left <= 0 else f"The first {len(cards)}; {left} are not shown."
    return section("Readings", *cards, intro=intro)


def _reading(session: RawSession, reading: ReadingRecord) -> Markup:
    signal = session.signal.during(reading)
    states = [s for s in session.views if s.reading_id == reading.reading_id]
    words = [w for w in session.words if w.reading_id == reading.reading_id]
    end = reading.offset_us
    pairs: list[tuple[str, object]] = [
        ("Duration", None if end is None else f"{(end - reading.onset_us) / 1e6:.1f} s"),
        ("Samples", f"{signal.time_us.size:,}"),
        ("Data loss", _percent(signal.loss)),
        ("View changes", len(states)),
        ("Words", len(words)),
    ]
    return card(
        reading.reading_id,
        row(
            *(_gaze(session, image_id, signal) for image_id in _shown(reading, states)),
            facts(pairs) + _transcript(words),
        ),
        subtitle=f"Image {reading.image_id} · {reading.outcome}",
    )


def _shown(reading: ReadingRecord, states: Sequence[ViewState]) -> list[str]:
    """Return the images of a reading in the order in which they were shown."""
    shown = [s.image_id for s in states if s.image_id is not None]
    return list(dict.fromkeys([reading.image_id, *shown]))


def _gaze(session: RawSession, image_id: str, signal: Signal) -> Markup:
    record = session.images[image_id]
    path = SessionLayout(session.root).image(image_id)
    try:
        pixels = read_display_png(path, record).to_uint8()
    except DataError as error:
        return note(str(error), tone="warn")
    size = (float(record.width_px), float(record.height_px))
    return raw_gaze_figure(pixels, signal, session.views_on(image_id), image_size=size)


def _transcript(words: Sequence[Word]) -> Markup:
    if not words:
        return note("No dictation.")
    text = " ".join(w.text for w in words)
    for mark in ".,;:?!":
        text = text.replace(f" {mark}", mark)
    timed = sum(w.onset_us is not None for w in words)
    return (
        subheading("Dictation") + prose(text) + note(f"{timed} of {len(words)} words have a time.")
    )


def _about(session: RawSession) -> Section:
    record, screen = session.record, session.record.screen
    pairs: list[tuple[str, object]] = [
        ("Recorded at", record.created_at),
        ("Protocol", record.protocol),
        ("Protocol hash", record.protocol_sha256[:16]),
        ("Reader", record.reader.reader_id),
        ("Experience", record.reader.experience),
        ("Tracker", record.tracker.kind),
        ("Tracker model", record.tracker.model),
        ("Nominal rate", number(record.tracker.rate_hz, 0, unit=" Hz")),
        ("Screen", f"{screen.width_px} × {screen.height_px} px"),
        ("Active area", f"{screen.width_mm:g} × {screen.height_mm:g} mm"),
        ("Viewing distance", f"{screen.distance_mm:g} mm"),
        ("Seed", str(record.seed)),
        *((f"Software: {name}", version) for name, version in record.software.items()),
    ]
    return section("About the session", facts(pairs))


def _percent(share: float | None, unit: str = " %") -> str:
    return number(None if share is None else share * 100, 1, unit=unit)
