"""Is the sampler a pure function that visits every reading once an epoch?"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainer.sampler import batch_indices, epoch_order

COUNT, BATCH, SEED = st.integers(1, 40), st.integers(1, 16), st.integers(0, 2**31)


@given(COUNT, SEED, st.integers(0, 1000))
def test_an_epoch_is_a_permutation(count: int, seed: int, epoch: int) -> None:
    assert sorted(epoch_order(count, seed=seed, epoch=epoch)) == list(range(count))


@given(COUNT, BATCH, SEED, st.integers(1, 4))
def test_batches_in_a_row_are_whole_epochs(count: int, batch: int, seed: int, epochs: int) -> None:
    steps = -(-count * epochs // batch)
    drawn = [batch_indices(step, count, batch=batch, seed=seed) for step in range(steps)]
    stream = np.concatenate(drawn)[: count * epochs].reshape(epochs, count)
    for epoch, seen in enumerate(stream):
        np.testing.assert_array_equal(seen, epoch_order(count, seed=seed, epoch=epoch))


@given(COUNT, BATCH, SEED, st.integers(0, 100), st.integers(1, 4))
def test_ranks_are_disjoint_and_complete(
    count: int, batch: int, seed: int, step: int, ranks: int
) -> None:
    together = batch_indices(step, count, batch=batch * ranks, seed=seed)
    apart = np.stack(
        [
            batch_indices(step, count, batch=batch, seed=seed, rank=rank, ranks=ranks)
            for rank in range(ranks)
        ],
        axis=1,
    ).ravel()
    np.testing.assert_array_equal(together, apart)


def test_seeds_and_epochs_differ() -> None:
    orders = {
        tuple(epoch_order(30, seed=seed, epoch=epoch)) for seed in range(3) for epoch in range(3)
    }
    assert len(orders) == 9
