"""The heatmap kernel: fixations to a density on a grid (raw samples: `sample_heatmap`).

Each fixation is an axis-aligned Gaussian of its own width, cut to the part of the image that was
shown. A Gaussian is separable, so the map is ``Gy^T diag(w) Gx``: exact, and a matrix product.
Large grids are rendered in tiles, each with the fixations whose kernel reaches it.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.errors import DataError

__all__ = [
    "Normalise",
    "heatmap_to_uint8",
    "render_heatmap",
    "uint8_to_heatmap",
]

Normalise = Literal["sum", "max", "none"]
_Floats = NDArray[np.float32]
_Axis = tuple[NDArray[np.floating], NDArray[np.float64], NDArray[np.float64]]
"""Centres of cells, and the fixations' places and widths along one axis."""

_REACH_SIGMAS = 6.0
"""A Gaussian is 1.5e-8 of its peak there: below float32's own rounding of a sum."""

_TILE = (256, 1024)
"""Rows and columns of a tile: it and the profiles that make it stay in the cache."""

_FAINTEST = 1e-30
"""A map whose sum is smaller is summed as it is: float32 holds no weight so large."""

_TILED_CELLS = 1 << 18
"""Smaller grids are one matrix product."""


def render_heatmap(
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    weight: ArrayLike,
    sigma_x_px: ArrayLike,
    sigma_y_px: ArrayLike,
    image_size: tuple[float, float],
    grid: tuple[int, int],
    shown_px: ArrayLike | None = None,
    normalise: Normalise = "sum",
) -> _Floats:
    """Render fixations to a density over the whole image.

    Parameters
    ----------
    x_px, y_px
        Fixation centres in image pixels, shape (n,). They may lie off the image. A fixation
        with a NaN in any of its quantities, or with no weight, is left out.
    weight
        Shape (n,) or a scalar; usually the duration. Must not be negative.
    sigma_x_px, sigma_y_px
        Standard deviations in image pixels, shape (n,) or a scalar, > 0; usually one degree.
    image_size
        (width, height) of the image in pixels.
    grid
        (rows, columns) of the result; the value of a cell is the density at its centre.
    shown_px
        Shape (n, 4): x0, y0, x1, y1 of the part of the image shown then; outside it the
        fixation adds nothing. None: the whole image was shown.
    normalise
        ``"sum"``: the map sums to 1; ``"max"``: its maximum is 1; ``"none"``: weight times
        ``exp(-d^2 / 2)``. A map without any weight stays all zero.

    Returns
    -------
    ndarray
        float32, shape `grid`.

    Raises
    ------
    DataError
        A negative weight or a width that is not positive.
    """
    x, y, w, sx, sy = (
        np.atleast_1d(a).astype(np.float64)
        for a in np.broadcast_arrays(x_px, y_px, weight, sigma_x_px, sigma_y_px)
    )
    _check(w, sx, sy)
    shown = _shown_of(shown_px, x.size)
    usable = np.isfinite(x + y + w + sx + sy) & (w > 0)
    if shown is not None:
        usable &= np.isfinite(shown).all(axis=1)
        shown = shown[usable]
    x, y, w, sx, sy = x[usable], y[usable], w[usable], sx[usable], sy[usable]
    rows, columns = grid
    centres_x = (np.arange(columns) + 0.5) * (image_size[0] / columns)
    centres_y = (np.arange(rows) + 0.5) * (image_size[1] / rows)
    gx = _profiles(centres_x, x, sx, None if shown is None else shown[:, [0, 2]])
    gy = _profiles(centres_y, y, sy, None if shown is None else shown[:, [1, 3]])
    total = 0.0
    if normalise == "sum":
        # The profiles' sums multiply, so that the map's own sum needs no second walk over it.
        total = float(w @ (gx.sum(axis=1, dtype=np.float64) * gy.sum(axis=1, dtype=np.float64)))
        if total > _FAINTEST:
            w = w / total
    gy *= w.astype(np.float32)[:, None]
    if rows * columns <= _TILED_CELLS:
        out = gy.T @ gx
    else:
        out = _tiled(gx, gy, (centres_x, x, sx), (centres_y, y, sy))
    scaled = normalise == "sum" and total > _FAINTEST
    return out if scaled else _normalised(out, normalise)


def heatmap_to_uint8(heatmap: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Scale a heatmap to 0..255 of its maximum, rounded; all zero stays all zero."""
    top = float(heatmap.max(initial=0.0))
    if top <= 0:
        return np.zeros(heatmap.shape, np.uint8)
    scaled: NDArray[np.uint8] = np.rint(heatmap * (255.0 / top)).astype(np.uint8)
    return scaled


def uint8_to_heatmap(grid: ArrayLike) -> _Floats:
    """Return a stored 0..255 grid as a float32 density that sums to 1 (or is all zero)."""
    return _normalised(np.asarray(grid, np.float32), "sum")


def _tiled(gx: _Floats, gy: _Floats, across: _Axis, down: _Axis) -> _Floats:
    """Multiply the profiles tile by tile, each with the fixations that reach it."""
    out = np.zeros((down[0].size, across[0].size), np.float32)
    for top in range(0, out.shape[0], _TILE[0]):
        band = slice(top, top + _TILE[0])
        tall = _reaching(band, *down)
        for left in range(0, out.shape[1], _TILE[1]):
            tile = slice(left, left + _TILE[1])
            near = np.flatnonzero(tall & _reaching(tile, *across))
            if near.size:
                out[band, tile] = gy[near, band].T @ gx[near, tile]
    return out


def _reaching(
    cells: slice,
    centres: NDArray[np.floating],
    at: NDArray[np.float64],
    sigma: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell which fixations' kernels reach a stretch of cells."""
    low, high = centres[cells][0], centres[cells][-1]
    near: NDArray[np.bool_] = (at + _REACH_SIGMAS * sigma >= low) & (
        at - _REACH_SIGMAS * sigma <= high
    )
    return near


def _profiles(
    centres: NDArray[np.floating],
    at: NDArray[np.float64],
    sigma: NDArray[np.float64],
    clip: NDArray[np.float64] | None,
) -> _Floats:
    """Return one Gaussian profile a fixation, float32, shape (n, cells)."""
    scaled = ((centres[None, :] - at[:, None]) / sigma[:, None]).astype(np.float32)
    profile: _Floats = np.exp(-0.5 * scaled * scaled)
    if clip is not None:
        inside = (centres >= clip[:, :1]) & (centres < clip[:, 1:])
        profile *= inside
    return profile


def _check(
    weight: NDArray[np.float64], sigma_x: NDArray[np.float64], sigma_y: NDArray[np.float64]
) -> None:
    if (weight < 0).any():
        raise DataError("a fixation has a negative weight", found=float(np.nanmin(weight)))
    if (sigma_x <= 0).any() or (sigma_y <= 0).any():
        raise DataError("a fixation's Gaussian has no width", expected="sigma > 0")


def _shown_of(shown_px: ArrayLike | None, count: int) -> NDArray[np.float64] | None:
    if shown_px is None:
        return None
    shown = np.asarray(shown_px, np.float64)
    if shown.shape != (count, 4):
        raise DataError("shown_px has the wrong shape", expected=(count, 4), found=shown.shape)
    return shown


def _normalised(heatmap: NDArray[np.floating], normalise: Normalise) -> _Floats:
    heatmap = heatmap.astype(np.float32, copy=False)
    if normalise == "none":
        return heatmap
    total = float(heatmap.sum(dtype=np.float64) if normalise == "sum" else heatmap.max(initial=0.0))
    return heatmap / np.float32(total) if total > 0 else heatmap
