"""What is kept of a dictation: stretches of sound on the session clock, and the reader's text."""

from typing import Literal

import msgspec

from gazekit.model.records import FindingRecord

__all__ = ["AudioMode", "AudioSegment", "MarksRecord", "ReportOrigin", "ReportRecord"]

AudioMode = Literal["continuous", "push_to_talk"]
ReportOrigin = Literal["typed", "edited", "draft", "simulated"]


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common base: immutable, keyword-only, unknown fields refused."""


class AudioSegment(_Record, frozen=True, kw_only=True):
    """One unbroken stretch of sound: one file, one line from frame to session clock.

    Frame ``n`` was heard at ``onset_us + n / rate_hz * 1e6``: one robust line through the times of
    the blocks (table ``audio_blocks``), never the blocks' own times. `onset_us` and `rate_hz` are
    None where no line could be drawn, and then no word of it has a time. `residual_us`: median
    distance of the blocks from the line. `nominal_rate_hz`: what the device was asked for.
    `dropped_frames`: what the driver said it lost. `pcm_sha256`: of the decoded 16-bit samples,
    the same for WAV and FLAC; None until closed. `reading_id` is None where it spans several.
    """

    segment: int
    reading_id: str | None
    nominal_rate_hz: int
    channels: int
    n_frames: int
    mode: AudioMode
    onset_us: int | None
    rate_hz: float | None
    residual_us: float | None
    dropped_frames: int
    clipped_share: float
    level_db: float | None
    simulated: bool
    pcm_sha256: str | None = None


class ReportRecord(_Record, frozen=True, kw_only=True):
    """The text of one reading as its reader left it; a later revision replaces an earlier one.

    `origin`: typed by the reader, a draft of `engine` that the reader edited, a draft that nobody
    read, or simulated. `confidence`: the reader's own, 1 to 5, None where not asked.
    """

    reading_id: str
    text: str
    origin: ReportOrigin
    revision: int = 0
    engine: str | None = None
    confidence: int | None = None


class MarksRecord(_Record, frozen=True, kw_only=True):
    """All marks of one reading at a moment while they are made; a later revision replaces it.

    The label of one that has none yet is empty.
    """

    reading_id: str
    revision: int
    findings: tuple[FindingRecord, ...]
