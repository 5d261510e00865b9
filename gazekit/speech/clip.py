"""What was said during a reading, as FLAC that holds nothing beside the sound?"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.files import sha256_bytes
from gazekit.speech.sound import soundfile_module

__all__ = ["Clip", "clip_of", "pcm_of"]


@dataclass(frozen=True)
class Clip:
    """Frames of a recording: `data` is FLAC; `pcm_sha256` is over its 16-bit samples, decoded."""

    data: bytes
    n_frames: int
    channels: int
    pcm_sha256: str


def clip_of(path: Path, first: int, end: int) -> Clip:
    """Cut frames `first` to `end` (half-open) out of a recording of 16-bit samples.

    The sound is encoded anew, so that no tag of the file comes along.

    Raises
    ------
    DataError
        The file is missing, is no sound, or is shorter.
    UnfitError
        The package that reads sound is not installed.
    """
    soundfile = soundfile_module()
    try:
        with soundfile.SoundFile(path) as file:
            rate = int(file.samplerate)
            file.seek(first)
            pcm = file.read(end - first, dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
        raise DataError("the sound cannot be decoded", where=path.name) from error
    if pcm.shape[0] != end - first:
        raise DataError(
            "the sound is shorter than the session says",
            where=path.name,
            expected=f"{end} frames",
            found=first + pcm.shape[0],
        )
    sink = io.BytesIO()
    soundfile.write(sink, pcm, rate, format="FLAC", subtype="PCM_16")
    return Clip(sink.getvalue(), pcm.shape[0], pcm.shape[1], _digest(pcm))


def pcm_of(data: bytes) -> tuple[NDArray[np.int16], str]:
    """Decode FLAC: int16, shape (frames, channels), and the SHA-256 of the samples.

    Raises
    ------
    DataError
        It does not decode.
    """
    soundfile = soundfile_module()
    try:
        pcm, _ = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise DataError("the sound does not decode") from error
    return pcm, _digest(pcm)


def _digest(pcm: NDArray[np.int16]) -> str:
    return sha256_bytes(pcm.astype("<i2").tobytes())
