"""How is a click played, and when does it leave the speaker?"""

import threading
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from capture.clock import SessionClock
from gazekit.model.errors import UnfitError
from gazekit.synthetic import Voice, clicks

__all__ = ["Clicker", "SimulatedClicker", "SpeakerClicker"]

_S = 1_000_000
_CLICK_S, _CLICK_HZ = 0.02, 1000.0
_PATIENCE_S = 3.0
_AHEAD_US = 30_000
_LOUD = 0.6


class Clicker(Protocol):
    """Plays clicks."""

    def start(self) -> None:
        """Open the speaker."""

    def click(self) -> int:
        """Play a click; return when it leaves the speaker, session microseconds."""

    def stop(self) -> None:
        """Close the speaker."""


class SimulatedClicker:
    """Clicks that a simulated microphone hears `late_us` after they were played."""

    def __init__(self, clock: SessionClock, voice: Voice, *, late_us: int) -> None:
        self._clock, self._voice, self._late_us = clock, voice, late_us

    def start(self) -> None:
        """Do nothing."""

    def click(self) -> int:
        """Play a click a moment ahead, so that the microphone has not yet listened there."""
        played_us = self._clock.now_us() + round(_AHEAD_US * max(1.0, self._clock.speed))
        self._voice.say(clicks([played_us + self._late_us]))
        return played_us

    def stop(self) -> None:
        """Do nothing."""


class SpeakerClicker:
    """Clicks through the system's own speaker; PortAudio tells when each leaves it.

    Raises
    ------
    UnfitError
        There is no PortAudio, or no speaker.
    """

    def __init__(self, clock: SessionClock) -> None:
        try:
            import sounddevice
        except (ImportError, OSError) as error:
            remedy = "see: capture doctor"
            raise UnfitError("sound is not installed", found=str(error), remedy=remedy) from error
        self._sounddevice: Any = sounddevice
        self._clock = clock
        self._stream: Any = None
        self._wanted, self._played = threading.Event(), threading.Event()
        self._played_us = 0
        self._sound: NDArray[np.float32] = np.empty(0, np.float32)
        self._at: int | None = None

    def start(self) -> None:
        """Open the speaker; see `Clicker.start`."""
        try:
            device = self._sounddevice.query_devices(kind="output")
            rate = float(device["default_samplerate"])
            times = np.arange(round(_CLICK_S * rate)) / rate
            self._sound = (_LOUD * np.sin(2 * np.pi * _CLICK_HZ * times)).astype(np.float32)
            self._stream = self._sounddevice.OutputStream(
                samplerate=rate, channels=1, dtype="float32", latency="high", callback=self._fill
            )
            self._stream.start()
        except (self._sounddevice.PortAudioError, ValueError, OSError) as error:
            raise UnfitError(
                "the speaker does not open",
                found=" ".join(str(error).split()),
                remedy="connect one and choose it in the system's settings",
            ) from error

    def click(self) -> int:
        """Play a click in the next block; see `Clicker.click`."""
        self._played.clear()
        self._wanted.set()
        if not self._played.wait(_PATIENCE_S):
            raise UnfitError("the speaker plays nothing", remedy="close other programs that use it")
        return self._played_us

    def stop(self) -> None:
        """Close the speaker."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)

    def _fill(self, out: NDArray[np.float32], count: int, times: Any, _status: Any) -> None:  # noqa: ANN401 - cffi
        """Fill a block of the speaker's; called on PortAudio's thread."""
        out.fill(0.0)
        if self._wanted.is_set():
            self._wanted.clear()
            self._at = 0
            ahead_s = float(times.outputBufferDacTime) - float(times.currentTime)
            self._played_us = self._clock.now_us() + round(ahead_s * _S)
            self._played.set()
        if self._at is not None:
            part = self._sound[self._at : self._at + count]
            out[: part.size, 0] = part
            self._at = self._at + count if self._at + count < self._sound.size else None
