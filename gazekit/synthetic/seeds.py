"""How one seed becomes many independent random streams, each named by what it is for."""

import zlib

import numpy as np

__all__ = ["rng_of", "seed_of"]


def rng_of(seed: int, *key: str | int) -> np.random.Generator:
    """Return the generator of one purpose: same seed and key, same numbers, on any machine.

    Parameters
    ----------
    seed
        Not negative.
    key
        Names or numbers of the purpose, such as ``"anatomy"`` or ``"reading", 17``.
    """
    return np.random.default_rng(_sequence(seed, key))


def seed_of(seed: int, *key: str | int) -> int:
    """Return the seed of a part, below 2^53 so that any JSON reader keeps it whole."""
    return int(_sequence(seed, key).generate_state(1, np.uint64)[0] >> np.uint64(11))


def _sequence(seed: int, key: tuple[str | int, ...]) -> np.random.SeedSequence:
    spawn = tuple(zlib.crc32(part.encode()) if isinstance(part, str) else part for part in key)
    return np.random.SeedSequence(seed, spawn_key=spawn)
