"""How well did the tracker know where the reader looked: each attempt, each eye, and the drift?"""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from gazekit.model.geometry import angle_deg
from gazekit.model.records import CalibrationRecord, ScreenRecord, ValidationPoint
from gazekit.report.chart import Series, line_chart, nice_ticks, svg
from gazekit.report.page import LegendItem, Section, figure, legend, note, number, section, tabs
from gazekit.report.raw import RawSession
from gazekit.report.table import Cell, Column, table

__all__ = ["calibration_section", "target_plot"]

_WIDTH = 640.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 24.0, 24.0, 56.0
_MAGNIFIED = 2.0
"""Errors are drawn so many times larger than the axes: at their scale they would be dots."""
_LEAST_DEG, _MOST_DEG = 0.05, 2.5


def calibration_section(session: RawSession) -> Section:
    """Return the part of the page on calibration, validation and drift."""
    title = "Calibration and validation"
    if not session.calibrations:
        return section(title, note("None was recorded.", tone="warn"))
    limit = session.calibration_plan.max_point_deg
    drawn = [
        (
            f"{c.kind} {c.attempt}{', accepted' if c.accepted else ', refused'}",
            target_plot(c, session.record.screen, limit_deg=limit),
        )
        for c in sorted(session.calibrations, key=lambda c: c is not session.accepted)
        if c.points and c.kind != "drift_check"
    ]
    plots = [tabs(drawn, label="Attempts")] if drawn else []
    blocks = [_attempts(session), *plots, _points(session), *_drift(session)]
    return section(title, *[block for block in blocks if block])


def target_plot(record: CalibrationRecord, screen: ScreenRecord, *, limit_deg: float) -> Markup:
    """Draw the targets of a validation in degrees from the centre, each with both eyes' errors.

    The left half of a disc is the left eye, the right half the right one; its radius is the error,
    that of the ring the limit. Degrees are equally long on both axes, so that a ring is round.
    """
    frame = _Frame(screen)
    made = [frame.axes()]
    for x, y in sorted({(p.x_norm, p.y_norm) for p in record.points}):
        here = [p for p in record.points if (p.x_norm, p.y_norm) == (x, y)]
        made.append(_target(frame, frame.place(x, y), here, limit_deg))
    words = f"Error of each eye at each target, in degrees; limit {limit_deg:g}"
    caption = (
        f"Left half of a disc: left eye; right half: right eye; red: beyond the limit. Discs and "
        f"rings (the limit of {limit_deg:g}°) are {_MAGNIFIED:g} times larger than the axes; the "
        "figures beside them are exact."
    )
    key = legend([LegendItem("step-0", "left eye"), LegendItem("step-1", "right eye")])
    return figure(svg(Markup("").join(made), title=words, size=frame.size), caption=caption) + key


class _Frame:
    """The screen in degrees of visual angle from its centre, equally long on both axes."""

    def __init__(self, screen: ScreenRecord) -> None:
        self._screen = screen
        half_x, half_y = screen.width_px / 2, screen.height_px / 2
        self._across = _degrees(screen, half_x, horizontal=True)
        self._down = _degrees(screen, half_y, horizontal=False)
        self._scale = (_WIDTH - _LEFT - _RIGHT) / (2 * self._across)
        tall = 2 * self._down * self._scale
        self.size = (_WIDTH, _TOP + tall + _BOTTOM)

    @property
    def degree(self) -> float:
        """Length of a degree on the drawing."""
        return self._scale

    def place(self, x_norm: float, y_norm: float) -> tuple[float, float]:
        """Return where a point of the screen stands on the drawing."""
        x = (x_norm - 0.5) * self._screen.width_px
        y = (y_norm - 0.5) * self._screen.height_px
        right = np.sign(x) * _degrees(self._screen, abs(x), horizontal=True)
        low = np.sign(y) * _degrees(self._screen, abs(y), horizontal=False)
        return self._at(float(right), float(low))

    def _at(self, right_deg: float, low_deg: float) -> tuple[float, float]:
        return (
            _LEFT + (right_deg + self._across) * self._scale,
            _TOP + (low_deg + self._down) * self._scale,
        )

    def axes(self) -> Markup:
        """Draw the edge of the screen, and degrees from its centre along two sides."""
        x0, y0 = self._at(-self._across, -self._down)
        x1, y1 = self._at(self._across, self._down)
        box = Markup('<rect class="panel" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
        made = [box.format(x0, y0, x1 - x0, y1 - y0)]
        for tick in _ticks(self._across):
            x, _ = self._at(tick, 0.0)
            made.append(_line(x, y1, x, y1 + 4))
            made.append(_text(x, y1 + 17, f"{tick:g}°".replace("-", "−"), "middle"))
        for tick in _ticks(self._down):
            _, y = self._at(0.0, tick)
            made.append(_line(x0 - 4, y, x0, y))
            made.append(_text(x0 - 7, y + 4, f"{tick:g}°".replace("-", "−"), "end"))
        made.append(_text((x0 + x1) / 2, y1 + 36, "degrees from the centre", "middle"))
        return Markup("").join(made)


def _degrees(screen: ScreenRecord, offset_px: float, *, horizontal: bool) -> float:
    """Return the angle between the centre of the screen and a point off it along one axis."""
    x, y = screen.width_px / 2, screen.height_px / 2
    to_x, to_y = (x + offset_px, y) if horizontal else (x, y + offset_px)
    return float(angle_deg(screen, x, y, to_x, to_y))


def _ticks(half_deg: float) -> list[float]:
    return [tick for tick in nice_ticks(-half_deg, half_deg) if abs(tick) <= half_deg]


def _target(
    frame: _Frame, at: tuple[float, float], points: Sequence[ValidationPoint], limit_deg: float
) -> Markup:
    x, y = at
    long = frame.degree * _MAGNIFIED
    made = [
        Markup('<circle class="target" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(
            x, y, limit_deg * long
        )
    ]
    errors: dict[str, float | None] = {p.eye: p.accuracy_deg for p in points}
    for eye, sweep in (("left", 0), ("right", 1)):
        error = errors.get(eye)
        if error is None:
            continue
        r = min(max(error, _LEAST_DEG), _MOST_DEG) * long
        css = "bad" if error > limit_deg else f"area step-{sweep}"
        half = Markup(
            '<path class="{}" d="M{x:.1f} {a:.1f}A{r:.1f} {r:.1f} 0 0 {} {x:.1f} {b:.1f}Z"/>'
        )
        made.append(half.format(css, sweep, x=x, a=y - r, b=y + r, r=r))
    below = y + limit_deg * long + 14
    place = below if below < frame.size[1] - _BOTTOM - 2 else y - limit_deg * long - 6
    words = "  ".join(
        f"{eye[0].upper()} {'no data' if errors.get(eye) is None else f'{errors[eye]:.2f}°'}"
        for eye in ("left", "right")
        if eye in errors
    )
    anchor = "start" if x < _LEFT + 60 else "end" if x > _WIDTH - _RIGHT - 60 else "middle"
    shift = {"start": -40.0, "end": 40.0, "middle": 0.0}[anchor]
    made.append(_text(x + shift, place, words, anchor, "strong"))
    return Markup("").join(made)


def _line(x0: float, y0: float, x1: float, y1: float) -> Markup:
    line = Markup('<line class="axis" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
    return line.format(x0, y0, x1, y1)


def _text(x: float, y: float, words: str, anchor: str, css: str = "") -> Markup:
    text = Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    return text.format(css, x, y, anchor, words)


def _attempts(session: RawSession) -> Markup:
    return table(
        [
            *("Kind", "Attempt", "Result"),
            Column("Accuracy", "deg", numeric=True, meaning="mean over targets and eyes"),
            Column("RMS-S2S", "deg", numeric=True),
            Column("STD", "deg", numeric=True),
            Column("Data loss", "%", numeric=True),
            Column("At", "s", numeric=True),
        ],
        [_attempt(c, session) for c in session.calibrations],
        caption="Every attempt is kept.",
        sortable=False,
    )


def _attempt(record: CalibrationRecord, session: RawSession) -> list[Cell]:
    at = session.seconds(record.time_us)
    reason = f": {record.reason}" if record.reason else ""
    return [
        Cell(record.kind.replace("_", " ")),
        Cell(str(record.attempt), record.attempt),
        Cell(
            f"{'accepted' if record.accepted else 'refused'}{reason}",
            tone=("warn" if reason else "good") if record.accepted else "bad",
        ),
        Cell(number(record.accuracy_deg, 2), record.accuracy_deg),
        Cell(number(record.rms_s2s_deg, 3), record.rms_s2s_deg),
        Cell(number(record.std_deg, 3), record.std_deg),
        _share(record.data_loss),
        Cell(number(at, 1), at),
    ]


def _points(session: RawSession) -> Markup | None:
    """List each target and eye of the validation that holds."""
    held = session.accepted
    if held is None or not held.points:
        return None
    limit = session.calibration_plan
    return table(
        [
            *("Target", "Eye", "Verdict"),
            Column("Accuracy", "deg", numeric=True),
            Column("RMS-S2S", "deg", numeric=True),
            Column("STD", "deg", numeric=True),
            Column("Data loss", "%", numeric=True),
        ],
        [
            [
                Cell(f"{point.x_norm:.2f}, {point.y_norm:.2f}"),
                Cell(point.eye),
                _verdict(point, limit.max_point_deg, limit.max_data_loss),
                Cell(number(point.accuracy_deg, 2), point.accuracy_deg),
                Cell(number(point.rms_s2s_deg, 3), point.rms_s2s_deg),
                Cell(number(point.std_deg, 3), point.std_deg),
                _share(point.data_loss),
            ]
            for point in held.points
        ],
        caption="The validation that holds, target by target (0 to 1 over the screen).",
    )


def _verdict(point: ValidationPoint, most_deg: float, most_loss: float) -> Cell:
    if point.accuracy_deg is None:
        return Cell("no data", tone="bad")
    if point.accuracy_deg > most_deg:
        return Cell("beyond the limit", tone="bad")
    if point.data_loss > most_loss:
        return Cell("samples missing", tone="warn")
    return Cell("within", tone="good")


def _drift(session: RawSession) -> list[Markup]:
    checks = [c for c in session.calibrations if c.kind == "drift_check"]
    known = [c for c in checks if c.accuracy_deg is not None]
    if not checks:
        return [note("No drift check was recorded.")]
    if len(known) < 2:  # noqa: PLR2004 - a trend needs two
        return []
    seconds = np.array([session.seconds(c.time_us) or 0.0 for c in known])
    errors = np.array([c.accuracy_deg for c in known], np.float64)
    slope = float(np.polyfit(seconds / 60.0, errors, 1)[0]) if np.ptp(seconds) > 0 else 0.0
    chart = line_chart(
        [Series("error", seconds, errors, 4)],
        title="Drift checks",
        x_label="time (s)",
        y_label="deg",
        limit=session.calibration_plan.drift_check_deg,
        from_zero=True,
        caption=f"Error at the central target before readings; trend {slope:+.3f}° a minute. Gaze "
        "is never shifted by it.",
    )
    return [chart]


def _share(value: float | None) -> Cell:
    return Cell(number(None if value is None else value * 100, 1), value)
