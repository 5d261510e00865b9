"""Where do the eyes of the simulated reader look, given what the screen really shows?"""

import bisect
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.model.geometry import ViewTrack
from gazekit.model.records import ViewState
from gazekit.synthetic import SimulatedReading

__all__ = ["AtImage", "AtPoint", "Look", "SimulatedEyes"]

_Floats = NDArray[np.float64]
_LATENCY_US = 180_000
_SACCADE_US = 40_000


@dataclass(frozen=True)
class AtPoint:
    """Look at a screen point, in screen pixels."""

    x_px: float
    y_px: float


@dataclass(frozen=True)
class AtImage:
    """Read the image that is shown, by plan."""

    plan: SimulatedReading


Look = AtPoint | AtImage


class SimulatedEyes:
    """The simulated reader's eyes: what they look at is set as the screen changes.

    The main thread tells what is shown; the simulated tracker asks where the eyes were. It may
    ask only up to `known_until_us`: what the screen shows later is not decided yet.
    """

    def __init__(self, start_us: int, x_px: float, y_px: float) -> None:
        self._lock = threading.Lock()
        self._looks: list[tuple[int, Look]] = [(start_us - _LATENCY_US, AtPoint(x_px, y_px))]
        self._states: list[ViewState] = []
        self._known_until_us = start_us

    @property
    def known_until_us(self) -> int:
        """Before this moment it is settled what the screen showed."""
        with self._lock:
            return self._known_until_us

    def shown(self, time_us: int, state: ViewState | None, look: Look | None) -> None:
        """Say that a frame was shown: its view where that is new, and what it makes one do."""
        with self._lock:
            if state is not None:
                self._states.append(state)
            if look is not None:
                self._looks.append((time_us, look))
            self._known_until_us = time_us

    def gaze_at(self, time_us: NDArray[np.int64]) -> tuple[_Floats, _Floats, _Floats]:
        """Return where the eyes were: screen x, screen y (px), how open (0 to 1).

        Parameters
        ----------
        time_us
            int64, shape (n,), rising from call to call, session clock, all before
            `known_until_us`.
        """
        if not time_us.size:
            return np.empty(0), np.empty(0), np.empty(0)
        with self._lock:
            self._forget_before(int(time_us[0]))
            looks, track = list(self._looks), ViewTrack(tuple(self._states))
        starts = np.array([start for start, _ in looks], np.int64)
        which = np.searchsorted(starts, time_us, side="right") - 1
        x, y = np.full(time_us.size, np.nan), np.full(time_us.size, np.nan)
        open_ = np.ones(time_us.size)
        for i in np.unique(which):
            here = which == i
            x[here], y[here], open_[here] = _follow(looks, int(i), time_us[here], track)
        return x, y, open_

    def _forget_before(self, time_us: int) -> None:
        """Drop the views that no moment from `time_us` on depends on; a session has many."""
        starts = [start_us for start_us, _ in self._looks]
        start_us, look = self._looks[max(0, bisect.bisect_right(starts, time_us) - 1)]
        # A saccade to a point starts from where the eyes were when the look before it ended.
        needed_us = time_us if isinstance(look, AtImage) else min(time_us, start_us - 1)
        shown = [state.time_us for state in self._states]
        del self._states[: max(0, bisect.bisect_right(shown, needed_us) - 1)]


def _follow(
    looks: list[tuple[int, Look]], index: int, time_us: NDArray[np.int64], track: ViewTrack
) -> tuple[_Floats, _Floats, _Floats]:
    start_us, look = looks[index]
    if isinstance(look, AtImage):
        image_x, image_y, open_ = look.plan.gaze_at(time_us - start_us)
        x, y = track.to_screen(time_us, image_x, image_y)
        return x, y, open_
    from_x, from_y = _end_of(looks, index - 1, start_us, track)
    past = (time_us - start_us - _LATENCY_US) / _SACCADE_US
    share = np.clip(past, 0.0, 1.0)
    share = share * share * (3 - 2 * share)
    x = from_x + share * (look.x_px - from_x)
    y = from_y + share * (look.y_px - from_y)
    return x, y, np.ones(time_us.size)


def _end_of(
    looks: list[tuple[int, Look]], index: int, time_us: int, track: ViewTrack
) -> tuple[float, float]:
    """Where the eyes were when look `index` ended; a target is reached before it goes."""
    if index < 0:
        first = looks[0][1]
        return (first.x_px, first.y_px) if isinstance(first, AtPoint) else (0.0, 0.0)
    start_us, look = looks[index]
    if isinstance(look, AtPoint):
        return look.x_px, look.y_px
    last = np.array([time_us - 1], np.int64)
    image_x, image_y, _ = look.plan.gaze_at(last - start_us)
    x, y = track.to_screen(last, image_x, image_y)
    return float(x[0]), float(y[0])
