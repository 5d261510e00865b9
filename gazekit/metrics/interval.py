"""How sure is a figure? Statistics of sums with a bootstrap interval over patients."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Difference",
    "Figure",
    "Statistic",
    "paired_difference",
    "ratio",
    "ratio_figure",
    "sums_figure",
]

_Floats = NDArray[np.float64]

Statistic = Callable[[_Floats], _Floats]
"""A figure of column sums: shape (r, k) to (r,), NaN where it is not defined."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its 95 % interval (None with fewer than two patients) and its counts."""

    value: float
    low: float | None
    high: float | None
    n: int
    patients: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of one run less that of another, on the same patients, with its 95 % interval."""

    value: float
    low: float | None
    high: float | None
    patients: int


def ratio(sums: _Floats) -> _Floats:
    """Return the first column over the second; NaN where that is 0."""
    out = np.full(sums.shape[0], np.nan)
    np.divide(sums[:, 0], sums[:, 1], out=out, where=sums[:, 1] > 0)
    return out


def ratio_figure(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    patients: Sequence[str],
    seed: int = 0,
    resamples: int = 1000,
) -> Figure | None:
    """Return ``sum(numerator) / sum(denominator)`` with a percentile bootstrap over patients.

    F1 is such a ratio too: ``2 TP / (2 TP + FP + FN)``. See `sums_figure`.

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
    items = np.column_stack([np.asarray(numerator, float), np.asarray(denominator, float)])
    return sums_figure(items, ratio, patients=patients, seed=seed, resamples=resamples)


def sums_figure(
    items: ArrayLike,
    statistic: Statistic,
    *,
    patients: Sequence[str],
    seed: int = 0,
    resamples: int = 1000,
) -> Figure | None:
    """Return a statistic of the items' sums with a percentile bootstrap over patients.

    Readings of one patient are not independent, so whole patients are drawn (Efron & Tibshirani
    1993, chapter 8).

    Parameters
    ----------
    items
        What each item adds, shape (n, k).
    statistic
        The figure of the k sums.
    patients
        The patient of each item, length n.

    Returns
    -------
    Figure or None
        None where the statistic is not defined: the figure is absent, not 0.
    """
    values = np.asarray(items, np.float64)
    sums, count = _by_patient(values, patients)
    value = float(statistic(sums.sum(axis=0, keepdims=True))[0])
    if not np.isfinite(value):
        return None
    low, high = None, None
    if count > 1:
        low, high = _interval(statistic(_draws(count, seed, resamples) @ sums))
    return Figure(value=value, low=low, high=high, n=len(values), patients=count)


def paired_difference(
    first: tuple[ArrayLike, Sequence[str]],
    second: tuple[ArrayLike, Sequence[str]],
    statistic: Statistic,
    *,
    seed: int = 0,
    resamples: int = 1000,
) -> Difference | None:
    """Return how much greater a statistic of one run is than that of another, paired by patient.

    Each draw takes the same patients for both runs, so that what makes a patient hard for both
    does not widen the interval.

    Parameters
    ----------
    first, second
        Items of shape (n, k) and the patient of each; only patients of both count.

    Returns
    -------
    Difference or None
        None where either statistic is not defined, or no patient is in both.
    """
    common = sorted(set(first[1]) & set(second[1]))
    if not common:
        return None
    a, b = (_sums(np.asarray(items, np.float64), who, common) for items, who in (first, second))
    whole = [float(statistic(sums.sum(axis=0, keepdims=True))[0]) for sums in (a, b)]
    if not np.isfinite(whole).all():
        return None
    low, high = None, None
    if len(common) > 1:
        draws = _draws(len(common), seed, resamples)
        low, high = _interval(statistic(draws @ a) - statistic(draws @ b))
    return Difference(value=whole[0] - whole[1], low=low, high=high, patients=len(common))


def _by_patient(values: _Floats, patients: Sequence[str]) -> tuple[_Floats, int]:
    names = sorted(set(patients))
    return _sums(values, patients, names), len(names)


def _sums(values: _Floats, patients: Sequence[str], names: Sequence[str]) -> _Floats:
    """Sum the items of each of `names`; shape (names, k)."""
    place = {name: i for i, name in enumerate(names)}
    index = np.array([place.get(patient, -1) for patient in patients], np.int64)
    sums = np.zeros((len(names), values.shape[1]))
    np.add.at(sums, index[index >= 0], values[index >= 0])
    return sums


@lru_cache(maxsize=32)
def _draws(count: int, seed: int, resamples: int) -> NDArray[np.int64]:
    """Return how often each patient is drawn, shape (resamples, patients)."""
    random = np.random.default_rng(seed)
    return random.multinomial(count, np.full(count, 1 / count), size=resamples)


def _interval(drawn: _Floats) -> tuple[float | None, float | None]:
    drawn = drawn[np.isfinite(drawn)]
    if drawn.size == 0:
        return None, None
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
