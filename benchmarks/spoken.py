"""Which speech has onsets that are known? espeak-ng and flite, asked through their own libraries.

espeak-ng tells each word's onset by events; flite by the ends of the segments it has placed.
"""

import ctypes as ct
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazekit.speech.sound import sound_of

__all__ = ["Spoken", "missing_voices", "speak_sentence"]

_WORD_EVENT = 1
_WORDS_A_MINUTE = 1


@dataclass(frozen=True)
class Spoken:
    """Speech at 16 kHz; `onset_s`: of each token of the text, NaN where the engine tells none."""

    pcm: NDArray[np.float32]
    onset_s: NDArray[np.float64]


class _Event(ct.Structure):
    _fields_ = (
        ("type", ct.c_int),
        ("unique_identifier", ct.c_uint),
        ("text_position", ct.c_int),
        ("length", ct.c_int),
        ("audio_position", ct.c_int),
        ("sample", ct.c_int),
        ("user_data", ct.c_void_p),
        ("id", ct.c_char * 8),
    )


class _Wave(ct.Structure):
    _fields_ = (
        ("type", ct.c_char_p),
        ("sample_rate", ct.c_int),
        ("num_samples", ct.c_int),
        ("num_channels", ct.c_int),
        ("samples", ct.POINTER(ct.c_short)),
    )


_Callback = ct.CFUNCTYPE(ct.c_int, ct.POINTER(ct.c_short), ct.c_int, ct.POINTER(_Event))


def missing_voices() -> str | None:
    """Say which library is not installed; None where both are."""
    for name in ("libespeak-ng.so.1", "libflite_cmu_us_slt.so.1", "libflite_cmulex.so.1"):
        try:
            ct.CDLL(name, mode=ct.RTLD_GLOBAL) if "espeak" in name else _flite()
        except OSError:
            return f"{name} is not installed (apt packages espeak-ng, flite)"
    return None


def speak_sentence(text: str, engine: str, voice: str) -> Spoken:
    """Say `text` with ``espeak`` or ``flite`` in a voice of theirs."""
    samples, rate_hz, onsets = (_by_espeak if engine == "espeak" else _by_flite)(text, voice)
    pcm = sound_of(np.asarray(samples / 32768, np.float32), rate_hz).pcm
    return Spoken(pcm, np.array(onsets, dtype=np.float64))


@lru_cache(maxsize=1)
def _espeak() -> tuple[Any, int]:
    library = ct.CDLL("libespeak-ng.so.1")
    return library, int(library.espeak_Initialize(2, 0, None, 0))


def _by_espeak(text: str, voice: str) -> tuple[NDArray[np.int16], int, list[float]]:
    library, rate_hz = _espeak()
    pieces: list[NDArray[np.int16]] = []
    told: dict[int, float] = {}

    def hear(wave: Any, count: int, events: Any) -> int:  # noqa: ANN401 - pointers
        if wave and count > 0:
            pieces.append(np.ctypeslib.as_array(wave, (count,)).copy())
        at = 0
        while events[at].type != 0:
            if events[at].type == _WORD_EVENT:
                told.setdefault(events[at].text_position, events[at].audio_position / 1000)
            at += 1
        return 0

    callback = _Callback(hear)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise OSError(f"espeak-ng has no voice {voice}")
    library.espeak_SetParameter(_WORDS_A_MINUTE, 150, 0)
    data = text.encode()
    library.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
    library.espeak_Synchronize()
    starts = [match.start() + 1 for match in re.finditer(r"\S+", text)]
    return np.concatenate(pieces), rate_hz, [told.get(start, np.nan) for start in starts]


@lru_cache(maxsize=1)
def _flite() -> Any:  # noqa: ANN401 - a library
    library = ct.CDLL("libflite.so.1", mode=ct.RTLD_GLOBAL)
    for name in ("libflite_cmulex.so.1", "libflite_usenglish.so.1"):
        ct.CDLL(name, mode=ct.RTLD_GLOBAL)
    library.flite_init()
    for name in ("flite_synth_text", "utt_wave", "utt_relation", "relation_head", "item_next"):
        getattr(library, name).restype = ct.c_void_p
    library.ffeature_string.restype = ct.c_char_p
    library.ffeature_float.restype = ct.c_float
    return library


@lru_cache(maxsize=8)
def _flite_voice(voice: str) -> int:
    library = ct.CDLL(f"libflite_cmu_us_{voice}.so.1", mode=ct.RTLD_GLOBAL)
    register = getattr(library, f"register_cmu_us_{voice}")
    register.restype = ct.c_void_p
    return int(register(None))


def _by_flite(text: str, voice: str) -> tuple[NDArray[np.int16], int, list[float]]:
    library = _flite()
    spoken = library.flite_synth_text(text.encode(), ct.c_void_p(_flite_voice(voice)))
    wave = ct.cast(library.utt_wave(ct.c_void_p(spoken)), ct.POINTER(_Wave)).contents
    samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).copy()
    rate_hz = wave.sample_rate
    relation = library.utt_relation(ct.c_void_p(spoken), b"Word")
    item = library.relation_head(ct.c_void_p(relation))
    onsets: list[float] = []
    while item:
        # A token such as 3.5 is several words; its first has none of the same token before it.
        if library.ffeature_string(ct.c_void_p(item), b"R:Token.p.name") == b"0":
            path = b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"
            onsets.append(float(library.ffeature_float(ct.c_void_p(item), path)))
        item = library.item_next(ct.c_void_p(item))
    library.delete_utterance(ct.c_void_p(spoken))
    known = onsets if len(onsets) == len(text.split()) else [np.nan] * len(text.split())
    return samples, rate_hz, known
