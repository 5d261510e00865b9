"""How is a scanpath drawn: numbered circles for fixations, lines between, colour for time."""

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from gazekit.report.colour import time_hex
from gazekit.report.page import figure
from gazekit.report.picture import THUMBNAIL_PX, Box, Pixels, image_svg, thumbnail

__all__ = ["scanpath_figure"]

_RADIUS_OF_100_MS = 0.0115
"""Share of the longest side of the picture; the area grows with the duration."""

_LEAST_RADIUS = 0.012
"""Room for two digits; reached by a fixation of 109 ms."""

_ALL_NUMBERED = 60
_EVERY = 5


def scanpath_figure(
    image_u8: Pixels,
    *,
    x_px: ArrayLike,
    y_px: ArrayLike,
    duration_us: ArrayLike,
    alt: str,
    image_size: tuple[float, float] | None = None,
    boxes: tuple[Box, ...] = (),
    caption: str | None = None,
    max_px: int = THUMBNAIL_PX,
) -> Markup:
    """Draw fixations on an image, in order.

    Parameters
    ----------
    image_u8
        Grey or RGB uint8; it may be smaller than the image that the coordinates refer to.
    x_px, y_px, duration_us
        Shape (n,), in image pixels and microseconds. Fixations that are NaN or off the image
        are not drawn; the caption says how many.
    image_size
        (width, height) that coordinates refer to; None: those of `image_u8`.
    """
    x, y, duration = (np.asarray(a, np.float64) for a in (x_px, y_px, duration_us))
    full = image_size or (image_u8.shape[1], image_u8.shape[0])
    on = (x >= 0) & (x < full[0]) & (y >= 0) & (y < full[1])
    small = thumbnail(image_u8, max_px=max_px)
    scale = small.shape[1] / full[0], small.shape[0] / full[1]
    longest = max(small.shape[:2])
    points = np.column_stack([x * scale[0], y * scale[1]])
    radius = longest * _RADIUS_OF_100_MS * np.sqrt(np.clip(duration, 0, None) / 100_000)
    marks = _lines(points, on, longest / 400) + _circles(points, radius, on, longest)
    drawn = image_svg(image_u8, alt=alt, image_size=full, boxes=boxes, marks=marks, max_px=max_px)
    return figure(drawn, caption=caption or _caption(on))


def _caption(on: NDArray[np.bool_]) -> str:
    off = int((~on).sum())
    said = f"Scanpath: {on.size:,} fixations, numbered in order; area grows with duration."
    if on.size > _ALL_NUMBERED:
        said += f" Every {_EVERY}th is numbered."
    return said + (f" Off the image, so not drawn: {off:,}." if off else "")


def _lines(points: NDArray[np.float64], on: NDArray[np.bool_], stroke: float) -> Markup:
    """Draw saccades, each over a dark one, so that they show on bright and dark alike."""
    pairs = np.flatnonzero(on[:-1] & on[1:])
    last = max(len(points) - 1, 1)
    dark = [_line(points[i], points[i + 1], "#0b0f12", stroke * 2.2, 0.55) for i in pairs]
    bright = [_line(points[i], points[i + 1], time_hex(i / last), stroke, 0.95) for i in pairs]
    return Markup("").join([*dark, *bright])


def _line(
    start: NDArray[np.float64], end: NDArray[np.float64], colour: str, width: float, opacity: float
) -> Markup:
    return Markup(
        '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}"'
        ' stroke-width="{:.2f}" stroke-opacity="{:g}"></line>'
    ).format(*start, *end, colour, width, opacity)


def _circles(
    points: NDArray[np.float64], radius: NDArray[np.float64], on: NDArray[np.bool_], longest: int
) -> Markup:
    last = max(len(points) - 1, 1)
    dense = len(points) > _ALL_NUMBERED
    made = []
    for i in np.flatnonzero(on):
        x, y = points[i]
        made.append(
            Markup(
                '<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="{}" fill-opacity=".74"'
                ' stroke="#0b0f12" stroke-width=".8"/>'
            ).format(x, y, max(radius[i], longest * _LEAST_RADIUS), time_hex(i / last))
        )
        if not dense or i % _EVERY == _EVERY - 1 or i == 0:
            made.append(_number(i + 1, x, y, longest))
    return Markup("").join(made)


def _number(index: int, x: float, y: float, longest: int) -> Markup:
    size = longest / 50
    return Markup(
        '<text x="{:.1f}" y="{:.1f}" font-size="{:.1f}" font-weight="700" text-anchor="middle"'
        ' fill="#0b0f12">{}</text>'
    ).format(x, y + size * 0.35, size, index)
