"""How much of a region came within reach of a fixation?"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.measures.regions import Region, by_reading, column, mask_of

__all__ = ["coverage"]

_Bools = NDArray[np.bool_]
_Floats = NDArray[np.float64]

_SCHEMA = pa.schema(
    [("reading_id", pa.string()), ("region", pa.string()), ("coverage", pa.float64())]
)


def coverage(
    fixations: pa.Table,
    regions: Mapping[str, Region],
    *,
    size_px: tuple[float, float],
    radius_deg: float = 5.0,
    grid: tuple[int, int] = (256, 256),
) -> pa.Table:
    """Return which share of each region lay within some degrees of a fixation.

    Coverage by a useful field of view, as for lungs in Drew, Vo, Olwal, Jacobson, Seltzer & Wolfe
    (2013), "Scanners and drillers: Characterizing expert visual search through volumetric images",
    J. Vision 13, and Rubin et al. (2015), "Characterizing search, recognition, and decision in the
    detection of lung nodules on CT scans", Radiology 274: a radius of 5 degrees.

    Parameters
    ----------
    fixations
        Table ``fixations`` of a dataset: ``sigma_x_px`` and ``sigma_y_px`` tell how many image
        pixels one degree was at that place, distance and zoom. A fixation with a NaN sees nothing.
    regions, size_px
        See `gazekit.measures.membership`.
    radius_deg
        Reach of a fixation.
    grid
        Rows and columns on which boxes are measured; a mask is measured on its own cells.

    Returns
    -------
    pyarrow.Table
        One row a reading and region; NaN for a region without a cell.
    """
    names = ("x_px", "y_px", "sigma_x_px", "sigma_y_px")
    discs = np.stack([column(fixations, name) for name in names], axis=1).astype(np.float64)
    discs[:, 2:] *= radius_deg
    whole = np.isfinite(discs).all(axis=1)
    usable: _Bools = np.logical_and(whole, (discs[:, 2:] > 0).all(axis=1))
    masks = {n: mask_of(n, r, size_px=size_px, grid=grid) for n, r in regions.items()}
    rows = []
    for reading, at in by_reading(fixations):
        here = discs[at[usable[at]]]
        seen = {shape: _seen(here, size_px, shape) for shape in {m.shape for m in masks.values()}}
        for name, mask in masks.items():
            share = float(seen[mask.shape][mask].mean()) if mask.any() else float("nan")
            rows.append({"reading_id": reading, "region": name, "coverage": share})
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _seen(discs: _Floats, size_px: tuple[float, float], shape: tuple[int, ...]) -> _Bools:
    """Mark the cells whose centres lie in one of the ellipses x, y, reach along x, along y."""
    rows, columns = shape
    x = (np.arange(columns) + 0.5) / columns * size_px[0]
    y = (np.arange(rows) + 0.5) / rows * size_px[1]
    seen = np.zeros(shape, bool)
    for cx, cy, rx, ry in discs:
        left, right = np.searchsorted(x, [cx - rx, cx + rx])
        top, bottom = np.searchsorted(y, [cy - ry, cy + ry])
        across = ((x[left:right] - cx) / rx) ** 2
        down = ((y[top:bottom] - cy) / ry) ** 2
        seen[top:bottom, left:right] |= down[:, None] + across[None, :] <= 1
    return seen
