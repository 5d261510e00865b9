"""How one seed becomes many independent random streams, each named by what it is for."""

import zlib

import numpy as np

__all__ = ["rng_of"]


def rng_of(seed: int, *key: str | int) -> np.random.Generator:
    """Return the generator of one purpose: same seed and key, same numbers, on any machine.

    Parameters
    ----------
    seed
        Not negative.
    key
        Names or numbers of the purpose, such as ``"anatomy"`` or ``"reading", 17``.
    """
    spawn = tuple(zlib.crc32(part.encode()) if isinstance(part, str) else part for part in key)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=spawn))
