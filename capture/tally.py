"""How good is gaze while it comes: share lost, longest gap, where the head is and since when?"""

import threading
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["SoFar", "Tally"]

_EYES = ("left", "right")


@dataclass(frozen=True)
class SoFar:
    """What was counted since the last reset.

    `gap_us`: the longest time in which no eye was valid; `away_us`: the longest in which the
    tracker saw no eye at all, or its position guide none inside the tracker's box.
    """

    samples: int
    lost: int
    gap_us: int
    away_us: int

    @property
    def data_loss(self) -> float | None:
        """Share of samples in which no eye was valid; None without samples."""
        return self.lost / self.samples if self.samples else None


class Tally:
    """Counts over the samples as they come; fed by the recorder's thread, asked by any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples = self._lost = 0
        self._gap, self._away, self._outside = _Run(), _Run(), _Stay()

    def add_position(self, batch: pa.RecordBatch) -> None:
        """Count a batch of table ``position``."""
        inside = np.zeros(batch.num_rows, np.bool_)
        for eye in _EYES:
            valid = batch.column(f"{eye}_valid").to_numpy(zero_copy_only=False)
            places = np.stack([batch.column(f"{eye}_{axis}_norm").to_numpy() for axis in "xyz"])
            with np.errstate(invalid="ignore"):
                inside |= valid & ((places >= 0) & (places <= 1)).all(axis=0)
        with self._lock:
            self._outside.add(batch.column("received_us").to_numpy(), inside)

    def add(self, batch: pa.RecordBatch) -> None:
        """Count a batch of table ``raw_samples``."""
        times = batch.column("system_time_us").to_numpy()
        gaze = _any_eye(batch, "gaze_valid")
        eyes = gaze | _any_eye(batch, "origin_valid")
        with self._lock:
            self._samples += times.size
            self._lost += int((~gaze).sum())
            self._gap.add(times, gaze)
            self._away.add(times, eyes)

    def reset(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._samples = self._lost = 0
            self._gap, self._away, self._outside = _Run(), _Run(), _Stay()

    def so_far(self) -> SoFar:
        """Return the counts since the last reset."""
        with self._lock:
            away_us = max(self._away.longest_us, self._outside.longest_us)
            return SoFar(self._samples, self._lost, self._gap.longest_us, away_us)


class _Run:
    """The longest stretch of time without something."""

    def __init__(self) -> None:
        self.longest_us = 0
        self._last_us: int | None = None

    def add(self, times: NDArray[np.int64], there: NDArray[np.bool_]) -> None:
        if not times.size:
            return
        start = int(times[0]) if self._last_us is None else self._last_us
        edges = np.concatenate(([start], times[there], times[-1:]))
        self.longest_us = max(self.longest_us, int(np.diff(edges).max()))
        self._last_us = int(times[there][-1]) if there.any() else start


class _Stay:
    """The longest stretch of rows that say no, to the one that says yes; silence says nothing."""

    def __init__(self) -> None:
        self.longest_us = 0
        self._since_us: int | None = None

    def add(self, times: NDArray[np.int64], there: NDArray[np.bool_]) -> None:
        for time_us, inside in zip(times.tolist(), there.tolist(), strict=True):
            if self._since_us is None:
                self._since_us = None if inside else time_us
                continue
            self.longest_us = max(self.longest_us, time_us - self._since_us)
            if inside:
                self._since_us = None


def _any_eye(batch: pa.RecordBatch, what: str) -> NDArray[np.bool_]:
    columns = [batch.column(f"{eye}_{what}").to_numpy(zero_copy_only=False) for eye in _EYES]
    return np.asarray(columns[0] | columns[1], np.bool_)
