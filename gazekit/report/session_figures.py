"""How are a session's course and its raw gaze drawn?"""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from gazekit.model.geometry import ViewTrack
from gazekit.model.records import ReadingRecord, ViewState
from gazekit.report.chart import nice_ticks, svg
from gazekit.report.colour import time_hex
from gazekit.report.page import figure
from gazekit.report.picture import Pixels, image_svg, thumbnail
from gazekit.report.signal import Signal, per_second

__all__ = ["raw_gaze_figure", "timeline"]

_WIDTH = 1000
_LABELS = 96
_LANE = 34
_MOST_DOTS = 2500


def timeline(
    signal: Signal, readings: Sequence[ReadingRecord], views: Sequence[ViewState]
) -> Markup:
    """Draw the course of a session: readings, view changes, data loss each second."""
    if signal.time_us.size == 0:
        return figure(svg(Markup('<text x="20" y="30">no samples</text>'), title="No samples"))
    start, end = int(signal.time_us[0]), int(signal.time_us[-1])
    end = max([end, start + 1, *(r.offset_us for r in readings if r.offset_us is not None)])
    axis = _Axis(start, end)
    made = [_lanes(("Readings", "View changes", "Data loss"))]
    made += [_span(axis, reading, end) for reading in readings]
    made += [axis.mark(state.time_us, 1, state.cause or "view") for state in views]
    seconds, loss, _ = per_second(signal)
    for second, share in zip(seconds, loss, strict=True):
        if share > 0:
            made.append(axis.bar(start + int(second * 1e6), 2, float(share)))
    made.append(axis.scale())
    title = "Course of the session: readings, view changes and data loss over time"
    size = (_WIDTH, 3 * _LANE + 36)
    return figure(
        svg(Markup("").join(made), title=title, size=size),
        caption="Data loss: height of a bar is the share of samples without a valid eye in that "
        "second; a full lane is all of them.",
        wide=True,
    )


def raw_gaze_figure(
    image_u8: Pixels, signal: Signal, track: ViewTrack, *, image_size: tuple[float, float]
) -> Markup:
    """Draw raw gaze samples of one reading on its image, through the views that held then."""
    x, y, _ = track.to_image(signal.time_us, signal.x_px, signal.y_px)
    on = (x >= 0) & (x < image_size[0]) & (y >= 0) & (y < image_size[1])
    picks = np.flatnonzero(on)
    if picks.size > _MOST_DOTS:
        picks = picks[np.linspace(0, picks.size - 1, _MOST_DOTS).astype(int)]
    small = thumbnail(image_u8)
    scale = small.shape[1] / image_size[0], small.shape[0] / image_size[1]
    marks = _dots(
        np.column_stack([x[picks] * scale[0], y[picks] * scale[1]]), picks, max(x.size, 1)
    )
    valid = max(int(signal.valid.sum()), 1)
    said = f"Raw gaze samples, not fixations: {picks.size:,} of {x.size:,} drawn, "
    said += f"{on.sum() / valid:.0%} of the valid ones lie on the image. Blue is early, red late."
    drawn = image_svg(
        small, alt="Radiograph with raw gaze samples", image_size=image_size, marks=marks
    )
    return figure(drawn, caption=said)


class _Axis:
    """Session time laid over the width of the drawing."""

    def __init__(self, start_us: int, end_us: int) -> None:
        self.start_us, self.end_us = start_us, end_us

    def at(self, time_us: int) -> float:
        share = (time_us - self.start_us) / (self.end_us - self.start_us)
        return _LABELS + min(max(share, 0.0), 1.0) * (_WIDTH - _LABELS - 8)

    def mark(self, time_us: int, lane: int, name: str) -> Markup:
        x, y = self.at(time_us), lane * _LANE
        return Markup(
            '<line class="axis" x1="{:.1f}" y1="{}" x2="{:.1f}" y2="{}"><title>{}</title></line>'
        ).format(x, y + 7, x, y + _LANE - 7, name)

    def bar(self, time_us: int, lane: int, share: float) -> Markup:
        x, width = self.at(time_us), max(self.at(time_us + 1_000_000) - self.at(time_us) - 0.3, 0.6)
        tall = max((_LANE - 8) * share, 1.0)
        return Markup(
            '<rect class="loss" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
            "<title>{:.0%} lost</title></rect>"
        ).format(x, (lane + 1) * _LANE - 4 - tall, width, tall, share)

    def scale(self) -> Markup:
        made = []
        for tick in nice_ticks(0.0, (self.end_us - self.start_us) / 1e6):
            when = self.start_us + round(tick * 1e6)
            if self.start_us <= when <= self.end_us:
                made.append(
                    Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{:g} s</text>').format(
                        self.at(when), 3 * _LANE + 18, tick
                    )
                )
        return Markup("").join(made)


def _lanes(names: Sequence[str]) -> Markup:
    return Markup("").join(
        Markup(
            '<rect class="lane" x="{}" y="{}" width="{}" height="{}"></rect>'
            '<text x="0" y="{}">{}</text>'
        ).format(_LABELS, i * _LANE + 3, _WIDTH - _LABELS - 8, _LANE - 6, i * _LANE + 21, name)
        for i, name in enumerate(names)
    )


def _span(axis: _Axis, reading: ReadingRecord, end_us: int) -> Markup:
    x0 = axis.at(reading.onset_us)
    x1 = axis.at(end_us if reading.offset_us is None else reading.offset_us)
    css = "area step-2" if reading.outcome == "complete" else "area step-1"
    name = f"{reading.reading_id}: {reading.outcome}"
    return Markup(
        '<rect class="{}" x="{:.1f}" y="7" width="{:.1f}" height="{}"><title>{}</title></rect>'
    ).format(css, x0, max(x1 - x0, 1.0), _LANE - 14, name)


def _dots(points: NDArray[np.float64], index: NDArray[np.int64], total: int) -> Markup:
    """Draw points in twelve shares of time, one path each, so that a page stays small."""
    shares = np.minimum(index * 12 // total, 11)
    made = []
    for share in np.unique(shares):
        path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points[shares == share])
        made.append(
            Markup(
                '<path d="{}" stroke="{}" stroke-width="3" stroke-linecap="round"'
                ' stroke-opacity=".75" fill="none"></path>'
            ).format(path, time_hex(float(share) / 11))
        )
    return Markup("").join(made)
