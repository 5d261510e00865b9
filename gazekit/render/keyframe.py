"""How is one key frame of a dataset drawn? From its stored fixations, all or those of a cluster."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.heatmap import render_heatmap
from gazekit.model.sample_heatmap import modulated

__all__ = ["FLOOR", "keyframe_map", "picture_of", "scaled_to"]

FLOOR = 0.15
"""How bright the image stays where nobody looked, as in the GazeX paper."""


def keyframe_map(
    row: Mapping[str, Any],
    *,
    grid: tuple[int, int],
    order: int | None = None,
    sigma_deg: float = 1.0,
) -> NDArray[np.floating]:
    """Render the map of a key frame.

    Parameters
    ----------
    row
        A row of table ``keyframes``.
    grid
        (rows, columns) over the whole image.
    order
        Only the fixations of this cluster; all where None.
    sigma_deg
        Width of each Gaussian.

    Returns
    -------
    ndarray
        Shape `grid`, 0 to 1; all 0 where the cluster holds no fixation.
    """
    x, y, weight, sigma_x, sigma_y = (
        np.asarray(row[f"fixation_{name}"], np.float64)
        for name in ("x_px", "y_px", "duration_us", "sigma_x_px", "sigma_y_px")
    )
    if order is not None:
        weight = weight * np.array([owner == order for owner in row["fixation_cluster"]])
    if not weight.any():
        return np.zeros(grid)
    return render_heatmap(
        x,
        y,
        weight=weight,
        sigma_x_px=sigma_x * sigma_deg,
        sigma_y_px=sigma_y * sigma_deg,
        image_size=(float(row["image_width_px"]), float(row["image_height_px"])),
        grid=grid,
        normalise="max",
    )


def picture_of(image: NDArray[np.uint8], heatmap: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Darken an image where a map of its own shape is low."""
    return modulated(image, heatmap, floor=FLOOR)


def scaled_to(image: NDArray[np.uint8], grid: tuple[int, ...]) -> NDArray[np.uint8]:
    """Scale a grey image to (rows, columns)."""
    if image.shape == grid:
        return image
    size = (grid[1], grid[0])
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX), np.uint8)
