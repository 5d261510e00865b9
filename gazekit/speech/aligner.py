"""When was each word of a known text said? Forced alignment, the default engine."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gazekit.speech.decoder import Decoder
from gazekit.speech.denoise import denoised
from gazekit.speech.engines import Reason, SpokenWord, Transcription
from gazekit.speech.fitting import confidence_of
from gazekit.speech.placing import Place, Placing, Text, place_words
from gazekit.speech.pronounce import Pronouncer, Pronunciation
from gazekit.speech.sound import FRAME_HZ, Sound
from gazekit.speech.voiced import pauses, voiced_frames

__all__ = ["ForcedAligner"]

_ENDS = (".", "!", "?")
_MARKS = (*_ENDS, ",", ";", ":")
_FEWEST_FRAMES_A_PHONE = 3
_PAUSE = 15
_ONSET = 3


class ForcedAligner:
    """Finds the words of a text in a sound with pocketsphinx, offline.

    Raises
    ------
    UnfitError
        pocketsphinx is not installed.
    """

    name = "align"
    needs_text = True

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._pronouncer = Pronouncer(self._decoder.general)

    def transcribe(self, sound: Sound, text: str | None) -> Transcription:
        """Return the words of `text`; one that is not surely heard has a reason and no time."""
        tokens = (text or "").split()
        tell = not (text or "").isupper()
        said = [self._pronouncer.of(token, capitals_tell=tell) for token in tokens]
        spoken = [i for i, one in enumerate(said) if one is not None]
        quiet = denoised(sound.pcm)
        voiced = voiced_frames(sound.pcm, quiet)
        phones = sum(min(map(len, one.variants)) for one in said if one is not None)
        placing = Placing({}, frozenset())
        reason: Reason = "no_speech"
        if voiced.any() and phones * _FEWEST_FRAMES_A_PHONE > sound.duration_s * FRAME_HZ:
            reason = "too_short"
        elif voiced.any() and spoken:
            reason = "not_heard"
            words = tuple(one.variants for one in said if one is not None)
            part = Text(words, *_structure(tokens, spoken))
            placing = place_words(quiet, voiced, part, self._decoder)
        placing = _voiced_only(placing, pauses(voiced, _PAUSE))
        timed = _words(tokens, said, spoken, placing, reason)
        return Transcription(timed, self.name, _unwritten_s(voiced, timed), sound.note)


def _structure(tokens: list[str], spoken: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return which of the words that are said start a sentence, and behind how many are marks."""
    starts, breaks = [0], []
    for number, (before, after) in enumerate(pairwise([*spoken, len(tokens)]), start=1):
        ends = [token.rstrip("\"')]") for token in tokens[before:after]]
        if any(end.endswith(_ENDS) for end in ends) and number < len(spoken):
            starts.append(number)
        if any(end.endswith(_MARKS) for end in ends):
            breaks.append(number)
    return tuple(starts), tuple(breaks)


def _voiced_only(placing: Placing, silent: list[tuple[int, int]]) -> Placing:
    """Take off a pause that a word was stretched over: nobody says the start of one in silence."""
    places = dict(placing.places)
    for index, place in places.items():
        start, stop = place.start, place.stop
        for first, last in silent:
            if first - 2 * _ONSET <= start and start + _PAUSE <= last < stop:
                start = float(last - _ONSET)
            if start < first <= stop - _PAUSE and stop <= last + _ONSET:
                stop = float(first)
        places[index] = Place(start, stop, place.ratio)
    return Placing(places, placing.unstable)


def _words(
    tokens: list[str],
    said: list[Pronunciation | None],
    spoken: list[int],
    placing: Placing,
    reason: Reason,
) -> tuple[SpokenWord, ...]:
    number_of = {token: number for number, token in enumerate(spoken)}
    words = []
    for index, (token, one) in enumerate(zip(tokens, said, strict=True)):
        number = number_of.get(index)
        if one is None or number is None:
            words.append(SpokenWord(token, reason="no_sound"))
        elif place := placing.places.get(number):
            words.append(
                SpokenWord(
                    token,
                    onset_s=place.start / FRAME_HZ,
                    offset_s=place.stop / FRAME_HZ,
                    confidence=round(confidence_of(place.ratio), 3),
                    guessed=one.source == "rules",
                )
            )
        else:
            why: Reason = "unstable" if number in placing.unstable else reason
            words.append(SpokenWord(token, guessed=one.source == "rules", reason=why))
    return tuple(words)


def _unwritten_s(voiced: NDArray[np.bool_], words: tuple[SpokenWord, ...]) -> float:
    left = voiced.copy()
    for word in words:
        if word.onset_s is not None and word.offset_s is not None:
            left[round(word.onset_s * FRAME_HZ) : round(word.offset_s * FRAME_HZ) + 1] = False
    return float(np.count_nonzero(left)) / FRAME_HZ
