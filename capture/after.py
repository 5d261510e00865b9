"""Was the reading good enough, and is there a note to be written on it?"""

from collections.abc import Callable

from capture.reading import Reading
from capture.scene import Entry, Text
from capture.station import Station
from capture.tally import SoFar
from gazekit.model.protocol import QualityLimits

__all__ = ["after_reading", "problems_of_gaze"]

_PAGE_S = 1.0
_MS = 1000


def problems_of_gaze(found: SoFar, limits: QualityLimits) -> list[str]:
    """Return which limits of the protocol the gaze of a reading breaks, in words."""
    problems = []
    if found.data_loss is None:
        problems.append("no sample came")
    elif found.data_loss > limits.max_data_loss:
        problems.append(
            f"{found.data_loss:.0%} of the samples are lost, {limits.max_data_loss:.0%} may be"
        )
    gap_ms = found.gap_us / _MS
    if gap_ms > limits.max_gap_ms:
        problems.append(f"the longest gap is {gap_ms:.0f} ms, {limits.max_gap_ms} ms may be")
    return problems


def after_reading(station: Station, reading: Reading, report: Callable[[str], None]) -> bool:
    """Judge the gaze, ask for the note on a flag; say whether the study is to be read again."""
    found = station.tally.so_far()
    problems = problems_of_gaze(found, station.protocol.quality)
    station.mark(
        "reading_quality",
        station.clock.now_us(),
        reading_id=reading.reading_id,
        data_loss=found.data_loss,
        gap_us=found.gap_us,
        problems="; ".join(problems) or None,
    )
    _note(station, reading)
    if not problems or reading.practice:
        return False
    report(f"the gaze of {reading.reading_id} is not good: {'; '.join(problems)}")
    page = Text(
        "The gaze of this reading is not good",
        tuple(problems),
        "space: keep it and go on     r: read this image again",
    )
    return station.page(page, seconds=_PAGE_S, keys=("space", "r")) == "r"


def _note(station: Station, reading: Reading) -> None:
    """Let the operator say why the reading was flagged, where that was not said with the flag."""
    if not station.operator.unexplained:
        return
    station.operator.unexplained = False
    page = Entry("Note on this reading", ("No names.",), foot="type it, press return")
    note = station.ask(page, answer="")
    station.mark("note", station.clock.now_us(), reading_id=reading.reading_id, note=note or None)
