"""How is gaze over time drawn for a paper?"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.report.figures.paper import CATEGORIES, axes_or_current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_time_series"]

_Floats = NDArray[np.float64]

_X, _Y = CATEGORIES[0], CATEGORIES[1]


def draw_time_series(
    time_us: ArrayLike,
    x_px: ArrayLike,
    *,
    y_px: ArrayLike,
    duration_us: ArrayLike | None = None,
    fixations_us: ArrayLike | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw horizontal and vertical gaze over time; a gap stays a gap.

    Parameters
    ----------
    time_us
        Shape (n,), microseconds from the reading's onset.
    x_px, y_px
        float, shape (n,), image pixels; NaN where there is no gaze.
    duration_us
        Shape (n,), where the points are fixations: each is drawn as a bar of its duration. None:
        they are samples, drawn as lines.
    fixations_us
        Shape (k, 2), onset and offset in microseconds: shaded.
    ax
        Where to draw; pyplot's current Axes where None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_current(ax)
    seconds = np.asarray(time_us, np.float64) / 1e6
    lasts = None if duration_us is None else np.asarray(duration_us, np.float64) / 1e6
    _shade(axes, fixations_us)
    # Both solid, since dashes would look like gaps; told apart by lightness in grey print.
    for values, name, colour, wide in ((x_px, "x", _X, 0.7), (y_px, "y", _Y, 0.9)):
        places = np.asarray(values, np.float64)
        if lasts is None:
            axes.plot(seconds, places, color=colour, lw=wide, label=f"{name} (px)")
        else:
            ends = seconds + lasts
            axes.hlines(places, seconds, ends, colors=colour, lw=2 * wide, label=f"{name} (px)")
    axes.set_xlabel("time from the reading's onset (s)")
    axes.set_ylabel("gaze on the image (px)")
    axes.margins(x=0.01)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, borderpad=0.1)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _shade(axes: "Axes", spans_us: ArrayLike | None) -> None:
    if spans_us is None:
        return
    spans: _Floats = np.asarray(spans_us, np.float64).reshape(-1, 2) / 1e6
    widths = [(onset, offset - onset) for onset, offset in spans]
    # A collection, not a span each: a file of hundreds of patches is slow to open.
    axes.broken_barh(
        widths,
        (0, 1),
        transform=axes.get_xaxis_transform(),
        facecolor="#dddddd",
        lw=0,
        zorder=0,
        label="fixation",
    )
