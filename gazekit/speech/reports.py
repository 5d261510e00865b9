"""Which text and which sound belong to a reading, and when on the session clock is each moment?"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazekit.model.dictation import AudioSegment
from gazekit.model.errors import DataError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ReadingRecord
from gazekit.model.spoken import latest_reports, read_audio_segments
from gazekit.speech.sound import RATE_HZ, Sound, read_sound

__all__ = ["reading_sound", "reports_of", "segments_of"]

_SECOND_US = 1_000_000
_TAIL_US = 2_000_000


def reports_of(layout: SessionLayout) -> dict[str, str]:
    """Return the text of each reading as its reader left it: the last revision."""
    return {name: report.text for name, report in latest_reports(layout.root).items()}


def segments_of(layout: SessionLayout) -> list[AudioSegment]:
    """Return the stretches of sound; the last line on each counts."""
    found = read_audio_segments(layout.root)
    return list({segment.segment: segment for segment in found}.values())


def reading_sound(
    layout: SessionLayout, reading: ReadingRecord, segments: Sequence[AudioSegment]
) -> tuple[Sound, Callable[[float], int]]:
    """Return the sound of a reading, and what turns its seconds into session microseconds.

    Stretches that are the reading's own, and those of no one reading that overlap it, are laid
    behind each other with the silence between them that there was.

    Raises
    ------
    DataError
        None was recorded, none can be read, or none has a line to the session clock.
    """
    end_us = (reading.offset_us or reading.onset_us) + _TAIL_US
    mine = [s for s in segments if s.reading_id == reading.reading_id]
    mine += [s for s in segments if s.reading_id is None and _overlaps(s, reading.onset_us, end_us)]
    if not mine:
        raise DataError("no sound was recorded", where=reading.reading_id)
    timed = [s for s in mine if s.onset_us is not None and s.rate_hz]
    if not timed:
        raise DataError(
            "the sound has no line to the session clock, so that no word can have a time",
            where=reading.reading_id,
        )
    parts = [_placed(layout, s, reading.onset_us, end_us) for s in timed]
    origin = min(start for start, _ in parts)
    length = max(round((start - origin) * RATE_HZ / _SECOND_US) + p.size for start, p in parts)
    pcm = np.zeros(length, np.float32)
    for start, part in parts:
        at = round((start - origin) * RATE_HZ / _SECOND_US)
        pcm[at : at + part.size] = part
    return Sound(pcm, RATE_HZ, pcm.size), lambda second: origin + round(second * _SECOND_US)


def _overlaps(segment: AudioSegment, start_us: int, stop_us: int) -> bool:
    if segment.onset_us is None or not segment.rate_hz:
        return False
    end_us = segment.onset_us + segment.n_frames / segment.rate_hz * _SECOND_US
    return segment.onset_us < stop_us and end_us > start_us


def _placed(
    layout: SessionLayout, segment: AudioSegment, start_us: int, stop_us: int
) -> tuple[int, NDArray[np.float32]]:
    """Return when the samples start and the samples, on the session clock's own seconds."""
    sound = read_sound(_file(layout, segment))
    onset_us, rate_hz = segment.onset_us or 0, segment.rate_hz or 1.0
    # The fitted rate is the clock's; the file's own is what the device was asked for.
    drift = sound.source_rate_hz / rate_hz
    seconds = np.arange(round(sound.pcm.size * drift)) / RATE_HZ
    pcm = np.interp(seconds / drift, np.arange(sound.pcm.size) / RATE_HZ, sound.pcm)
    if segment.reading_id is not None:
        return onset_us, pcm.astype(np.float32)
    first = max(0, round((start_us - onset_us) * RATE_HZ / _SECOND_US))
    last = max(first, round((stop_us - onset_us) * RATE_HZ / _SECOND_US))
    return onset_us + round(first * _SECOND_US / RATE_HZ), pcm[first:last].astype(np.float32)


def _file(layout: SessionLayout, segment: AudioSegment) -> Path:
    wav, flac = (layout.audio(segment.segment, kind) for kind in ("wav", "flac"))
    return flac if flac.is_file() and not wav.is_file() else wav
