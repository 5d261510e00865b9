"""How loud is the microphone now, from the end of a WAV file that is still being written?"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["Level", "level_of"]

_HEADER = 4096
_SECONDS = 0.3
_FULL = 32768.0
_CLIPPED = 32760
_PCM_BITS = 16


@dataclass(frozen=True)
class Level:
    """Loudness of the last moments, in decibels below full scale; `size` is of the file."""

    rms_db: float
    peak_db: float
    clipped: bool
    size: int


def level_of(path: Path) -> Level | None:
    """Return the level of the last 0.3 s of a 16-bit WAV; None where there is nothing to hear yet.

    The header's own length is not believed: while a file grows it is wrong.
    """
    try:
        with path.open("rb", buffering=0) as file:
            head = file.read(_HEADER)
            found = _format_of(head)
            size = path.stat().st_size
            if found is None or size <= found[1]:
                return None
            wanted, start = found[0] * 2, found[1]
            file.seek(max(start, size - (size - start) % 2 - wanted))
            data = file.read(wanted)
    except OSError:
        return None
    pcm = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float64)
    if not pcm.size:
        return None
    peak = float(np.abs(pcm).max())
    rms = float(np.sqrt(np.mean(pcm**2)))
    return Level(_db(rms), _db(peak), peak >= _CLIPPED, size)


def _format_of(head: bytes) -> tuple[int, int] | None:
    """Return (values in the last moments, offset of the samples); None if not 16-bit WAV."""
    if head[:4] not in {b"RIFF", b"RF64"} or head[8:12] != b"WAVE":
        return None
    at, values = 12, 0
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        if name == b"fmt ":
            _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, at + 8)
            values = round(rate * channels * _SECONDS) if bits == _PCM_BITS else 0
        if name == b"data":
            return (values, at + 8) if values else None
        at += 8 + length + length % 2
    return None


def _db(amplitude: float) -> float:
    return float(20 * np.log10(max(amplitude, 0.5) / _FULL))
