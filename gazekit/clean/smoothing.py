"""How is gaze smoothed, and what does that cost in time?"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import UsageError

__all__ = ["Smoothing", "lookahead_ms", "smooth"]

_Floats = NDArray[np.float64]
_Times = NDArray[np.int64]

Smoothing = Literal["none", "median", "savgol"]

_US_PER_MS = 1000
_ABSENT_STEPS = 2.5
_LEAST = 3


def smooth(
    time_us: _Times,
    xy_px: _Floats,
    *,
    method: Smoothing,
    window_ms: float = 20.0,
    degree: int = 2,
) -> _Floats:
    """Smooth gaze, never across a gap.

    The windows are symmetric, so that no event is moved in time; at the ends of a stretch a
    median's window is cut, and the polynomial of the first or last whole window goes on. The
    window holds the odd number of samples next to its length; one of fewer than 3, or no more than
    `degree` samples, leaves gaze as it is.

    Parameters
    ----------
    time_us
        int64, shape (n,), strictly rising. Samples more than two and a half usual steps apart
        belong to different stretches.
    xy_px
        float64, shape (n, 2); NaN where there is no gaze, and there it stays.
    method
        ``"median"`` keeps steps and drops spikes; ``"savgol"`` fits a polynomial: Savitzky & Golay
        (1964), "Smoothing and differentiation of data by simplified least squares procedures",
        Analytical Chemistry 36; ``"none"``.
    window_ms, degree
        Length of the window, and the polynomial's degree.

    Returns
    -------
    ndarray
        float64, shape (n, 2).

    Raises
    ------
    UsageError
        No such method.
    """
    if method not in {"none", "median", "savgol"}:
        raise UsageError("no such filter", expected="none, median, savgol", found=method)
    if method == "none" or time_us.size < _LEAST:
        return xy_px
    step = float(np.median(np.diff(time_us)))
    window = 2 * round((window_ms * _US_PER_MS / step - 1) / 2) + 1
    if window < _LEAST:
        return xy_px
    out = xy_px.copy()
    for first, end in _stretches(time_us, xy_px, step):
        size = min(window, end - first - 1 + (end - first) % 2)
        if method == "savgol" and size > degree:
            from scipy.signal import savgol_filter

            out[first:end] = savgol_filter(xy_px[first:end], size, degree, axis=0)
        elif method == "median":
            out[first:end] = _median(xy_px[first:end], size)
    return out


def lookahead_ms(method: Smoothing, window_ms: float) -> float:
    """Return how much later a sample is known when it is smoothed live: half the window.

    In a recording the delay of what is smoothed is 0, since the windows are symmetric.
    """
    return 0.0 if method == "none" else window_ms / 2


def _stretches(time_us: _Times, xy_px: _Floats, step: float) -> list[tuple[int, int]]:
    valid = np.isfinite(xy_px[:, 0] + xy_px[:, 1])
    joined = valid[1:] & valid[:-1] & (np.diff(time_us) <= _ABSENT_STEPS * step)
    first = np.flatnonzero(valid & ~np.concatenate([[False], joined]))
    end = np.flatnonzero(valid & ~np.concatenate([joined, [False]])) + 1
    pairs = zip(first.tolist(), end.tolist(), strict=True)
    return [(a, b) for a, b in pairs if b - a >= _LEAST]


def _median(xy: _Floats, window: int) -> _Floats:
    """Return the running median; at the ends of as many samples as there are on either side."""
    half = window // 2
    out = xy.copy()
    runs = np.lib.stride_tricks.sliding_window_view(xy, window, axis=0)
    out[half : len(xy) - half] = np.median(runs, axis=-1)
    for i in range(1, half):
        out[i] = np.median(xy[: 2 * i + 1], axis=0)
        out[-1 - i] = np.median(xy[-1 - 2 * i :], axis=0)
    return out
