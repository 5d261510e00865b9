"""How is one unbroken stretch of sound written, and drawn onto the session clock at its end?"""

import time

import numpy as np
import pyarrow as pa

from capture.audio.microphone import MicrophoneInfo, SoundBlock
from gazekit.model.dictation import AudioMode, AudioSegment
from gazekit.model.layout import SessionLayout
from gazekit.model.schemas import schema_of
from gazekit.model.soundline import fit_sound
from gazekit.model.spoken import level_db
from gazekit.model.stream import ArrowStreamWriter, JsonLinesWriter
from gazekit.model.wav import WavWriter, clipped_samples

__all__ = ["SegmentWriter"]

_TABLE = "audio_blocks"
_BATCH_S = 0.5


class SegmentWriter:
    """One stretch: a WAV file, the table of its blocks, and at the end a line in the list.

    Used by the dictaphone's thread alone.
    """

    def __init__(
        self,
        layout: SessionLayout,
        number: int,
        info: MicrophoneInfo,
        *,
        reading_id: str | None,
        mode: AudioMode,
    ) -> None:
        self.number = number
        self.reading_id = reading_id
        self._layout, self._info, self._mode = layout, info, mode
        self._wav = WavWriter(
            layout.audio(number, "wav"), rate_hz=info.rate_hz, channels=info.channels
        )
        self._blocks = ArrowStreamWriter(layout.audio_blocks(number), _TABLE)
        self._rows: list[tuple[int, int, float, float, int, bool]] = []
        self._waiting = 0
        self._written_s = time.monotonic()
        self._clipped, self._square = 0, 0.0

    @property
    def n_frames(self) -> int:
        """Frames written so far."""
        return self._wav.n_frames

    def lost_before(self, block: SoundBlock) -> int:
        """Estimate how many frames the driver lost before `block`, from its times; at least 0."""
        if not self._rows:
            return 0
        _, n_frames, adc_time_s, *_ = self._rows[-1]
        gap_s = block.adc_time_s - adc_time_s - n_frames / self._info.rate_hz
        return max(0, round(gap_s * self._info.rate_hz)) if np.isfinite(gap_s) else 0

    def append(self, block: SoundBlock) -> None:
        """Write a block; its times follow within half a second."""
        first, count = self._wav.n_frames, block.frames.shape[0]
        self._wav.append(block.frames)
        self._rows.append(
            (
                first,
                count,
                block.adc_time_s,
                block.driver_time_s,
                block.received_us,
                block.overflowed,
            )
        )
        self._waiting += 1
        self._clipped += clipped_samples(block.frames)
        self._square += float(np.sum(block.frames.astype(np.float64) ** 2))
        if time.monotonic() - self._written_s >= _BATCH_S:
            self._write_blocks()

    def close(self, *, dropped_frames: int = 0) -> AudioSegment:
        """Close the files, lay the line, and list the stretch; return what is listed."""
        self._write_blocks()
        self._wav.close()
        self._blocks.close()
        segment = self._segment(dropped_frames)
        with JsonLinesWriter(self._layout.audio_segments) as listed:
            listed.append(segment)
        return segment

    def abandon(self) -> None:
        """Let go of the files after a fault of the disk; `recover` makes the stretch whole."""
        for file in (self._wav, self._blocks):
            try:
                file.close()
            except OSError:
                continue

    def _write_blocks(self) -> None:
        if self._waiting:
            self._blocks.append(_batch(self._rows[-self._waiting :]))
        self._waiting = 0
        self._written_s = time.monotonic()

    def _segment(self, dropped_frames: int) -> AudioSegment:
        line = fit_sound(pa.Table.from_batches([_batch(self._rows)]), self._info.rate_hz)
        samples = max(1, self._wav.n_frames * self._info.channels)
        return AudioSegment(
            segment=self.number,
            reading_id=self.reading_id,
            nominal_rate_hz=self._info.rate_hz,
            channels=self._info.channels,
            n_frames=self._wav.n_frames,
            mode=self._mode,
            onset_us=None if line is None else line.onset_us,
            rate_hz=None if line is None else line.rate_hz,
            residual_us=None if line is None else line.residual_us,
            dropped_frames=dropped_frames,
            clipped_share=self._clipped / samples,
            level_db=level_db(self._square / samples),
            simulated=self._info.simulated,
            pcm_sha256=self._wav.pcm_sha256,
        )


def _batch(rows: list[tuple[int, int, float, float, int, bool]]) -> pa.RecordBatch:
    schema = schema_of(_TABLE)
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
