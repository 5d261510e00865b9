"""What is the median of many numbers, at the cost of one partition?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["median_of"]


def median_of(values: NDArray[Any]) -> float:
    """Return the median, the very number that `numpy.median` gives.

    That asks one partition for three places at once, which numpy does several times as slowly as
    for one.

    Parameters
    ----------
    values
        Numbers of any shape, at least one; no NaN among them.
    """
    flat = values.ravel()
    half = flat.size // 2
    parted = np.partition(flat, half)
    if flat.size % 2:
        return float(parted[half])
    return float(np.mean([parted[:half].max(), parted[half]]))
