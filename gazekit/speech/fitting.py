"""Does the sound hold the words that were placed in it, or only anything at all?

The measure is the likelihood ratio of pronunciation scoring (Witt and Young 2000,
doi:10.1016/S0167-6393(99)00044-8): how much better any sequence of sounds explains the frames than
these words do. Frames around a word count with it, for a wrong word is seldom wrong alone.
"""

import numpy as np
from numpy.typing import NDArray

from gazekit.speech.decoder import Fit, Heard

__all__ = ["LEAST_RATIO", "confidence_of", "ratios"]

LEAST_RATIO = -30.0
"""Words below this ratio (pocketsphinx's log units a frame) do not count as heard."""

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


def confidence_of(ratio: float) -> float:
    """Return a number from 0 to 1 that rises with the ratio: a logistic curve, not calibrated."""
    return float(1.0 / (1.0 + np.exp(-(max(ratio, -200.0) - LEAST_RATIO) / _SLOPE)))


def _mean(difference: NDArray[np.float64], word: Heard, around: int) -> float:
    part = difference[max(0, word.start - around) : word.stop + around]
    return float(np.nanmean(part)) if np.isfinite(part).any() else _UNKNOWN
