"""Where should the model look: the gaze of a sentence on the model's own grid of patches."""

import numpy as np
from numpy.typing import NDArray

from gazekit.model.heatmap import render_heatmap
from trainer.corpus import Fixations
from trainer.letterbox import content_box, letterbox_affine

__all__ = ["gaze_target"]


def gaze_target(
    fixations: Fixations,
    *,
    image_size: tuple[int, int],
    size_px: int,
    grid: int,
    sigma_patches: float,
) -> NDArray[np.float32]:
    """Render fixations in image pixels to a density on the patch grid of the letterboxed square.

    Parameters
    ----------
    image_size
        (width, height) of the image that the fixations refer to.
    size_px, grid
        Side of the model's input in pixels, and in patches.
    sigma_patches
        Least standard deviation, in patches: a narrower Gaussian falls between patch centres.

    Returns
    -------
    ndarray
        float32, shape (grid, grid); sums to 1, or all zero where no fixation lies near the image.
    """
    to_square = letterbox_affine(*image_size, size_px=size_px)
    x, y = to_square.apply(fixations.x_px, fixations.y_px)
    least = sigma_patches * size_px / grid
    content = content_box(*image_size, size_px=size_px)
    return render_heatmap(
        x,
        y,
        weight=fixations.weight,
        sigma_x_px=np.maximum(fixations.sigma_x_px * abs(to_square.a), least),
        sigma_y_px=np.maximum(fixations.sigma_y_px * abs(to_square.e), least),
        image_size=(size_px, size_px),
        grid=(grid, grid),
        shown_px=np.tile(np.asarray(content, np.float64), (x.size, 1)),
        normalise="sum",
    )
