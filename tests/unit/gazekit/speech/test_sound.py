"""Is any sound file read as it sounds, and a bad one refused in one line?"""

from pathlib import Path

import numpy as np
import pytest

from gazekit.model.errors import DataError
from gazekit.speech.denoise import denoised
from gazekit.speech.loose import read_text
from gazekit.speech.sound import RATE_HZ, read_sound
from gazekit.speech.voiced import pauses, voiced_frames

soundfile = pytest.importorskip("soundfile", reason="needs soundfile, of the extra speech")


def tone(rate_hz: int, seconds: float = 1.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate_hz * seconds)) / rate_hz)


@pytest.mark.parametrize(
    ("rate_hz", "subtype", "channels", "kind"),
    [
        (16_000, "PCM_16", 1, "wav"),
        (44_100, "PCM_U8", 1, "wav"),
        (48_000, "PCM_24", 3, "wav"),
        (48_000, "PCM_16", 1, "flac"),
        (22_050, "FLOAT", 2, "wav"),
    ],
)
def test_every_kind_becomes_one_channel_at_16_khz(
    tmp_path: Path, rate_hz: int, subtype: str, channels: int, kind: str
) -> None:
    path = tmp_path / f"a.{kind}"
    samples = np.repeat(tone(rate_hz)[:, None], channels, axis=1)
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    sound = read_sound(path)
    assert sound.duration_s == pytest.approx(1.0, abs=1e-4)
    spectrum = np.abs(np.fft.rfft(sound.pcm))
    assert np.fft.rfftfreq(sound.pcm.size, 1 / RATE_HZ)[spectrum.argmax()] == pytest.approx(
        440, abs=2
    )
    assert np.abs(sound.pcm).max() == pytest.approx(0.5, abs=0.05)


def test_a_cut_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(16_000), 16_000, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:-10_000])
    sound = read_sound(path)
    assert sound.note is not None
    assert sound.note.startswith("cut")
    assert sound.duration_s < 0.8


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "empty"), (b"not a sound at all" * 10, "cannot be decoded"), (None, "no such sound")],
)
def test_what_is_no_sound_is_one_line(tmp_path: Path, data: bytes | None, what: str) -> None:
    path = tmp_path / "a.wav"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DataError, match=what) as caught:
        read_sound(path)
    assert str(tmp_path) not in str(caught.value)


def test_telephone_rates_and_below_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(4_000), 4_000)
    with pytest.raises(DataError, match="at this rate"):
        read_sound(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"Kardiomegalie, R\xfcckgang", "not UTF-8"),
        (b" \n", "empty"),
        (b"a" * (2 << 20), "too long"),
        (b"a\0b", "binary"),
    ],
)
def test_a_bad_text_is_one_line(tmp_path: Path, data: bytes, what: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(DataError, match=what):
        read_text(tmp_path / "a.txt")


def test_voice_is_told_from_pauses() -> None:
    rng = np.random.default_rng(1)
    pcm = rng.normal(0, 1e-3, 3 * RATE_HZ)
    pcm[RATE_HZ : 2 * RATE_HZ] += rng.normal(0, 0.1, RATE_HZ)
    sound = pcm.astype(np.float32)
    voiced = voiced_frames(sound, denoised(sound))
    assert voiced[105:195].all()
    (before, after) = pauses(voiced, 25)
    assert before[0] == 0
    assert abs(before[1] - 100) <= 4
    assert abs(after[0] - 200) <= 4
