"""What did the tracker deliver in a session: times, validity and gaze, in little memory."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.clocks import fit_clock
from gazekit.model.errors import DataError
from gazekit.model.records import ReadingRecord, ScreenRecord
from gazekit.model.session import iter_clock, iter_samples
from gazekit.quality import effective_rate_hz, largest_gap_us

__all__ = ["ClockFit", "Gap", "Signal", "clock_fit", "gaps_of", "per_second", "read_signal"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Signal:
    """Raw samples, reduced: session time, and the mean of the valid eyes on the screen.

    `time_us` int64, `x_px`, `y_px` float64 screen pixels (NaN without a valid eye), `valid`
    whether an eye was valid; all of shape (n,). Raw: nothing is filtered, nothing is a fixation.
    """

    time_us: _Ints
    x_px: _Floats
    y_px: _Floats
    valid: _Bools

    def during(self, reading: ReadingRecord) -> "Signal":
        """Return the samples of one reading; to the end where its end was never seen."""
        end = reading.offset_us if reading.offset_us is not None else np.iinfo(np.int64).max
        inside = (self.time_us >= reading.onset_us) & (self.time_us < end)
        return Signal(
            self.time_us[inside], self.x_px[inside], self.y_px[inside], self.valid[inside]
        )

    @property
    def rate_hz(self) -> float | None:
        """Effective rate from the median step; None without steps."""
        return effective_rate_hz(self.time_us)

    @property
    def loss(self) -> float | None:
        """Share of samples without a valid eye; None without samples."""
        return float(1 - self.valid.mean()) if self.valid.size else None

    @property
    def largest_gap_us(self) -> int | None:
        """Longest run without valid gaze; None without samples."""
        return largest_gap_us(self.time_us, self.valid) if self.valid.size else None


@dataclass(frozen=True)
class Gap:
    """A run without valid gaze, from the last valid sample before to the first after."""

    onset_us: int
    duration_us: int


@dataclass(frozen=True)
class ClockFit:
    """Device against session clock: when, how far off the line (microseconds), and its drift."""

    time_us: _Ints
    residual_us: _Floats
    drift_ppm: float
    median_us: float


def read_signal(root: Path, screen: ScreenRecord) -> Signal:
    """Read the samples of a session in time order; about 25 bytes of memory a sample."""
    parts = [_part(batch, screen) for batch in iter_samples(root) if batch.num_rows]
    if not parts:
        nothing = np.empty(0)
        return Signal(nothing.astype(np.int64), nothing, nothing, nothing.astype(bool))
    time_us, x, y, valid = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(time_us, kind="stable")
    return Signal(time_us[order], x[order], y[order], valid[order])


def clock_fit(root: Path) -> ClockFit | None:
    """Fit the clock pairs of a session; None without any."""
    batches = list(iter_clock(root))
    if not batches:
        return None
    table = pa.Table.from_batches(batches)
    names = ("request_us", "device_us", "response_us")
    request, device, response = (table.column(n).to_numpy() for n in names)
    try:
        model = fit_clock(request, device, response)
    except DataError:
        return None
    middle = request + (response - request) // 2
    off = (middle - model.to_session(device)).astype(np.float64)
    return ClockFit(middle, off, model.drift_ppm, model.residual_us)


def gaps_of(signal: Signal, *, longer_us: int) -> list[Gap]:
    """List the gaps longer than `longer_us`, longest first."""
    times = signal.time_us
    if times.size == 0:
        return []
    marks = np.concatenate([times[:1], times[signal.valid], times[-1:]])
    steps = np.diff(marks)
    found = np.flatnonzero(steps > longer_us)
    gaps = [Gap(int(marks[i]), int(steps[i])) for i in found]
    return sorted(gaps, key=lambda gap: -gap.duration_us)


def per_second(signal: Signal, *, step_us: int = 1_000_000) -> tuple[_Floats, _Floats, _Floats]:
    """Return bin starts (s from the first sample), data loss, and samples a second, per bin.

    Data loss is NaN in a bin without samples.
    """
    if signal.time_us.size == 0:
        return (np.empty(0),) * 3
    bins = (signal.time_us - signal.time_us[0]) // step_us
    count = np.bincount(bins).astype(np.float64)
    good = np.bincount(bins, weights=signal.valid)
    loss = np.divide(count - good, count, out=np.full(count.shape, np.nan), where=count > 0)
    return np.arange(count.size) * step_us / 1e6, loss, count * 1e6 / step_us


def _part(batch: pa.RecordBatch, screen: ScreenRecord) -> tuple[_Ints, _Floats, _Floats, _Bools]:
    def column(name: str) -> NDArray[np.generic]:
        found: NDArray[np.generic] = batch.column(name).to_numpy(zero_copy_only=False)
        return found

    eyes = ("left", "right")
    valid = np.stack([column(f"{eye}_gaze_valid").astype(bool) for eye in eyes])
    place = [
        _mean_of(np.stack([column(f"{eye}_gaze_{axis}_norm") for eye in eyes]), valid) * size
        for axis, size in (("x", screen.width_px), ("y", screen.height_px))
    ]
    seen = np.isfinite(place[0]) & np.isfinite(place[1])
    return column("system_time_us").astype(np.int64), place[0], place[1], seen


def _mean_of(values: NDArray[np.generic], valid: _Bools) -> _Floats:
    """Average the valid eyes; (2, n) to (n,), NaN where there is none."""
    numbers = values.astype(np.float64)
    usable = valid & np.isfinite(numbers)
    count = usable.sum(axis=0)
    total = np.where(usable, numbers, 0.0).sum(axis=0)
    mean: _Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean
