"""How is dictation that was cut made whole again, and is it sound?"""

from collections.abc import Iterator

import numpy as np

from gazekit.model.dictation import AudioMode, AudioSegment
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.layout import SessionLayout
from gazekit.model.protocol import load_protocol
from gazekit.model.records import Event
from gazekit.model.session import read_session_record
from gazekit.model.soundline import fit_sound
from gazekit.model.spoken import audio_numbers, level_db, read_audio_segments, read_reports
from gazekit.model.stream import (
    JsonLinesWriter,
    mend_json_lines,
    mend_stream,
    read_json_lines,
    read_stream,
    stream_state,
)
from gazekit.model.wav import HEADER_BYTES, SAMPLE_BYTES, mend_wav, read_wav

__all__ = ["audio_problems", "mend_audio"]


def mend_audio(layout: SessionLayout) -> int:
    """Make the sound of a cut session whole; return the number of stretches that were mended.

    Lines end after the last whole one. A stretch that was never closed gets a right header, and
    the line through its blocks that it would have got. A WAV file beside the FLAC file that was
    being made of it stays, and the FLAC file goes. Doing it again changes nothing.
    """
    for path in (layout.audio_segments, layout.reports, layout.marks):
        if path.is_file():
            mend_json_lines(path)
    closed = {segment.segment for segment in read_audio_segments(layout.root)}
    mended = 0
    for number in audio_numbers(layout.root):
        wav, flac = layout.audio(number, "wav"), layout.audio(number, "flac")
        if wav.is_file():
            flac.unlink(missing_ok=True)
        if number not in closed and wav.is_file():
            mended += _close(layout, number)
    return mended


def _close(layout: SessionLayout, number: int) -> int:
    """Close one stretch; one in which nothing was recorded goes. Return how many are left."""
    wav, blocks = layout.audio(number, "wav"), layout.audio_blocks(number)
    try:
        state = mend_wav(wav)
    except DataError:
        state = None
    if state is None or state.n_frames == 0:
        wav.unlink()
        blocks.unlink(missing_ok=True)
        return 0
    line = None
    if blocks.is_file():
        mend_stream(blocks, "audio_blocks")
        line = fit_sound(read_stream(blocks, "audio_blocks"), state.rate_hz)
    samples, _ = read_wav(wav)
    reading_id, mode, simulated = _circumstances(layout, number)
    segment = AudioSegment(
        segment=number,
        reading_id=reading_id,
        nominal_rate_hz=state.rate_hz,
        channels=state.channels,
        n_frames=state.n_frames,
        mode=mode,
        onset_us=None if line is None else line.onset_us,
        rate_hz=None if line is None else line.rate_hz,
        residual_us=None if line is None else line.residual_us,
        dropped_frames=0,
        clipped_share=state.clipped / samples.size,
        level_db=level_db(float(np.mean(samples.astype(np.float64) ** 2))),
        simulated=simulated,
        pcm_sha256=state.pcm_sha256,
    )
    with JsonLinesWriter(layout.audio_segments) as writer:
        writer.append(segment)
    return 1


def _circumstances(layout: SessionLayout, number: int) -> tuple[str | None, AudioMode, bool]:
    """Read from the events for which reading, how and by what a stretch was recorded."""
    for event in read_json_lines(layout.events, Event):
        if event.kind == "audio_start" and event.value.get("segment") == number:
            reading_id = event.value.get("reading_id")
            return (
                None if reading_id is None else str(reading_id),
                "push_to_talk" if event.value.get("mode") == "push_to_talk" else "continuous",
                bool(event.value.get("simulated")),
            )
    mode = load_protocol(layout.protocol).dictation.mode
    return None, mode, read_session_record(layout.root).simulated


def audio_problems(layout: SessionLayout, readings: set[str]) -> Iterator[GazekitError]:
    """Yield what is wrong with the dictation of a closed session.

    Checks that every stretch has its file of the length that is told, and whole blocks; that
    reports and stretches belong to `readings`.
    """
    for segment in read_audio_segments(layout.root):
        yield from _segment_problems(layout, segment)
        if segment.reading_id is not None and segment.reading_id not in readings:
            what = "the sound belongs to no reading"
            yield DataError(what, where=f"audio {segment.segment}", found=segment.reading_id)
    for report in read_reports(layout.root):
        if report.reading_id not in readings:
            what = "the report belongs to no reading"
            yield DataError(what, where=layout.reports.name, found=report.reading_id)


def _segment_problems(layout: SessionLayout, segment: AudioSegment) -> Iterator[GazekitError]:
    wav, flac = (layout.audio(segment.segment, kind) for kind in ("wav", "flac"))
    if not (wav.is_file() or flac.is_file()):
        yield DataError("the sound is missing", where=flac.name, expected="a FLAC or WAV file")
    if wav.is_file():
        # A FLAC file was compared sample by sample when it was made.
        frames = (wav.stat().st_size - HEADER_BYTES) // (SAMPLE_BYTES * segment.channels)
        if frames != segment.n_frames:
            what = "the sound has another length"
            yield DataError(what, where=wav.name, expected=segment.n_frames, found=frames)
    blocks = layout.audio_blocks(segment.segment)
    if not blocks.is_file():
        yield DataError("the times of the sound are missing", where=blocks.name)
    elif stream_state(blocks, "audio_blocks").cut:
        remedy = "mend it with: capture recover"
        yield DataError("the stream is cut", where=blocks.name, remedy=remedy)
