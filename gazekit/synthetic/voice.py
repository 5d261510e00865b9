"""What does a simulated reader sound like? A function of session time whose onsets are known."""

import io
import shutil
import subprocess
import threading
import wave
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError, UnfitError
from gazekit.model.records import Word
from gazekit.synthetic.dictation import SpokenSentence

__all__ = ["Utterance", "Voice", "bursts", "clicks", "synthesised"]

_Floats = NDArray[np.float64]

_RATE_HZ = 16_000
_PITCHES_HZ = (118.0, 131.0, 147.0, 165.0)
_LOUD = 0.25
_EDGE_MS = 2.0
_PAUSE_US = 120_000
_WORDS_PER_MINUTE = 190
_KEPT_US = 5_000_000


@dataclass(frozen=True)
class Utterance:
    """A piece of sound: float64 samples, -1 to 1, from `onset_us` on the session clock on."""

    onset_us: int
    rate_hz: int
    samples: _Floats

    @property
    def offset_us(self) -> int:
        """When it ends."""
        return self.onset_us + round(self.samples.size / self.rate_hz * 1_000_000)


class Voice:
    """Everything that is said, as a function of time; may be told and asked by two threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: list[Utterance] = []

    def say(self, utterances: Iterable[Utterance]) -> None:
        """Say these at their times, which lie ahead."""
        with self._lock:
            self._said.extend(utterances)

    def at(self, time_us: _Floats) -> _Floats:
        """Return the sound at rising moments of the session clock; float64, shape (n,), -1 to 1.

        What ended long before the first moment is forgotten.
        """
        heard = np.zeros(time_us.size)
        if not time_us.size:
            return heard
        first, last = float(time_us[0]), float(time_us[-1])
        with self._lock:
            self._said = [u for u in self._said if u.offset_us > first - _KEPT_US]
            near = [u for u in self._said if u.onset_us <= last and u.offset_us >= first]
        for utterance in near:
            place = (time_us - utterance.onset_us) * (utterance.rate_hz / 1_000_000)
            samples = utterance.samples
            heard += np.interp(place, np.arange(samples.size), samples, left=0.0, right=0.0)
        return np.clip(heard, -1.0, 1.0)


def bursts(words: Sequence[Word], onset_us: int) -> list[Utterance]:
    """Return planned words as buzzes, each from its word's onset to its offset.

    Parameters
    ----------
    words
        Times from the reading's onset; a word without time makes no sound.
    onset_us
        The reading's onset on the session clock.
    """
    return [
        Utterance(onset_us + word.onset_us, _RATE_HZ, _buzz(word.offset_us - word.onset_us, index))
        for index, word in enumerate(words)
        if word.onset_us is not None and word.offset_us is not None
    ]


def clicks(times_us: Iterable[int], *, length_us: int = 20_000) -> list[Utterance]:
    """Return short buzzes that begin at these moments of the session clock."""
    return [Utterance(time_us, _RATE_HZ, _buzz(length_us, 0)) for time_us in times_us]


def synthesised(sentences: Sequence[SpokenSentence], onset_us: int) -> list[Utterance]:
    """Return the sentences as speech that espeak-ng synthesises, each at its planned onset.

    A sentence that would begin before the last one has ended waits until it has; onsets of words
    are the synthesiser's, not the plan's.

    Raises
    ------
    UnfitError
        There is no espeak-ng.
    DataError
        It gave no sound.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        remedy = "install espeak-ng, or take --microphone simulated"
        raise UnfitError("speech cannot be synthesised", expected="espeak-ng", remedy=remedy)
    spoken: list[Utterance] = []
    for sentence in sentences:
        samples, rate_hz = _espeak(program, sentence.text)
        earliest = spoken[-1].offset_us + _PAUSE_US if spoken else 0
        begin = max(onset_us + sentence.onset_us, earliest)
        spoken.append(Utterance(begin, rate_hz, samples))
    return spoken


def _buzz(length_us: int, index: int) -> _Floats:
    """Return harmonics under an envelope that rises within 2 ms."""
    count = max(2, round(length_us * _RATE_HZ / 1_000_000))
    seconds = np.arange(count) / _RATE_HZ
    pitch = _PITCHES_HZ[index % len(_PITCHES_HZ)]
    # Sines that begin at 0 together rise at once; cosines would not, but click.
    wave_ = sum(np.sin(2 * np.pi * pitch * k * seconds) / k for k in range(1, 12))
    edge = max(1, round(_EDGE_MS * _RATE_HZ / 1000))
    envelope = np.minimum(1.0, np.minimum(np.arange(count) + 1, count - np.arange(count)) / edge)
    buzz: _Floats = _LOUD * np.asarray(wave_) * envelope
    return buzz


def _espeak(program: str, text: str) -> tuple[_Floats, int]:
    made = subprocess.run(  # noqa: S603 - the program was looked up, the text is a planned sentence
        [program, "--stdout", "-v", "en-us+f3", "-s", str(_WORDS_PER_MINUTE), "--", text],
        capture_output=True,
        check=False,
        timeout=60,
    )
    try:
        with wave.open(io.BytesIO(made.stdout)) as file:
            rate_hz, data = file.getframerate(), file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise DataError("espeak-ng gave no sound", found=f"exit code {made.returncode}") from error
    samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float64) / 32768.0
    return samples, rate_hz
