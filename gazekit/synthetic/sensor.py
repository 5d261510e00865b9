"""What an eye tracker reports of a known gaze: offset, noise, loss, its own clock."""

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from gazekit.model.geometry import screen_px_per_degree
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import schema_of
from gazekit.synthetic.seeds import rng_of

__all__ = ["Sensor"]

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]

_EYES = ("left", "right")
_BLOCK_US = 1_000_000
_HALF_OPEN = 0.55
"""Below this share of openness the tracker loses the pupil."""
_EYE_GAP_MM = 62.0
_SWAY_MM = 3.0
_PUPIL_MM, _PUPIL_NOISE_MM = 3.4, 0.015
_LOSSES = ((0, 1), (0, 1), (0, 1), (0, 1), (0,), (1,))
"""Which eyes one loss takes; each as likely."""
_LID_DEG = 1.2
"""A lid half over the pupil pulls its centre down by so much."""


class Sensor:
    """A simulated tracker; the same samples come out however they are cut into batches.

    Parameters
    ----------
    screen
        Display and viewing distance.
    rate_hz
        Nominal rate; the caller chooses the moments.
    seed
        Of the session.
    accuracy_deg
        Length of each eye's constant offset.
    precision_deg
        RMS of sample-to-sample distances, for each eye, while the gaze rests.
    loss
        Share of time in which both eyes are lost; half as much again loses one eye only.
    clock_offset_us, drift_ppm
        Of the device's clock against the session clock; drawn from the seed where None.
    """

    def __init__(
        self,
        screen: ScreenRecord,
        *,
        rate_hz: float,
        seed: int,
        accuracy_deg: float = 0.25,
        precision_deg: float = 0.10,
        loss: float = 0.01,
        clock_offset_us: int | None = None,
        drift_ppm: float | None = None,
    ) -> None:
        rng = rng_of(seed, "sensor")
        turn = rng.uniform(0.0, 2.0 * np.pi, 2)
        self.screen = screen
        self.rate_hz = rate_hz
        self.offset_deg: _Floats = accuracy_deg * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        drawn_offset, drawn_drift = int(rng.integers(10**9, 10**12)), float(rng.normal(0.0, 20.0))
        self.clock_offset_us = drawn_offset if clock_offset_us is None else clock_offset_us
        self.drift_ppm = drawn_drift if drift_ppm is None else drift_ppm
        self._seed = seed
        self._loss = loss
        # Four independent normals, two axes now and two axes before, make the RMS twice the sigma.
        self._sigma_deg = precision_deg / 2.0
        self._phase = rng.uniform(0.0, 2.0 * np.pi, 8)
        self._noise = rng_of(seed, "noise")
        self._delay = rng_of(seed, "delay")
        self._pairs = rng_of(seed, "pairs")

    def device_us(self, system_time_us: ArrayLike) -> NDArray[np.int64]:
        """Return the device's clock at moments of the session clock."""
        time = np.asarray(system_time_us, np.int64)
        drift: NDArray[np.int64] = np.rint(time * (self.drift_ppm * 1e-6)).astype(np.int64)
        return time + self.clock_offset_us + drift

    def received_us(self, system_time_us: ArrayLike) -> NDArray[np.int64]:
        """Draw when each sample reaches the host: 2 ms or more after its moment, in order."""
        time = np.asarray(system_time_us, np.int64)
        late = 2000.0 + self._delay.exponential(1200.0, time.shape)
        return np.maximum.accumulate(time + late.astype(np.int64))

    def measure(
        self,
        system_time_us: ArrayLike,
        received_us: ArrayLike,
        x_screen_px: ArrayLike,
        y_screen_px: ArrayLike,
        eye_open: ArrayLike,
    ) -> pa.RecordBatch:
        """Return what the tracker says of a gaze.

        Parameters
        ----------
        system_time_us, received_us
            int64, shape (n,), session clock, rising from call to call.
        x_screen_px, y_screen_px
            float64, shape (n,): where both eyes really look.
        eye_open
            float64, shape (n,), 0 to 1.

        Returns
        -------
        RecordBatch
            Table ``raw_samples``; NaN where invalid.
        """
        time = np.asarray(system_time_us, np.int64)
        x, y = np.asarray(x_screen_px, np.float64), np.asarray(y_screen_px, np.float64)
        lids = np.asarray(eye_open, np.float64)
        noise = self._noise.standard_normal((time.size, 6))
        columns: dict[str, NDArray[np.generic]] = {
            "device_time_us": self.device_us(time),
            "system_time_us": time,
            "received_us": np.asarray(received_us, np.int64),
        }
        found = self._found(time) & (lids > _HALF_OPEN)[:, None] & np.isfinite(x + y)[:, None]
        for index, eye in enumerate(_EYES):
            part, seen = noise[:, 3 * index : 3 * index + 3], found[:, index]
            at = self._gaze(index, x, y, lids, noise=part)
            numbers = self._eye(index, time, at, self._pupil(time, lids, part[:, 2]))
            columns |= {f"{eye}_{k}": np.where(seen, v, np.nan) for k, v in numbers.items()}
            columns |= {f"{eye}_{k}_valid": seen for k in ("gaze", "origin", "pupil")}
        schema = schema_of("raw_samples")
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def clock_pair(self, system_time_us: int) -> pa.RecordBatch:
        """Return a time-synchronisation pair, asked for at a moment; a row of table ``clock``."""
        there, back = (int(v) for v in self._pairs.exponential(90.0, 2) + 40.0)
        row = {
            "request_us": [system_time_us],
            "device_us": [int(self.device_us(system_time_us + there))],
            "response_us": [system_time_us + there + back],
        }
        return pa.RecordBatch.from_pydict(row, schema=schema_of("clock"))

    def _gaze(
        self, index: int, x: _Floats, y: _Floats, lids: _Floats, *, noise: _Floats
    ) -> tuple[_Floats, _Floats]:
        """Return one eye's reported gaze in screen px."""
        per_deg_x, per_deg_y = screen_px_per_degree(self.screen, x, y)
        off_x, off_y = self.offset_deg[index]
        pulled = _LID_DEG * np.clip((1.0 - lids) / (1.0 - _HALF_OPEN), 0.0, 1.0)
        return (
            x + per_deg_x * (off_x + self._sigma_deg * noise[:, 0]),
            y + per_deg_y * (off_y + pulled + self._sigma_deg * noise[:, 1]),
        )

    def _eye(
        self, index: int, time: NDArray[np.int64], at: tuple[_Floats, _Floats], pupil: _Floats
    ) -> dict[str, _Floats]:
        """Return the numbers of one eye, as if it were always seen."""
        screen = self.screen
        norm_x, norm_y = at[0] / screen.width_px, at[1] / screen.height_px
        origin = self._origin(index, time)
        return {
            "gaze_x_norm": norm_x,
            "gaze_y_norm": norm_y,
            "gaze_x_mm": (norm_x - 0.5) * screen.width_mm,
            "gaze_y_mm": (0.5 - norm_y) * screen.height_mm,
            "gaze_z_mm": np.zeros(time.size),
            "origin_x_mm": origin[0],
            "origin_y_mm": origin[1],
            "origin_z_mm": origin[2],
            "pupil_mm": pupil,
        }

    def _pupil(self, time: NDArray[np.int64], lids: _Floats, noise: _Floats) -> _Floats:
        """Return the diameter; a lid that comes down hides part of it."""
        size = _PUPIL_MM + 0.25 * np.sin(time * 1e-6 * 0.9 + self._phase[6])
        seen: _Floats = size * (0.55 + 0.45 * lids) + _PUPIL_NOISE_MM * noise
        return seen

    def _origin(self, index: int, time: NDArray[np.int64]) -> tuple[_Floats, _Floats, _Floats]:
        """Return the eye's place: x right, y up, z to the reader, from the middle of the screen."""
        seconds = time * 1e-6
        side = (index - 0.5) * _EYE_GAP_MM
        sway = [
            _SWAY_MM * np.sin(seconds * w + self._phase[i])
            for i, w in enumerate((0.31, 0.23, 0.17))
        ]
        return side + sway[0], sway[1], self.screen.distance_mm + sway[2]

    def _found(self, time: NDArray[np.int64]) -> _Bools:
        """Say for each sample and eye whether the tracker sees it; bool, shape (n, 2)."""
        found = np.ones((time.size, 2), np.bool_)
        if time.size == 0 or self._loss <= 0:
            return found
        for block in range(int(time[0]) // _BLOCK_US - 1, int(time[-1]) // _BLOCK_US + 1):
            rng = rng_of(self._seed, "loss", block % (1 << 31))
            for _ in range(int(rng.poisson(self._loss * 1.5 * _BLOCK_US / 80_000.0))):
                start = block * _BLOCK_US + int(rng.integers(_BLOCK_US))
                lost = (time >= start) & (time < start + round(rng.exponential(80_000.0)))
                eyes = _LOSSES[int(rng.integers(len(_LOSSES)))]
                found[:, list(eyes)] &= ~lost[:, None]
        return found
