"""How are numbers drawn: lines over an axis, as SVG that follows the page's colours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from gazekit.report.page import figure

__all__ = ["Series", "line_chart", "nice_ticks", "polyline", "svg"]

_WIDTH, _HEIGHT = 480, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 46, 46
_MOST_POINTS = 700
_TICKS = 5
_LEAST_KEYS = 3
_NICE_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Series:
    """One line: its name, and x and y of shape (n,); a NaN in y breaks the line.

    `colour` is an index into the step colours; None: the place in the chart.
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    colour: int | None = None


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str,
    y_label: str,
    caption: str | None = None,
    limit: float | None = None,
    from_zero: bool = False,
) -> Markup:
    """Draw lines in one frame, each with a legend entry.

    Parameters
    ----------
    series
        At least one finite point among them; else the chart says that there is none.
    title
        What is shown; also the accessible name.
    limit
        A dashed line across, where there is a limit.
    from_zero
        Whether the y axis starts at 0.
    """
    lines = [_thinned(np.asarray(s.x, np.float64), np.asarray(s.y, np.float64)) for s in series]
    every = np.concatenate([np.empty((0, 2)), *lines])
    every = every[np.isfinite(every).all(axis=1)]
    if len(every) == 0:
        return figure(svg(_text(_WIDTH / 2, _HEIGHT / 2, "no values", "middle"), title=title))
    low, high = every.min(axis=0), every.max(axis=0)
    bottom = min(0.0, float(low[1])) if from_zero else float(low[1])
    top = float(high[1]) if limit is None else max(float(high[1]), limit)
    x_ticks = nice_ticks(float(low[0]), float(high[0]))
    y_ticks = nice_ticks(bottom, top)
    frame = _Frame(x_ticks, y_ticks)
    drawn = [frame.axes(title, x_label, y_label)]
    for index, (one, points) in enumerate(zip(series, lines, strict=True)):
        colour = (index if one.colour is None else one.colour) % 7
        drawn.append(polyline(frame.place(points), f"line step-{colour}", one.name))
        drawn.append(_key(index, one.name, colour, len(series)))
    if limit is not None:
        ends = frame.place(np.array([[x_ticks[0], limit], [x_ticks[-1], limit]]))
        drawn.append(polyline(ends, "limit", f"limit {limit:g}"))
    return figure(svg(Markup("").join(drawn), title=title), caption=caption)


def svg(content: Markup, *, title: str, size: tuple[float, float] = (_WIDTH, _HEIGHT)) -> Markup:
    """Frame drawn marks as an SVG with an accessible name."""
    return Markup(
        '<svg class="chart" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>'
    ).format(*size, title, content)


def nice_ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers that span low .. high."""
    if not high > low:
        pad = abs(low) * 0.1
        low, high = (low - pad, high + pad) if pad else (0.0, 1.0)
    raw = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * nice for nice in _NICE_STEPS if power * nice >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, last + 1)]


def polyline(points: NDArray[np.float64], css: str, name: str) -> Markup:
    """Draw points (n, 2) as lines; a NaN breaks the line, a lone point is a dot."""
    path = []
    lone = []
    fine = np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])
    for i in np.flatnonzero(fine):
        begins = i == 0 or not fine[i - 1]
        ends = i == len(points) - 1 or not fine[i + 1]
        if begins and ends:
            lone.append(points[i])
        else:
            path.append(f"{'M' if begins else 'L'}{points[i][0]:.1f} {points[i][1]:.1f}")
    dots = Markup("").join(
        Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="2.5"></circle>').format(
            css.replace("line", "dot"), *point
        )
        for point in lone
    )
    return Markup('<path class="{}" d="{}"><title>{}</title></path>{}').format(
        css, " ".join(path), name, dots
    )


class _Frame:
    """The plotting area between round numbers."""

    def __init__(self, x_ticks: list[float], y_ticks: list[float]) -> None:
        self.x_ticks, self.y_ticks = x_ticks, y_ticks

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map values (n, 2) to pixels of the drawing."""
        x0, x1, y0, y1 = self.x_ticks[0], self.x_ticks[-1], self.y_ticks[0], self.y_ticks[-1]
        x = _LEFT + (points[:, 0] - x0) / (x1 - x0) * (_WIDTH - _LEFT - _RIGHT)
        y = _HEIGHT - _BOTTOM - (points[:, 1] - y0) / (y1 - y0) * (_HEIGHT - _TOP - _BOTTOM)
        return np.column_stack([x, y])

    def axes(self, title: str, x_label: str, y_label: str) -> Markup:
        """Draw grid, tick labels, axis labels and the title."""
        base = _HEIGHT - _BOTTOM
        made = [_text(_LEFT, 14, f"{title} ({y_label})" if y_label else title, "start", "strong")]
        for value in self.y_ticks:
            y = float(self.place(np.array([[self.x_ticks[0], value]]))[0, 1])
            made.append(_line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"))
            made.append(_text(_LEFT - 8, y + 4, _label(value, self.y_ticks), "end"))
        for value in self.x_ticks:
            x = float(self.place(np.array([[value, self.y_ticks[0]]]))[0, 0])
            made.append(_line(x, base, x, base + 4, "axis"))
            made.append(_text(x, base + 18, _label(value, self.x_ticks), "middle"))
        made.append(_line(_LEFT, base, _WIDTH - _RIGHT, base, "axis"))
        made.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, x_label, "middle"))
        return Markup("").join(made)


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep the least and greatest of each stretch, so that no peak is lost; (n, 2)."""
    points = np.column_stack([x, y])
    if len(points) <= _MOST_POINTS:
        return points
    kept = []
    for part in np.array_split(points, _MOST_POINTS // 2):
        fine = part[np.isfinite(part).all(axis=1)]
        if len(fine) < len(part) / 2:
            kept.append(np.array([[part[0, 0], np.nan]]))
        if len(fine):
            ends = sorted({int(fine[:, 1].argmin()), int(fine[:, 1].argmax())})
            kept.append(fine[ends])
    return np.concatenate(kept)


def _key(index: int, name: str, colour: int, count: int) -> Markup:
    if count == 1:
        return Markup("")
    x = _LEFT + index * (_WIDTH - _LEFT - _RIGHT) / max(count, _LEAST_KEYS)
    y = 32
    return Markup(
        '<rect class="area step-{}" x="{:.0f}" y="{:.0f}" width="14" height="4"></rect>'
    ).format(colour, x, y - 5) + _text(x + 19, y, name, "start")


def _label(value: float, ticks: list[float]) -> str:
    step = ticks[1] - ticks[0]
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else int(step % 1 != 0)
    return f"{value:,.{digits}f}" if digits <= 6 else f"{value:.1e}"  # noqa: PLR2004


def _line(x0: float, y0: float, x1: float, y1: float, css: str) -> Markup:
    return Markup(
        '<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"></line>'
    ).format(css, x0, y0, x1, y1)


def _text(x: float, y: float, words: str, anchor: str, css: str = "") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        css, x, y, anchor, words
    )
