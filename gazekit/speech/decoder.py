"""Where does pocketsphinx hear a given sequence of words, and how well do they fit the sound?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import UnfitError
from gazekit.speech.pronounce import PHONES, Phones
from gazekit.speech.sound import FRAME_HZ, RATE_HZ

__all__ = ["Decoder", "Fit", "Heard"]

_LEAST_FRAMES = 8
_LOOP = "phone_"
_TOKEN = "token_"  # noqa: S105 - a word of the transcript
_MARK = "mark_"
_MARKS = (
    "P IH R IY AH D",
    "K AA M AH",
    "F UH L S T AA P",
    "S EH M IY K OW L AH N",
    "K OW L AH N",
    "N UW P EH R AH G R AE F",
    "N UW L AY N",
    "N EH K S T L AY N",
)
_MARK_SAID = 1e-6
_BEAMS = {"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80}
_ANY_SOUND = "aa ah ay b d er f iy k l m n p r s sh t uw v z".split()  # noqa: SIM905 - reads better
_STRAY = 1e-3
_SWAPPED = 1e-8
_SENTENCE_SKIPPED = 1e-14


@dataclass(frozen=True)
class Heard:
    """A word where it was heard: frames of 10 ms, `stop` is one past the last.

    `index`: which of the words that were given it is.
    """

    index: int
    start: int
    stop: int


@dataclass(frozen=True)
class Fit:
    """Words in their places, and how well the sound fits: `score`, float64, one a frame.

    `marks`: frames, first and one past the last, in which a punctuation mark was said by its name.
    A frame's score is its log likelihood behind that of the best sound the model knows (0 is
    best); NaN where the model gave none.
    """

    words: tuple[Heard, ...]
    marks: tuple[tuple[int, int], ...]
    score: NDArray[np.float64]


class Decoder:
    """Pocketsphinx with words of our own; every call stands for itself, in any order.

    Raises
    ------
    UnfitError
        pocketsphinx is not installed.
    """

    def __init__(self) -> None:
        try:
            import pocketsphinx
        except ImportError as error:
            raise UnfitError(
                "word times cannot be made on this machine",
                expected="the package pocketsphinx",
                remedy="install it with: pip install 'gazekit[speech]'",
            ) from error
        # Means of the whole stretch, not of what was heard before it: the order of calls is mute.
        self._decoder: Any = pocketsphinx.Decoder(
            samprate=RATE_HZ,
            loglevel="FATAL",
            lm=None,
            cmn="batch",
            compallsen=True,
            bestpath=False,
            lw=1.0,
            **_BEAMS,
        )
        self._names: dict[tuple[Phones, ...], str] = {}
        for phone in sorted(PHONES):
            self._decoder.add_word(_LOOP + phone.lower(), phone, False)
        for number, phones in enumerate(_MARKS):
            self._decoder.add_word(f"{_MARK}{number}", phones, False)
        self._add_loop()

    def general(self, word: str) -> str | None:
        """Return the phones of `word` in pocketsphinx's own dictionary, None where it is not."""
        if not word or word.startswith(("<", "[", _LOOP, _TOKEN, _MARK)):
            return None
        found: str | None = self._decoder.lookup_word(word)
        return found

    def align(
        self,
        pcm: NDArray[np.int16],
        words: Sequence[tuple[Phones, ...]],
        breaks: Sequence[int] = (),
    ) -> tuple[Heard, ...] | None:
        """Return every word in its place, None where the sound does not hold them all in order.

        `words`: of each word the ways in which it is said. `breaks`: behind how many words a
        punctuation mark may be said by its name ("period").
        """
        names = [self._name_of(word) for word in words]
        arcs: list[tuple[int, int, float, str]] = [
            (at, at + 1, 1.0, name) for at, name in enumerate(names)
        ]
        for at in breaks:
            arcs += [(at, at, _MARK_SAID, f"{_MARK}{number}") for number in range(len(_MARKS))]
        self._search("strict", len(names), arcs)
        if not self._decode(pcm):
            return None
        spoken = [one for one in self._segments() if one[0].startswith(_TOKEN)]
        if len(spoken) != len(words):
            return None
        return tuple(Heard(i, start, stop) for i, (_, start, stop) in enumerate(spoken))

    def fit(
        self,
        pcm: NDArray[np.int16],
        words: Sequence[tuple[Phones, ...]],
        breaks: Sequence[int] = (),
    ) -> Fit | None:
        """Align, and say how well the sound fits."""
        heard = self.align(pcm, words, breaks)
        if heard is None:
            return None
        marks = [one[1:] for one in self._segments() if one[0].startswith(_MARK)]
        return Fit(heard, tuple(marks), self._scores(pcm))

    def follow(
        self,
        pcm: NDArray[np.int16],
        words: Sequence[tuple[Phones, ...]],
        sentence_starts: Sequence[int],
    ) -> tuple[Heard, ...]:
        """Return those words that the sound holds, other sounds and gaps in the text allowed for.

        `sentence_starts`: indices of words at which a sentence starts, 0 first; whole sentences
        may be missing from the sound.
        """
        names = [self._name_of(word) for word in words]
        self._search("follow", len(names), list(self._arcs(names, sentence_starts)))
        if not self._decode(pcm):
            return ()
        return tuple(_in_order(list(self._segments()), names))

    def any_sounds(self, pcm: NDArray[np.int16]) -> NDArray[np.float64] | None:
        """Return the scores of the best sequence of sounds whatsoever, None where there is none."""
        self._decoder.activate_search("loop")
        return self._scores(pcm) if self._decode(pcm) else None

    def _name_of(self, variants: tuple[Phones, ...]) -> str:
        if variants not in self._names:
            name = f"{_TOKEN}{len(self._names)}"
            for number, phones in enumerate(variants, start=1):
                label = name if number == 1 else f"{name}({number})"
                self._decoder.add_word(label, " ".join(phones), False)
            self._names[variants] = name
        return self._names[variants]

    def _search(self, name: str, final: int, arcs: Sequence[tuple[Any, ...]]) -> None:
        self._decoder.add_fsg(name, self._decoder.create_fsg(name, 0, final, arcs))
        self._decoder.activate_search(name)

    def _add_loop(self) -> None:
        arcs: list[tuple[int, int, float, str]] = [
            (0, 0, 1.0 / len(PHONES), _LOOP + phone.lower()) for phone in sorted(PHONES)
        ]
        arcs.append((0, 1, 1.0, "<sil>"))
        self._decoder.add_fsg("loop", self._decoder.create_fsg("loop", 0, 1, arcs))

    def _arcs(self, names: Sequence[str], starts: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        strays = [_LOOP + phone for phone in _ANY_SOUND]
        for at, name in enumerate(names):
            yield (at, at + 1, 1.0, name)
            number = 2
            while self._decoder.lookup_word(f"{name}({number})"):
                yield (at, at + 1, 1.0, f"{name}({number})")
                number += 1
            for stray in strays:
                yield (at, at + 1, _SWAPPED / len(strays), stray)
        for at in range(len(names) + 1):
            for stray in strays:
                yield (at, at, _STRAY / len(strays), stray)
        for start, stop in pairwise([*starts, len(names)]):
            yield (start, stop, _SENTENCE_SKIPPED)

    def _decode(self, pcm: NDArray[np.int16]) -> bool:
        if pcm.size < _LEAST_FRAMES * RATE_HZ // FRAME_HZ:
            return False
        try:
            self._decoder.start_utt()
            self._decoder.process_raw(pcm.tobytes(), full_utt=True)
            self._decoder.end_utt()
        except RuntimeError:
            return False
        return self._decoder.seg() is not None

    def _segments(self) -> Iterable[tuple[str, int, int]]:
        for segment in self._decoder.seg():
            yield segment.word.split("(")[0], segment.start_frame, segment.end_frame + 1

    def _scores(self, pcm: NDArray[np.int16]) -> NDArray[np.float64]:
        """Run the path just found once more for its scores, state by state."""
        scores = np.full(pcm.size * FRAME_HZ // RATE_HZ + 2, np.nan)
        try:
            self._decoder.set_alignment()
        except RuntimeError:
            return scores
        if not self._decode(pcm):
            return scores
        for word in self._decoder.get_alignment():
            for phone in word:
                for state in phone:
                    stop = state.start + state.duration
                    scores[state.start : stop] = state.score / max(1, state.duration)
        return scores


def _in_order(segments: Sequence[tuple[str, int, int]], names: Sequence[str]) -> Iterator[Heard]:
    """Say which word each segment is: their order is known, and which were left out is not.

    A name may stand several times; the network goes forwards only, so that the number of words
    passed is counted by matching from the left, and checked from the right.
    """
    spoken = [one for one in segments if one[0].startswith(_TOKEN)]
    earliest = _matched([one[0] for one in spoken], names)
    latest = [
        len(names) - 1 - at
        for at in reversed(_matched([one[0] for one in reversed(spoken)], names[::-1]))
    ]
    for (_, start, stop), first, last in zip(spoken, earliest, latest, strict=True):
        if first == last:
            yield Heard(first, start, stop)


def _matched(some: Sequence[str], names: Sequence[str]) -> list[int]:
    found = []
    at = 0
    for name in some:
        at = names.index(name, at)
        found.append(at)
        at += 1
    return found
