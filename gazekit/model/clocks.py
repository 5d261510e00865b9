"""How two clocks relate: a robust line from device time to session time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError

__all__ = ["STEP_US", "ClockModel", "ClockQuality", "clock_quality", "clock_residuals", "fit_clock"]

_PPM = 1e-6

STEP_US = 50_000
"""A clock that moves by more than this from one reading to the next was set, and did not drift."""


@dataclass(frozen=True)
class ClockModel:
    """``session = anchor_session + (device - anchor_device) * (1 + drift_ppm / 1e6)``.

    `residual_us` is the median absolute distance of the pairs from the line.
    """

    anchor_device_us: int
    anchor_session_us: int
    drift_ppm: float
    residual_us: float

    def to_session(self, device_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Map device times to the session clock; int64 microseconds, shape kept."""
        past = np.asarray(device_us, np.int64) - self.anchor_device_us
        session: NDArray[np.int64] = (
            past + self.anchor_session_us + _drift(past, self.drift_ppm * _PPM)
        )
        return session

    def to_device(self, session_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Map session times to the device clock; int64 microseconds, shape kept."""
        past = np.asarray(session_us, np.int64) - self.anchor_session_us
        ratio = self.drift_ppm * _PPM
        device: NDArray[np.int64] = (
            past + self.anchor_device_us - _drift(past, ratio / (1.0 + ratio))
        )
        return device


def _drift(past_us: NDArray[np.int64], ratio: float) -> NDArray[np.int64]:
    moved: NDArray[np.int64] = np.rint(past_us * ratio).astype(np.int64)
    return moved


def fit_clock(
    request_us: NDArray[np.int64],
    device_us: NDArray[np.int64],
    response_us: NDArray[np.int64],
    *,
    max_pairs: int = 400,
) -> ClockModel:
    """Fit the clock model to time-synchronisation pairs (Theil-Sen, through the medians).

    Parameters
    ----------
    request_us, device_us, response_us
        Session clock before the question, device clock, session clock after the answer;
        int64, shape (n,), n >= 1. The device is taken to have answered half-way.
    max_pairs
        Pairs are thinned evenly to this number, which bounds the work to its square.

    Raises
    ------
    DataError
        No pair, or arrays of different lengths.
    """
    request, device, response = (
        np.asarray(a, np.int64) for a in (request_us, device_us, response_us)
    )
    if not (request.size == device.size == response.size) or request.size == 0:
        raise DataError("no clock pairs", expected="three arrays of one length, at least 1")
    session = request + (response - request) // 2
    pick = np.unique(np.linspace(0, device.size - 1, min(max_pairs, device.size)).astype(int))
    x = (device[pick] - device[pick[0]]).astype(np.float64)
    y = (session[pick] - session[pick[0]]).astype(np.float64)
    excess = _theil_sen(x, y - x)
    offset = float(np.median(y - x - excess * x))
    residual = np.abs(y - x - excess * x - offset)
    return ClockModel(
        anchor_device_us=int(device[pick[0]]),
        anchor_session_us=int(session[pick[0]]) + round(offset),
        drift_ppm=excess / _PPM,
        residual_us=float(np.median(residual)),
    )


def clock_residuals(
    model: ClockModel,
    request_us: NDArray[np.int64],
    device_us: NDArray[np.int64],
    response_us: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return how far each pair lies from the model; int64 microseconds, shape (n,), signed."""
    request, response = np.asarray(request_us, np.int64), np.asarray(response_us, np.int64)
    middle = request + (response - request) // 2
    residual: NDArray[np.int64] = middle - model.to_session(np.asarray(device_us, np.int64))
    return residual


@dataclass(frozen=True)
class ClockQuality:
    """How well another clock follows the session clock.

    `drift_ppm`: of the session clock against it. `residual_us`: signed distance of each pair from
    the line, int64, shape (n,), at `time_us` on the session clock. `steps`: when it was set, and
    by how much (microseconds); the steps are taken out before the line is fitted.
    """

    name: str
    drift_ppm: float
    time_us: NDArray[np.int64]
    residual_us: NDArray[np.int64]
    steps: tuple[tuple[int, int], ...]

    @property
    def median_us(self) -> float:
        """Median absolute residual."""
        return float(np.median(np.abs(self.residual_us)))

    @property
    def largest_us(self) -> int:
        """Largest absolute residual."""
        return int(np.abs(self.residual_us).max())


def clock_quality(
    name: str,
    request_us: NDArray[np.int64],
    other_us: NDArray[np.int64],
    response_us: NDArray[np.int64],
) -> ClockQuality:
    """Return how well a clock follows the session clock, from pairs of readings.

    Parameters
    ----------
    request_us, other_us, response_us
        As for `fit_clock`.

    Raises
    ------
    DataError
        No pair, or arrays of different lengths.
    """
    request, response = np.asarray(request_us, np.int64), np.asarray(response_us, np.int64)
    other = np.array(other_us, np.int64)
    fit_clock(request, other, response, max_pairs=1)
    middle = request + (response - request) // 2
    moved = np.diff(other - middle, prepend=other[:1] - middle[:1])
    moved[np.abs(moved) <= STEP_US] = 0
    steady = other - np.cumsum(moved)
    model = fit_clock(request, steady, response)
    return ClockQuality(
        name=name,
        drift_ppm=model.drift_ppm,
        time_us=middle,
        residual_us=clock_residuals(model, request, steady, response),
        steps=tuple((int(middle[i]), int(moved[i])) for i in np.flatnonzero(moved)),
    )


def _theil_sen(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    i, j = np.triu_indices(x.size, k=1)
    run = x[j] - x[i]
    usable = run != 0
    if not usable.any():
        return 0.0
    return float(np.median((y[j] - y[i])[usable] / run[usable]))
