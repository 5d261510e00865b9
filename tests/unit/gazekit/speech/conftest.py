"""A closed session with sound and a report, made by hand, and speech whose onsets are known."""

import wave
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from gazekit.model.dictation import AudioSegment, ReportRecord
from gazekit.model.layout import SessionLayout
from gazekit.model.records import (
    Event,
    ImageRecord,
    ReaderRecord,
    ScreenRecord,
    SessionRecord,
    TrackerRecord,
    Word,
)
from gazekit.model.session import SessionWriter

RATE_HZ = 16_000
ONSET_US = 5_000_000
"""When the sound of reading ``r-0`` starts on the session clock."""


def write_wav(path: Path, pcm: NDArray[np.float32], rate_hz: int = RATE_HZ) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(pcm, -1, 1) * 32767).astype("<i2").tobytes())


@pytest.fixture
def make_session(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a session of two readings and returns its folder."""

    def make(
        pcm: NDArray[np.float32],
        text: str | None = "The heart is normal.",
        *,
        onset_us: int | None = ONSET_US,
        words: bool = True,
        closed: bool = True,
    ) -> Path:
        writer = SessionWriter(tmp_path, _record(), b'title = "p"\nversion = "1"\n')
        image = ImageRecord(
            image_id="i",
            sha256="0" * 64,
            width_px=1,
            height_px=1,
            window_low=0,
            window_high=1,
            window_source="full",
            photometric="MONOCHROME2",
            bits_stored=8,
        )
        writer.image(image).write_bytes(b"")
        for number in range(2):
            _reading(writer, f"r-{number}", ONSET_US + number * 20_000_000)
            if words:
                writer.word(Word(reading_id=f"r-{number}", index=0, text="earlier", onset_us=1))
        layout = writer.layout
        write_wav(layout.audio(0, "wav"), pcm)
        segment = _segment(pcm.size, onset_us)
        layout.audio_segments.write_bytes(msgspec.json.encode(segment) + b"\n")
        if text is not None:
            reports = [
                ReportRecord(reading_id="r-0", text="An older text.", origin="typed"),
                ReportRecord(reading_id="r-0", text=text, origin="edited", revision=1),
            ]
            lines = b"".join(msgspec.json.encode(report) + b"\n" for report in reports)
            layout.reports.write_bytes(lines)
        if not closed:
            writer.abandon()
            return layout.root
        return writer.close()

    return make


def _record() -> SessionRecord:
    return SessionRecord(
        session_id="a",
        created_at="2026-01-01T00:00:00Z",
        protocol="p",
        protocol_sha256="0" * 64,
        seed=1,
        reader=ReaderRecord(reader_id="R01"),
        screen=ScreenRecord(
            width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
        ),
        tracker=TrackerRecord(kind="simulated", rate_hz=300.0, simulated=True),
        software={},
        simulated=True,
    )


def _reading(writer: SessionWriter, name: str, start_us: int) -> None:
    start: dict[str, str | int | float | bool | None] = {"reading_id": name, "image_id": "i"}
    writer.event(Event(time_us=start_us, kind="reading_start", value=start))
    end: dict[str, str | int | float | bool | None] = {"reading_id": name, "outcome": "complete"}
    writer.event(Event(time_us=start_us + 10_000_000, kind="reading_end", value=end))


def _segment(n_frames: int, onset_us: int | None) -> AudioSegment:
    return AudioSegment(
        segment=0,
        reading_id="r-0",
        nominal_rate_hz=RATE_HZ,
        channels=1,
        n_frames=n_frames,
        mode="continuous",
        onset_us=onset_us,
        rate_hz=None if onset_us is None else float(RATE_HZ),
        residual_us=0.0,
        dropped_frames=0,
        clipped_share=0.0,
        level_db=-20.0,
        simulated=True,
    )


@pytest.fixture
def transcript_of() -> Callable[[Path], bytes]:
    return lambda root: SessionLayout(root).transcript.read_bytes()
