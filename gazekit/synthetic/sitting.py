"""How a simulated session is written: validation, then one reading after the other."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.geometry import ViewTrack, angle_deg
from gazekit.model.records import (
    CalibrationRecord,
    Event,
    ScreenRecord,
    ValidationPoint,
    ViewState,
)
from gazekit.model.session import SessionWriter
from gazekit.model.viewport import Viewport
from gazekit.synthetic.phantom import Phantom
from gazekit.synthetic.reader import SimulatedReading, plan_reading
from gazekit.synthetic.sensor import Sensor

__all__ = ["SCREEN", "SimulatedSitting"]

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
_AREA = (0.0, 0.0, 1920.0, 1080.0)
_START_US = 5_000_000
_TARGETS = ((0.5, 0.5), (0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9))
_TARGET_US, _CROSS_US, _BREAK_US, _PAIR_US = 1_000_000, 500_000, 700_000, 2_000_000

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Span:
    """Samples of a stretch of time: the moments and where the eyes are on the screen."""

    time_us: NDArray[np.int64]
    x_px: _Floats
    y_px: _Floats
    eye_open: _Floats


class SimulatedSitting:
    """One sitting while it is being written; `now_us` is the session clock."""

    def __init__(self, writer: SessionWriter, sensor: Sensor) -> None:
        self.now_us = _START_US
        self._writer = writer
        self._sensor = sensor

    def validate(self, *, max_accuracy_deg: float) -> None:
        """Look at five targets; keep samples, the targets and the result."""
        start, points = self.now_us, []
        for x_norm, y_norm in _TARGETS:
            x, y = x_norm * SCREEN.width_px, y_norm * SCREEN.height_px
            batch = self._rest(x, y, _TARGET_US)
            value = {"x_norm": x_norm, "y_norm": y_norm}
            self._event("validation_target", self.now_us, value, duration_us=_TARGET_US)
            self.now_us += _TARGET_US
            points += [_validated(batch, eye, (x_norm, y_norm)) for eye in ("left", "right")]
        known = [p.accuracy_deg for p in points if p.accuracy_deg is not None]
        accuracy = float(np.mean(known)) if known else None
        self._writer.calibration(
            CalibrationRecord(
                time_us=start,
                kind="validation",
                attempt=1,
                accepted=accuracy is not None and accuracy <= max_accuracy_deg,
                points=tuple(points),
                accuracy_deg=accuracy,
                data_loss=float(np.mean([p.data_loss for p in points])),
            )
        )

    def read(
        self, phantom: Phantom, *, reading_id: str, order: int, seed: int
    ) -> tuple[SimulatedReading, int]:
        """Write one reading, cross and all; return it and its onset on the session clock."""
        view = Viewport.fit(phantom.display.record, _AREA)
        reading = plan_reading(phantom, seed=seed, screen=SCREEN, viewport=view)
        cross = {"x_px": view.middle_px[0], "y_px": view.middle_px[1]}
        self._event("fixation_cross", self.now_us, cross, duration_us=_CROSS_US)
        origin = self.now_us + _CROSS_US
        end = origin + reading.duration_us
        views = tuple(_views(reading, view, reading_id, origin))
        for state in (*views, ViewState(time_us=end, cause="reading_end")):
            self._writer.view(state)
        self._measure(_looked(reading, views, origin, self._moments(self.now_us, end + _BREAK_US)))
        image_id = phantom.display.record.image_id
        value: dict[str, str | int | float | bool | None] = {"reading_id": reading_id}
        self._event(
            "reading_start",
            origin,
            value | {"image_id": image_id, "order": order},
            duration_us=None,
        )
        self._event("reading_end", end, value | {"outcome": "complete"}, duration_us=None)
        self._say(reading, phantom, reading_id, origin)
        self.now_us = end + _BREAK_US
        return reading, origin

    def _say(
        self, reading: SimulatedReading, phantom: Phantom, reading_id: str, origin_us: int
    ) -> None:
        for word in reading.words:
            onset, offset = word.onset_us, word.offset_us
            self._writer.word(
                msgspec.structs.replace(
                    word,
                    reading_id=reading_id,
                    onset_us=None if onset is None else origin_us + onset,
                    offset_us=None if offset is None else origin_us + offset,
                    engine="simulated",
                )
            )
        for finding in phantom.findings:
            self._writer.finding(msgspec.structs.replace(finding, reading_id=reading_id))

    def _event(
        self,
        kind: str,
        time_us: int,
        value: dict[str, str | int | float | bool | None] | dict[str, float],
        *,
        duration_us: int | None,
    ) -> None:
        self._writer.event(
            Event(time_us=time_us, kind=kind, duration_us=duration_us, value=dict(value))
        )

    def _moments(self, start_us: int, end_us: int) -> NDArray[np.int64]:
        """Return the sample moments in [start, end); one unbroken raster for the whole session."""
        step = 1e6 / self._sensor.rate_hz
        numbers = np.arange(np.ceil(start_us / step), np.ceil(end_us / step))
        return np.floor(numbers * step).astype(np.int64)

    def _rest(self, x: float, y: float, length_us: int) -> pa.RecordBatch:
        time = self._moments(self.now_us, self.now_us + length_us)
        ones = np.ones(time.size)
        return self._measure(_Span(time, x * ones, y * ones, ones))

    def _measure(self, span: _Span) -> pa.RecordBatch:
        sensor = self._sensor
        received = sensor.received_us(span.time_us)
        batch = sensor.measure(span.time_us, received, span.x_px, span.y_px, span.eye_open)
        self._writer.samples(batch)
        asked = range(int(span.time_us[0]), int(span.time_us[-1]) + 1, _PAIR_US)
        pairs = pa.Table.from_batches([sensor.clock_pair(time) for time in asked])
        self._writer.clock(pairs.combine_chunks().to_batches()[0])
        return batch


def _views(
    reading: SimulatedReading, view: Viewport, reading_id: str, origin_us: int
) -> Iterator[ViewState]:
    yield view.state(origin_us, reading_id=reading_id, cause="reading_start")
    for action in reading.view_actions:
        view = action.applied(view)
        time = origin_us + action.time_us
        yield view.state(
            time, reading_id=reading_id, input_us=time, cause=f"simulated {action.kind}"
        )


def _looked(
    reading: SimulatedReading,
    views: tuple[ViewState, ...],
    origin_us: int,
    time_us: NDArray[np.int64],
) -> _Span:
    """Return the gaze on the screen: on the cross before the reading, by plan from then on."""
    image_x, image_y, lids = reading.gaze_at(time_us - origin_us)
    x, y = ViewTrack(views).to_screen(time_us, image_x, image_y)
    before = time_us < origin_us
    x[before], y[before], lids[before] = (_AREA[2] / 2, _AREA[3] / 2, 1.0)
    return _Span(time_us, x, y, lids)


def _validated(batch: pa.RecordBatch, eye: str, target: tuple[float, float]) -> ValidationPoint:
    valid = batch.column(f"{eye}_gaze_valid").to_numpy(zero_copy_only=False)
    x = batch.column(f"{eye}_gaze_x_norm").to_numpy()[valid] * SCREEN.width_px
    y = batch.column(f"{eye}_gaze_y_norm").to_numpy()[valid] * SCREEN.height_px
    at = target[0] * SCREEN.width_px, target[1] * SCREEN.height_px
    some = x.size > 1
    steps = angle_deg(SCREEN, x[:-1], y[:-1], x[1:], y[1:]) if some else np.empty(0)
    away = angle_deg(SCREEN, x, y, x.mean(), y.mean()) if some else np.empty(0)
    return ValidationPoint(
        x_norm=target[0],
        y_norm=target[1],
        eye="left" if eye == "left" else "right",
        accuracy_deg=float(angle_deg(SCREEN, x.mean(), y.mean(), *at)) if some else None,
        rms_s2s_deg=float(np.sqrt(np.mean(steps**2))) if some else None,
        std_deg=float(np.sqrt(np.mean(away**2))) if some else None,
        data_loss=float(1.0 - valid.mean()) if valid.size else 1.0,
    )
