"""What did the tracker deliver in the last seconds?"""

import collections
import functools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["EYES", "Gaze", "RecentGaze"]

EYES = ("left", "right")
_SECOND_US = 1_000_000


@dataclass(frozen=True)
class Gaze:
    """Samples of the last seconds.

    `time_us` int64 (n,); `x_norm`, `y_norm` float64 (2, n), left eye first, NaN where invalid;
    `origin_mm` float64 (3, 2, n): x, y, z of each eye, NaN where unknown.
    """

    time_us: NDArray[np.int64]
    x_norm: NDArray[np.float64]
    y_norm: NDArray[np.float64]
    origin_mm: NDArray[np.float64]

    @property
    def last_us(self) -> int | None:
        """Time of the newest sample; None without any."""
        return int(self.time_us[-1]) if self.time_us.size else None

    @functools.cached_property
    def rate_hz(self) -> float | None:
        """Samples a second over the whole stretch, so that gaps between samples count."""
        if self.time_us.size < 2:  # noqa: PLR2004 - a step needs two
            return None
        span = int(self.time_us[-1] - self.time_us[0])
        return (self.time_us.size - 1) * _SECOND_US / span if span > 0 else None

    @functools.cached_property
    def valid(self) -> tuple[float | None, float | None]:
        """Share of valid samples, left and right; None without samples."""
        if not self.time_us.size:
            return None, None
        left, right = np.isfinite(self.x_norm).mean(axis=1)
        return float(left), float(right)

    @functools.cached_property
    def head_mm(self) -> tuple[float, float, float] | None:
        """Median x, y, z of the point between the eyes; None where no eye has a position."""
        known = np.isfinite(self.origin_mm)
        if not known.any():
            return None
        x, y, z = (_middle(axis) for axis in self.origin_mm)
        return x, y, z

    def since(self, time_us: int) -> "Gaze":
        """Return the samples from `time_us` on."""
        start = int(np.searchsorted(self.time_us, time_us))
        return Gaze(
            self.time_us[start:],
            self.x_norm[:, start:],
            self.y_norm[:, start:],
            self.origin_mm[:, :, start:],
        )


class RecentGaze:
    """Keeps the samples of the last seconds and forgets the rest."""

    def __init__(self, seconds: float = 5.0) -> None:
        self._kept_us = round(seconds * _SECOND_US)
        self._parts: collections.deque[Gaze] = collections.deque()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch of ``raw_samples``."""
        if not batch.num_rows:
            return
        self._parts.append(_gaze_of(batch))
        newest = int(self._parts[-1].time_us[-1])
        while int(self._parts[0].time_us[-1]) < newest - self._kept_us:
            self._parts.popleft()

    def clear(self) -> None:
        """Forget everything, as after a restart of the tracker."""
        self._parts.clear()

    @property
    def gaze(self) -> Gaze:
        """The samples of the last seconds as one."""
        parts = list(self._parts) or [_NOTHING]
        whole = Gaze(
            np.concatenate([part.time_us for part in parts]),
            np.concatenate([part.x_norm for part in parts], axis=1),
            np.concatenate([part.y_norm for part in parts], axis=1),
            np.concatenate([part.origin_mm for part in parts], axis=2),
        )
        return whole if whole.last_us is None else whole.since(whole.last_us - self._kept_us)


_NOTHING = Gaze(np.empty(0, np.int64), np.empty((2, 0)), np.empty((2, 0)), np.empty((3, 2, 0)))


def _gaze_of(batch: pa.RecordBatch) -> Gaze:
    def column(name: str) -> NDArray[np.generic]:
        found: NDArray[np.generic] = batch.column(name).to_numpy(zero_copy_only=False)
        return found

    def pair(field: str, valid: str) -> NDArray[np.float64]:
        rows = [
            np.where(column(f"{eye}_{valid}"), column(f"{eye}_{field}"), np.nan) for eye in EYES
        ]
        return np.stack(rows).astype(np.float64)

    return Gaze(
        column("system_time_us").astype(np.int64),
        pair("gaze_x_norm", "gaze_valid"),
        pair("gaze_y_norm", "gaze_valid"),
        np.stack([pair(f"origin_{axis}_mm", "origin_valid") for axis in "xyz"]),
    )


def _middle(axis: NDArray[np.float64]) -> float:
    """Return the median over time of the mean of the eyes that are known; (2, n)."""
    known = np.isfinite(axis)
    count = known.sum(axis=0)
    mean = np.where(known, axis, 0.0).sum(axis=0)[count > 0] / count[count > 0]
    return float(np.median(mean))
