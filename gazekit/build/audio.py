"""What does a dataset keep of the sound of a reading, where it is asked for?"""

import math

import pyarrow as pa

from gazekit.model.schemas import schema_of
from gazekit.read import ReadingInput, SoundPart
from gazekit.speech import clip_of

__all__ = ["sound_of_reading"]

_US_PER_S = 1_000_000
_TABLE = "audio"


def sound_of_reading(source: ReadingInput) -> pa.Table:
    """Make the table ``audio`` of one reading, without its ids: a row a stretch of sound.

    Frames outside the reading are cut off. A stretch that no line leads to the session clock has
    no times, and is kept only where it was recorded for this reading alone.

    Raises
    ------
    DataError
        A file of sound is missing, damaged or short.
    UnfitError
        The package that reads sound is not installed.
    """
    fields = [field for field in schema_of(_TABLE) if field.name not in _IDS]
    rows = [row for part in source.sound if (row := _row(part, source)) is not None]
    numbered = [{**row, "audio_index": index} for index, row in enumerate(rows)]
    return pa.Table.from_pylist(numbered, schema=pa.schema(fields))


_IDS = ("reading_id", "image_id", "reader_id", "patient_id", "split")


def _row(part: SoundPart, source: ReadingInput) -> dict[str, object] | None:
    segment, reading = part.segment, source.reading
    first, end = 0, segment.n_frames
    onset_us: int | None = None
    if segment.onset_us is not None and segment.rate_hz is not None:
        first, end = _inside(part, reading.onset_us, reading.offset_us)
        heard_us = segment.onset_us + first / segment.rate_hz * _US_PER_S
        onset_us = round(heard_us) - reading.onset_us
    elif segment.reading_id != reading.reading_id:
        return None
    if end <= first:
        return None
    clip = clip_of(part.path, first, end)
    return {
        "segment": segment.segment,
        "first_frame": first,
        "n_frames": clip.n_frames,
        "channels": clip.channels,
        "nominal_rate_hz": segment.nominal_rate_hz,
        "onset_us": onset_us,
        "rate_hz": segment.rate_hz if onset_us is not None else None,
        "residual_us": segment.residual_us,
        "simulated": segment.simulated,
        "pcm_sha256": clip.pcm_sha256,
        "sound": {
            "bytes": clip.data,
            "path": f"{reading.reading_id}-{segment.segment:03d}.flac",
        },
    }


def _inside(part: SoundPart, onset_us: int, offset_us: int | None) -> tuple[int, int]:
    """Return the frames that were heard within a reading, half-open."""
    segment = part.segment
    start_us, rate_hz = segment.onset_us or 0, segment.rate_hz or 0.0

    def frame(time_us: int) -> int:
        at = math.ceil((time_us - start_us) * rate_hz / _US_PER_S)
        return min(max(at, 0), segment.n_frames)

    return frame(onset_us), segment.n_frames if offset_us is None else frame(offset_us)
