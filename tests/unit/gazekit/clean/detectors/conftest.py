"""Gaze whose events are known: main-sequence saccades that ring, rest that drifts, noise, loss."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from gazekit.clean import Gaze, gaze_of
from gazekit.model.geometry import mm_to_screen_px
from gazekit.model.records import ScreenRecord

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


@dataclass(frozen=True)
class Truth:
    """A made recording: its samples, and (onset, offset) in microseconds of what it holds."""

    time_us: NDArray[np.int64]
    xy_px: NDArray[np.float64]
    fixations: NDArray[np.float64]
    saccades: NDArray[np.float64]
    screen: ScreenRecord = field(default=SCREEN)

    @property
    def gaze(self) -> Gaze:
        return gaze_of(self.time_us, self.xy_px, screen=self.screen)

    def found(self, events: pa.Table, kind: str = "fixation") -> float:
        """Share of the true events that one of `kind` overlaps by half of their union."""
        theirs = self.fixations if kind == "fixation" else self.saccades
        ours = spans(events, kind)
        if len(ours) == 0:
            return 0.0
        low = np.maximum(theirs[:, None, 0], ours[None, :, 0])
        high = np.minimum(theirs[:, None, 1], ours[None, :, 1])
        shared = np.maximum(high - low, 0)
        whole = np.diff(theirs, axis=1) + np.diff(ours, axis=1).T - shared
        return float((shared / whole >= 0.5).any(axis=1).mean())


def spans(events: pa.Table, kind: str) -> NDArray[np.int64]:
    """Return (onset, offset) of the events of `kind`."""
    columns = [events.column(name).to_numpy() for name in ("onset_us", "offset_us")]
    every: NDArray[np.int64] = np.column_stack(columns)
    wanted = np.flatnonzero(np.array(events.column("kind").to_pylist()) == kind)
    return every[wanted]


def _path(
    places: NDArray[np.float64], rest_ms: NDArray[np.float64], *, ringing: float
) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], list[tuple[float, float]]]:
    """Return gaze over time in ms, and (onset, offset) of each saccade."""
    saccades, now = [], 0.0
    for i, rest in enumerate(rest_ms[:-1]):
        now += rest
        lasts = 2.2 * np.hypot(*(places[i + 1] - places[i])) + 21
        saccades.append((now, now + lasts))
        now += lasts

    def at(ms: NDArray[np.float64]) -> NDArray[np.float64]:
        gaze = np.repeat(places[:1], ms.size, axis=0)
        for (on, off), before, after in zip(saccades, places[:-1], places[1:], strict=True):
            u = np.clip((ms - on) / (off - on), 0, 1)
            step = 10 * u**3 - 15 * u**4 + 6 * u**5
            late = np.maximum(ms - off, 0)
            ring = ringing * np.exp(-late / 9) * np.sin(2 * np.pi * late / 22)
            gaze += (step + ring)[:, None] * (after - before)
        return gaze

    return at, saccades


def _to_px(deg: NDArray[np.float64]) -> NDArray[np.float64]:
    mm = SCREEN.distance_mm * np.tan(np.radians(deg))
    return np.column_stack(mm_to_screen_px(SCREEN, mm[:, 0], mm[:, 1]))


@pytest.fixture
def simulate() -> Callable[..., Truth]:
    """Return the maker of recordings: so many fixations, at a rate, with noise, jitter, loss."""

    def make(
        *,
        rate_hz: float = 500.0,
        fixations: int = 12,
        noise_deg: float = 0.02,
        jitter: float = 0.0,
        ringing: float = 0.0,
        least_deg: float = 3.0,
        loss_ms: tuple[float, ...] = (),
        seed: int = 0,
    ) -> Truth:
        rng = np.random.default_rng(seed)
        turn = rng.uniform(0, 2 * np.pi, fixations)
        reach = rng.uniform(least_deg, least_deg + 5, fixations)
        places = np.column_stack([reach * np.cos(turn), reach * np.sin(turn) * 0.6])
        places[1::2] = -places[1::2]
        rest_ms = rng.uniform(180, 500, fixations)
        at, saccades = _path(places, rest_ms, ringing=ringing)
        end_ms = saccades[-1][1] + rest_ms[-1]
        step = 1000 / rate_hz
        ms = np.arange(0, end_ms, step)
        ms = np.sort(ms + rng.uniform(-jitter, jitter, ms.size) * step)
        deg = at(ms) + rng.normal(0, noise_deg, (ms.size, 2))
        xy = _to_px(deg)
        for start in loss_ms:
            xy[(ms >= start) & (ms < start + 150)] = np.nan
        bounds = np.array([0.0, *np.ravel(saccades), end_ms]) * 1000
        return Truth(
            time_us=np.rint(ms * 1000).astype(np.int64),
            xy_px=xy,
            fixations=bounds.reshape(-1, 2),
            saccades=bounds[1:-1].reshape(-1, 2),
        )

    return make
