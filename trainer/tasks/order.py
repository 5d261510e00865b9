"""How near is an order to the right one? Places, pairs, and whether all of it is right."""

from collections.abc import Sequence

__all__ = ["pairs_in_order", "places_right"]


def pairs_in_order(said: Sequence[int], truth: Sequence[int]) -> float:
    """Return the share of pairs that stand in the right order: (Kendall's tau + 1) / 2.

    An item that was not said stands in no order; chance is 0.5.

    Parameters
    ----------
    said, truth
        The same items in two orders; `said` may lack some, name some twice, or others.
    """
    rank: dict[int, int] = {}
    for place, item in enumerate(said):
        rank.setdefault(item, place)
    right = total = 0
    for i, first in enumerate(truth):
        for second in truth[i + 1 :]:
            total += 1
            right += first in rank and second in rank and rank[first] < rank[second]
    return right / total if total else 1.0


def places_right(said: Sequence[int], truth: Sequence[int]) -> float:
    """Return the share of places with the right item."""
    hits = sum(a == b for a, b in zip(said, truth, strict=False))
    return hits / len(truth) if truth else 1.0
