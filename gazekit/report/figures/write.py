"""Which figures can be drawn of a reading, and how do they become a file?"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gazekit.model.errors import DataError
from gazekit.model.figures import SINGLE_MM, FigureKind
from gazekit.model.version import DISCLAIMER
from gazekit.report.figures.drawn import Drawn
from gazekit.report.figures.heatmap import draw_heatmap
from gazekit.report.figures.main_sequence import draw_main_sequence
from gazekit.report.figures.paper import check_suffix, paper_figure, paper_style
from gazekit.report.figures.paper import save_figure as _save
from gazekit.report.figures.scanpath import draw_scanpath
from gazekit.report.figures.source import open_drawn
from gazekit.report.figures.time_series import draw_time_series
from gazekit.report.figures.timeline import draw_timeline
from gazekit.report.picture import Pixels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["write_figure"]

_HEIGHTS_MM = {"time-series": 50.0, "main-sequence": 62.0, "timeline": 56.0}
_ROOM_MM = 12.0
_LEAST_MM = 45.0  # room for the words beside the scale
_SHARE_OF_IMAGE = 0.76


def write_figure(
    kind: FigureKind,
    source: str | Path,
    row: str,
    *,
    out: Path,
    width_mm: float = SINGLE_MM,
    height_mm: float | None = None,
    dpi: int = 300,
    detector: str | None = None,
) -> Path:
    """Draw one figure of one reading into a file.

    Parameters
    ----------
    kind
        One of `gazekit.model.figures.FIGURE_KINDS`.
    source, row, detector
        See `gazekit.report.figures.open_drawn`.
    out
        PNG, SVG or PDF, by its suffix.
    width_mm, height_mm
        The size; a height that fits where None.
    dpi
        Of a PNG, and of pictures inside the others.

    Raises
    ------
    UsageError
        No such reading or format, or a size that makes no sense.
    DataError
        The source lacks what is drawn; the line says what.
    """
    check_suffix(out)
    drawn = open_drawn(source, row, detector=detector)
    height = height_mm or _HEIGHTS_MM.get(kind) or _height_of_image(drawn, width_mm)
    with paper_style():
        figure, axes = paper_figure(width_mm=width_mm, height_mm=height)
        _DRAW[kind](drawn, axes)
        _foot(figure, drawn)
        return _save(figure, out, title=f"{kind} of {drawn.name}", dpi=dpi)


def _height_of_image(drawn: Drawn, width_mm: float) -> float:
    width, height = drawn.image_size
    return max(_LEAST_MM, _SHARE_OF_IMAGE * width_mm * height / width + _ROOM_MM)


def _foot(figure: "Figure", drawn: Drawn) -> None:
    said = f"Simulated gaze. {DISCLAIMER}" if drawn.simulated else DISCLAIMER
    figure.supxlabel(said, x=0.995, ha="right", fontsize=4.5, color="#555555")


def _scanpath(drawn: Drawn, axes: "Axes") -> None:
    found = drawn.fixations
    draw_scanpath(
        found.x_px,
        found.y_px,
        duration_us=found.duration_us,
        image_size=drawn.image_size,
        image_u8=_pixels(drawn),
        ax=axes,
    )


def _heatmap(drawn: Drawn, axes: "Axes") -> None:
    found = drawn.fixations
    draw_heatmap(
        found.x_px,
        found.y_px,
        duration_us=found.duration_us,
        sigma_x_px=found.sigma_x_px,
        sigma_y_px=found.sigma_y_px,
        image_size=drawn.image_size,
        image_u8=_pixels(drawn),
        ax=axes,
    )


def _time_series(drawn: Drawn, axes: "Axes") -> None:
    found = drawn.fixations
    if not drawn.has_samples:
        draw_time_series(
            found.onset_us, found.x_px, y_px=found.y_px, duration_us=found.duration_us, ax=axes
        )
        axes.set_title("fixations; no gaze samples", loc="left")
        return
    gaze = drawn.samples()
    draw_time_series(gaze.time_us, gaze.x_px, y_px=gaze.y_px, fixations_us=_spans(drawn), ax=axes)


def _main_sequence(drawn: Drawn, axes: "Axes") -> None:
    found = drawn.saccades()
    if found.amplitude_deg.size == 0:
        raise DataError(
            "no saccade was found", where=drawn.name, expected="saccades", found=found.detector
        )
    rate = "" if found.rate_hz is None else f", {found.rate_hz:.0f} Hz"
    draw_main_sequence(
        found.amplitude_deg,
        found.peak_velocity_deg_s,
        how=f"{found.detector}{rate}",
        ax=axes,
    )


def _timeline(drawn: Drawn, axes: "Axes") -> None:
    if not drawn.steps:
        raise DataError(
            "there are no review steps, which the lanes are",
            where=drawn.name,
            expected="steps in the protocol, such as A to F",
        )
    if not any(one.onset_us is not None for one in drawn.sentences):
        raise DataError(
            "no sentence has a time",
            where=drawn.name,
            found=f"{len(drawn.sentences)} sentences",
            remedy="find word times with: gazekit transcribe",
        )
    draw_timeline(
        drawn.sentences,
        drawn.steps,
        duration_us=drawn.duration_us,
        fixations_us=_spans(drawn),
        ax=axes,
    )


def _spans(drawn: Drawn) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    found = drawn.fixations
    return np.column_stack([found.onset_us, found.onset_us + found.duration_us])


def _pixels(drawn: Drawn) -> Pixels:
    if drawn.pixels is None:
        raise DataError(
            "the dataset holds no picture of this reading's image",
            where=drawn.name,
            remedy="build it with --embed-images, or plot from the session",
        )
    return drawn.pixels


_DRAW: dict[FigureKind, Callable[[Drawn, "Axes"], None]] = {
    "scanpath": _scanpath,
    "heatmap": _heatmap,
    "time-series": _time_series,
    "main-sequence": _main_sequence,
    "timeline": _timeline,
}
