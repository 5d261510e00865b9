"""How sure is a figure? Ratios of sums with a bootstrap interval over patients."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Figure", "ratio_figure"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its 95 % interval (None with fewer than two patients) and its counts."""

    value: float
    low: float | None
    high: float | None
    n: int
    patients: int


def ratio_figure(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    patients: Sequence[str],
    seed: int = 0,
    resamples: int = 1000,
) -> Figure | None:
    """Return ``sum(numerator) / sum(denominator)`` with a percentile bootstrap over patients.

    Readings of one patient are not independent, so whole patients are drawn (Efron & Tibshirani
    1993, chapter 8). F1 is such a ratio too: ``2 TP / (2 TP + FP + FN)``.

    Parameters
    ----------
    numerator, denominator
        One value an item, shape (n,); the denominator is not negative.
    patients
        The patient of each item, length n.

    Returns
    -------
    Figure or None
        None where the denominator sums to 0: the figure is absent, not 0.
    """
    top, bottom = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    if bottom.sum() == 0:
        return None
    names, index = np.unique(np.asarray(patients), return_inverse=True)
    count = len(names)
    sums = np.zeros((2, count))
    for row, values in enumerate((top, bottom)):
        np.add.at(sums[row], index.ravel(), values)
    low, high = _interval(sums, seed, resamples) if count > 1 else (None, None)
    value = float(top.sum() / bottom.sum())
    return Figure(value=value, low=low, high=high, n=top.size, patients=count)


def _interval(sums: NDArray[np.float64], seed: int, resamples: int) -> tuple[float, float]:
    count = sums.shape[1]
    random = np.random.default_rng(seed)
    draws = random.multinomial(count, np.full(count, 1 / count), size=resamples)  # (r, patients)
    top, bottom = draws @ sums[0], draws @ sums[1]
    low, high = np.percentile(top[bottom > 0] / bottom[bottom > 0], [2.5, 97.5])
    return float(low), float(high)
