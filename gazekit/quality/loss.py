"""How much gaze is missing, and how densely was it sampled?"""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["data_loss", "effective_rate_hz", "largest_gap_us"]

_US_PER_S = 1e6


def data_loss(valid: ArrayLike) -> float:
    """Return the share of samples without valid gaze; 1.0 without any sample.

    Parameters
    ----------
    valid
        bool, shape (n,): whether a sample holds gaze.
    """
    flags = np.asarray(valid, bool)
    return float(1.0 - flags.mean()) if flags.size else 1.0


def effective_rate_hz(time_us: ArrayLike) -> float | None:
    """Return the sampling rate from the median step; None with fewer than two moments.

    Parameters
    ----------
    time_us
        int64 microseconds, shape (n,), in time order. Steps of zero are left out.
    """
    steps = np.diff(np.asarray(time_us, np.int64))
    steps = steps[steps > 0]
    return float(_US_PER_S / np.median(steps)) if steps.size else None


def largest_gap_us(time_us: ArrayLike, valid: ArrayLike) -> int:
    """Return the longest time from one valid sample to the next, or to either end.

    Parameters
    ----------
    time_us
        int64 microseconds, shape (n,), in time order.
    valid
        bool, shape (n,): whether a sample holds gaze.

    Returns
    -------
    int
        Microseconds. One sampling step for a signal without gaps; the whole span without any
        valid sample; 0 without samples.
    """
    times, flags = np.asarray(time_us, np.int64), np.asarray(valid, bool)
    if times.size == 0:
        return 0
    marks = np.concatenate([times[:1], times[np.flatnonzero(flags)], times[-1:]])
    return int(np.diff(marks).max())
