"""What does a key frame hold? A window's fixations, their heatmap, their box and their places."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.align.fixation_clusters import cluster_fixations
from gazekit.align.fixations import FixationTable
from gazekit.model.columns import HEATMAP_GRID
from gazekit.model.heatmap import heatmap_to_uint8, render_heatmap
from gazekit.model.records import ImageRecord

__all__ = ["KeyframePlan", "keyframe_heatmap", "make_keyframe"]

_Ints = NDArray[np.int64]
_Box = tuple[float, float, float, float] | tuple[None, None, None, None]

_BOX_GRID = 96


@dataclass(frozen=True)
class KeyframePlan:
    """How key frames are made.

    `box_level`: a box bounds its map above this share of the map's top. `cluster_deg`: fixations
    within this distance are of one place, and so are those that a chain of them joins.
    `sigma_deg`: the Gaussian of a fixation; `grid`: side of the stored map.
    """

    box_level: float = 0.5
    cluster_deg: float = 2.0
    sigma_deg: float = 1.0
    grid: int = HEATMAP_GRID


def make_keyframe(
    fixations: FixationTable,
    members: _Ints,
    inside_us: _Ints,
    *,
    image: ImageRecord,
    origin_us: int,
    plan: KeyframePlan,
    window_onset_us: int | None = None,
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
        How the boxes are made.
    window_onset_us
        Where the window begins: a fixation that began before it counts from there on.

    Returns
    -------
    dict
        Column name to value. The observation box is where the map exceeds `box_level` of its
        maximum, in image pixels; `clusters` are the places looked at, in the order of the first
        look at each, with a box made likewise. Boxes come from gaze and are never truth.
    """
    x = fixations.x_px[members].astype(np.float32)
    y = fixations.y_px[members].astype(np.float32)
    sigma_x = fixations.sigma_x_px[members].astype(np.float32)
    sigma_y = fixations.sigma_y_px[members].astype(np.float32)
    size = (image.width_px, image.height_px)
    grid = keyframe_heatmap(
        x, y, inside_us, sigma_x, sigma_y, size, sigma_deg=plan.sigma_deg, grid=plan.grid
    )
    x0, y0, x1, y1 = _box(x, y, inside_us, sigma_x, sigma_y, size=size, plan=plan)
    weight = inside_us / inside_us.sum()
    onset_us = fixations.onset_us[members]
    from_us = onset_us if window_onset_us is None else np.maximum(onset_us, window_onset_us)
    held = _Held(x, y, sigma_x, sigma_y, from_us - origin_us, inside_us, size)
    return {
        "image_width_px": image.width_px,
        "image_height_px": image.height_px,
        "fixation_x_px": x,
        "fixation_y_px": y,
        "fixation_onset_us": onset_us - origin_us,
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
        "gaze_time_us": held.time_us,
        **held.clusters(plan),
    }


@dataclass(frozen=True)
class _Held:
    """The fixations of a window, or of one place in it; arrays of shape (k,)."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    sigma_x: NDArray[np.float32]
    sigma_y: NDArray[np.float32]
    onset_us: _Ints
    inside_us: _Ints
    size: tuple[int, int]

    @property
    def time_us(self) -> int:
        """The mean time of the gaze in them."""
        weight = self.inside_us / self.inside_us.sum()
        return round(float(weight @ (self.onset_us + self.inside_us / 2)))

    def clusters(self, plan: KeyframePlan) -> dict[str, object]:
        """Return the places in order, and which of them each fixation is in."""
        groups = cluster_fixations(
            self.x,
            self.y,
            sigma_x_px=self.sigma_x,
            sigma_y_px=self.sigma_y,
            reach_deg=plan.cluster_deg,
        )
        owner = np.zeros(self.x.size, np.int16)
        for order, group in enumerate(groups):
            owner[group] = order
        rows = [self.of(group).row(order, plan) for order, group in enumerate(groups)]
        return {"clusters": rows, "fixation_cluster": owner}

    def of(self, index: _Ints) -> "_Held":
        """Return some of them."""
        return _Held(
            self.x[index],
            self.y[index],
            self.sigma_x[index],
            self.sigma_y[index],
            self.onset_us[index],
            self.inside_us[index],
            self.size,
        )

    def row(self, order: int, plan: KeyframePlan) -> dict[str, object]:
        """Return them as one place among the clusters."""
        box = self._box_of_one(plan) if self.x.size == 1 else self._box(plan)
        weight = self.inside_us / self.inside_us.sum()
        return {
            "order": order,
            "onset_us": int(self.onset_us[0]),
            "offset_us": int((self.onset_us + self.inside_us).max()),
            "time_us": self.time_us,
            "duration_us": int(self.inside_us.sum()),
            "n_fixations": self.x.size,
            "centroid_x_px": float(weight @ self.x),
            "centroid_y_px": float(weight @ self.y),
            **dict(zip(("x0_px", "y0_px", "x1_px", "y1_px"), box, strict=True)),
        }

    def _box(self, plan: KeyframePlan) -> _Box:
        return _box(
            self.x,
            self.y,
            self.inside_us,
            self.sigma_x,
            self.sigma_y,
            size=self.size,
            plan=plan,
        )

    def _box_of_one(self, plan: KeyframePlan) -> _Box:
        """Return where one Gaussian exceeds the level: the same box, exact, without a map."""
        reach = plan.sigma_deg * math.sqrt(-2 * math.log(plan.box_level))
        x, y = float(self.x[0]), float(self.y[0])
        across, down = reach * float(self.sigma_x[0]), reach * float(self.sigma_y[0])
        width, height = self.size
        return (
            max(0.0, x - across),
            max(0.0, y - down),
            min(float(width), x + across),
            min(float(height), y + down),
        )


def keyframe_heatmap(  # noqa: PLR0917 - the columns of a key frame, in their order
    x_px: NDArray[np.float32],
    y_px: NDArray[np.float32],
    duration_us: _Ints,
    sigma_x_px: NDArray[np.float32],
    sigma_y_px: NDArray[np.float32],
    size: tuple[float, float],
    *,
    sigma_deg: float = 1.0,
    grid: int = HEATMAP_GRID,
) -> NDArray[np.uint8]:
    """Render the convenience grid of a key frame from its stored columns; uint8, `grid` square."""
    heatmap = render_heatmap(
        x_px,
        y_px,
        weight=duration_us,
        sigma_x_px=sigma_x_px * sigma_deg,
        sigma_y_px=sigma_y_px * sigma_deg,
        image_size=size,
        grid=(grid, grid),
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
    plan: KeyframePlan,
) -> _Box:
    longest = max(size)
    rows, columns = (max(1, round(_BOX_GRID * side / longest)) for side in (size[1], size[0]))
    heatmap = render_heatmap(
        x,
        y,
        weight=duration_us,
        sigma_x_px=sigma_x * plan.sigma_deg,
        sigma_y_px=sigma_y * plan.sigma_deg,
        image_size=size,
        grid=(rows, columns),
        normalise="max",
    )
    warm = heatmap >= plan.box_level
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
