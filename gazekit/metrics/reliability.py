"""How well do several raters, or repeated measurements, agree on a number?"""

import numpy as np
from numpy.typing import ArrayLike

from gazekit.model.errors import DataError

__all__ = ["icc2_1"]


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
