"""Where in the sound is each word of a text, as far as two independent looks agree?

::

    whole text, strict --> doubtful words? --> text and sound may differ: follow what is there
                                 | no                                |
                                 v                                   v
          stretch by stretch between pauses, other noise: the same place again, or none
                                 |
                                 v
          gaps between placed words that are short enough: strict, looked at twice
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gazekit.speech.decoder import Decoder, Fit, Heard
from gazekit.speech.fitting import fits, ratios
from gazekit.speech.pronounce import Phones
from gazekit.speech.sound import FRAME_HZ, RATE_HZ

__all__ = ["Place", "Placing", "Text", "place_words"]

_STEP = RATE_HZ // FRAME_HZ
_NOISE_DB = -36.0
_LEAST_NOISE = 3e-4
_LONGEST_UNTOLD = 80
_LITTLE_UNTOLD = 45
_APART = 12
_TIE = 6
_PAUSE = 35
_MARGIN = 15
_LEAST_STRETCH = 300
_LEAST_PHONES = 8
_LONGEST_BLIND_GAP = 95
_LEAST_GAP = 10
_Variants = tuple[Phones, ...]


@dataclass(frozen=True)
class Text:
    """What was dictated: of each word the ways in which it is said, in the order of the text.

    `starts`: indices of the first words of sentences, 0 first. `breaks`: behind how many words a
    punctuation mark stands, which some say by its name.
    """

    words: tuple[_Variants, ...]
    starts: tuple[int, ...]
    breaks: tuple[int, ...]

    def breaks_in(self, start: int, stop: int) -> list[int]:
        """Return the breaks among the words from `start` to before `stop`, counted from there."""
        return [at - start for at in self.breaks if start <= at <= stop]

    def sentences(self) -> list[range]:
        """Return the words of each sentence."""
        return [range(a, b) for a, b in pairwise([*self.starts, len(self.words)])]


@dataclass(frozen=True)
class Place:
    """Frames of 10 ms; they may lie between two frames. `ratio`: see `fitting`."""

    start: float
    stop: float
    ratio: float


@dataclass(frozen=True)
class Placing:
    """Places by index of the word; `unstable`: found, but not twice in the same place."""

    places: dict[int, Place]
    unstable: frozenset[int]


def place_words(
    pcm: NDArray[np.float32], voiced: NDArray[np.bool_], text: Text, decoder: Decoder
) -> Placing:
    """Return where each word is heard; a word that is not surely heard has no place.

    Parameters
    ----------
    pcm
        float32 at 16 kHz, shape (n,).
    voiced
        Of each frame of 10 ms whether somebody speaks.
    text
        What was dictated.
    decoder
        Knows how sounds sound.
    """
    look = _Look(pcm, voiced, text, decoder)
    first = look.whole()
    places: dict[int, Place] = {}
    unstable: set[int] = set()
    for stretch in _stretches(first):
        again = look.again(stretch, first, seed=2)
        doubtful = {i for i in stretch if not _agree(first[i], again.get(i), _APART)}
        third = look.again(stretch, first, seed=3, margin=2 * _MARGIN) if doubtful else {}
        for i in stretch:
            found = _settled(first[i], again.get(i), third.get(i), doubtful=i in doubtful)
            if found is None:
                unstable.add(i)
            else:
                places[i] = found
    places = _rising(places)
    places.update(look.gaps(places))
    return Placing(_rising(places), frozenset(unstable - places.keys()))


class _Look:
    """Looks at one sound for the words of one text."""

    def __init__(
        self,
        pcm: NDArray[np.float32],
        voiced: NDArray[np.bool_],
        text: Text,
        decoder: Decoder,
    ) -> None:
        self._pcm = pcm
        self._voiced = voiced
        self._text = text
        self._words = text.words
        self._decoder = decoder
        power = np.mean(pcm[: voiced.size * _STEP].reshape(-1, _STEP)[voiced] ** 2)
        self._noise = max(_LEAST_NOISE, float(np.sqrt(power)) * 10 ** (_NOISE_DB / 20))

    def whole(self) -> dict[int, Place]:
        """Place the text in the whole sound: strictly, and where that does not fit, freely."""
        pcm = self._dithered(0, None, seed=1)
        strict = self._decoder.fit(pcm, self._words, self._text.breaks)
        if strict is not None and (untold := self._untold(strict)) < _LONGEST_UNTOLD:
            anything = self._decoder.any_sounds(pcm)
            told = untold < _LITTLE_UNTOLD
            if anything is None:
                return {}
            if all(fits(strict, anything, self._text.sentences(), told=told)):
                return _places(strict, range(len(self._words)), anything)
        return self._runs(self._decoder.follow(pcm, self._words, self._text.starts))

    def _untold(self, fit: Fit) -> int:
        """Return for how long somebody speaks between two words: a sentence that is not written."""
        left = self._voiced.copy()
        for first, last in [*((word.start, word.stop) for word in fit.words), *fit.marks]:
            left[first:last] = False
        edges = np.flatnonzero(np.diff(np.concatenate([[0], left.astype(np.int8), [0]])))
        return int(np.max(edges[1::2] - edges[::2], initial=0))

    def _dithered(self, start: int, stop: int | None, *, seed: int) -> NDArray[np.int16]:
        """Add noise below speech: digital silence has no likelihood, and no search survives it."""
        part = self._pcm[start * _STEP : None if stop is None else stop * _STEP]
        noise = np.random.default_rng(seed).normal(0.0, self._noise, part.size)
        return (np.clip(part + noise, -1.0, 1.0) * np.iinfo(np.int16).max).astype(np.int16)

    def _runs(self, heard: Sequence[Heard]) -> dict[int, Place]:
        """Keep words that fit, and stand together: a short word alone is heard anywhere."""
        places = {word.index: Place(word.start, word.stop, 0.0) for word in heard}
        kept: dict[int, Place] = {}
        runs = _split(sorted(places), lambda a, b: b == a + 1 and _gap(places, a, b) < _PAUSE)
        for run in runs:
            if sum(len(self._words[i][0]) for i in run) < _LEAST_PHONES:
                continue
            start = max(0, int(places[run[0]].start) - _MARGIN)
            fitting = self._between(run, start, int(places[run[-1]].stop) + _MARGIN, seed=1)
            kept.update(
                {
                    i: Place(places[i].start, places[i].stop, place.ratio)
                    for i, place in fitting.items()
                }
            )
        return kept

    def again(
        self, stretch: Sequence[int], first: dict[int, Place], *, seed: int, margin: int = _MARGIN
    ) -> dict[int, Place]:
        """Place the words of one stretch anew, in its own sound and under other noise."""
        start = max(0, int(first[stretch[0]].start) - margin)
        pcm = self._dithered(start, int(first[stretch[-1]].stop) + margin, seed=seed)
        breaks = self._text.breaks_in(stretch[0], stretch[-1] + 1)
        heard = self._decoder.align(pcm, [self._words[i] for i in stretch], breaks) or ()
        return {
            i: Place(word.start + start, word.stop + start, first[i].ratio)
            for i, word in zip(stretch, heard, strict=False)
        }

    def gaps(self, places: dict[int, Place]) -> dict[int, Place]:
        """Place the words between placed neighbours, where these leave room enough."""
        found: dict[int, Place] = {}
        for before, after in pairwise([-1, *sorted(places), len(self._words)]):
            inside = range(before + 1, after)
            if not inside:
                continue
            start = int(places[before].stop) if before >= 0 else 0
            stop = int(places[after].start) if after in places else self._pcm.size // _STEP
            phones = sum(len(self._words[i][0]) for i in inside)
            blind = stop - start > _LONGEST_BLIND_GAP
            if stop - start >= _LEAST_GAP and not (blind and phones < _LEAST_PHONES):
                found.update(self._gap(inside, max(0, start - 3), stop + 3))
        return found

    def _gap(self, inside: Sequence[int], start: int, stop: int) -> dict[int, Place]:
        one = self._between(inside, start, stop, seed=4)
        if len(one) < len(inside):
            return {}
        two = self._between(inside, max(0, start - 2), stop + 2, seed=5)
        agree = all(_agree(one[i], two.get(i), _APART) for i in inside)
        return one if agree else {}

    def _between(self, inside: Sequence[int], start: int, stop: int, seed: int) -> dict[int, Place]:
        """Place words in a part of the sound, all of them or none."""
        pcm = self._dithered(start, stop, seed=seed)
        breaks = self._text.breaks_in(inside[0], inside[-1] + 1)
        fit = self._decoder.fit(pcm, [self._words[i] for i in inside], breaks)
        anything = None if fit is None else self._decoder.any_sounds(pcm)
        if fit is None or anything is None:
            return {}
        if not all(fits(fit, anything, [range(len(inside))], told=False)):
            return {}
        places = _places(fit, inside, anything)
        return {
            i: Place(place.start + start, place.stop + start, place.ratio)
            for i, place in places.items()
        }


def _places(fit: Fit, indices: Sequence[int], anything: NDArray[np.float64]) -> dict[int, Place]:
    found = ratios(fit, anything)
    return {
        index: Place(word.start, word.stop, ratio)
        for index, word, ratio in zip(indices, fit.words, found, strict=True)
    }


def _stretches(places: dict[int, Place]) -> list[list[int]]:
    """Split at pauses; short stretches join the one before, for means need some seconds."""
    runs = _split(sorted(places), lambda a, b: b == a + 1 and _gap(places, a, b) < _PAUSE)
    joined: list[list[int]] = []
    for run in runs:
        follows = joined and run[0] == joined[-1][-1] + 1
        if follows and _length(places, joined[-1]) < _LEAST_STRETCH:
            joined[-1].extend(run)
        else:
            joined.append(run)
    return joined


def _split(indices: Iterable[int], together: Callable[[int, int], bool]) -> list[list[int]]:
    runs: list[list[int]] = []
    for index in indices:
        if runs and together(runs[-1][-1], index):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _gap(places: dict[int, Place], before: int, after: int) -> float:
    return places[after].start - places[before].stop


def _length(places: dict[int, Place], run: Sequence[int]) -> float:
    return places[run[-1]].stop - places[run[0]].start


def _agree(one: Place, other: Place | None, most: float) -> bool:
    return other is not None and abs(one.start - other.start) <= most


def _settled(
    first: Place, second: Place | None, third: Place | None, *, doubtful: bool
) -> Place | None:
    """Return the mean of two looks that agree, None where no two do."""
    if not doubtful and second is not None:
        return _between_two(first, second)
    for one, other in ((second, third), (first, third)):
        if one is not None and other is not None and _agree(one, other, _TIE):
            return _between_two(one, other)
    return None


def _between_two(one: Place, other: Place) -> Place:
    return Place(
        (one.start + other.start) / 2,
        (one.stop + other.stop) / 2,
        min(one.ratio, other.ratio),
    )


def _rising(places: dict[int, Place]) -> dict[int, Place]:
    """Drop a word that starts before one that stands before it; end words where others start."""
    kept: dict[int, Place] = {}
    last = -1.0
    for index in sorted(places):
        if places[index].start > last:
            kept[index] = places[index]
            last = places[index].start
    order = sorted(kept)
    for before, after in pairwise(order):
        if kept[before].stop > kept[after].start:
            one = kept[before]
            kept[before] = Place(one.start, kept[after].start, one.ratio)
    return kept
