"""How is a heatmap laid over its image for a paper?"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from gazekit.model.heatmap import render_heatmap
from gazekit.report.colour import heat_rgb
from gazekit.report.figures.paper import axes_or_current
from gazekit.report.figures.scanpath import draw_image
from gazekit.report.picture import Pixels, heatmap_overlay, thumbnail

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_heatmap"]

_MOST_PX = 1200
_GRID = 200
_SHADES = 256


def draw_heatmap(
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    duration_us: ArrayLike | None,
    sigma_x_px: ArrayLike,
    sigma_y_px: ArrayLike,
    image_size: tuple[float, float],
    image_u8: Pixels,
    sigma_deg: float = 1.0,
    opacity: float = 0.75,
    ax: "Axes | None" = None,
) -> "Axes":
    """Lay the density of fixations over their image, with its scale and its sigma.

    One Gaussian a fixation (`gazekit.model.heatmap`), weighted by its duration; the ramp rises in
    lightness throughout, so that it holds in grey print and for colour-blind people.

    Parameters
    ----------
    x_px, y_px
        float, shape (n,), image pixels; NaN adds nothing.
    duration_us
        Shape (n,), microseconds; None weighs all alike, as raw samples are.
    sigma_x_px, sigma_y_px
        Shape (n,): one degree of visual angle at each fixation, in image pixels.
    image_size
        (width, height) in pixels that coordinates refer to.
    image_u8
        Grey uint8, shape (rows, columns), of any size.
    sigma_deg
        The Gaussian's sigma in degrees of visual angle.
    opacity
        Of the hottest place.
    ax
        Where to draw; pyplot's current Axes where None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_current(ax)
    along_x, along_y = (sigma_deg * np.asarray(a, np.float64) for a in (sigma_x_px, sigma_y_px))
    small = thumbnail(image_u8, max_px=_MOST_PX)
    heat = render_heatmap(
        np.asarray(x_px, np.float64),
        np.asarray(y_px, np.float64),
        weight=1.0 if duration_us is None else np.asarray(duration_us, np.float64),
        sigma_x_px=along_x,
        sigma_y_px=along_y,
        image_size=image_size,
        grid=_grid(small),
        normalise="max",
    )
    draw_image(axes, heatmap_overlay(small, heat, opacity=opacity), image_size)
    _scale(axes, "samples" if duration_us is None else "fixation time")
    known = np.concatenate([along_x, along_y])
    known = known[np.isfinite(known)]
    about = f" (about {np.median(known):.0f} image px)" if known.size else ""
    axes.set_title(f"σ = {sigma_deg:g}° of visual angle{about}", loc="left")
    return axes


def _grid(small: Pixels) -> tuple[int, int]:
    rows, columns = small.shape[:2]
    scale = min(1.0, _GRID / max(rows, columns))
    return max(1, round(rows * scale)), max(1, round(columns * scale))


def _scale(axes: "Axes", what: str) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    ramp = ListedColormap(heat_rgb(np.linspace(0, 1, _SHADES)) / 255.0)
    shades = ScalarMappable(Normalize(0, 1), ramp)
    bar = axes.figure.colorbar(shades, ax=axes, fraction=0.046, pad=0.02)
    bar.set_label(f"density of {what}\n(1 = maximum)")
