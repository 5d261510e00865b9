"""Does the sound hold the words that were placed in it, or only anything at all?

The measure is the likelihood ratio of pronunciation scoring (Witt and Young 2000,
doi:10.1016/S0167-6393(99)00044-8): how much better any sequence of sounds explains the frames than
these words do. One word's ratio tells little, for every voice has sounds of its own: the verdict is
on words that stand together, and is milder where they leave no speech over: a wrong text does.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gazekit.speech.decoder import Fit, Heard

__all__ = ["LEAST_RATIO", "confidence_of", "fits", "ratios"]

LEAST_RATIO = -27.0
"""Words that stand together are heard above this mean ratio (pocketsphinx's log units a frame)."""
_LESS_WHERE_ALL_IS_TOLD = 7.0
_FEW = 60

_AROUND = 40
_SLOPE = 8.0
_UNKNOWN = -1e3


def ratios(fit: Fit, anything: NDArray[np.float64], *, around: int = _AROUND) -> list[float]:
    """Return the mean log likelihood ratio around each word; 0 is as good as any sound.

    Parameters
    ----------
    fit
        Words in their places.
    anything
        Scores of the best sequence of sounds, same frames.
    around
        Frames before and behind the word that count with it.
    """
    size = min(fit.score.size, anything.size)
    difference = fit.score[:size] - anything[:size]
    return [_mean(difference, word, around) for word in fit.words]


def fits(
    fit: Fit, anything: NDArray[np.float64], groups: Sequence[Sequence[int]], *, told: bool
) -> list[bool]:
    """Say of each group of words, by their positions in `fit`, whether the sound holds them.

    `told`: the words leave no speech over.
    """
    least = LEAST_RATIO - (_LESS_WHERE_ALL_IS_TOLD if told else 0)
    size = min(fit.score.size, anything.size)
    difference = fit.score[:size] - anything[:size]
    said = []
    for group in groups:
        first, last = fit.words[group[0]], fit.words[group[-1]]
        few = last.stop - first.start < _FEW
        whole = Heard(0, first.start, last.stop)
        ratio = _mean(difference, whole, _AROUND if few else 0)
        said.append(ratio >= least)
    return said


def confidence_of(ratio: float) -> float:
    """Return a number from 0 to 1 that rises with the ratio: a logistic curve, not calibrated."""
    return float(1.0 / (1.0 + np.exp(-(max(ratio, -200.0) - LEAST_RATIO) / _SLOPE)))


def _mean(difference: NDArray[np.float64], word: Heard, around: int) -> float:
    part = difference[max(0, word.start - around) : word.stop + around]
    return float(np.nanmean(part)) if np.isfinite(part).any() else _UNKNOWN
