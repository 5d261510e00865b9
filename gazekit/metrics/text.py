"""How close is a generated report to the reader's: BLEU, ROUGE-L, METEOR of exact words?"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bleu", "bleu_counts", "meteor_exact", "rouge_l", "words"]

_Floats = NDArray[np.float64]

_ORDER = 4
_METEOR_ALPHA, _METEOR_BETA, _METEOR_GAMMA = 0.9, 3.0, 0.5


def words(text: str) -> list[str]:
    """Return the words and numbers of a text, in lower case, without punctuation."""
    return re.findall(r"[a-z0-9]+", text.lower())


def bleu_counts(said: Sequence[str], truth: Sequence[str]) -> tuple[float, ...]:
    """Return what one report adds to a corpus' BLEU: 4 matches, 4 totals, 2 lengths.

    Parameters
    ----------
    said, truth
        Words of the generated report and of the reader's.
    """
    matches, totals = [], []
    for n in range(1, _ORDER + 1):
        ours, theirs = _ngrams(said, n), _ngrams(truth, n)
        matches.append(float((ours & theirs).total()))
        totals.append(float(ours.total()))
    return (*matches, *totals, float(len(said)), float(len(truth)))


class Bleu:
    """Corpus BLEU of summed counts (Papineni, Roukos, Ward & Zhu 2002, ACL), not smoothed.

    The geometric mean of the clipped precisions of 1 to `order` words, times the brevity penalty
    ``exp(1 - truth / said)`` where less is said. 0 where a precision is 0; NaN without a truth.
    """

    def __init__(self, order: int = _ORDER) -> None:
        self._order = order

    def __call__(self, sums: _Floats) -> _Floats:
        """Return the figure of each row of sums, shape (r, 10), as `bleu_counts` makes them."""
        matches, totals = sums[:, : self._order], sums[:, _ORDER : _ORDER + self._order]
        said, truth = sums[:, -2], sums[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            precision = np.where(totals > 0, matches / totals, 0.0)
            score = np.exp(np.log(precision).mean(axis=1))
            brevity = np.where(said > 0, np.exp(np.minimum(0.0, 1 - truth / said)), 0.0)
        figure: _Floats = np.where(truth > 0, score * brevity, np.nan)
        return figure


def rouge_l(said: Sequence[str], truth: Sequence[str]) -> float | None:
    """Return the F1 of the longest common subsequence (Lin 2004, "ROUGE"); None without a truth."""
    if not truth:
        return None
    common = _longest_common(said, truth)
    return 2 * common / (len(said) + len(truth))


def meteor_exact(said: Sequence[str], truth: Sequence[str]) -> float | None:
    """Return METEOR with exact matches only: no stems, no synonyms, so no WordNet.

    Banerjee & Lavie (2005), with alpha 0.9, beta 3 and gamma 0.5: the weighted mean of precision
    and recall, less a penalty for every further run of matched words. Runs are taken longest
    first, which comes near the fewest but does not promise it. None without a truth.
    """
    if not truth:
        return None
    runs = _runs(list(said), list(truth))
    matched = sum(runs)
    if matched == 0:
        return 0.0
    precision, recall = matched / len(said), matched / len(truth)
    mean: float = precision * recall / (_METEOR_ALPHA * precision + (1 - _METEOR_ALPHA) * recall)
    penalty: float = _METEOR_GAMMA * (len(runs) / matched) ** _METEOR_BETA
    return mean * (1 - penalty)


def _ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))


def _longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    line = [0] * (len(second) + 1)
    for word in first:
        corner = 0
        for j, other in enumerate(second, 1):
            corner, line[j] = line[j], corner + 1 if word == other else max(line[j], line[j - 1])
    return line[-1]


def _runs(said: list[str], truth: list[str]) -> list[int]:
    """Return the lengths of the runs of words matched, longest first; a word is matched once."""
    ours: list[str | None] = [*said]
    theirs: list[str | None] = [*truth]
    found: list[int] = []
    while True:
        length, i, j = _longest_run(ours, theirs)
        if length == 0:
            return found
        found.append(length)
        ours[i : i + length] = [None] * length
        theirs[j : j + length] = [None] * length


def _longest_run(ours: list[str | None], theirs: list[str | None]) -> tuple[int, int, int]:
    best = (0, 0, 0)
    line = [0] * (len(theirs) + 1)
    for i, word in enumerate(ours):
        before, line = line, [0] * (len(theirs) + 1)
        for j, other in enumerate(theirs):
            if word is not None and word == other:
                line[j + 1] = before[j] + 1
                if line[j + 1] > best[0]:
                    best = (line[j + 1], i + 1 - line[j + 1], j + 1 - line[j + 1])
    return best
