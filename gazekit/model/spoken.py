"""What was dictated in a session: its stretches of sound and its reports."""

from pathlib import Path

import numpy as np

from gazekit.model.dictation import AudioSegment, ReportRecord
from gazekit.model.layout import SessionLayout
from gazekit.model.stream import read_json_lines

__all__ = [
    "audio_numbers",
    "latest_reports",
    "level_db",
    "read_audio_segments",
    "read_reports",
]

_FULL_SCALE = 32768.0


def read_audio_segments(root: Path) -> list[AudioSegment]:
    """Read the stretches of sound of a session, in the order in which they were closed."""
    return read_json_lines(SessionLayout(root).audio_segments, AudioSegment)


def read_reports(root: Path) -> list[ReportRecord]:
    """Read every revision of every report of a session."""
    return read_json_lines(SessionLayout(root).reports, ReportRecord)


def latest_reports(root: Path) -> dict[str, ReportRecord]:
    """Return the last revision of each reading's report, by the reading's id."""
    latest: dict[str, ReportRecord] = {}
    for report in read_reports(root):
        known = latest.get(report.reading_id)
        if known is None or report.revision >= known.revision:
            latest[report.reading_id] = report
    return latest


def audio_numbers(root: Path) -> list[int]:
    """Return the numbers of the stretches of sound that have a file, rising."""
    layout = SessionLayout(root)
    paths = layout.audio_files("wav") + layout.audio_files("flac")
    return sorted({int(path.stem.rpartition("-")[2]) for path in paths})


def level_db(mean_square: float) -> float | None:
    """Return a level in dB below full scale from the mean square of 16-bit samples."""
    if mean_square <= 0:
        return None
    return float(10 * np.log10(mean_square / _FULL_SCALE**2))
