"""Which warm pixels of a map belong together? DBSCAN on a dense mask, as connected components.

On a mask nearly every pixel has its neighbours, so that clusters are components of the mask, joined
where two come nearer than eps; only small components need the count of neighbours. The same
clusters as DBSCAN's, without a distance for each pair of pixels.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

__all__ = ["find_clusters", "nearest_samples"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_FEW = 2000
_STRIDE = 4
_INTENSITY = 0.1


def find_clusters(
    heatmap: NDArray[np.floating], *, level: float, eps: float, min_samples: int
) -> NDArray[np.int32]:
    """Cluster the pixels of `heatmap` above `level`.

    Their features are x and y, each z-scored over these pixels, and a tenth of the intensity.

    Returns
    -------
    ndarray
        int32, shape of the map: 0 for no cluster (noise too), else 1, 2, ...
    """
    mask = heatmap > level
    labels = np.zeros(heatmap.shape, np.int32)
    places = np.column_stack(np.nonzero(mask))
    if not places.size:
        return labels
    spread = places.std(axis=0)
    spread[spread == 0] = 1.0
    features = np.column_stack([places / spread, _INTENSITY * heatmap[mask]])
    touching = np.hypot(*(1 / spread)) < eps - _INTENSITY * (1 - level) / _STRIDE
    if len(places) <= _FEW or not touching:
        labels[mask] = _dbscan(features, eps=eps, min_samples=min_samples)
        return labels
    parts, count = ndimage.label(mask, np.ones((3, 3), bool))
    if count > 1:
        rim = _rim(mask)[mask]
        part = parts[mask].astype(np.int64) - 1
        labels[mask] = _joined(features, part, rim, eps=eps, min_samples=min_samples)
        return labels
    return np.asarray(parts, np.int32)


def nearest_samples(mask: NDArray[np.bool_], x: _Floats, y: _Floats) -> _Ints:
    """Return which sample is nearest to the centre of each pixel of `mask`, row by row.

    A sample's territory is convex: where it is nearest to all four corners of a block, it is
    nearest to every pixel inside, and only other blocks ask pixel by pixel.

    Parameters
    ----------
    mask
        bool, shape (rows, columns).
    x, y
        Shape (n,), in pixels of the mask: the centre of the first pixel is at 0.5.

    Returns
    -------
    ndarray
        int64, shape (mask.sum(),).
    """
    tree = KDTree(np.column_stack([y, x]), balanced_tree=False, compact_nodes=False)
    rows, columns = np.nonzero(mask)
    top, left = rows // _STRIDE, columns // _STRIDE
    corner = np.full((mask.shape[0] // _STRIDE + 2, mask.shape[1] // _STRIDE + 2), -2, np.int64)
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        corner[top + down, left + right] = -1
    asked = np.column_stack(np.nonzero(corner == -1))
    corner[corner == -1] = tree.query(asked * _STRIDE + 0.5)[1]
    found = corner[top, left]
    whole = (
        (found == corner[top, left + 1])
        & (found == corner[top + 1, left])
        & (found == corner[top + 1, left + 1])
    )
    open_ = np.column_stack([rows, columns])[~whole] + 0.5
    found[~whole] = tree.query(open_)[1]
    return found


def _dbscan(features: _Floats, *, eps: float, min_samples: int) -> _Ints:
    """Label few points, shape (n,): 0 for noise."""
    tree = KDTree(features)
    core = tree.query_ball_point(features, eps, return_length=True) >= min_samples
    labels = np.zeros(len(features), np.int64)
    if not core.any():
        return labels
    inner = KDTree(features[core])
    first, second = np.asarray(inner.query_pairs(eps, output_type="ndarray")).T
    size = int(core.sum())
    pairs = csr_array((np.ones(first.size), (first, second)), shape=(size, size))
    labels[core] = connected_components(pairs, directed=False)[1] + 1
    distance, at = inner.query(features[~core], distance_upper_bound=eps)
    near = np.isfinite(distance)
    labels[np.flatnonzero(~core)[near]] = labels[core][np.asarray(at)[near]]
    return labels


def _joined(
    features: _Floats, part: _Ints, rim: NDArray[np.bool_], *, eps: float, min_samples: int
) -> _Ints:
    """Join components (0, 1, ...) that come nearer than eps, and drop those that are noise."""
    sizes = np.bincount(part)
    solid = sizes >= min_samples
    for one in np.flatnonzero(~solid):
        mine = features[part == one]
        apart = ((features[:, None] - mine) ** 2).sum(axis=-1)
        solid[one] = ((apart <= eps**2).sum(axis=0) >= min_samples).all()
    trees = [KDTree(features[rim & (part == one)]) for one in range(sizes.size)]
    near = np.zeros((sizes.size, sizes.size), bool)
    for one in range(sizes.size):
        for other in range(one):
            near[one, other] = _meet(trees[one], trees[other], eps)
    near |= near.T
    bridges = np.asarray(near & solid[:, None] & solid, np.int64)
    group = connected_components(bridges, directed=False)[1].astype(np.int64)
    for one in np.flatnonzero(~solid):
        hosts = np.flatnonzero(near[one] & solid)
        group[one] = group[hosts[0]] if hosts.size else -1
    _, compact = np.unique(group, return_inverse=True)
    compact = compact.reshape(-1) + (0 if (group < 0).any() else 1)
    return np.asarray(compact[part], np.int64)


def _rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a mask that have a neighbour outside it, or none at all."""
    inside = np.zeros_like(mask)
    inside[1:-1, 1:-1] = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return mask & ~inside


def _meet(one: KDTree, other: KDTree, eps: float) -> bool:
    """Say whether two sets of points come within eps of each other."""
    distance, _ = one.query(other.data, distance_upper_bound=eps)
    return bool(np.isfinite(distance).any())
