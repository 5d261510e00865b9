"""Where the eyes are at any moment: fixations joined by saccades, drift, tremor, blinks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Gaze", "Scanpath", "saccade_us"]

_Floats = NDArray[np.float64]

_CLOSING_US, _OPENING_US = 70_000, 110_000
_DRIFT = ((0.9, 0.030), (2.3, 0.016), (5.1, 0.007))
"""Frequency in Hz and amplitude in degrees of the slow movement within a fixation."""
_TREMOR = ((83.0, 0.003),)


def saccade_us(amplitude_deg: ArrayLike) -> NDArray[np.int64]:
    """Return the duration of a saccade: 2.2 ms a degree and 21 ms (Carpenter 1988)."""
    return np.rint((2.2 * np.asarray(amplitude_deg, np.float64) + 21.0) * 1000.0).astype(np.int64)


@dataclass(frozen=True)
class Gaze:
    """Gaze in image pixels and how open the eyes are (0 shut to 1); float64, one shape."""

    x_px: _Floats
    y_px: _Floats
    eye_open: _Floats


@dataclass(frozen=True)
class Scanpath:
    """Fixations in time order, with saccades in the gaps between them.

    Parameters
    ----------
    onset_us, offset_us
        int64, shape (n,); ``offset_us[i] < onset_us[i + 1]``: the eye moves in between.
    x_px, y_px
        float64, shape (n,), image pixels.
    deg_px
        float64, shape (n,): image pixels per degree in the view of each fixation.
    blinks_us
        int64, shape (k, 2): start and end of each blink.
    phase
        float64, shape (4, 2): phases of drift and tremor, of x and of y.
    """

    onset_us: NDArray[np.int64]
    offset_us: NDArray[np.int64]
    x_px: _Floats
    y_px: _Floats
    deg_px: _Floats
    blinks_us: NDArray[np.int64]
    phase: _Floats

    def at(self, time_us: ArrayLike) -> Gaze:
        """Return the gaze at moments from the reading's onset; before and after, the end points."""
        time = np.atleast_1d(np.asarray(time_us, np.int64))
        i = np.clip(np.searchsorted(self.onset_us, time, side="right") - 1, 0, None)
        j = np.minimum(i + 1, self.onset_us.size - 1)
        gap = np.maximum(self.onset_us[j] - self.offset_us[i], 1)
        moved = np.clip((time - self.offset_us[i]) / gap, 0.0, 1.0)
        # Minimum jerk (Flash and Hogan 1985): the peak velocity is 1.875 times the mean.
        share = moved**3 * (10.0 - 15.0 * moved + 6.0 * moved**2)
        share = np.where(j == i, 0.0, share)
        dx, dy = self._wander(time)
        size = self.deg_px[i] + (self.deg_px[j] - self.deg_px[i]) * share
        x = self.x_px[i] + (self.x_px[j] - self.x_px[i]) * share + dx * size
        y = self.y_px[i] + (self.y_px[j] - self.y_px[i]) * share + dy * size
        return Gaze(x, y, self._open(time))

    def _wander(self, time: NDArray[np.int64]) -> tuple[_Floats, _Floats]:
        seconds = time / 1e6
        dx, dy = np.zeros(time.shape), np.zeros(time.shape)
        for row, (hertz, amplitude) in enumerate((*_DRIFT, *_TREMOR)):
            turn = 2.0 * np.pi * hertz * seconds
            dx += amplitude * np.sin(turn + self.phase[row, 0])
            dy += amplitude * np.sin(turn + self.phase[row, 1])
        return dx, dy

    def _open(self, time: NDArray[np.int64]) -> _Floats:
        """Return how open the lids are: they shut faster than they open."""
        if self.blinks_us.size == 0:
            return np.ones(time.shape)
        k = np.searchsorted(self.blinks_us[:, 0], time, side="right") - 1
        start, end = self.blinks_us[np.clip(k, 0, None)].T
        closing = np.clip((time - start) / _CLOSING_US, 0.0, 1.0)
        opening = np.clip((end - time) / _OPENING_US, 0.0, 1.0)
        inside = (k >= 0) & (time < end)
        return np.where(inside, 1.0 - np.minimum(closing, opening), 1.0)
