"""Which readings make up a batch: a pure function of seed, epoch and position."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["batch_indices", "epoch_order"]


def epoch_order(count: int, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the order of `count` readings in one epoch: a permutation, int64, shape (count,)."""
    return np.random.default_rng([seed, epoch]).permutation(count).astype(np.int64)


def batch_indices(
    step: int, count: int, *, batch: int, seed: int, rank: int = 0, ranks: int = 1
) -> NDArray[np.int64]:
    """Return the readings of one step, shape (batch,); epochs follow without a break.

    Nothing is remembered between calls, so a run resumes at any step. With several ranks each
    gets every `ranks`-th position: disjoint, and together what one rank would have had.
    """
    positions = step * batch * ranks + rank + np.arange(batch) * ranks
    epochs = positions // count
    out = np.empty(batch, np.int64)
    for epoch in np.unique(epochs):
        here = epochs == epoch
        out[here] = epoch_order(count, seed=seed, epoch=int(epoch))[positions[here] % count]
    return out
