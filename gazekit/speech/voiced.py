"""When is somebody speaking? Energy against the noise of the room, in frames of 10 ms."""

import numpy as np
from numpy.typing import NDArray

from gazekit.speech.sound import FRAME_HZ, RATE_HZ

__all__ = ["level_db", "pauses", "voiced_frames"]

_STEP = RATE_HZ // FRAME_HZ
_SILENCE_DB = -100.0
_FAINTEST_DB = -65.0
_LEAST_RANGE_DB = 6.0
_MOST_LOST_DB = 9.0
_SHARE = 0.25
_LEAST_ABOVE_DB = 4.0
_LEAST_VOICED = 4
_HANGOVER = 3


def level_db(pcm: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level of each frame of 10 ms in dB of full scale, -100 for digital silence."""
    frames = pcm[: pcm.size // _STEP * _STEP].reshape(-1, _STEP).astype(np.float64)
    power = np.var(frames, axis=1)
    level: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DB / 10)))
    return level


def voiced_frames(pcm: NDArray[np.float32], quiet: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return for each frame whether somebody speaks, shape (n_frames,).

    The threshold lies a quarter of the way from the quiet (10th percentile) to the loud (99th
    percentile). Sound without that range, or fainter than -65 dB, is taken for no speech at all;
    so is sound whose loudest frames were taken for noise.

    Parameters
    ----------
    pcm
        float32 at 16 kHz, shape (n,).
    quiet
        The same without the steady noise of the room, see `denoise`.
    """
    level = level_db(quiet)
    if level.size == 0:
        return np.zeros(0, dtype=bool)
    floor, loud = np.percentile(level, [10, 99])
    lost = np.percentile(level_db(pcm), 99) - loud
    if loud < _FAINTEST_DB or loud - floor < _LEAST_RANGE_DB or lost > _MOST_LOST_DB:
        return np.zeros(level.size, dtype=bool)
    floor = max(floor, loud - 45.0)
    above = level > floor + max(_LEAST_ABOVE_DB, _SHARE * (loud - floor))
    return _smoothed(above)


def pauses(voiced: NDArray[np.bool_], least: int) -> list[tuple[int, int]]:
    """Return the unvoiced stretches of at least `least` frames, as (first, one past the last)."""
    edges = np.diff(np.concatenate([[0], (~voiced).astype(np.int8), [0]]))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True) if b - a >= least]


def _smoothed(above: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Drop clicks, and let the voice ring on a little."""
    voiced = above.copy()
    for start, stop in pauses(~above, 1):
        if stop - start < _LEAST_VOICED:
            voiced[start:stop] = False
    for start, stop in pauses(voiced, 1):
        if stop - start <= 2 * _HANGOVER:
            voiced[start:stop] = True
        else:
            voiced[start : start + _HANGOVER] = start > 0
            voiced[stop - _HANGOVER : stop] = stop < voiced.size
    return voiced
