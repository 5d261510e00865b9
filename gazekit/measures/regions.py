"""Which fixations lie in which regions of the image? Regions are boxes or masks."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from gazekit.model.errors import DataError

__all__ = ["Region", "by_reading", "column", "mask_of", "membership"]

Region = ArrayLike
"""A box x0, y0, x1, y1 in image pixels, or a mask of shape (rows, columns) over the whole image."""

_Bools = NDArray[np.bool_]
_BOX = (4,)


def membership(
    fixations: pa.Table, regions: Mapping[str, Region], *, size_px: tuple[float, float]
) -> _Bools:
    """Tell which fixations lie in which regions.

    Parameters
    ----------
    fixations
        Table ``fixations`` of a dataset, or another with ``x_px`` and ``y_px`` in image pixels.
        A fixation with a NaN lies nowhere.
    regions
        Name to region. A box holds its left and top edges; a mask may be coarser than the image.
        Regions may overlap.
    size_px
        Width and height of the image.

    Returns
    -------
    ndarray
        bool, shape (fixations, regions).

    Raises
    ------
    DataError
        A region is neither a box nor a mask, or a column is missing.
    """
    x, y = column(fixations, "x_px"), column(fixations, "y_px")
    held = [_holds(name, region, x, y, size_px) for name, region in regions.items()]
    return np.stack(held, axis=1) if held else np.zeros((x.size, 0), bool)


def mask_of(
    name: str, region: Region, *, size_px: tuple[float, float], grid: tuple[int, int]
) -> _Bools:
    """Return a region as a mask: a box on this grid (cells whose centres it holds), a mask as is.

    Raises
    ------
    DataError
        The region is neither a box nor a mask.
    """
    array = _checked(name, region)
    if array.shape != _BOX:
        return array.astype(bool)
    rows, columns = grid
    x = (np.arange(columns) + 0.5) / columns * size_px[0]
    y = (np.arange(rows) + 0.5) / rows * size_px[1]
    x0, y0, x1, y1 = array.astype(np.float64)
    inside: _Bools = ((y >= y0) & (y < y1))[:, None] & ((x >= x0) & (x < x1))[None, :]
    return inside


def by_reading(fixations: pa.Table) -> Iterator[tuple[str | None, NDArray[np.intp]]]:
    """Yield each reading's id and its rows in order of onset; one None without such a column."""
    onset = column(fixations, "onset_us", np.int64)
    if "reading_id" not in fixations.column_names:
        yield None, np.argsort(onset, kind="stable")
        return
    names = np.asarray(fixations.column("reading_id").to_pylist(), object)
    for name in dict.fromkeys(names.tolist()):
        rows = np.flatnonzero(names == name)
        yield name, rows[np.argsort(onset[rows], kind="stable")]


def column(table: pa.Table, name: str, dtype: type[np.generic] = np.float64) -> NDArray[Any]:
    """Return a column as an array.

    Raises
    ------
    DataError
        The table has no such column.
    """
    if name not in table.column_names:
        raise DataError(
            "a column is missing",
            where="fixations",
            expected=name,
            found=", ".join(table.column_names),
        )
    values: NDArray[Any] = table.column(name).to_numpy().astype(dtype)
    return values


def _holds(
    name: str,
    region: Region,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    size_px: tuple[float, float],
) -> _Bools:
    array = _checked(name, region)
    if array.shape == _BOX:
        x0, y0, x1, y1 = array.astype(np.float64)
        boxed: _Bools = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
        return boxed
    rows, columns = array.shape
    on_image = (x >= 0) & (x < size_px[0]) & (y >= 0) & (y < size_px[1])
    held: _Bools = np.zeros(x.shape, bool)
    row = (y[on_image] / size_px[1] * rows).astype(np.intp)
    held[on_image] = array[row, (x[on_image] / size_px[0] * columns).astype(np.intp)]
    return held


def _checked(name: str, region: Region) -> NDArray[np.generic]:
    array: NDArray[np.generic] = np.asarray(region)
    if array.shape != _BOX and (array.ndim != 2 or array.size == 0):  # noqa: PLR2004 - flat
        raise DataError(
            "a region is neither a box nor a mask",
            where=f"region {name}",
            expected="x0, y0, x1, y1, or an array of shape (rows, columns)",
            found=f"shape {array.shape}",
        )
    return array
