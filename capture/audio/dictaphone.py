"""How is a session's dictation recorded: from when to when, in which stretches, told by whom?

::

    microphone's thread --> blocks --> writer thread, every 50 ms --> audio-000.wav, .arrows
                                            |  start, stop, talk       `--> audio.jsonl at its end
                                            `--> level meter, messages
    close: every WAV --> FLAC, compared --> the WAV goes
"""

import collections
import threading
import time
from dataclasses import dataclass

from capture.audio.flac import compress
from capture.audio.level import Level, LevelMeter
from capture.audio.microphone import Microphone, MicrophoneInfo, SoundBlock
from capture.audio.segment import SegmentWriter
from capture.clock import SessionClock
from gazekit.model.dictation import AudioMode
from gazekit.model.errors import GazekitError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import Event
from gazekit.model.session import SessionWriter
from gazekit.model.spoken import audio_numbers, read_audio_segments

__all__ = ["Dictaphone"]

_POLL_S = 0.05
_PATIENCE_S = 2.0
_US = 1_000_000


@dataclass
class _Span:
    """What shall be recorded: sound sampled from `start_us` until `stop_us`, once that is known."""

    reading_id: str
    start_us: int
    stop_us: int | None = None
    stopped_s: float | None = None


class Dictaphone:
    """Records a reading's sound from `start` to `stop`; without a microphone it does nothing.

    A fault never stops the session: it is written as an event, and `messages` tells it.

    Parameters
    ----------
    microphone
        None where there is none.
    writer
        Of the session; sound lies beside its files.
    mode
        ``continuous`` records from `start` to `stop`; ``push_to_talk`` only while `talk` is on.
    synthesised
        Speech is synthesised before the (simulated) microphone.
    missing
        Why there is no microphone, where one was looked for; it is told once.
    """

    def __init__(
        self,
        microphone: Microphone | None,
        writer: SessionWriter,
        clock: SessionClock,
        *,
        mode: AudioMode = "continuous",
        synthesised: bool = False,
        missing: str | None = None,
    ) -> None:
        self.microphone = microphone
        self.mode: AudioMode = mode
        self.synthesised = synthesised
        self._writer, self._clock = writer, clock
        self._layout: SessionLayout = writer.layout
        self._spans: collections.deque[_Span] = collections.deque()
        self._messages: collections.deque[str] = collections.deque()
        if missing is not None:
            self._messages.append(f"{missing}: gaze is recorded without sound")
        self._meter = LevelMeter()
        self._segment: SegmentWriter | None = None
        self._next = max(audio_numbers(self._layout.root), default=-1) + 1
        self._reading_id: str | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost: str | None = None
        self.overflows = 0

    @property
    def level(self) -> Level | None:
        """How loud it is now; None where nothing is listened to."""
        return None if self._thread is None or self._lost is not None else self._meter.level

    @property
    def recording(self) -> bool:
        """Say whether what is said now is kept."""
        return bool(self._spans) and self._spans[-1].stop_us is None

    def messages(self) -> list[str]:
        """Return what the operator has to be told since the last call."""
        told = []
        while self._messages:
            told.append(self._messages.popleft())
        return told

    def listen(self) -> None:
        """Open the microphone, so that there is a level before anything is recorded."""
        if self.microphone is None or self._thread is not None:
            return
        if self._opened():
            self._thread = threading.Thread(target=self._run, name="dictaphone", daemon=True)
            self._thread.start()

    def start(self, reading_id: str) -> None:
        """Record what is said from now on; with push-to-talk, once `talk` is on."""
        self.listen()
        if self._lost is not None and self._opened():
            self._tell("microphone_back", "the microphone is back")
            self._lost = None
        self._reading_id = reading_id
        if self.mode == "continuous":
            self._begin()

    def talk(self, *, on: bool) -> None:
        """Hold or release the push-to-talk key; nothing happens in continuous mode."""
        if self.mode != "push_to_talk" or self._reading_id is None:
            return
        if on and not self.recording:
            self._begin()
        elif not on:
            self._end()

    def stop(self) -> None:
        """Record no more; what was said until now is still written."""
        self._end()
        self._reading_id = None

    def close(self) -> None:
        """Write everything, close the microphone, make FLAC files; a second call does nothing."""
        self.stop()
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self.microphone is not None:
            self.microphone.stop()
            self.microphone = None
        for segment in read_audio_segments(self._layout.root):
            if self._layout.audio(segment.segment, "wav").is_file():
                kept = compress(self._layout, segment)
                if kept is not None:
                    self._messages.append(f"the WAV file of sound {segment.segment} stays: {kept}")

    def _begin(self) -> None:
        if self._reading_id is not None and self._thread is not None:
            self._spans.append(_Span(self._reading_id, self._clock.now_us()))

    def _end(self) -> None:
        if self.recording:
            self._spans[-1].stopped_s = time.monotonic()
            self._spans[-1].stop_us = self._clock.now_us()

    def _opened(self) -> bool:
        if self.microphone is None:
            return False
        try:
            self.microphone.start()
        except GazekitError as error:
            reason = f": {error.found}" if error.found else ""
            self._lose(f"{error.what}{reason}")
            return False
        return True

    def _tell(self, kind: str, text: str, **value: str | float | bool | None) -> None:
        self._writer.event(Event(time_us=self._clock.now_us(), kind=kind, value=value))
        self._messages.append(text)

    def _lose(self, reason: str) -> None:
        """Say once that the microphone is gone; gaze goes on."""
        if self._lost is None:
            self._lost = reason
            self._meter.silence()
            text = f"the microphone is gone ({reason}); gaze goes on, sound up to here is kept"
            self._tell("microphone_lost", text, reason=reason)

    def _run(self) -> None:
        while True:
            ending = self._stopping.wait(_POLL_S)
            try:
                self._turn()
                if ending and not self._pending():
                    self._finish()
                    return
            except OSError as error:
                self._drop(f"the disk refused sound: {error.strerror}")
            except Exception as error:  # noqa: BLE001 - sound must never end the gaze recording
                self._drop(f"sound could not be written: {type(error).__name__}")
            if ending and self._lost is not None:
                return

    def _turn(self) -> None:
        microphone = self.microphone
        if microphone is None:
            return
        for block in microphone.take():
            self._meter.hear(block)
            self._place(block, microphone.info)
        if self._lost is None and (fault := microphone.fault()) is not None:
            self._finish()
            self._spans.clear()
            self._lose(fault)
        elif self._spans and self._overdue(self._spans[0]):
            self._finish()
            self._spans.popleft()

    def _pending(self) -> bool:
        return bool(self._spans) and self._lost is None

    def _overdue(self, span: _Span) -> bool:
        """Say whether a stopped span waits for sound that does not come."""
        return span.stopped_s is not None and time.monotonic() - span.stopped_s > _PATIENCE_S

    def _place(self, block: SoundBlock, info: MicrophoneInfo) -> None:
        """Write a block where it belongs to a span; one that was stopped before it is over."""
        delay_s = block.driver_time_s - block.adc_time_s
        length_s = block.frames.shape[0] / info.rate_hz
        sampled_us = block.received_us - round(_US * (delay_s if delay_s > 0 else length_s))
        while self._spans:
            span = self._spans[0]
            if span.stop_us is not None and sampled_us >= span.stop_us:
                self._finish()
                self._spans.popleft()
                continue
            if sampled_us + round(_US * length_s) > span.start_us:
                self._write(block, span, info)
            return

    def _write(self, block: SoundBlock, span: _Span, info: MicrophoneInfo) -> None:
        if block.overflowed and self._segment is not None:
            self._count_overflow(block, self._segment)
        if self._segment is None:
            self._segment = self._open(span, info)
        self._segment.append(block)

    def _count_overflow(self, block: SoundBlock, segment: SegmentWriter) -> None:
        """End the stretch: frames after a loss no longer follow from its line."""
        self.overflows += 1
        lost = segment.lost_before(block)
        text = f"sound was lost {self.overflows} times: the machine is too busy"
        self._tell("audio_overflow", text, segment=segment.number, lost_frames=lost)
        self._finish(dropped_frames=lost)

    def _open(self, span: _Span, info: MicrophoneInfo) -> SegmentWriter:
        number, self._next = self._next, self._next + 1
        opened = SegmentWriter(
            self._layout, number, info, reading_id=span.reading_id, mode=self.mode
        )
        value: dict[str, str | int | float | bool | None] = {
            "segment": number,
            "reading_id": span.reading_id,
            "mode": self.mode,
            "rate_hz": info.rate_hz,
            "simulated": info.simulated,
        }
        self._writer.event(Event(time_us=self._clock.now_us(), kind="audio_start", value=value))
        return opened

    def _finish(self, *, dropped_frames: int = 0) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        closed = segment.close(dropped_frames=dropped_frames)
        value: dict[str, str | int | float | bool | None] = {
            "segment": closed.segment,
            "clipped_share": closed.clipped_share,
        }
        self._writer.event(Event(time_us=self._clock.now_us(), kind="audio_end", value=value))

    def _drop(self, reason: str) -> None:
        segment, self._segment = self._segment, None
        self._spans.clear()
        if segment is not None:
            segment.abandon()
        self._lose(reason)
