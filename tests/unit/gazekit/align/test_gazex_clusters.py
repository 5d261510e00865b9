"""Clusters of warm pixels: those of DBSCAN; the nearest samples: those of every distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gazekit.align.clusters import find_clusters, nearest_samples


def _bumps(seed: int, *, count: int, sigma: float) -> NDArray[np.float64]:
    grid = (110, 90)
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: grid[0], : grid[1]] + 0.5
    out = np.zeros(grid)
    for height in rng.uniform(0.08, 1.0, count):
        at_x, at_y = rng.uniform(0, grid[1]), rng.uniform(0, grid[0])
        out += height * np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / 2 / sigma**2)
    scaled: NDArray[np.float64] = out / out.max()
    return scaled


def _same_division(ours: NDArray[np.integer], theirs: NDArray[np.integer]) -> bool:
    pairs = set(zip(ours.tolist(), theirs.tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 8), sigma=st.floats(3.0, 12.0))
def test_clusters_are_those_of_dbscan(seed: int, count: int, sigma: float) -> None:
    cluster = pytest.importorskip("sklearn.cluster", reason="scikit-learn has DBSCAN")
    heatmap = _bumps(seed, count=count, sigma=sigma)
    labels = find_clusters(heatmap, level=0.1, eps=0.3, min_samples=10)
    rows, columns = np.nonzero(heatmap > 0.1)
    places = np.column_stack([rows, columns])
    features = np.column_stack([places / places.std(axis=0), 0.1 * heatmap[rows, columns]])
    known = cluster.DBSCAN(eps=0.3, min_samples=10).fit_predict(features)
    assert _same_division(labels[rows, columns], known)
    assert not labels[heatmap <= 0.1].any()


def test_nothing_warm_has_no_cluster() -> None:
    assert not find_clusters(np.zeros((8, 8)), level=0.1, eps=0.3, min_samples=10).any()


def test_a_few_pixels_alone_are_noise() -> None:
    heatmap = np.zeros((100, 100))
    heatmap[10:50, 10:50] = 0.5
    heatmap[90, 90:93] = 0.5
    labels = find_clusters(heatmap, level=0.1, eps=0.3, min_samples=10)
    assert labels[30, 30] == 1
    assert not labels[90].any()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 60))
def test_the_nearest_sample_is_nearest(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((37, 41)) < 0.7
    x, y = rng.uniform(-5, 46, count), rng.uniform(-5, 42, count)
    found = nearest_samples(mask, x, y)
    rows, columns = np.nonzero(mask)
    apart = np.hypot(columns[:, None] + 0.5 - x, rows[:, None] + 0.5 - y)
    np.testing.assert_allclose(apart[np.arange(len(rows)), found], apart.min(axis=1))
