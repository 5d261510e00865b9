"""Is the level of a growing WAV that of its end, whatever its header says?"""

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from capture.monitor.sound import level_of

RATE_HZ = 16_000


def write(path: Path, pcm: NDArray[np.int16], *, bits: int = 16) -> Path:
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36, b"WAVE", b"fmt ", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, bits, b"data", 0),
    )
    path.write_bytes(head + pcm.astype("<i2").tobytes())
    return path


def test_the_level_is_that_of_the_end(tmp_path: Path) -> None:
    loud = np.full(RATE_HZ * 2, 16_384, np.int16)
    quiet = np.full(RATE_HZ, 164, np.int16)
    level = level_of(write(tmp_path / "a.wav", np.concatenate([loud, quiet])))
    assert level is not None
    assert level.rms_db == pytest.approx(-46.0, abs=0.1)
    assert not level.clipped
    level = level_of(write(tmp_path / "b.wav", np.concatenate([quiet, loud])))
    assert level is not None
    assert level.rms_db == pytest.approx(-6.02, abs=0.01)


def test_half_a_sample_at_the_end_does_not_shift_the_rest(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.full(RATE_HZ, 256, np.int16))
    with path.open("ab") as file:
        file.write(b"\x00")
    level = level_of(path)
    assert level is not None
    assert level.peak_db == pytest.approx(20 * np.log10(256 / 32768))


def test_full_scale_is_clipped(tmp_path: Path) -> None:
    level = level_of(write(tmp_path / "a.wav", np.full(800, -32768, np.int16)))
    assert level is not None
    assert level.clipped


@pytest.mark.parametrize("content", [b"", b"RIFF", b"fLaC" + bytes(100)])
def test_what_is_no_sound_yet_has_no_level(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert level_of(tmp_path / "a.wav") is None
    assert level_of(tmp_path / "none.wav") is None
    assert level_of(write(tmp_path / "deep.wav", np.zeros(9, np.int16), bits=24)) is None
