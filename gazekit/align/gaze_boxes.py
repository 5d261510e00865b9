"""Where does a key frame's map say that the reader looked? Boxes and the centroid, from a map."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "centroid_in", "extent_above", "narrowed", "top_level"]

_Map = NDArray[np.floating]
Box = tuple[int, int, int, int]
"""First column, first row, and the column and row behind the last: cells of the map."""


def extent_above(mask: NDArray[np.bool_]) -> Box | None:
    """Return the extent of the cells that are set; None where there is none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def top_level(heatmap: _Map, *, share: float, positive: int) -> float:
    """Return the value above which the top `share` of the positive values lies.

    `positive`: how many values are above zero, which a map in float32 cannot tell, since the far
    tails vanish there. They are its largest; between two values, a line, as numpy.percentile has.
    """
    at = heatmap.size - positive + (1 - share) * (positive - 1)
    low = int(at)
    high = min(low + 1, heatmap.size - 1)
    values = np.partition(heatmap, (low, high), axis=None)
    below, above = float(values[low]), float(values[high])
    return below + (above - below) * (at - low)


def centroid_in(heatmap: _Map, box: Box) -> tuple[float, float]:
    """Return the mean (x, y) of a box, weighted by the map, in cells; its middle if that is 0."""
    x0, y0, x1, y1 = box
    inside = heatmap[y0:y1, x0:x1]
    along_x, along_y = inside.sum(axis=0, dtype=np.float64), inside.sum(axis=1, dtype=np.float64)
    total = float(along_x.sum())
    if total <= 0:
        return (x0 + x1) / 2, (y0 + y1) / 2
    x = float(along_x @ (np.arange(x0, x1) + 0.5)) / total
    return x, float(along_y @ (np.arange(y0, y1) + 0.5)) / total


def narrowed(
    box: tuple[float, float, float, float], pct: float
) -> tuple[float, float, float, float]:
    """Take `pct` per cent of a box's width and height off each of its sides."""
    x0, y0, x1, y1 = box
    off_x, off_y = (x1 - x0) * pct / 100, (y1 - y0) * pct / 100
    return x0 + off_x, y0 + off_y, x1 - off_x, y1 - off_y
