"""Which sound belongs to a reading, cut to it? Only where it is asked for: it is a voice."""

import math
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError
from gazekit.read import ReadingInput, SoundPart
from gazekit.report.replay.recording import Sound
from gazekit.speech import clip_of

__all__ = ["sounds_of_dataset", "sounds_of_input"]

_US_PER_S = 1_000_000
_COLUMNS = ("onset_us", "n_frames", "rate_hz", "nominal_rate_hz", "sound")


def sounds_of_input(source: ReadingInput, *, end_us: int) -> tuple[Sound, ...]:
    """Cut what was heard in a reading out of its session's sound.

    Parameters
    ----------
    source
        The reading.
    end_us
        Where it ends, on the session clock.

    Raises
    ------
    DataError
        There is no sound of it that has a place in time, or a file of it does not decode.
    UnfitError
        The package that reads sound is not installed.
    """
    found = [_cut(part, source.reading.onset_us, end_us) for part in source.sound]
    return _some(found, source.reading.reading_id, "replay it without --audio")


def sounds_of_dataset(dataset: Dataset, reading_id: str) -> tuple[Sound, ...]:
    """Read the sound that a dataset keeps of a reading.

    Raises
    ------
    DataError
        It keeps none, or none that has a place in time.
    """
    remedy = "build the dataset with --with-audio, or replay it without --audio"
    if "audio" not in dataset.tables:
        return _some([], reading_id, remedy)
    rows = pa.concat_tables(
        pq.read_table(path, columns=list(_COLUMNS), filters=[("reading_id", "=", reading_id)])
        for path in dataset.shards("audio")
    ).to_pylist()
    found = [
        Sound(
            onset_us=row["onset_us"],
            n_frames=row["n_frames"],
            rate_hz=row["rate_hz"],
            nominal_rate_hz=row["nominal_rate_hz"],
            data=row["sound"]["bytes"],
        )
        for row in rows
        if row["onset_us"] is not None and row["rate_hz"] is not None
    ]
    return _some(found, reading_id, remedy)


def _cut(part: SoundPart, onset_us: int, end_us: int) -> Sound | None:
    segment = part.segment
    if segment.onset_us is None or segment.rate_hz is None:
        return None
    start_us, rate_hz = segment.onset_us, segment.rate_hz

    def frame(time_us: int) -> int:
        at = math.ceil((time_us - start_us) * rate_hz / _US_PER_S)
        return min(max(at, 0), segment.n_frames)

    first, end = frame(onset_us), frame(end_us)
    if end <= first:
        return None
    clip = clip_of(Path(part.path), first, end)
    heard_us = round(start_us + first / rate_hz * _US_PER_S)
    return Sound(heard_us - onset_us, clip.n_frames, rate_hz, segment.nominal_rate_hz, clip.data)


def _some(found: Sequence[Sound | None], reading_id: str, remedy: str) -> tuple[Sound, ...]:
    sounds = tuple(one for one in found if one is not None)
    if not sounds:
        raise DataError("no sound that has a place in time", where=reading_id, remedy=remedy)
    return sounds
