"""How is sound kept so that it opens at any moment of its recording, and after a cut?"""

import hashlib
import os
import struct
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError

__all__ = [
    "HEADER_BYTES",
    "SAMPLE_BYTES",
    "WavState",
    "WavWriter",
    "clipped_samples",
    "mend_wav",
    "read_wav",
]

SAMPLE_BYTES = 2
"""Bytes of one 16-bit sample."""

HEADER_BYTES = 44
"""Bytes before the first sample."""

_SYNC_S = 1.0
_PIECE_FRAMES = 1 << 16


@dataclass(frozen=True)
class WavState:
    """What a WAV file holds; `pcm_sha256` is over its samples as they stand in the file."""

    rate_hz: int
    channels: int
    n_frames: int
    clipped: int
    pcm_sha256: str


@final
class WavWriter:
    """Append 16-bit frames to a WAV file whose header is right after every append.

    The file is not buffered, so that what `append` has returned from outlives the death of the
    process; it is synced at least once a second. It never overwrites a file.
    """

    def __init__(self, path: Path, *, rate_hz: int, channels: int) -> None:
        self._file = path.open("xb", buffering=0)
        self._wave = wave.open(self._file, "wb")  # noqa: SIM115 - closed with this writer
        self._wave.setnchannels(channels)
        self._wave.setsampwidth(SAMPLE_BYTES)
        self._wave.setframerate(rate_hz)
        self._digest = hashlib.sha256()
        self._synced_s = time.monotonic()
        self.n_frames = 0

    @property
    def pcm_sha256(self) -> str:
        """The SHA-256 of everything appended."""
        return self._digest.hexdigest()

    def append(self, frames: NDArray[np.int16]) -> None:
        """Write frames; int16, shape (n,) or (n, channels)."""
        data = np.ascontiguousarray(frames, "<i2").tobytes()
        self._wave.writeframes(data)
        self._digest.update(data)
        self.n_frames += frames.shape[0]
        if time.monotonic() - self._synced_s >= _SYNC_S:
            self.sync()

    def sync(self) -> None:
        """Make everything appended durable now."""
        os.fsync(self._file.fileno())
        self._synced_s = time.monotonic()

    def close(self) -> None:
        """Sync and close; a second call does nothing."""
        if self._file.closed:
            return
        self._wave.close()
        self.sync()
        self._file.close()


def read_wav(path: Path) -> tuple[NDArray[np.int16], int]:
    """Read a WAV file of 16-bit samples: frames, int16, shape (n, channels), and the rate in Hz.

    Raises
    ------
    DataError
        It is no such file.
    """
    with path.open("rb") as file:
        rate_hz, channels = _format(file.read(HEADER_BYTES), path)
        data = file.read()
    frame = SAMPLE_BYTES * channels
    whole = data[: len(data) // frame * frame]
    return np.frombuffer(whole, "<i2").reshape(-1, channels), rate_hz


def mend_wav(path: Path) -> WavState:
    """Make the header say what is really there, and cut half a frame off; return what there is.

    Raises
    ------
    DataError
        Not even the format stands in it; nothing was recorded then.
    """
    with path.open("rb+") as file:
        rate_hz, channels = _format(file.read(HEADER_BYTES), path)
        frame = SAMPLE_BYTES * channels
        size = file.seek(0, os.SEEK_END)
        n_frames = (size - HEADER_BYTES) // frame
        data_bytes = n_frames * frame
        file.truncate(HEADER_BYTES + data_bytes)
        for offset, length in ((4, 36 + data_bytes), (40, data_bytes)):
            file.seek(offset)
            file.write(struct.pack("<I", length))
        file.flush()
        os.fsync(file.fileno())
    digest, clipped = _digest(path, frame)
    return WavState(rate_hz, channels, n_frames, clipped, digest)


def _format(header: bytes, path: Path) -> tuple[int, int]:
    """Read rate and channels from the header that `WavWriter` writes."""
    good = len(header) == HEADER_BYTES and header[:4] == b"RIFF" and header[8:16] == b"WAVEfmt "
    if good:
        kind, channels, rate_hz = struct.unpack_from("<HHI", header, 20)
        (bits,) = struct.unpack_from("<H", header, 34)
        good = kind == 1 and bits == 8 * SAMPLE_BYTES and channels > 0 and rate_hz > 0
    if not good or header[36:40] != b"data":
        raise DataError("not a recording of 16-bit sound", where=path.name, expected="WAV, PCM16")
    return rate_hz, channels


def _digest(path: Path, frame_bytes: int) -> tuple[str, int]:
    digest, clipped = hashlib.sha256(), 0
    with path.open("rb") as file:
        file.seek(HEADER_BYTES)
        while data := file.read(_PIECE_FRAMES * frame_bytes):
            digest.update(data)
            clipped += clipped_samples(np.frombuffer(data, "<i2"))
    return digest.hexdigest(), clipped


def clipped_samples(samples: NDArray[np.int16]) -> int:
    """Count the samples at either end of the scale."""
    limits = np.iinfo(np.int16)
    return int(np.count_nonzero((samples >= limits.max) | (samples <= limits.min)))
