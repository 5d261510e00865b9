"""Where is the evidence on the image: a map's peak, its region, and its ordered points?"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gazekit.metrics import peak_cell
from trainer.square import Square

__all__ = [
    "REGION_RULE",
    "Map",
    "Point",
    "Region",
    "observed_px",
    "peak_px",
    "points_of",
    "region_of",
]

Map = NDArray[np.float32]

_LEVEL = 0.2
"""What is connected to the peak above this share of it belongs to the region."""

_KERNEL_PATCHES = 0.5
"""Width of the Gaussian that each supervised fixation is drawn with, at least: it is taken off."""

_SPREADS = 3.4
"""Half of a region's side, in standard deviations of what is left."""

_LEAST_PATCHES = 0.125
"""The least standard deviation of a region."""

REGION_RULE = (
    f"the part of the map around its peak above {_LEVEL:g} of it, as a box about its centre of "
    f"mass: {_SPREADS:g} standard deviations to each side, the drawing kernel's "
    f"{_KERNEL_PATCHES:g} patches taken off in quadrature; chosen on the validation split of a "
    "synthetic study"
)
"""How a map becomes a region, in words."""

_OBSERVED = 0.8
"""Quantile of a map's positive values whose extent is its observation box."""

_FINER = 4
"""A map is interpolated between patches, to a quarter of one."""

_POINT_SHARE = 0.4
"""A local maximum above this share of the peak is a point of the trajectory."""


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the image, in pixels of the original image."""

    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float
    centroid_x_px: float
    centroid_y_px: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return x0, y0, x1, y1."""
        return self.x0_px, self.y0_px, self.x1_px, self.y1_px


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A place that a sentence rests on, in pixels of the original image; `weight` in 0..1."""

    x_px: float
    y_px: float
    weight: float


def peak_px(heatmap: Map, square: Square) -> tuple[float, float]:
    """Return the strongest point of a map, in pixels of the original image."""
    x, y = square.to_image(*peak_cell(heatmap), grid=len(heatmap))
    return float(x), float(y)


def region_of(heatmap: Map, square: Square) -> Region:
    """Return the region around the peak of a map, cut to the image; see `REGION_RULE`.

    Parameters
    ----------
    heatmap
        Shape (grid, grid), a density.
    square
        How the image lies in the model's input.
    """
    fine = ndimage.zoom(heatmap, _FINER, order=1, mode="nearest", grid_mode=True)
    parts, _ = ndimage.label(fine >= _LEVEL * fine.max())
    peak = np.unravel_index(int(fine.argmax()), fine.shape)
    rows, columns = np.nonzero(parts == parts[peak])
    weight = fine[rows, columns]
    (x, half_x), (y, half_y) = (_spread(cells, weight) for cells in (columns, rows))
    box_x, box_y = square.clip(
        *square.to_image(
            [x - half_x, x + half_x, x], [y - half_y, y + half_y, y], grid=len(heatmap)
        )
    )
    return Region(
        x0_px=float(box_x[0]),
        y0_px=float(box_y[0]),
        x1_px=float(box_x[1]),
        y1_px=float(box_y[1]),
        centroid_x_px=float(box_x[2]),
        centroid_y_px=float(box_y[2]),
    )


def observed_px(heatmap: Map, square: Square) -> tuple[float, float]:
    """Return the centroid of a whole map, however many parts it has, in pixels of the image.

    As GazeX has it: the mean, weighted by the map, in the extent of its top 20 % of values.
    """
    positive = np.sort(heatmap[heatmap > 0])
    level = positive[int(_OBSERVED * (positive.size - 1))]
    rows, columns = np.nonzero(heatmap >= level)
    box = heatmap[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    row, column = (np.indices(box.shape) + 0.5).reshape(2, -1)
    x = np.average(column, weights=box.ravel()) + columns.min()
    y = np.average(row, weights=box.ravel()) + rows.min()
    at_x, at_y = square.clip(*square.to_image(x, y, grid=len(heatmap)))
    return float(at_x), float(at_y)


def points_of(heatmap: Map, rows: Map, square: Square) -> tuple[Point, ...]:
    """Return the local maxima of a map, in the order in which its rows attend them.

    Parameters
    ----------
    heatmap
        Shape (grid, grid).
    rows
        Shape (n, grid, grid), in time: the tokens of a sentence, or the fixations of a reader.
    """
    local = heatmap == ndimage.maximum_filter(heatmap, size=3)
    row, column = np.nonzero(local & (heatmap >= _POINT_SHARE * heatmap.max()))
    when = _mean_row(rows[:, row, column])
    x, y = square.clip(*square.to_image(column + 0.5, row + 0.5, grid=len(heatmap)))
    weight = heatmap[row, column] / heatmap.max()
    return tuple(
        Point(x_px=float(x[i]), y_px=float(y[i]), weight=float(weight[i]))
        for i in np.argsort(when, kind="stable")
    )


def _spread(cells: NDArray[np.int64], weight: Map) -> tuple[float, float]:
    """Return centre of mass and half a side along one axis, in patches."""
    at = (cells + 0.5) / _FINER
    centre = float(np.average(at, weights=weight))
    variance = float(np.average((at - centre) ** 2, weights=weight)) - _KERNEL_PATCHES**2
    return centre, _SPREADS * max(variance, _LEAST_PATCHES**2) ** 0.5


def _mean_row(attention: Map) -> Sequence[float]:
    """Return for each place the attention-weighted mean row; `attention` (rows, places)."""
    index = np.arange(len(attention))[:, None]
    mean: NDArray[np.float64] = (attention * index).sum(axis=0) / attention.sum(axis=0)
    return mean.tolist()  # type: ignore[no-any-return]
