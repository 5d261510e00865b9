"""How is a scanpath drawn for a paper?"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.report.figures.paper import axes_or_current
from gazekit.report.picture import Pixels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_image", "draw_scanpath"]

_Floats = NDArray[np.float64]

_AREA_A_MS = 0.11
_ALL_NUMBERED = 60
_EVERY = 5
_EXAMPLES_MS = (100, 300, 900)
_ORDER = "plasma"


def draw_scanpath(
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    duration_us: ArrayLike | None,
    image_size: tuple[float, float],
    image_u8: Pixels | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw fixations on their image: circles, numbered in order, lines between them.

    The area of a circle grows with the duration, its colour with the order, in a ramp that is
    even in lightness, so that it holds in grey print and for colour-blind people.

    Parameters
    ----------
    x_px, y_px
        float, shape (n,), image pixels; (0, 0) is the top-left corner of the image. Fixations that
        are NaN or off the image are not drawn; the title says how many.
    duration_us
        Shape (n,), microseconds. None: the points are raw samples, drawn as dots.
    image_size
        (width, height) in pixels that coordinates refer to.
    image_u8
        Grey or RGB uint8, of any size, shown behind; None shows none.
    ax
        Where to draw; pyplot's current Axes where None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_current(ax)
    x, y = (np.asarray(a, np.float64) for a in (x_px, y_px))
    draw_image(axes, image_u8, image_size)
    on = (x >= 0) & (x < image_size[0]) & (y >= 0) & (y < image_size[1])
    if duration_us is None:
        dots = axes.scatter(x[on], y[on], s=2, c=np.flatnonzero(on), cmap=_ORDER, lw=0)
        dots.set_rasterized(True)
        axes.set_title(f"{x.size:,} raw samples, early (dark) to late (bright)", loc="left")
        return axes
    duration = np.asarray(duration_us, np.float64)
    _lines(axes, x, y, on)
    _circles(axes, x, y, duration / 1000, on)
    axes.set_title(_title(on), loc="left")
    return axes


def draw_image(axes: "Axes", image_u8: Pixels | None, image_size: tuple[float, float]) -> None:
    """Show an image so that its pixels' coordinates are those of `image_size`."""
    width, height = image_size
    if image_u8 is not None:
        where = (0.0, width, height, 0.0)
        grey = {"cmap": "gray", "vmin": 0, "vmax": 255} if image_u8.ndim == 2 else {}  # noqa: PLR2004
        axes.imshow(image_u8, extent=where, interpolation="antialiased", **grey)  # type: ignore[arg-type]
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_aspect("equal")
    axes.locator_params(nbins=4)
    axes.set_xlabel("x (image px)")
    axes.set_ylabel("y (image px)")


def _title(on: NDArray[np.bool_]) -> str:
    off = int((~on).sum())
    return f"{on.size:,} fixations" + (f", {off:,} off the image" if off else "")


def _lines(axes: "Axes", x: _Floats, y: _Floats, on: NDArray[np.bool_]) -> None:
    """Join what is on the image; a line that would leave it is broken."""
    from matplotlib.patheffects import Normal, Stroke

    path = np.where(on, [x, y], np.nan)
    dark_edge = [Stroke(linewidth=1.6, foreground="black", alpha=0.6), Normal()]
    axes.plot(*path, color="white", lw=0.7, alpha=0.9, path_effects=dark_edge, zorder=2)


def _circles(
    axes: "Axes", x: _Floats, y: _Floats, duration_ms: _Floats, on: NDArray[np.bool_]
) -> None:
    order = np.flatnonzero(on)
    drawn = axes.scatter(
        x[on],
        y[on],
        s=_AREA_A_MS * duration_ms[on],
        c=order + 1,
        cmap=_ORDER,
        vmin=1,
        vmax=max(on.size, 2),
        edgecolors="white",
        linewidths=0.4,
        alpha=0.85,
        zorder=3,
    )
    for i in order:
        if on.size <= _ALL_NUMBERED or i % _EVERY == _EVERY - 1 or i == 0:
            _number(axes, i, (x[i], y[i]), late=i > 0.6 * on.size)
    bar = axes.figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02)
    bar.set_label("fixation, in order")
    _example_sizes(axes)


def _number(axes: "Axes", index: int, place: tuple[float, float], *, late: bool) -> None:
    from matplotlib.patheffects import Normal, Stroke

    ink, edge = ("black", "white") if late else ("white", "black")
    axes.annotate(
        str(index + 1),
        place,
        color=ink,
        path_effects=[Stroke(linewidth=0.7, foreground=edge), Normal()],
        fontsize=4,
        ha="center",
        va="center",
        clip_on=True,
        zorder=4,
    )


def _example_sizes(axes: "Axes") -> None:
    """Say what an area stands for, beneath the image."""
    from matplotlib.lines import Line2D

    keys = [
        Line2D(
            [],
            [],
            ls="",
            marker="o",
            ms=float(np.sqrt(_AREA_A_MS * ms)),
            mfc="#b0b0b0",
            mec="black",
            mew=0.4,
            label=f"{ms} ms",
        )
        for ms in _EXAMPLES_MS
    ]
    axes.legend(
        handles=keys,
        ncols=len(keys),
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        borderpad=0.1,
        handletextpad=0.3,
        columnspacing=0.8,
    )
