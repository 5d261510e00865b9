"""Are words found where they were said, and none where nobody said them?"""

from functools import lru_cache

import numpy as np
import pytest

pytest.importorskip("pocketsphinx", reason="needs pocketsphinx, of the extra speech")

from benchmarks.spoken import missing_voices, speak_sentence
from gazekit.speech.aligner import ForcedAligner
from gazekit.speech.sound import RATE_HZ, Sound, sound_of

MISSING = missing_voices()
needs_voices = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
TEXT = "No pneumothorax. The heart is enlarged."


@lru_cache(maxsize=1)
def aligner() -> ForcedAligner:
    return ForcedAligner()


@lru_cache(maxsize=8)
def said(
    engine: str, voice: str, text: str = TEXT, snr_db: float | None = None
) -> tuple[Sound, np.ndarray]:
    spoken = speak_sentence(text, engine, voice)
    lead = RATE_HZ // 4
    pcm = np.pad(spoken.pcm, (lead, lead))
    if snr_db is not None:
        level = np.sqrt(np.mean(spoken.pcm**2)) * 10 ** (-snr_db / 20)
        pcm = pcm + level * pink_noise(pcm.size)
    return sound_of(pcm.astype(np.float32), RATE_HZ), spoken.onset_s + 0.25


def pink_noise(size: int) -> np.ndarray:
    bands = np.fft.rfft(np.random.default_rng(1).normal(0, 1, size))
    noise = np.fft.irfft(bands / np.sqrt(np.maximum(np.arange(bands.size), 1)), size)
    return np.asarray(noise / noise.std())


@needs_voices
@pytest.mark.parametrize(
    ("engine", "voice", "snr_db"),
    [("espeak", "en-us+f3", None), ("flite", "rms", 10)],
)
def test_onsets_are_close_to_the_truth(engine: str, voice: str, snr_db: float | None) -> None:
    sound, truth = said(engine, voice, snr_db=snr_db)
    found = aligner().transcribe(sound, TEXT)
    assert found.untimed == ()
    onsets = np.array([word.onset_s for word in found.words], dtype=float)
    errors = np.abs(onsets - truth)
    assert np.nanmean(errors) < 0.04
    assert np.nanmax(errors) < 0.15
    stops = [word.offset_s or 0 for word in found.words]
    assert all(stop > start for start, stop in zip(onsets, stops, strict=True))


@needs_voices
def test_a_text_that_was_not_said_gets_no_times() -> None:
    sound, _ = said("flite", "slt")
    found = aligner().transcribe(sound, "Old rib fractures and clips.")
    assert [word.onset_s for word in found.words] == [None] * 5
    assert {word.reason for word in found.words} == {"not_heard"}
    assert found.unwritten_s is not None
    assert found.unwritten_s > 1.2


@needs_voices
def test_a_sentence_that_was_not_said_costs_the_others_nothing() -> None:
    sound, truth = said("flite", "slt")
    text = "No pneumothorax. There are rib fractures. The heart is enlarged."
    found = aligner().transcribe(sound, text)
    timed = {word.text: word.onset_s for word in found.words if word.onset_s is not None}
    assert set(timed) <= set(TEXT.split())
    assert timed["pneumothorax."] == pytest.approx(truth[1], abs=0.1)
    assert timed["enlarged."] == pytest.approx(truth[-1], abs=0.1)


@needs_voices
def test_a_period_that_is_said_lengthens_no_word() -> None:
    sound, truth = said("flite", "slt", TEXT.replace(".", " period."))
    found = aligner().transcribe(sound, TEXT)
    stop, start = found.words[1].offset_s, found.words[2].onset_s
    assert stop is not None
    assert stop < truth[2] + 0.15
    assert start == pytest.approx(truth[3], abs=0.1)


def test_silence_noise_and_nothing_give_no_times() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.05, 2 * RATE_HZ)
    hum = 0.1 * np.sin(np.arange(2 * RATE_HZ) * 2 * np.pi * 50 / RATE_HZ)
    pink = 0.05 * pink_noise(2 * RATE_HZ)
    for pcm in (np.zeros(2 * RATE_HZ), noise, pink, hum, np.zeros(0)):
        found = aligner().transcribe(sound_of(pcm.astype(np.float32), RATE_HZ), "The heart.")
        assert [(word.onset_s, word.reason) for word in found.words] == [(None, "no_speech")] * 2


@needs_voices
def test_a_text_that_is_too_long_for_the_sound_is_refused() -> None:
    sound, _ = said("flite", "slt")
    found = aligner().transcribe(sound, TEXT * 50)
    assert {word.reason for word in found.words} == {"too_short"}


def test_a_mark_that_nobody_says_is_no_failure() -> None:
    found = aligner().transcribe(sound_of(np.zeros(RATE_HZ, np.float32), RATE_HZ), "- .")
    assert [word.reason for word in found.words] == ["no_sound"] * 2
    assert found.untimed == ()
