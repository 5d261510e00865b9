"""What was dictated in a session: its stretches of sound, its reports, the level right now."""

import re
from pathlib import Path

import msgspec
import numpy as np

from gazekit.model.dictation import AudioSegment, ReportRecord
from gazekit.model.layout import SessionLayout
from gazekit.model.stream import read_json_lines
from gazekit.model.wav import clipped_samples, tail_of_wav

__all__ = [
    "LiveLevel",
    "audio_numbers",
    "latest_reports",
    "level_db",
    "live_level",
    "read_audio_segments",
    "read_reports",
]

_NUMBER = re.compile(r"audio-(\d{3,})")
_FULL_SCALE = 32768.0


class LiveLevel(msgspec.Struct, frozen=True, kw_only=True):
    """How loud it was in the last moments: dB below full scale, and whether it was clipped.

    `db`: root mean square; `peak_db`: the loudest sample; None in digital silence.
    """

    db: float | None
    peak_db: float | None
    clipped: bool


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
    found = (_NUMBER.fullmatch(path.stem) for path in root.glob("audio-*.*"))
    return sorted({int(match.group(1)) for match in found if match})


def level_db(mean_square: float) -> float | None:
    """Return a level in dB below full scale from the mean square of 16-bit samples."""
    if mean_square <= 0:
        return None
    return float(10 * np.log10(mean_square / _FULL_SCALE**2))


def live_level(root: Path, seconds: float = 0.3) -> LiveLevel | None:
    """Return the level at the end of the newest recording of a running session; None without one.

    Reads the file that grows; the recording is not disturbed.
    """
    paths = [SessionLayout(root).audio(number, "wav") for number in audio_numbers(root)]
    growing = [path for path in paths if path.is_file()]
    if not growing:
        return None
    samples = tail_of_wav(growing[-1], seconds)
    if samples.size == 0:
        return None
    loud = samples.astype(np.float64)
    return LiveLevel(
        db=level_db(float(np.mean(loud**2))),
        peak_db=level_db(float(np.max(loud**2))),
        clipped=clipped_samples(samples) > 0,
    )
