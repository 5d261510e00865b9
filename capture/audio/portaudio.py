"""How is a real microphone listened to? PortAudio, in blocks of 1024 frames or more.

::

    PortAudio's thread: callback --> deque (append, nothing else) --> take(), by the writer thread
"""

import collections
import math
import time
from typing import Any

from capture.audio.microphone import MicrophoneInfo, SoundBlock
from capture.clock import SessionClock
from gazekit.model.errors import UnfitError, did_you_mean

__all__ = ["PortaudioMicrophone"]

_BLOCK_FRAMES = 1024
"""With 480 frames and low latency, clicks were lost on a loaded machine; with these none."""
_MOST_BLOCKS = 4000
_SILENT_S = 2.0
_US = 1_000_000


class PortaudioMicrophone:
    """The system's own microphone, or the first whose name contains `name`, in one channel.

    Raises
    ------
    UnfitError
        There is no PortAudio, no microphone, or none of that name.
    """

    def __init__(self, clock: SessionClock, *, rate_hz: int, name: str | None = None) -> None:
        self._sounddevice = _import_sounddevice()
        self._clock = clock
        self._device = _find(self._sounddevice, name)
        self._info = MicrophoneInfo("portaudio", rate_hz, 1, simulated=False)
        self._blocks: collections.deque[SoundBlock] = collections.deque(maxlen=_MOST_BLOCKS)
        self._stream: Any = None
        self._latest_s = time.monotonic()
        # On Linux it is the wall clock, and no record may hold a time of day.
        self._origin_s: float | None = None

    @property
    def info(self) -> MicrophoneInfo:
        """PortAudio, and the rate that was asked for."""
        return self._info

    def start(self) -> None:
        """Open the stream; see `Microphone.start`."""
        self.stop()
        try:
            self._stream = self._sounddevice.InputStream(
                device=self._device,
                samplerate=self._info.rate_hz,
                channels=self._info.channels,
                dtype="int16",
                blocksize=_BLOCK_FRAMES,
                latency="high",
                callback=self._callback,
            )
            self._stream.start()
        except (self._sounddevice.PortAudioError, ValueError, OSError) as error:
            self._stream = None
            raise UnfitError(
                "the microphone does not open",
                found=_reason(error),
                remedy="check that it is plugged in and that no other program holds it",
            ) from error
        self._latest_s = time.monotonic()

    def take(self) -> list[SoundBlock]:
        """Return the blocks since the last call."""
        taken = []
        while self._blocks:
            taken.append(self._blocks.popleft())
        return taken

    def fault(self) -> str | None:
        """Say that the stream ended, or that it has delivered nothing for two seconds."""
        if self._stream is None:
            return "it is not open"
        if not self._stream.active:
            return "the driver ended the stream"
        silent_s = time.monotonic() - self._latest_s
        return f"no sound for {silent_s:.0f} s" if silent_s > _SILENT_S else None

    def stop(self) -> None:
        """Close the stream."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            stream.close(ignore_errors=True)
        except self._sounddevice.PortAudioError:
            return

    def _callback(self, frames: Any, _count: int, times: Any, status: Any) -> None:  # noqa: ANN401 - cffi
        received_us = self._clock.now_us()
        adc_s, driver_s = float(times.inputBufferAdcTime), float(times.currentTime)
        if self._origin_s is None:
            self._origin_s = driver_s
        self._blocks.append(
            SoundBlock(
                frames=frames.copy(),
                adc_time_s=adc_s - self._origin_s if adc_s > 0 else math.nan,
                driver_time_s=driver_s - self._origin_s,
                received_us=received_us,
                overflowed=bool(status.input_overflow),
            )
        )
        self._latest_s = time.monotonic()


def _import_sounddevice() -> Any:  # noqa: ANN401 - an untyped module
    try:
        import sounddevice
    except ImportError as error:
        remedy = "pip install 'gazekit[capture]', or give --microphone none"
        raise UnfitError("sounddevice is not installed", remedy=remedy) from error
    except OSError as error:
        remedy = "install PortAudio (Debian: libportaudio2), or give --microphone none"
        raise UnfitError("there is no PortAudio library", remedy=remedy) from error
    return sounddevice


def _find(sounddevice: Any, name: str | None) -> int:  # noqa: ANN401 - an untyped module
    try:
        devices = list(sounddevice.query_devices())
        if name is None:
            return int(sounddevice.query_devices(kind="input")["index"])
    except (sounddevice.PortAudioError, ValueError) as error:
        remedy = "plug one in, or give --microphone none"
        raise UnfitError("there is no microphone", found=_reason(error), remedy=remedy) from error
    inputs = {str(d["name"]): int(d["index"]) for d in devices if d["max_input_channels"] > 0}
    for known, index in inputs.items():
        if name.lower() in known.lower():
            return index
    hint = did_you_mean(name, list(inputs)) or (
        f"Known here: {', '.join(inputs)}" if inputs else "plug it in, or give --microphone none"
    )
    raise UnfitError("no microphone of that name", where="--microphone", remedy=hint)


def _reason(error: Exception) -> str:
    """Return PortAudio's own words without numbers of devices and pointers."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.split("[")[0].strip()
