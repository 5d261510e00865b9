"""How does a key frame look to the model? The image, dimmed where the reader did not look.

As the paper renders them (arXiv:2604.14316): ``image x (0.15 + 0.85 x map)``, the map being
``log1p(gaze) / max``.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.heatmap import render_heatmap
from trainer.corpus import Fixations
from trainer.letterbox import content_box, letterbox_affine

__all__ = ["key_frame"]

_DIM = 0.15
_FULL = 10.0
"""Gaze at the brightest place before the logarithm: it lifts what was looked at less."""


def key_frame(
    square: NDArray[np.uint8],
    fixations: Fixations,
    *,
    image_size: tuple[int, int],
    frame_px: int,
    sigma_px: float,
) -> NDArray[np.uint8]:
    """Render the gaze of a sentence, or of one of its clusters, over the image.

    Parameters
    ----------
    square
        uint8, shape (size, size): the letterboxed image.
    fixations
        In pixels of an image of `image_size`, which may be another's (the shuffled control).
    frame_px
        Side of the frame.
    sigma_px
        Least standard deviation of a fixation, in pixels of the frame.

    Returns
    -------
    ndarray
        uint8, shape (frame_px, frame_px); all dim where no fixation lies near the image.
    """
    small = Image.fromarray(square).resize((frame_px, frame_px), Image.Resampling.BOX)
    to_square = letterbox_affine(*image_size, size_px=frame_px)
    x, y = to_square.apply(fixations.x_px, fixations.y_px)
    content = content_box(*image_size, size_px=frame_px)
    gaze = render_heatmap(
        x,
        y,
        weight=fixations.weight,
        sigma_x_px=np.maximum(fixations.sigma_x_px * abs(to_square.a), sigma_px),
        sigma_y_px=np.maximum(fixations.sigma_y_px * abs(to_square.e), sigma_px),
        image_size=(frame_px, frame_px),
        grid=(frame_px, frame_px),
        shown_px=np.tile(np.asarray(content, np.float64), (x.size, 1)),
        normalise="max",
    )
    lit = np.log1p(_FULL * gaze) / np.log1p(_FULL)
    shown: NDArray[np.uint8] = np.rint(np.asarray(small) * (_DIM + (1 - _DIM) * lit)).astype(
        np.uint8
    )
    return shown
