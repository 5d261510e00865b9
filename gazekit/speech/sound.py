"""What is the sound of one file, as one channel at the rate of the acoustic model?"""

from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError, UnfitError

__all__ = ["FRAME_HZ", "RATE_HZ", "Sound", "read_sound", "sound_of", "soundfile_module"]

RATE_HZ = 16_000
"""The rate of the acoustic models: pocketsphinx, whisper and vosk all hear 16 kHz."""
FRAME_HZ = 100
"""Frames of analysis per second."""

_LOWEST_HZ = 8_000
_HIGHEST_HZ = 384_000


@dataclass(frozen=True)
class Sound:
    """Sound as one channel at `RATE_HZ`.

    `pcm`: float32, shape (n,), full scale is 1, no NaN. `source_rate_hz`, `source_frames`: of the
    file, before resampling. `note`: what was odd about the file but could be worked with.
    """

    pcm: NDArray[np.float32]
    source_rate_hz: int
    source_frames: int
    note: str | None = None

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.source_frames / self.source_rate_hz

    def part(self, start_s: float, stop_s: float) -> NDArray[np.float32]:
        """Return the samples from `start_s` to `stop_s`, cut at the ends of the file."""
        return self.pcm[max(0, round(start_s * RATE_HZ)) : max(0, round(stop_s * RATE_HZ))]


def read_sound(path: Path) -> Sound:
    """Read a WAV or FLAC file; several channels are averaged.

    Raises
    ------
    DataError
        Missing, empty, no sound file, or at a rate that speech cannot be heard in.
    UnfitError
        The package that reads sound is not installed.
    """
    if not path.is_file():
        raise DataError("there is no such sound file", where=path.name)
    if path.stat().st_size == 0:
        raise DataError("the sound file is empty", where=path.name, found="0 bytes")
    soundfile = soundfile_module()
    try:
        with soundfile.SoundFile(path) as file:
            rate, announced = int(file.samplerate), int(file.frames)
            samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, MemoryError) as error:
        raise DataError(
            "the sound cannot be decoded",
            where=path.name,
            expected="a WAV or FLAC file",
            remedy="convert it to 16-bit WAV, and look whether it plays",
        ) from error
    return sound_of(samples, rate, where=path.name, note=_shortness(path, samples, announced))


def sound_of(
    samples: NDArray[np.float32], rate_hz: int, *, where: object = None, note: str | None = None
) -> Sound:
    """Make a `Sound` of samples, shape (n,) or (n, channels); values that are no number are 0."""
    if not _LOWEST_HZ <= rate_hz <= _HIGHEST_HZ:
        expected = f"{_LOWEST_HZ} to {_HIGHEST_HZ} Hz"
        raise DataError(
            "speech cannot be heard at this rate",
            where=where,
            expected=expected,
            found=f"{rate_hz} Hz",
        )
    mono = samples.mean(axis=1) if samples.ndim > 1 else samples
    finite = np.isfinite(mono)
    if not finite.all():
        note = f"{np.count_nonzero(~finite)} samples are no number and count as silence"
        mono = np.where(finite, mono, 0.0)
    return Sound(_resampled(mono, rate_hz), rate_hz, mono.size, note)


def _resampled(mono: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    from scipy.signal import resample_poly

    if rate_hz == RATE_HZ or mono.size == 0:
        return mono.astype(np.float32)
    common = gcd(RATE_HZ, rate_hz)
    return resample_poly(mono, RATE_HZ // common, rate_hz // common).astype(np.float32)


def _shortness(path: Path, samples: NDArray[np.float32], announced: int) -> str | None:
    """Say that a WAV file holds less than its header announces, None where it does not."""
    head = path.open("rb")
    with head:
        start = head.read(12)
    promised = int.from_bytes(start[4:8], "little") + 8 if start[:4] == b"RIFF" else 0
    size = path.stat().st_size
    if samples.shape[0] < announced:
        return f"cut: {samples.shape[0]} of {announced} frames are there"
    if promised > size and promised < 1 << 32:
        return f"cut: {size} of {promised} bytes are there"
    return None


def soundfile_module() -> Any:  # noqa: ANN401 - the module, where it is installed
    """Return the module soundfile, else raise UnfitError."""
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise UnfitError(
            "sound files cannot be read on this machine",
            expected="the package soundfile",
            remedy="install it with: pip install 'gazekit[speech]'",
        ) from error
    return soundfile
