"""Which readings make up a batch: a pure function of seed, epoch and position."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["batch_indices", "epoch_order", "windowed_order"]

_WINDOW = 2


def epoch_order(count: int, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the order of `count` readings in one epoch: a permutation, int64, shape (count,)."""
    return np.random.default_rng([seed, epoch]).permutation(count).astype(np.int64)


def windowed_order(group: NDArray[np.int64], *, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return an order in which the readings of a row group lie near each other.

    Groups are permuted, and readings shuffled within a window of two groups, so that a stored
    group is read once an epoch.

    Parameters
    ----------
    group
        int64, shape (count,): the row group that each reading's image lies in.
    """
    random = np.random.default_rng([seed, epoch])
    place = np.empty(int(group.max()) + 1, np.int64)
    place[random.permutation(len(place))] = np.arange(len(place))
    window = place[group] // _WINDOW
    shuffled = random.permutation(len(group)).astype(np.int64)
    return shuffled[np.argsort(window[shuffled], kind="stable")]


def batch_indices(
    step: int,
    count: int,
    *,
    batch: int,
    seed: int,
    rank: int = 0,
    ranks: int = 1,
    group: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return the readings of one step, shape (batch,); epochs follow without a break.

    Nothing is remembered between calls, so a run resumes at any step. With several ranks each
    gets every `ranks`-th position: disjoint, and together what one rank would have had. `group`:
    see `windowed_order`; without it an epoch is one permutation.
    """
    positions = step * batch * ranks + rank + np.arange(batch) * ranks
    epochs = positions // count
    out = np.empty(batch, np.int64)
    for epoch in np.unique(epochs):
        here = epochs == epoch
        order = (
            epoch_order(count, seed=seed, epoch=int(epoch))
            if group is None
            else windowed_order(group, seed=seed, epoch=int(epoch))
        )
        out[here] = order[positions[here] % count]
    return out
