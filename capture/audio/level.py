"""How loud is it right now, for those who watch?"""

import threading

import msgspec
import numpy as np

from capture.audio.microphone import SoundBlock
from gazekit.model.spoken import level_db
from gazekit.model.wav import clipped_samples

__all__ = ["QUIETEST_DB", "Level", "LevelMeter"]

QUIETEST_DB = -60.0
"""What silence is shown as."""
_FALL_DB_PER_BLOCK = 3.0


class Level(msgspec.Struct, frozen=True):
    """Loudness of the last moments in dB below full scale; `clipped` within the last second."""

    db: float
    clipped: bool

    def bars(self, count: int) -> int:
        """Return how many of `count` bars are lit; the lowest stands for -60 dB."""
        share = (self.db - QUIETEST_DB) / -QUIETEST_DB
        return round(min(max(share, 0.0), 1.0) * count)


class LevelMeter:
    """Follows the sound up at once and down slowly; fed by one thread, read by another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._db, self._clipped_blocks = QUIETEST_DB, 0

    @property
    def level(self) -> Level:
        """The level now."""
        with self._lock:
            return Level(self._db, self._clipped_blocks > 0)

    def hear(self, block: SoundBlock) -> None:
        """Take a block into account."""
        found = level_db(float(np.mean(block.frames.astype(np.float64) ** 2)))
        db = QUIETEST_DB if found is None else max(found, QUIETEST_DB)
        with self._lock:
            self._db = max(db, self._db - _FALL_DB_PER_BLOCK)
            self._clipped_blocks = 15 if clipped_samples(block.frames) else self._clipped_blocks - 1

    def silence(self) -> None:
        """Show nothing: there is no microphone any more."""
        with self._lock:
            self._db, self._clipped_blocks = QUIETEST_DB, 0
