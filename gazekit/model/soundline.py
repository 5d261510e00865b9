"""Which line leads from a frame of recorded sound to the session clock?

A driver tells for each block when its first frame was sampled, and those times jitter by
milliseconds; frames are counted exactly. So one robust line is laid through all blocks of an
unbroken stretch, and no block's own time is used.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.clocks import fit_clock

__all__ = ["SoundLine", "fit_sound", "heard_us"]

_S = 1_000_000
_STEP_US = 500_000
"""The driver's clock may be the wall clock; an offset that jumps so far is one that was set."""
_NEIGHBOURS = 32
_LEAST_S = 8.0
"""In less, jitter says nothing of the rate: 200 ppm come to 0.8 ms at either end."""
_MOST_PPM = 3000.0
"""No sound card is so far off; what seems so is jitter, or frames that were lost unsaid."""


@dataclass(frozen=True)
class SoundLine:
    """Frame n was heard at ``onset_us + n / rate_hz * 1e6``; `residual_us` as in AudioSegment."""

    onset_us: int
    rate_hz: float
    residual_us: float


def heard_us(blocks: pa.Table) -> NDArray[np.float64]:
    """Return when the first frame of each block was sampled, session clock; float64, shape (n,).

    The two driver times of a block are compared with each other only, and with the session
    clock through the least delay among the neighbours, so that a wall clock that is set while
    sound is recorded moves nothing. A driver that gives no times leaves the moment of hand-over
    less the block's length.

    Parameters
    ----------
    blocks
        Table ``audio_blocks``, with column ``length_us`` (float64) beside: nominal lengths.
    """
    adc, driver, received, length = (
        blocks.column(name).to_numpy().astype(np.float64)
        for name in ("adc_time_s", "driver_time_s", "received_us", "length_us")
    )
    if not (np.isfinite(adc).all() and np.isfinite(driver).all()):
        handed: NDArray[np.float64] = received - length
        return handed
    offset = _least_of_neighbours(received - driver * _S)
    # A block whose clock was set between its two times is told by its impossible delay.
    delay = np.clip(driver - adc, -1.0, 10.0) * _S
    heard: NDArray[np.float64] = driver * _S + offset - delay
    return heard


def fit_sound(blocks: pa.Table, nominal_rate_hz: int) -> SoundLine | None:
    """Lay the line through table ``audio_blocks`` of one stretch; None where there is no block.

    Theil-Sen over the blocks (as `gazekit.model.clocks.fit_clock`); a stretch of less than 8 s
    keeps the nominal rate, and so does one whose line would be off by more than 3000 ppm.
    """
    if blocks.num_rows == 0:
        return None
    frames = blocks.column("n_frames").to_numpy() / nominal_rate_hz * _S
    heard = heard_us(blocks.append_column("length_us", pa.array(frames, pa.float64())))
    counted = blocks.column("first_frame").to_numpy() / nominal_rate_hz * _S
    device, session = np.rint(counted).astype(np.int64), np.rint(heard).astype(np.int64)
    line = fit_clock(session, device, session)
    long_enough = counted[-1] - counted[0] >= _LEAST_S * _S
    if long_enough and abs(line.drift_ppm) <= _MOST_PPM:
        slope = 1.0 + line.drift_ppm / _S
        onset = line.anchor_session_us - line.anchor_device_us * slope
        return SoundLine(round(onset), nominal_rate_hz / slope, line.residual_us)
    onset = float(np.median(heard - counted))
    residual = float(np.median(np.abs(heard - counted - onset)))
    return SoundLine(round(onset), float(nominal_rate_hz), residual)


def _least_of_neighbours(offset_us: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the least offset among the blocks around each: a late callback only ever adds."""
    least = np.empty_like(offset_us)
    edges = np.flatnonzero(np.abs(np.diff(offset_us)) > _STEP_US) + 1
    bounds = [0, *(int(edge) for edge in edges), offset_us.size]
    for first, last in itertools.pairwise(bounds):
        run = np.pad(offset_us[first:last], _NEIGHBOURS, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(run, 2 * _NEIGHBOURS + 1)
        least[first:last] = windows.min(axis=1)
    return least
