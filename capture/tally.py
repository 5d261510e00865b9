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
    tracker saw no eye at all, as when the head is outside its box.
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
        self._gap, self._away = _Run(), _Run()

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
            self._gap, self._away = _Run(), _Run()

    def so_far(self) -> SoFar:
        """Return the counts since the last reset."""
        with self._lock:
            return SoFar(self._samples, self._lost, self._gap.longest_us, self._away.longest_us)


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


def _any_eye(batch: pa.RecordBatch, what: str) -> NDArray[np.bool_]:
    columns = [batch.column(f"{eye}_{what}").to_numpy(zero_copy_only=False) for eye in _EYES]
    return np.asarray(columns[0] | columns[1], np.bool_)
