"""How does a microphone behave whose every onset is known: drift, jitter, dropouts, unplugging?"""

import collections
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capture.audio.microphone import MicrophoneInfo, SoundBlock
from capture.clock import SessionClock
from gazekit.model.errors import UnfitError
from gazekit.synthetic import Voice

__all__ = ["MicrophoneFaults", "SimulatedMicrophone"]

_BLOCK_FRAMES = 1024
_POLL_S = 0.02
_US = 1_000_000
_DRIVER_AHEAD_S = 1_000_000.0
"""The driver's clock has another zero than the session's, as a wall clock would."""
_NOISE = 0.0005


@dataclass(frozen=True)
class MicrophoneFaults:
    """What is amiss with a simulated microphone.

    `drift_ppm`: its crystal is so much too fast. `jitter_ms`: standard deviation of the times
    that its driver tells. `dropouts`: (frame, frames lost there), the driver says that frames were
    lost but not how many. `gone_after_s`: it is unplugged so long after its start.
    `clock_set`: (frame, seconds), from there on the driver's clock is another, as a wall clock
    that was set.
    """

    drift_ppm: float = 0.0
    jitter_ms: float = 0.0
    dropouts: tuple[tuple[int, int], ...] = ()
    gone_after_s: float | None = None
    clock_set: tuple[int, float] | None = None


class SimulatedMicrophone:
    """Hears a `Voice` in session time, at the session's speed."""

    def __init__(
        self,
        clock: SessionClock,
        voice: Voice,
        *,
        rate_hz: int = 16_000,
        faults: MicrophoneFaults | None = None,
        seed: int = 0,
    ) -> None:
        self.voice = voice
        self._clock = clock
        self._faults = faults or MicrophoneFaults()
        self._info = MicrophoneInfo("simulated", rate_hz, 1, simulated=True)
        self._period_us = _US / (rate_hz * (1 + self._faults.drift_ppm / _US))
        self._rng = np.random.default_rng(seed)
        self._blocks: collections.deque[SoundBlock] = collections.deque()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._start_us = 0
        self._frame = 0
        self._gone = False

    @property
    def info(self) -> MicrophoneInfo:
        """A simulated microphone."""
        return self._info

    def start(self) -> None:
        """Begin to listen; one that was unplugged stays away."""
        if self._gone:
            raise UnfitError("the microphone does not open", found="the simulated one is unplugged")
        self.stop()
        self._stopping.clear()
        self._start_us, self._frame = self._clock.now_us(), 0
        self._thread = threading.Thread(target=self._run, name="microphone", daemon=True)
        self._thread.start()

    def take(self) -> list[SoundBlock]:
        """Return the blocks since the last call."""
        taken = []
        while self._blocks:
            taken.append(self._blocks.popleft())
        return taken

    def fault(self) -> str | None:
        """Say that it was unplugged."""
        return "the simulated microphone was unplugged" if self._gone else None

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        gone = self._faults.gone_after_s
        while not self._stopping.wait(_POLL_S):
            now_us = self._clock.now_us()
            if gone is not None and now_us >= self._start_us + gone * _US:
                self._gone = True
                return
            while self._sampled_us(self._frame + _BLOCK_FRAMES) <= now_us:
                self._blocks.append(self._next())

    def _sampled_us(self, frame: int) -> float:
        return self._start_us + frame * self._period_us

    def _next(self) -> SoundBlock:
        first = self._frame
        lost = sum(n for at, n in self._faults.dropouts if first - _BLOCK_FRAMES < at <= first)
        first += lost
        frames = np.arange(first, first + _BLOCK_FRAMES, dtype=np.float64)
        times: NDArray[np.float64] = self._start_us + frames * self._period_us
        sound = self.voice.at(times) + self._rng.normal(0.0, _NOISE, times.size)
        jitter_s = float(self._rng.normal(0.0, self._faults.jitter_ms / 1000))
        handed_us = round(float(times[-1] + self._period_us))
        ahead_s = _DRIVER_AHEAD_S
        if self._faults.clock_set is not None and first >= self._faults.clock_set[0]:
            ahead_s += self._faults.clock_set[1]
        self._frame = first + _BLOCK_FRAMES
        return SoundBlock(
            frames=np.rint(np.clip(sound, -1.0, 1.0) * 32767).astype(np.int16)[:, None],
            adc_time_s=float(times[0]) / _US + ahead_s + jitter_s,
            driver_time_s=handed_us / _US + ahead_s,
            received_us=handed_us,
            overflowed=lost > 0,
        )
