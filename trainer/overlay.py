"""How does a prediction look: numbered regions and the trajectory on the image, a legend beside."""

import io
import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from gazekit.model.version import DISCLAIMER
from trainer.prediction import PredictedSentence, Prediction

__all__ = ["overlay_png"]

_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#3D8BD3", "#D55E00", "#CC79A7", "#B8B8B8")
"""Okabe and Ito's palette, which readers with a colour vision deficiency tell apart."""

_BACKGROUND, _TEXT, _FAINT = "#14171A", "#F2F4F5", "#A9B2B9"
_HEIGHT_IN, _DPI = 7.2, 150
_LEGEND_IN = 4.4
_FOOT_IN = 0.42
_NUMBER_IN = 0.2
_NARROWEST, _WIDEST = 0.5, 1.6
_SIZES = (11.0, 10.0, 9.0, 8.0, 7.0)
_LETTER_EM = 0.52
"""Mean width of a letter, as a share of its size; a little wide, so that no line is cut."""

_NUMBER: dict[str, Any] = {
    "ha": "center",
    "va": "center",
    "fontsize": 8.5,
    "fontweight": "bold",
    "color": "black",
}


def overlay_png(grey: NDArray[np.uint8], prediction: Prediction) -> bytes:
    """Draw the evidence of a prediction.

    Parameters
    ----------
    grey
        uint8, shape (rows, columns): the image as displayed.

    Returns
    -------
    bytes
        A PNG: the image with one numbered region a sentence and the inspection trajectory;
        at its right each sentence in the colour of its region.
    """
    rows, columns = grey.shape
    image_in = _HEIGHT_IN * min(_WIDEST, max(_NARROWEST, columns / rows))
    size = (image_in + _LEGEND_IN, _HEIGHT_IN + _FOOT_IN)
    figure = Figure(figsize=size, dpi=_DPI, facecolor=_BACKGROUND)
    FigureCanvasAgg(figure)  # draws without a display
    foot = _FOOT_IN / size[1]
    axes = figure.add_axes((0, foot, image_in / size[0], 1 - foot))
    axes.set_axis_off()
    axes.imshow(grey, cmap="gray", vmin=0, vmax=255, extent=(0, columns, rows, 0))
    _draw_trajectory(axes, prediction)
    taken: list[tuple[float, float]] = []
    for sentence in prediction.sentences:
        _draw_region(axes, sentence, unit=rows / _HEIGHT_IN, taken=taken)
    _draw_legend(figure, prediction, left=image_in, height=size[1])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor=_BACKGROUND)
    return buffer.getvalue()


def _draw_trajectory(axes: Axes, prediction: Prediction) -> None:
    points = prediction.trajectory
    x, y = [point.x_px for point in points], [point.y_px for point in points]
    axes.plot(x, y, color="white", linewidth=0.8, linestyle=(0, (3, 3)), alpha=0.5)
    for point in points:
        axes.plot(
            point.x_px,
            point.y_px,
            marker="o",
            markersize=4,
            color=_colour(point.sentence),
            markeredgecolor="black",
            markeredgewidth=0.5,
        )


def _draw_region(
    axes: Axes, sentence: PredictedSentence, *, unit: float, taken: list[tuple[float, float]]
) -> None:
    """Draw box and number; the number stands over the box, beside those already `taken`."""
    region, colour = sentence.region, _colour(sentence.number)
    corner = (region.x0_px, region.y0_px)
    size = (region.x1_px - region.x0_px, region.y1_px - region.y0_px)
    axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor="black", linewidth=2.6))
    axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=1.4))
    step = _NUMBER_IN * unit
    x, y = region.x0_px + step / 2, max(step / 2, region.y0_px - step / 2)
    while any(abs(x - other) < step and abs(y - row) < step for other, row in taken):
        x += step
    taken.append((x, y))
    axes.text(x, y, str(sentence.number), bbox=_badge(colour), **_NUMBER)


def _draw_legend(figure: Figure, prediction: Prediction, *, left: float, height: float) -> None:
    """Write title, numbered sentences and the disclaimer; places are in inches from the top."""
    width = left + _LEGEND_IN
    size = _legend_size(prediction)

    def write(x_in: float, y_in: float, text: str, **style: Any) -> None:  # noqa: ANN401 - matplotlib's
        figure.text(x_in / width, 1 - y_in / height, text, va="top", **style)

    write(left + 0.25, 0.22, "Report with evidence", color=_TEXT, fontsize=13, fontweight="bold")
    note = "model trained on synthetic data" if prediction.trained_on_simulated else "model output"
    write(left + 0.25, 0.5, f"{note}; not verified", color=_FAINT, fontsize=9)
    line_in = size * 1.3 / 72
    y_in = 0.88
    for sentence in prediction.sentences:
        lines = _wrapped(sentence.text, size)
        if y_in + line_in * len(lines) > height - 0.3:
            write(left + 0.6, y_in, "... (see prediction.json)", color=_FAINT, fontsize=size)
            break
        badge = _badge(_colour(sentence.number))
        x_in = left + 0.25 + _NUMBER_IN / 2
        number = {**_NUMBER, "va": "top"}
        figure.text(
            x_in / width, 1 - (y_in + 0.02) / height, str(sentence.number), bbox=badge, **number
        )
        write(left + 0.6, y_in, "\n".join(lines), color=_TEXT, fontsize=size, linespacing=1.3)
        y_in += line_in * len(lines) + 0.14
    figure.text(
        0.15 / width,
        _FOOT_IN / 2 / height,
        f"{DISCLAIMER}  Boxes: where each sentence rests; dots and dashes: the inspection.",
        va="center",
        color=_FAINT,
        fontsize=9,
    )


def _legend_size(prediction: Prediction) -> float:
    """Choose the largest letters with which every sentence fits."""
    for size in _SIZES:
        lines = sum(len(_wrapped(sentence.text, size)) for sentence in prediction.sentences)
        if lines * size * 1.3 / 72 + 0.14 * len(prediction.sentences) < _HEIGHT_IN - 1.0:
            return size
    return _SIZES[-1]


def _wrapped(text: str, size: float) -> list[str]:
    return textwrap.wrap(text, int((_LEGEND_IN - 0.75) * 72 / (size * _LETTER_EM))) or [""]


def _badge(colour: str) -> dict[str, Any]:
    return {
        "boxstyle": "round,pad=0.2",
        "facecolor": colour,
        "edgecolor": "black",
        "linewidth": 0.6,
    }


def _colour(number: int) -> str:
    return _COLOURS[(number - 1) % len(_COLOURS)]
