"""How well does a map tell where people looked?

Definitions after Bylinskii et al., "What do different evaluation metrics tell us about saliency
models?", IEEE TPAMI 2019. A map is a 2-D array, row 0 at the top; fixations are given in cells of
the map, continuous, (0, 0) being the top-left corner of the top-left cell. A fixation off the map
or with a NaN is left out. Where a figure is undefined the answer is None, never 0.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.errors import DataError

__all__ = [
    "auc_judd",
    "cc",
    "centre_prior",
    "cosine",
    "information_gain",
    "kld",
    "nss",
    "sauc",
    "sim",
]

_Floats = NDArray[np.float64]

_KLD_EPS = 2.0**-52
"""MATLAB's eps, which the benchmark's code adds."""


def nss(saliency: ArrayLike, x: ArrayLike, y: ArrayLike) -> float | None:
    """Return the mean z-scored map value at the fixations (normalised scanpath saliency).

    Parameters
    ----------
    saliency
        The map, shape (rows, columns), finite.
    x, y
        Fixations in cells, shape (n,).

    Returns
    -------
    float or None
        None for a constant map or when no fixation lies on the map.
    """
    values = _map(saliency)
    row, column = _cells(values, x, y)
    spread = values.std()
    if row.size == 0 or spread == 0:
        return None
    return float(((values[row, column] - values.mean()) / spread).mean())


def auc_judd(saliency: ArrayLike, x: ArrayLike, y: ArrayLike) -> float | None:
    """Return the area under the ROC curve: fixated cells against all other cells (Judd 2009).

    Ties count one half, the expected value of the jitter that the benchmark's code adds. None
    where no cell, or every cell, is fixated.
    """
    values = _map(saliency)
    row, column = _cells(values, x, y)
    fixated = np.zeros(values.shape, bool)
    fixated[row, column] = True
    return _auc(values[fixated], values[~fixated])


def sauc(
    saliency: ArrayLike, x: ArrayLike, y: ArrayLike, *, other_x: ArrayLike, other_y: ArrayLike
) -> float | None:
    """Return the area under the ROC curve: fixations of this image against those of others.

    The shuffled AUC of Zhang, Tong, Marks, Shan & Cottrell (2008), "SUN: A Bayesian framework for
    saliency using natural statistics", J. Vision 8: a map that only knows where people look on any
    image scores 0.5. Every fixation counts, also where several share a cell; ties count one half.

    Parameters
    ----------
    saliency
        The map, shape (rows, columns), finite.
    x, y
        Fixations on this image in cells, shape (n,).
    other_x, other_y
        Fixations on other images in cells of this map, shape (m,): all of them, so that no
        random draw decides the figure.

    Returns
    -------
    float or None
        None where one of the two sets is empty.
    """
    values = _map(saliency)
    positive, negative = _cells(values, x, y), _cells(values, other_x, other_y)
    return _auc(values[positive[0], positive[1]], values[negative[0], negative[1]])


def information_gain(
    saliency: ArrayLike, baseline: ArrayLike, x: ArrayLike, y: ArrayLike
) -> float | None:
    """Return how many bits a fixation a map tells more than a baseline such as a centre prior.

    ``mean(log2(eps + p) - log2(eps + b))`` at the fixations, both maps scaled to sum to 1
    (Kümmerer, Wallis & Bethge 2015, "Information-theoretic model comparison unifies saliency
    metrics", PNAS 112). None where a map is empty or no fixation lies on it.
    """
    densities = _densities(saliency, baseline)
    if densities is None:
        return None
    p, b = densities
    row, column = _cells(p, x, y)
    if row.size == 0:
        return None
    gain = np.log2(_KLD_EPS + p[row, column]) - np.log2(_KLD_EPS + b[row, column])
    return float(gain.mean())


def cc(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return Pearson's correlation of two maps; None when one is constant."""
    a, b = _pair(first, second)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / scale) if scale > 0 else None


def cosine(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return the cosine of the angle between two maps; None when one is empty."""
    a, b = _pair(first, second)
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / scale) if scale > 0 else None


def sim(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return the shared mass of two maps, each scaled to sum to 1; None when one is empty."""
    densities = _densities(first, second)
    return None if densities is None else float(np.minimum(*densities).sum())


def kld(human: ArrayLike, predicted: ArrayLike) -> float | None:
    """Return KL(human || predicted) in nats, both scaled to sum to 1; None when one is empty.

    ``sum q log(eps + q / (p + eps))`` with q the human map, as the benchmark defines it.
    """
    densities = _densities(human, predicted)
    if densities is None:
        return None
    q, p = densities
    return float((q * np.log(_KLD_EPS + q / (p + _KLD_EPS))).sum())


def centre_prior(grid: tuple[int, int], *, sigma: float = 0.25) -> _Floats:
    """Return a centred Gaussian on `grid`, `sigma` a share of each side; it sums to 1."""
    rows, columns = grid
    along_y = ((np.arange(rows) + 0.5) / rows - 0.5) / sigma
    along_x = ((np.arange(columns) + 0.5) / columns - 0.5) / sigma
    density: _Floats = np.exp(-0.5 * (along_y[:, None] ** 2 + along_x[None, :] ** 2))
    density /= density.sum()
    return density


def _auc(positive: _Floats, negative: _Floats) -> float | None:
    """Return the share of pairs in which the positive is greater, ties one half."""
    if positive.size == 0 or negative.size == 0:
        return None
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive, side="left")
    up_to = np.searchsorted(negative, positive, side="right")
    return float((below + up_to).mean() / 2 / negative.size)


def _map(saliency: ArrayLike) -> _Floats:
    values = np.asarray(saliency, np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():  # noqa: PLR2004 - a map is flat
        raise DataError("a map must be a finite 2-D array", found=f"shape {values.shape}")
    return values


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[_Floats, _Floats]:
    a, b = _map(first), _map(second)
    if a.shape != b.shape:
        raise DataError("two maps differ in shape", expected=a.shape, found=b.shape)
    return a, b


def _densities(first: ArrayLike, second: ArrayLike) -> tuple[_Floats, _Floats] | None:
    a, b = _pair(first, second)
    if (a < 0).any() or (b < 0).any():
        raise DataError("a density cannot be negative", found=min(float(a.min()), float(b.min())))
    return None if a.sum() == 0 or b.sum() == 0 else (a / a.sum(), b / b.sum())


def _cells(values: _Floats, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.int64], ...]:
    """Return row and column of each fixation that lies on the map."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    rows, columns = values.shape
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)  # False for NaN
    return y[inside].astype(np.int64), x[inside].astype(np.int64)
