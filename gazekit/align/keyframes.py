"""What does a key frame hold? The fixations of a sentence's window, their heatmap and their box."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.align.fixations import FixationTable
from gazekit.model.columns import HEATMAP_GRID
from gazekit.model.heatmap import heatmap_to_uint8, render_heatmap
from gazekit.model.records import ImageRecord

__all__ = ["KeyframePlan", "keyframe_heatmap", "make_keyframe"]

_Ints = NDArray[np.int64]

_BOX_GRID = 96


@dataclass(frozen=True)
class KeyframePlan:
    """How key frames are made; `box_level`: the box bounds the map above this share of its top."""

    box_level: float = 0.5


def make_keyframe(
    fixations: FixationTable,
    members: _Ints,
    inside_us: _Ints,
    *,
    image: ImageRecord,
    origin_us: int,
    plan: KeyframePlan,
) -> dict[str, object]:
    """Make the gaze columns of a key frame from the fixations of its window.

    Parameters
    ----------
    fixations
        Of the reading, session time.
    members, inside_us
        int64, shape (k,), k >= 1: which of them, all on the image, and how long inside.
    image
        The image that they lie on.
    origin_us
        The reading's onset.
    plan
        How the box is made.

    Returns
    -------
    dict
        Column name to value. The observation box is where the map exceeds `box_level` of its
        maximum, in image pixels; it comes from gaze and is never truth.
    """
    x = fixations.x_px[members].astype(np.float32)
    y = fixations.y_px[members].astype(np.float32)
    sigma_x = fixations.sigma_x_px[members].astype(np.float32)
    sigma_y = fixations.sigma_y_px[members].astype(np.float32)
    size = (image.width_px, image.height_px)
    grid = keyframe_heatmap(x, y, inside_us, sigma_x, sigma_y, size)
    x0, y0, x1, y1 = _box(x, y, inside_us, sigma_x, sigma_y, size=size, level=plan.box_level)
    weight = inside_us / inside_us.sum()
    return {
        "image_width_px": image.width_px,
        "image_height_px": image.height_px,
        "fixation_x_px": x,
        "fixation_y_px": y,
        "fixation_onset_us": fixations.onset_us[members] - origin_us,
        "fixation_duration_us": inside_us,
        "fixation_sigma_x_px": sigma_x,
        "fixation_sigma_y_px": sigma_y,
        "heatmap": grid.ravel(),
        "gaze_x0_px": x0,
        "gaze_y0_px": y0,
        "gaze_x1_px": x1,
        "gaze_y1_px": y1,
        "centroid_x_px": float(weight @ x),
        "centroid_y_px": float(weight @ y),
    }


def keyframe_heatmap(  # noqa: PLR0917 - the columns of a key frame, in their order
    x_px: NDArray[np.float32],
    y_px: NDArray[np.float32],
    duration_us: _Ints,
    sigma_x_px: NDArray[np.float32],
    sigma_y_px: NDArray[np.float32],
    size: tuple[float, float],
) -> NDArray[np.uint8]:
    """Render the convenience grid of a key frame from its stored columns; uint8, 32 x 32."""
    heatmap = render_heatmap(
        x_px,
        y_px,
        weight=duration_us,
        sigma_x_px=sigma_x_px,
        sigma_y_px=sigma_y_px,
        image_size=size,
        grid=(HEATMAP_GRID, HEATMAP_GRID),
    )
    return heatmap_to_uint8(heatmap)


def _box(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    duration_us: _Ints,
    sigma_x: NDArray[np.float32],
    sigma_y: NDArray[np.float32],
    *,
    size: tuple[float, float],
    level: float,
) -> tuple[float, float, float, float] | tuple[None, None, None, None]:
    longest = max(size)
    rows, columns = (max(1, round(_BOX_GRID * side / longest)) for side in (size[1], size[0]))
    heatmap = render_heatmap(
        x,
        y,
        weight=duration_us,
        sigma_x_px=sigma_x,
        sigma_y_px=sigma_y,
        image_size=size,
        grid=(rows, columns),
        normalise="max",
    )
    warm = heatmap >= level
    if not heatmap.any():
        return None, None, None, None
    along_y, along_x = np.flatnonzero(warm.any(axis=1)), np.flatnonzero(warm.any(axis=0))
    cell_x, cell_y = size[0] / columns, size[1] / rows
    return (
        float(along_x[0] * cell_x),
        float(along_y[0] * cell_y),
        float((along_x[-1] + 1) * cell_x),
        float((along_y[-1] + 1) * cell_y),
    )
