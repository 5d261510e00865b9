"""What do most readers say, and who agrees with them? A reader's own vote is never the truth."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

__all__ = ["Votes", "leave_one_out", "majority", "votes_of"]


class Votes(msgspec.Struct, frozen=True, kw_only=True):
    """Labels that a rater shares with the others' majority, misses, and says alone."""

    tp: int
    fn: int
    fp: int


def majority(votes: Sequence[AbstractSet[str]]) -> frozenset[str]:
    """Return the labels of at least floor(n / 2) + 1 of n readers."""
    counts = Counter(label for labels in votes for label in labels)
    needed = len(votes) // 2 + 1
    return frozenset(label for label, count in counts.items() if count >= needed)


def leave_one_out(votes: Mapping[str, AbstractSet[str]]) -> dict[str, frozenset[str]]:
    """Return for each reader what most of the others say; empty with fewer than two readers."""
    if len(votes) < 2:  # noqa: PLR2004 - one and another
        return {}
    return {
        reader: majority([labels for other, labels in votes.items() if other != reader])
        for reader in votes
    }


def votes_of(said: AbstractSet[str], truth: AbstractSet[str]) -> Votes:
    """Count one rater's labels against a truth."""
    return Votes(tp=len(said & truth), fn=len(truth - said), fp=len(said - truth))
