"""The heatmap of thousands of raw samples, and a key frame's grey levels: more heatmap maths.

`gazekit.model.heatmap` multiplies out one Gaussian a fixation, which is too dear for raw samples.
Here samples are first spread over a coarse grid of places and a few widths, from which every
sample's Gaussian follows by polynomial interpolation; those few are then multiplied out.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.errors import DataError

__all__ = ["Tails", "log_normalised", "modulated", "render_samples"]

_Floats = NDArray[np.float64]
_Map = NDArray[np.float32]
_Ints = NDArray[np.int64]

Tails = Literal["cut", "kept", "exact"]

_BAND_ROWS = 64
_CHUNK = 1024

_TAPS = np.arange(-2, 4)
_BINS_A_SIGMA = {"cut": 4, "kept": 12}
"""Samples are spread over six bins of a quarter sigma each: within 3e-5 of the map's top."""

_REACH_SIGMAS = {"cut": 6.0, "kept": 13.0}
"""1.5e-8 of a Gaussian's peak; and where float32 ends."""

_ALIKE = 0.08
_NODES = ((1e-4, 1), (7e-3, 2), (3.6e-2, 3), (np.inf, 4))
"""How many widths stand for all widths within a range of log sigma: within 1e-5 of the top."""


def render_samples(
    x: ArrayLike,
    y: ArrayLike,
    *,
    weight: ArrayLike,
    sigma_x: ArrayLike,
    sigma_y: ArrayLike,
    grid: tuple[int, int],
    tails: Tails = "cut",
) -> NDArray[np.floating]:
    """Add up the Gaussians of gaze samples.

    Parameters
    ----------
    x, y
        Finite, shape (n,), in cells: the centre of the first cell is at 0.5. May lie off the grid.
    weight, sigma_x, sigma_y
        Shape (n,) or a scalar; widths in cells, > 0.
    grid
        (rows, columns) of the result.
    tails
        ``"cut"``: good to a share of the map's top, 1e-5; what lies beyond 6 sigma of every sample
        is 0. ``"kept"``: good to a share of what is there, down to 1e-30 of the top. ``"exact"``:
        one Gaussian a sample is added after all, in float64.

    Returns
    -------
    ndarray
        Weight times ``exp(-d^2 / 2)``, summed; float32 (float64 where exact), shape `grid`.

    Raises
    ------
    DataError
        A width that is not positive.
    """
    x, y, w, sx, sy = (
        np.atleast_1d(a).astype(np.float64)
        for a in np.broadcast_arrays(x, y, weight, sigma_x, sigma_y)
    )
    if not ((sx > 0) & (sy > 0)).all():
        raise DataError("a sample's Gaussian has no width", expected="sigma > 0")
    if tails == "exact":
        return _summed(x, y, w, sx, sy, grid=grid)
    out = np.zeros(grid, np.float32)
    log_x, log_y = np.log(sx), np.log(sy)
    for alike in _groups(log_x, log_y):
        part = x[alike], y[alike], w[alike]
        bins_x = _spread(part[0], log_x[alike], _BINS_A_SIGMA[tails])
        bins_y = _spread(part[1], log_y[alike], _BINS_A_SIGMA[tails])
        if tails == "kept" and bins_x.widths.size * bins_y.widths.size > 1:
            # Widths between nodes are not known to a share of what is left in the tails.
            out += _summed(*part, sx[alike], sy[alike], grid=grid)
        else:
            counts = _histogram(bins_y, bins_x, part[2])
            _multiply_out(out, counts, (bins_y, bins_x), reach=_REACH_SIGMAS[tails])
    return np.maximum(out, 0, out=out)


def log_normalised(heatmap: NDArray[np.floating]) -> _Map:
    """Return ``log1p(map)`` divided by its maximum, float32; all zero stays all zero."""
    # Not numpy's log1p, which is several times slower in float32; below 1e-7 both are 0 here.
    logs: _Map = heatmap.astype(np.float32)
    logs += 1
    np.log(logs, out=logs)
    top = float(logs.max(initial=0.0))
    if top > 0:
        logs /= np.float32(top)
    return logs


def modulated(
    image: NDArray[np.uint8], heatmap: NDArray[np.floating], *, floor: float
) -> NDArray[np.uint8]:
    """Darken a grey image where nobody looked: ``image * (floor + (1 - floor) * map)``.

    `heatmap`: 0 to 1, of the image's shape. Rounded to uint8.
    """
    shown: NDArray[np.uint8] = np.rint(image * (floor + (1 - floor) * heatmap)).astype(np.uint8)
    return shown


@dataclass(frozen=True)
class _Bins:
    """One axis of `_histogram`: bins' places, widths, and each sample's share in both."""

    at: _Floats
    widths: _Floats
    first: _Ints
    place_share: _Floats
    width_share: _Floats

    @property
    def size(self) -> int:
        return self.at.size * self.widths.size

    def profiles(self, cells: _Floats, only: _Ints) -> _Map:
        """Return the Gaussian of some (width, bin), float32, shape (only, cells)."""
        width, place = np.divmod(only[:, None], self.at.size)
        scaled = ((cells - self.at[place]) / self.widths[width]).astype(np.float32)
        profile: _Map = np.exp(-0.5 * scaled * scaled)
        return profile

    def near(self, cells: _Floats, only: _Ints, reach: float) -> NDArray[np.bool_]:
        """Say which bins' Gaussians reach these cells."""
        width, place = np.divmod(only, self.at.size)
        far, at = reach * self.widths[width], self.at[place]
        near: NDArray[np.bool_] = (at + far >= cells[0]) & (at - far <= cells[-1])
        return near


def _spread(at: _Floats, log_sigma: _Floats, bins_a_sigma: int) -> _Bins:
    """Spread samples over bins and widths by Lagrange's polynomials."""
    low, high = log_sigma.min(), log_sigma.max()
    step = np.exp(low) / bins_a_sigma
    base = np.floor(at / step).astype(np.int64)
    start = base.min() + _TAPS[0]
    bins = np.arange(start, base.max() + _TAPS[-1] + 1) * step
    count = next(nodes for reach, nodes in _NODES if high - low <= reach)
    turn = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    nodes = (low + high) / 2 + (high - low) / 2 * turn
    return _Bins(
        at=bins,
        widths=np.exp(nodes),
        first=base - start + _TAPS[0],
        place_share=_lagrange(_TAPS.astype(np.float64), at / step - base),
        width_share=_lagrange(nodes, log_sigma),
    )


def _lagrange(nodes: _Floats, at: _Floats) -> _Floats:
    """Return the weight of each node in the value at each place, shape (nodes, n)."""
    share = np.ones((nodes.size, at.size))
    for i, node in enumerate(nodes):
        for other in np.delete(nodes, i):
            share[i] *= (at - other) / (node - other)
    return share


def _histogram(down: _Bins, across: _Bins, weight: _Floats) -> _Map:
    """Add up the samples' shares, float32, shape (down.size, across.size)."""
    bins = (down.at.size, across.at.size)
    corner = down.first * bins[1] + across.first
    along = np.arange(_TAPS.size)[:, None]
    out = np.zeros((down.widths.size, bins[0], across.widths.size, bins[1]), np.float32)
    for j, in_height in enumerate(down.width_share):
        for i, in_width in enumerate(across.width_share):
            shares = across.place_share * (weight * in_height * in_width)
            for tap, share in enumerate(down.place_share):
                index = (corner + (tap * bins[1] + along)).ravel()
                counts = np.bincount(index, (shares * share).ravel(), bins[0] * bins[1])
                out[j, :, i] += counts.reshape(bins)
    return out.reshape(down.size, across.size)


def _multiply_out(out: _Map, counts: _Map, bins: tuple[_Bins, _Bins], *, reach: float) -> None:
    """Add to `out` what the bins hold, a band of rows at a time; empty bins are left out."""
    down, across = bins
    taken_down, taken_across = (np.flatnonzero(counts.any(axis=axis)) for axis in (1, 0))
    columns = across.profiles(_centres(0, out.shape[1]), taken_across)
    lines = counts[np.ix_(taken_down, taken_across)] @ columns
    for start in range(0, out.shape[0], _BAND_ROWS):
        band = out[start : start + _BAND_ROWS]
        rows = _centres(start, start + len(band))
        near = down.near(rows, taken_down, reach)
        if near.any():
            band += down.profiles(rows, taken_down[near]).T @ lines[near]


def _centres(first: int, end: int) -> _Floats:
    return np.arange(first, end, dtype=np.float64) + 0.5


def _groups(log_x: _Floats, log_y: _Floats) -> list[_Ints]:
    """Divide samples into those of nearly one width, along both axes."""
    across, down = (
        np.floor((log - log.min(initial=np.inf)) / _ALIKE).astype(np.int64)
        for log in (log_x, log_y)
    )
    group = across * (down.max(initial=0) + 1) + down
    return [np.flatnonzero(group == one) for one in np.unique(group)]


def _summed(
    x: _Floats,
    y: _Floats,
    weight: _Floats,
    sigma_x: _Floats,
    sigma_y: _Floats,
    *,
    grid: tuple[int, int],
) -> _Floats:
    """Add one Gaussian a sample, float64."""
    out = np.zeros(grid)
    down, across = (_centres(0, cells) for cells in grid)
    for start in range(0, x.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        gx = np.exp(-0.5 * ((across - x[part, None]) / sigma_x[part, None]) ** 2)
        gy = np.exp(-0.5 * ((down - y[part, None]) / sigma_y[part, None]) ** 2)
        out += (gy * weight[part, None]).T @ gx
    return out
