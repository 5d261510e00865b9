"""How well do several raters, or repeated measurements, agree on a number?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.errors import DataError

__all__ = ["icc2_1", "icc_counts", "icc_of_sums"]

_NO_SPREAD = 1e-12
"""Sums of squares below this are rounding."""


def icc2_1(ratings: ArrayLike) -> float | None:
    """Return the intraclass correlation ICC(2,1): absolute agreement, single rater, two-way random.

    Shrout & Fleiss (1979), "Intraclass correlations: uses in assessing rater reliability",
    Psychological Bulletin 86; the same figure is McGraw & Wong's (1996) ICC(A,1). From the mean
    squares of a two-way analysis of variance, with n subjects and k raters:
    ``(MSR - MSE) / (MSR + (k - 1) MSE + k (MSC - MSE) / n)``.

    Parameters
    ----------
    ratings
        Shape (n, k): one row a subject, one column a rater; a row with a NaN is left out.

    Returns
    -------
    float or None
        At most 1, and negative where raters agree less than chance; None with fewer than two
        subjects or raters, or where all ratings are equal.

    Raises
    ------
    DataError
        Not a table of numbers.
    """
    values = np.asarray(ratings, np.float64)
    if values.ndim != 2:  # noqa: PLR2004 - subjects and raters
        raise DataError("ratings must be a table", expected="(n, k)", found=values.shape)
    values = values[np.isfinite(values).all(axis=1)]
    n, k = values.shape
    if n < 2 or k < 2:  # noqa: PLR2004 - nothing to compare
        return None
    mean = values.mean()
    by_row, by_column = values.mean(axis=1), values.mean(axis=0)
    rows = k * float(((by_row - mean) ** 2).sum()) / (n - 1)
    columns = n * float(((by_column - mean) ** 2).sum()) / (k - 1)
    rest = values - by_row[:, None] - by_column[None, :] + mean
    error = float((rest**2).sum()) / ((n - 1) * (k - 1))
    below = rows + (k - 1) * error + k * (columns - error) / n
    return (rows - error) / below if below > 0 else None


def icc_counts(first: float, second: float) -> tuple[float, ...]:
    """Return what one subject rated by two raters adds to the sums of `icc_of_sums`."""
    return (1.0, first, second, first * first, second * second, first * second)


def icc_of_sums(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ICC(2,1) of two raters from sums of `icc_counts`; as `icc2_1`, but it can be drawn.

    Parameters
    ----------
    sums
        Shape (r, 6).

    Returns
    -------
    ndarray
        Shape (r,); NaN where it is not defined.
    """
    n, a, b, aa, bb, ab = sums.T
    out = np.full(len(sums), np.nan)
    some = n >= 2  # noqa: PLR2004 - nothing to compare
    n, a, b, aa, bb, ab = (values[some] for values in (n, a, b, aa, bb, ab))
    mean = (a + b) / (2 * n)
    rows = 2 * ((aa + 2 * ab + bb) / 4 - n * mean**2)
    columns = n * ((a / n - mean) ** 2 + (b / n - mean) ** 2)
    error = (aa + bb - 2 * n * mean**2 - rows - columns) / (n - 1)
    rows = rows / (n - 1)
    below = rows + error + 2 * (columns - error) / n
    found = np.full(n.shape, np.nan)
    np.divide(rows - error, below, out=found, where=below > _NO_SPREAD)
    out[some] = found
    return out
