"""What must a microphone do, a real one or a simulated one?"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Microphone", "MicrophoneInfo", "SoundBlock"]


@dataclass(frozen=True)
class MicrophoneInfo:
    """What is told of a microphone; never its name, which may be a person's."""

    kind: str
    rate_hz: int
    channels: int
    simulated: bool


@dataclass(frozen=True)
class SoundBlock:
    """Frames as the driver handed them over.

    `frames`: int16, shape (n, channels). `adc_time_s`: when the first was sampled, and
    `driver_time_s`: when they were handed over, both on the driver's clock. `received_us`: the
    latter on the session clock. `overflowed`: the driver lost frames before it.
    """

    frames: NDArray[np.int16]
    adc_time_s: float
    driver_time_s: float
    received_us: int
    overflowed: bool


class Microphone(Protocol):
    """Delivers blocks of sound from a thread of its own from `start` to `stop`."""

    @property
    def info(self) -> MicrophoneInfo:
        """What may be recorded of it."""

    def start(self) -> None:
        """Begin to listen; may be called again after `stop`.

        Raises
        ------
        UnfitError
            It is not there, or refuses.
        """

    def take(self) -> list[SoundBlock]:
        """Return the blocks since the last call, oldest first."""

    def fault(self) -> str | None:
        """Say why it no longer delivers; None while it does."""

    def stop(self) -> None:
        """Stop listening; what was taken up so far can still be taken."""
