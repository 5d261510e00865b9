"""How are two sequences laid beside each other at the least cost, or for the best score?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["accumulated", "aligned_pairs", "levenshtein", "needleman_wunsch"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


def accumulated(cost: _Floats) -> _Floats:
    """Return the least summed cost of reaching each cell from (0, 0): right, down or both.

    Parameters
    ----------
    cost
        float64, shape (n, m), n and m at least 1: what each cell on the way costs.

    Returns
    -------
    ndarray
        float64, shape (n, m).
    """
    total = [np.cumsum(cost[0]).tolist()]
    for row in cost[1:].tolist():
        above = total[-1]
        left = above[0] + row[0]
        line = [left]
        for column in range(1, len(row)):
            left = row[column] + min(above[column - 1], above[column], left)
            line.append(left)
        total.append(line)
    return np.array(total, np.float64)


def aligned_pairs(cost: _Floats) -> _Ints:
    """Return the cells on the cheapest way from the first to the last; int64, shape (k, 2).

    Of ways that cost the same, the one that goes diagonally from the end on.
    """
    total = accumulated(cost)
    row, column = cost.shape[0] - 1, cost.shape[1] - 1
    pairs = [(row, column)]
    while row or column:
        before = [
            (total[r, c], order, r, c)
            for order, (r, c) in enumerate(
                ((row - 1, column - 1), (row - 1, column), (row, column - 1))
            )
            if r >= 0 and c >= 0
        ]
        _, _, row, column = min(before)
        pairs.append((row, column))
    return np.array(pairs[::-1], np.int64)


def levenshtein(first: ArrayLike, second: ArrayLike) -> int:
    """Return the least number of insertions, deletions and substitutions (Levenshtein 1966)."""
    a, b = np.asarray(first).tolist(), np.asarray(second).tolist()
    line = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        corner, line[0] = line[0], i
        for j, other in enumerate(b, 1):
            corner, line[j] = (
                line[j],
                min(corner + (letter != other), line[j] + 1, line[j - 1] + 1),
            )
    return line[-1]


def needleman_wunsch(score: _Floats, *, gap: float) -> float:
    """Return the best score of a global alignment.

    Needleman & Wunsch (1970), "A general method applicable to the search for similarities in the
    amino acid sequence of two proteins", J. Molecular Biology 48.

    Parameters
    ----------
    score
        float64, shape (n, m): what laying item i beside item j gains.
    gap
        What leaving one item alone gains; usually 0 or less.
    """
    line = [gap * j for j in range(score.shape[1] + 1)]
    for i, row in enumerate(score.tolist(), 1):
        corner, line[0] = line[0], gap * i
        for j, gain in enumerate(row, 1):
            corner, line[j] = line[j], max(corner + gain, line[j] + gap, line[j - 1] + gap)
    return float(line[-1])
