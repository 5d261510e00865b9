"""How does one reading look as a picture file: scanpath, heatmap, gaze over time?"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gazekit.image import read_display_png
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.model.files import atomic_path
from gazekit.model.geometry import image_px_per_degree
from gazekit.model.heatmap import render_heatmap
from gazekit.model.layout import SessionLayout
from gazekit.model.version import DISCLAIMER
from gazekit.report.dataset import reading_views
from gazekit.report.picture import Pixels, heatmap_overlay, thumbnail
from gazekit.report.raw import RawSession, open_raw_session

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_dataset", "plot_session"]

_Floats = NDArray[np.float64]

_MOST_PX = 900
_GRID = 160
_ALL_NUMBERED = 60


@dataclass(frozen=True)
class _Gaze:
    """What is drawn of one reading; coordinates in image pixels, times in seconds."""

    title: str
    pixels: Pixels
    image_size: tuple[float, float]
    heat: NDArray[np.float32]
    time_s: _Floats
    x_px: _Floats
    y_px: _Floats
    duration_s: _Floats | None


def plot_dataset(root: Path, out: Path, *, reading: str | None = None) -> Path:
    """Draw the fixations of one reading of a dataset (the first, unless named) as PNG."""
    dataset = open_dataset(root)
    return _draw(_fixations(dataset, _chosen(_names(dataset), reading)), out)


def plot_session(root: Path, out: Path, *, reading: str | None = None) -> Path:
    """Draw the raw gaze of one reading of a session (the first, unless named) as PNG."""
    session = open_raw_session(root)
    name = _chosen([r.reading_id for r in session.readings], reading)
    return _draw(_raw(session, name), out)


def _names(dataset: Dataset) -> list[str]:
    found: list[str] = dataset.table("readings", columns=["reading_id"]).column(0).to_pylist()
    return found


def _chosen(names: list[str], wanted: str | None) -> str:
    if not names:
        raise DataError("there is no reading to draw")
    if wanted is None:
        return names[0]
    if wanted not in names:
        remedy = did_you_mean(wanted, names) or f"the first is {names[0]}"
        raise UsageError("no such reading", found=wanted, remedy=remedy)
    return wanted


def _fixations(dataset: Dataset, name: str) -> _Gaze:
    view = reading_views(dataset, [name])[0]
    pixels = view.pixels
    if pixels is None:
        raise DataError("the dataset holds no picture of this reading's image", where=name)
    heat = render_heatmap(
        view.series("x_px"),
        view.series("y_px"),
        weight=view.series("duration_us"),
        sigma_x_px=view.series("sigma_x_px"),
        sigma_y_px=view.series("sigma_y_px"),
        image_size=view.image_size,
        grid=(_GRID, _GRID),
        normalise="max",
    )
    kind = "simulated gaze" if view.reading["simulated"] else "recorded gaze"
    return _Gaze(
        title=f"{name}: {len(view.fixations)} fixations, {kind}",
        pixels=pixels,
        image_size=view.image_size,
        heat=heat,
        time_s=view.series("onset_us") / 1e6,
        x_px=view.series("x_px"),
        y_px=view.series("y_px"),
        duration_s=view.series("duration_us") / 1e6,
    )


def _raw(session: RawSession, name: str) -> _Gaze:
    reading = next(r for r in session.readings if r.reading_id == name)
    record = session.images[reading.image_id]
    pixels = read_display_png(SessionLayout(session.root).image(reading.image_id), record)
    size = (float(record.width_px), float(record.height_px))
    signal = session.signal.during(reading)
    track = session.views_on(reading.image_id)
    x, y, index = track.to_image(signal.time_us, signal.x_px, signal.y_px)
    degree = np.full((2, x.size), np.nan)
    for state in np.unique(index):
        view, here = track.view(int(state)), index == state
        if view is not None:
            degree[:, here] = image_px_per_degree(
                session.record.screen, view, signal.x_px[here], signal.y_px[here]
            )
    heat = render_heatmap(
        *(x, y),
        weight=1.0,
        sigma_x_px=degree[0],
        sigma_y_px=degree[1],
        image_size=size,
        grid=(_GRID, _GRID),
        normalise="max",
    )
    kind = "simulated" if session.record.simulated else "recorded"
    return _Gaze(
        title=f"{name}: {x.size:,} raw samples, not fixations, {kind} gaze",
        pixels=pixels.to_uint8(),
        image_size=size,
        heat=heat,
        time_s=(signal.time_us - reading.onset_us) / 1e6,
        x_px=x,
        y_px=y,
        duration_s=None,
    )


def _draw(gaze: _Gaze, out: Path) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 8), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(2, 2, height_ratios=(3, 1.1))
    small = thumbnail(gaze.pixels, max_px=_MOST_PX)
    where = (0.0, gaze.image_size[0], gaze.image_size[1], 0.0)
    path, heat = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    path.imshow(small, cmap="gray", extent=where, vmin=0, vmax=255)
    _mark(path, gaze)
    heat.imshow(heatmap_overlay(small, gaze.heat), extent=where)
    heat.set_title("Heatmap, sigma one degree of visual angle", loc="left", fontsize=10)
    for axes in (path, heat):
        axes.set_xlim(0, gaze.image_size[0])
        axes.set_ylim(gaze.image_size[1], 0)
        axes.set_xticks([])
        axes.set_yticks([])
    _course(figure.add_subplot(grid[1, :]), gaze)
    figure.suptitle(gaze.title, x=0.01, ha="left")
    figure.text(0.99, 0.005, DISCLAIMER, ha="right", fontsize=8, color="#555555")
    with atomic_path(out) as part:
        figure.savefig(part, format="png", dpi=110)
    return out


def _mark(axes: "Axes", gaze: _Gaze) -> None:
    order = np.arange(gaze.x_px.size)
    if gaze.duration_s is None:
        axes.scatter(gaze.x_px, gaze.y_px, s=2, c=order, cmap="plasma")
        axes.set_title("Raw gaze, early (dark) to late (bright)", loc="left", fontsize=10)
        return
    axes.plot(gaze.x_px, gaze.y_px, color="#ffffff", lw=0.6, alpha=0.6)
    size = 400 * gaze.duration_s
    axes.scatter(gaze.x_px, gaze.y_px, s=size, c=order, cmap="plasma", alpha=0.7, edgecolors="k")
    if order.size <= _ALL_NUMBERED:
        for i, x, y in zip(order, gaze.x_px, gaze.y_px, strict=True):
            axes.annotate(
                str(i + 1), (x, y), color="w", fontsize=6, ha="center", va="center", clip_on=True
            )
    axes.set_title("Scanpath, area grows with duration", loc="left", fontsize=10)


def _course(axes: "Axes", gaze: _Gaze) -> None:
    for values, name, colour in ((gaze.x_px, "x", "#0b6fa4"), (gaze.y_px, "y", "#c2500a")):
        if gaze.duration_s is None:
            axes.plot(gaze.time_s, values, lw=0.8, color=colour, label=name)
        else:
            ends = gaze.time_s + gaze.duration_s
            axes.hlines(values, gaze.time_s, ends, lw=2.5, color=colour, label=name)
    axes.set_xlabel("time from the reading's onset (s)")
    axes.set_ylabel("image px")
    axes.legend(loc="upper right", ncols=2, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
