"""A synthetic reading for the key-frame benchmark: fixations, saccades, drift, sentences."""

import numpy as np

from gazekit.align.gazex import ImageSamples
from gazekit.align.sentences import Sentence

__all__ = ["synthetic_reading"]

_US_PER_S = 1_000_000


def synthetic_reading(
    seed: int,
    *,
    seconds: float = 60.0,
    rate_hz: float = 1000.0,
    image_size: tuple[int, int] = (2500, 3000),
    sentences: int = 8,
    px_per_deg: float = 50.0,
    zoom: bool = False,
) -> tuple[ImageSamples, list[Sentence]]:
    """Simulate gaze in image px, a visit to a few places for each sentence.

    `zoom`: half of the sentences are read at twice the size, so that a degree is half as wide.
    """
    rng = np.random.default_rng(seed)
    n = round(seconds * rate_hz)
    time_us = np.round(np.arange(n) / rate_hz * _US_PER_S).astype(np.int64)
    width, height = image_size
    each = n // sentences
    sigma = np.full(n, px_per_deg)
    x, y = np.empty(n), np.empty(n)
    for k in range(sentences):
        stop = n if k == sentences - 1 else (k + 1) * each
        span = np.arange(k * each, stop)
        places = rng.uniform(0.12, 0.88, (rng.integers(1, 4), 2)) * (width, height)
        fixations = max(4, round(span.size / rate_hz / 0.28))
        centre = places[rng.integers(0, len(places), fixations)]
        centre = centre + rng.normal(0, 0.8 * px_per_deg, (fixations, 2))
        owner = np.minimum(np.arange(span.size) * fixations // span.size, fixations - 1)
        x[span], y[span] = centre[owner].T + rng.normal(0, 0.12 * px_per_deg, (2, span.size))
        if zoom and k % 2:
            sigma[span] = px_per_deg / 2
    sigma_y = sigma * 1.02
    x[rng.random(n) < 0.02] = np.nan  # noqa: PLR2004 - lost samples
    edges = np.linspace(0.0, seconds, sentences + 1) * _US_PER_S
    spoken = [
        Sentence(k, f"Sentence {k}.", (), round(edges[k] + 400_000), round(edges[k + 1] - 200_000))
        for k in range(sentences)
    ]
    return ImageSamples(time_us, x, y, sigma, sigma_y), spoken
