"""How does one reading look as a picture file: scanpath, heatmap, gaze over time?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazekit.image import read_display_png
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.model.files import atomic_path
from gazekit.model.geometry import image_px_per_degree
from gazekit.model.layout import SessionLayout
from gazekit.model.version import DISCLAIMER
from gazekit.report.dataset import reading_views
from gazekit.report.figures.heatmap import draw_heatmap
from gazekit.report.figures.scanpath import draw_scanpath
from gazekit.report.figures.time_series import draw_time_series
from gazekit.report.picture import Pixels, thumbnail
from gazekit.report.raw import RawSession, open_raw_session

__all__ = ["plot_dataset", "plot_session"]

_Floats = NDArray[np.float64]

_MOST_PX = 900


@dataclass(frozen=True)
class _Gaze:
    """What is drawn of one reading; coordinates in image pixels, times from its onset."""

    title: str
    pixels: Pixels
    image_size: tuple[float, float]
    time_us: _Floats
    x_px: _Floats
    y_px: _Floats
    sigma_x_px: _Floats
    sigma_y_px: _Floats
    duration_us: _Floats | None


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
    kind = "simulated gaze" if view.reading["simulated"] else "recorded gaze"
    return _Gaze(
        title=f"{name}: {len(view.fixations)} fixations, {kind}",
        pixels=pixels,
        image_size=view.image_size,
        time_us=view.series("onset_us"),
        x_px=view.series("x_px"),
        y_px=view.series("y_px"),
        sigma_x_px=view.series("sigma_x_px"),
        sigma_y_px=view.series("sigma_y_px"),
        duration_us=view.series("duration_us"),
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
    kind = "simulated" if session.record.simulated else "recorded"
    return _Gaze(
        title=f"{name}: {x.size:,} raw samples, not fixations, {kind} gaze",
        pixels=pixels.to_uint8(),
        image_size=size,
        time_us=(signal.time_us - reading.onset_us).astype(np.float64),
        x_px=x,
        y_px=y,
        sigma_x_px=degree[0],
        sigma_y_px=degree[1],
        duration_us=None,
    )


def _draw(gaze: _Gaze, out: Path) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 8), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(2, 2, height_ratios=(3, 1.1))
    path, heat = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    small = thumbnail(gaze.pixels, max_px=_MOST_PX)
    lasting = gaze.duration_us
    size: dict[str, Any] = {"image_u8": small, "image_size": gaze.image_size}
    draw_scanpath(gaze.x_px, gaze.y_px, duration_us=lasting, ax=path, **size)
    draw_heatmap(
        gaze.x_px,
        gaze.y_px,
        duration_us=lasting,
        sigma_x_px=gaze.sigma_x_px,
        sigma_y_px=gaze.sigma_y_px,
        ax=heat,
        **size,
    )
    course = figure.add_subplot(grid[1, :])
    draw_time_series(gaze.time_us, gaze.x_px, y_px=gaze.y_px, duration_us=lasting, ax=course)
    figure.suptitle(gaze.title, x=0.01, ha="left")
    figure.text(0.99, 0.005, DISCLAIMER, ha="right", fontsize=8, color="#555555")
    with atomic_path(out) as part:
        figure.savefig(part, format="png", dpi=110)
    return out
