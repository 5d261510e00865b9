"""Is what was said found again, at its moment, whatever the microphone does?"""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from capture.audio import Dictaphone, MicrophoneFaults, SimulatedMicrophone
from capture.audio.microphone import SoundBlock
from capture.clock import SessionClock
from gazekit.model.dictation import AudioMode
from gazekit.model.layout import SessionLayout
from gazekit.model.records import (
    Event,
    ReaderRecord,
    ScreenRecord,
    SessionRecord,
    TrackerRecord,
    Word,
)
from gazekit.model.recovery_audio import audio_problems, mend_audio
from gazekit.model.session import SessionWriter, read_events
from gazekit.model.spoken import read_audio_segments
from gazekit.model.wav import HEADER_BYTES, SAMPLE_BYTES
from gazekit.synthetic import Voice, bursts, clicks

soundfile = pytest.importorskip("soundfile", reason="sound is read back with soundfile")

SPEED = 40.0
LENGTH_S = 28.0
LEAD_US = 12_000_000
"""From the start to the first click: long enough on a fast clock of a machine that is busy."""
Record = Callable[..., tuple[Path, NDArray[np.int64]]]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[SessionWriter]:
    record = SessionRecord(
        session_id="R01-test",
        created_at="2026-01-01T00:00:00+00:00",
        protocol="test",
        protocol_sha256="0" * 64,
        seed=1,
        reader=ReaderRecord(reader_id="R01"),
        screen=ScreenRecord(
            width_px=1920, height_px=1080, width_mm=531, height_mm=299, distance_mm=650
        ),
        tracker=TrackerRecord(kind="simulated", rate_hz=60, simulated=True),
        software={},
        simulated=True,
    )
    protocol = b'title = "T"\nversion = "1"\n[images]\nsynthetic = 1\n'
    made = SessionWriter(tmp_path, record, protocol)
    yield made
    made.abandon()


def wait_until(happened: Callable[[], bool]) -> None:
    give_up_s = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < give_up_s
        time.sleep(0.01)


class HeardMicrophone(SimulatedMicrophone):
    """Tells up to when it was heard: on a busy machine it lags behind a fast clock."""

    until_us = 0

    def take(self) -> list[SoundBlock]:
        blocks = super().take()
        self.until_us = max([self.until_us, *(block.received_us for block in blocks)])
        return blocks


def dictate(
    writer: SessionWriter,
    faults: MicrophoneFaults,
    *,
    mode: AudioMode = "continuous",
    length_s: float = LENGTH_S,
) -> tuple[Dictaphone, NDArray[np.int64]]:
    """Record clicks at odd moments; return the dictaphone, stopped, and when each was made."""
    clock, voice = SessionClock(SPEED), Voice()
    microphone = HeardMicrophone(clock, voice, faults=faults, seed=3)
    dictaphone = Dictaphone(microphone, writer, clock, mode=mode)
    dictaphone.start("reading-0")
    if mode == "continuous":
        wait_until(writer.layout.audio(0, "wav").is_file)
    onset_us = clock.now_us()
    steps = np.random.default_rng(5).uniform(0.9e6, 1.4e6, round(length_s))
    times = (onset_us + LEAD_US + np.cumsum(steps)).astype(np.int64)
    voice.say(clicks(times.tolist()))
    end_us = int(times[-1] if length_s == LENGTH_S else onset_us + length_s * 1e6) + 1_000_000
    wait_until(lambda: microphone.until_us >= end_us or microphone.fault() is not None)
    dictaphone.stop()
    return dictaphone, times


def heard(root: Path, *, kind: str = "flac") -> NDArray[np.float64]:
    """Return the onsets in the files of a session, through each stretch's line."""
    found: list[float] = []
    for segment in read_audio_segments(root):
        samples, _ = soundfile.read(SessionLayout(root).audio(segment.segment, kind))
        loud = np.flatnonzero(np.abs(samples) > 0.03)
        firsts = loud[np.diff(loud, prepend=-10_000) > 1_600]
        assert segment.onset_us is not None
        assert segment.rate_hz is not None
        found += list(segment.onset_us + firsts / segment.rate_hz * 1e6)
    return np.array(found)


FAULTS = {
    "none": MicrophoneFaults(),
    "drift": MicrophoneFaults(drift_ppm=200.0),
    "drift-and-jitter": MicrophoneFaults(drift_ppm=-200.0, jitter_ms=6.0),
    "dropouts": MicrophoneFaults(
        drift_ppm=200.0, jitter_ms=3.0, dropouts=((310_000, 700), (460_000, 5000))
    ),
    "clock-set": MicrophoneFaults(drift_ppm=100.0, jitter_ms=1.0, clock_set=(360_000, 3600.0)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_onsets_are_recovered_within_5_ms(name: str, writer: SessionWriter) -> None:
    dictaphone, times = dictate(writer, FAULTS[name])
    dictaphone.close()
    root = writer.layout.root
    onsets = heard(root)
    faults = FAULTS[name]
    # A click may fall into what was lost; what is heard lies where it was made.
    nearest = np.abs(onsets[:, None] - times[None, :]).min(axis=1)
    assert onsets.size >= times.size - len(faults.dropouts)
    assert nearest.max() < 5_000
    segments = read_audio_segments(root)
    assert len(segments) == 1 + len(faults.dropouts)
    assert [s.dropped_frames > 0 for s in segments] == [True] * len(faults.dropouts) + [False]
    assert all(s.simulated and s.reading_id == "reading-0" for s in segments)
    assert list(audio_problems(writer.layout, {"reading-0"})) == []
    assert not list(root.glob("*.wav"))
    told = [event.kind for event in read_events(root)]
    assert told.count("audio_overflow") == len(faults.dropouts)
    assert bool(dictaphone.messages()) == bool(faults.dropouts)


def test_words_are_heard_where_they_are_planned() -> None:
    words = [
        Word(reading_id="r", index=i, text="w", onset_us=t, offset_us=t + 200_000)
        for i, t in enumerate((500_000, 1_300_000))
    ]
    voice = Voice()
    voice.say(bursts(words, 10_000_000))
    time_us = 10_000_000 + np.arange(0, 2_000_000, 100, dtype=np.float64)
    loud = np.abs(voice.at(time_us)) > 0.03
    starts = time_us[np.flatnonzero(loud[1:] & ~loud[:-1])]
    for word in words:
        assert word.onset_us is not None
        assert np.abs(starts - 10_000_000 - word.onset_us).min() < 1_000
    assert not loud[(time_us > 10_750_000) & (time_us < 11_290_000)].any()


def test_an_unplugged_microphone_keeps_what_was_said(writer: SessionWriter) -> None:
    dictaphone, times = dictate(writer, MicrophoneFaults(gone_after_s=40.0), length_s=40.0)
    messages: list[str] = []

    def told_of() -> bool:
        messages.extend(dictaphone.messages())
        return bool(messages)

    wait_until(told_of)
    assert dictaphone.level is None
    (told,) = messages
    assert "microphone is gone" in told
    assert "gaze goes on" in told
    dictaphone.start("reading-1")
    dictaphone.stop()
    dictaphone.close()
    (segment,) = read_audio_segments(writer.layout.root)
    assert 4.0 < segment.n_frames / 16_000 <= 40.1
    onsets = heard(writer.layout.root)
    assert onsets.size >= 1
    assert np.abs(onsets - times[: onsets.size]).max() < 5_000
    lost = [e for e in read_events(writer.layout.root) if e.kind == "microphone_lost"]
    assert len(lost) == 1


def test_push_to_talk_records_what_is_said_while_the_key_is_down(writer: SessionWriter) -> None:
    clock, voice = SessionClock(SPEED), Voice()
    dictaphone = Dictaphone(SimulatedMicrophone(clock, voice), writer, clock, mode="push_to_talk")
    dictaphone.start("reading-0")
    begin_us = clock.now_us()
    kept = [begin_us + 3_000_000, begin_us + 9_000_000]
    voice.say(clicks([begin_us + 1_000_000, kept[0], begin_us + 6_000_000, kept[1]]))
    for on_s, off_s in ((2.0, 4.0), (8.0, 10.0)):
        clock.wait_until_us(begin_us + round(on_s * 1e6))
        dictaphone.talk(on=True)
        assert dictaphone.recording
        clock.wait_until_us(begin_us + round(off_s * 1e6))
        dictaphone.talk(on=False)
    dictaphone.stop()
    dictaphone.talk(on=True)
    assert not dictaphone.recording
    dictaphone.close()
    segments = read_audio_segments(writer.layout.root)
    assert [s.mode for s in segments] == ["push_to_talk"] * 2
    assert heard(writer.layout.root) == pytest.approx(kept, abs=5_000)


def test_a_cut_recording_is_made_whole(writer: SessionWriter, tmp_path: Path) -> None:
    clock, voice = SessionClock(SPEED), Voice()
    microphone = SimulatedMicrophone(clock, voice, faults=MicrophoneFaults(drift_ppm=150.0))
    dictaphone = Dictaphone(microphone, writer, clock)
    dictaphone.listen()
    onset_us = clock.now_us()
    times = onset_us + LEAD_US + 1_000_000 * np.arange(30, dtype=np.int64)
    voice.say(clicks(times.tolist()))
    writer.event(Event(time_us=onset_us, kind="reading_start", value={"reading_id": "reading-0"}))
    dictaphone.start("reading-0")
    wav = writer.layout.audio(0, "wav")
    wait_until(lambda: wav.is_file() and wav.stat().st_size > 2 * 16_000 * 28)
    writer.sync()
    written = (wav.stat().st_size - HEADER_BYTES) // SAMPLE_BYTES
    # As kill -9 leaves it: a copy of the folder while it grows, with half a frame at its end.
    cut = tmp_path / "cut"
    shutil.copytree(writer.layout.root, cut)
    dictaphone.close()
    layout = SessionLayout(cut)
    with layout.audio(0, "wav").open("ab") as file:
        file.write(b"\x01")
    assert read_audio_segments(cut) == []
    assert mend_audio(layout) == 1
    assert mend_audio(layout) == 0
    (segment,) = read_audio_segments(cut)
    assert segment.n_frames >= written
    assert (segment.reading_id, segment.simulated) == ("reading-0", True)
    onsets = heard(cut, kind="wav")
    assert onsets.size >= 16
    assert np.abs(onsets[:, None] - times[None, :]).min(axis=1).max() < 5_000
    assert list(audio_problems(layout, {"reading-0"})) == []


def test_a_wav_stays_when_its_flac_does_not_decode_to_it(
    writer: SessionWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capture.audio.flac._pcm_sha256", lambda *_: "other")
    dictaphone, _ = dictate(writer, MicrophoneFaults(), length_s=3.0)
    dictaphone.close()
    root = writer.layout.root
    assert [path.suffix for path in root.glob("audio-000.*") if path.suffix != ".arrows"] == [
        ".wav"
    ]
    assert "stays" in dictaphone.messages()[0]


def test_a_full_disk_is_told_and_the_session_goes_on(
    writer: SessionWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    clock = SessionClock(SPEED)
    dictaphone = Dictaphone(SimulatedMicrophone(clock, Voice()), writer, clock)
    dictaphone.start("reading-0")
    wait_until(lambda: writer.layout.audio(0, "wav").is_file())
    monkeypatch.setattr("gazekit.model.wav.WavWriter.append", refuse)
    wait_until(lambda: bool(dictaphone.messages()))
    dictaphone.stop()
    dictaphone.close()
    assert [e.kind for e in read_events(writer.layout.root)][-1] == "microphone_lost"
