"""What is left of a sound when the steady noise of the room is taken from it?

A Wiener filter with the decision-directed estimate of Ephraim and Malah (1984,
doi:10.1109/TASSP.1984.1164453); the noise of each frequency band is read from a low quantile of its
power (Stahl, Fischer and Bippus 2000, doi:10.1109/ICASSP.2000.862122), so that no pause is needed.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["denoised"]

_WINDOW = 512
_HOP = 128
_QUANTILE = 0.1
_BANDS = 9
_MEMORY = 0.95
_LEAST_GAIN = 0.1
_LEAST_POWER = 1e-12


def denoised(pcm: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sound with steady noise turned down by 20 dB at most; same shape, same times.

    Parameters
    ----------
    pcm
        float32 at 16 kHz, shape (n,), no NaN. Less than two windows (64 ms) come back as they are.
    """
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import istft, stft

    if pcm.size < 2 * _WINDOW:
        return pcm
    overlap = _WINDOW - _HOP
    _, _, bands = stft(pcm, nperseg=_WINDOW, noverlap=overlap)
    power = np.abs(bands) ** 2
    # Power of noise is exponentially distributed: from a quantile follows the mean.
    noise = np.quantile(power, _QUANTILE, axis=1, keepdims=True) / -np.log(1 - _QUANTILE)
    gain = _gains(power / (uniform_filter1d(noise, _BANDS, axis=0) + _LEAST_POWER))
    _, quiet = istft(bands * gain, nperseg=_WINDOW, noverlap=overlap)
    return np.asarray(quiet[: pcm.size], dtype=np.float32)


def _gains(above: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain of every band and moment from how far its power is above the noise."""
    gains = np.empty_like(above)
    before = np.zeros(above.shape[0])
    for moment in range(above.shape[1]):
        now = above[:, moment]
        ratio = _MEMORY * before + (1 - _MEMORY) * np.maximum(now - 1, 0)
        gain = ratio / (1 + ratio)
        gains[:, moment] = np.maximum(gain, _LEAST_GAIN)
        before = gain**2 * now
    return gains
