"""What does the simulated tracker give beside gaze: lids, the eyes' place, an external signal?"""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from capture.batches import join_batches
from capture.trackers.sim_plan import SimPlan
from gazekit.model.schemas import schema_of
from gazekit.synthetic import Sensor
from gazekit.synthetic.seeds import rng_of

__all__ = ["Blinks", "FurtherStreams", "joined"]

_SECOND_US = 1_000_000
_BLINK_US = 180_000
_OPEN_MM = 10.5
_BOX_MM = (400.0, 300.0, 400.0)
"""The tracker's box: width, height, depth, about the eyes' usual place."""
_POSITION_US = 100_000

_Floats = NDArray[np.float64]


class Blinks:
    """Blinks at random moments of the session clock, the same for the same seed."""

    def __init__(self, per_minute: float, *, seed: int) -> None:
        self._share = per_minute / 60.0
        self._seed = seed

    def closed(self, time_us: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say at which moments the lids are down; bool, shape (n,)."""
        closed = np.zeros(time_us.size, np.bool_)
        if not self._share or not time_us.size:
            return closed
        for second in range(int(time_us[0]) // _SECOND_US - 1, int(time_us[-1]) // _SECOND_US + 1):
            rng = rng_of(self._seed, "blink", second % (1 << 31))
            for start in rng.integers(0, _SECOND_US, rng.poisson(self._share)):
                past_us = time_us - second * _SECOND_US - int(start)
                closed |= (past_us >= 0) & (past_us < _BLINK_US)
        return closed


class FurtherStreams:
    """Makes the further streams of each batch of samples."""

    def __init__(self, plan: SimPlan, sensor: Sensor) -> None:
        self._every_us = round(plan.signal_every_s * _SECOND_US)
        self._distance_mm = sensor.screen.distance_mm
        self._device_us = sensor.device_us
        self._position_us = 0
        self._signals = 0

    def of(self, batch: pa.RecordBatch, open_: _Floats, start_us: int) -> dict[str, pa.RecordBatch]:
        """Return openness (a row a sample), position (10 a second) and signal, where they are due.

        Parameters
        ----------
        batch
            Table ``raw_samples``.
        open_
            How open the eyes are, 0 to 1, shape (n,).
        start_us
            When the tracker was started, session clock.
        """
        streams = {"openness": _openness(batch, open_)}
        times = batch.column("system_time_us").to_numpy()
        if times[-1] - self._position_us >= _POSITION_US:
            self._position_us = int(times[-1])
            streams["position"] = self._position(batch.slice(batch.num_rows - 1))
        due = (int(times[-1]) - start_us) // self._every_us if self._every_us else 0
        if due > self._signals:
            moments = start_us + np.arange(self._signals + 1, due + 1) * self._every_us
            streams["signal"] = self._signal(moments.astype(np.int64), int(times[-1]))
            self._signals = due
        return streams

    def _position(self, last: pa.RecordBatch) -> pa.RecordBatch:
        row: dict[str, object] = {"received_us": last.column("received_us")[0].as_py()}
        for eye in ("left", "right"):
            away = (0.0, 0.0, self._distance_mm)
            for axis, size, middle in zip("xyz", _BOX_MM, away, strict=True):
                place = last.column(f"{eye}_origin_{axis}_mm")[0].as_py()
                # As Tobii's track box: x to the reader's left, y down, z away from the tracker.
                turn = 1.0 if axis == "z" else -1.0
                row[f"{eye}_{axis}_norm"] = 0.5 + turn * (place - middle) / size
            row[f"{eye}_valid"] = last.column(f"{eye}_origin_valid")[0].as_py()
        return pa.RecordBatch.from_pylist([row], schema=schema_of("position"))

    def _signal(self, moments: NDArray[np.int64], received_us: int) -> pa.RecordBatch:
        numbers = self._signals + np.arange(moments.size)
        columns = {
            "device_time_us": self._device_us(moments),
            "system_time_us": moments,
            "received_us": np.full(moments.size, received_us, np.int64),
            "value": (numbers + 1) % 2,
            "change_type": ["value_changed" if n else "initial_value" for n in numbers],
        }
        return pa.RecordBatch.from_pydict(columns, schema=schema_of("signal"))


def _openness(batch: pa.RecordBatch, open_: _Floats) -> pa.RecordBatch:
    columns: dict[str, object] = {
        name: batch.column(name) for name in ("device_time_us", "system_time_us", "received_us")
    }
    for eye in ("left", "right"):
        valid = batch.column(f"{eye}_origin_valid").to_numpy(zero_copy_only=False) | (open_ == 0)
        columns[f"{eye}_openness_mm"] = np.where(valid, _OPEN_MM * open_, np.nan).astype(np.float32)
        columns[f"{eye}_openness_valid"] = valid
    return pa.RecordBatch.from_pydict(columns, schema=schema_of("openness"))


def joined(items: Iterable[tuple[str, pa.RecordBatch]]) -> Mapping[str, pa.RecordBatch]:
    """Return one batch a stream."""
    batches: dict[str, list[pa.RecordBatch]] = {}
    for name, batch in items:
        batches.setdefault(name, []).append(batch)
    whole = {name: join_batches(several) for name, several in batches.items()}
    return {name: batch for name, batch in whole.items() if batch is not None}
