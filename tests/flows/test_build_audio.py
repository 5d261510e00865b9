"""Does the sound of a reading enter a dataset when it is asked for, and never otherwise?"""

import io
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from gazekit.build import BuildConfig, Running, Subject, build, erase, verify_dataset
from gazekit.deid import Identifiers, find_leaks
from gazekit.image import write_display_png
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.dictation import AudioSegment
from gazekit.model.files import sha256_bytes, write_bytes, write_checksums
from gazekit.model.layout import SessionLayout, StudyLayout
from gazekit.model.session import read_words, readings_of
from gazekit.model.wav import WavWriter
from gazekit.synthetic import StudyPlan, write_study

soundfile = pytest.importorskip("soundfile", reason="needs soundfile, of the extra speech")

RATE_HZ, TRUE_HZ = 8_000, 8_001.2
"""What the card was asked for, and its frames a second of the session clock: 150 ppm off."""
EARLY_US = 700_000
"""So long before a reading its sound begins, and so long after it ends."""
SERIAL = Running(executor="serial")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write two readings in two sessions by two readers, with a click at the onset of each word."""
    root = tmp_path_factory.mktemp("study") / "study"
    plan = StudyPlan(readings=2, seed=3, readings_per_session=1, image_px=(96, 112), readers=2)
    write_study(root, plan, write_png=write_display_png)
    for session in sorted(StudyLayout(root).sessions.iterdir()):
        _record(session)
    return root


def _record(root: Path) -> NDArray[np.int16]:
    """Put a stretch of sound beside a session: a click where each word begins."""
    (reading,) = readings_of(root)
    start_us, end_us = reading.onset_us - EARLY_US, (reading.offset_us or 0) + EARLY_US
    pcm = np.zeros((round((end_us - start_us) * TRUE_HZ / 1e6), 1), np.int16)
    for word in read_words(root):
        if word.onset_us is not None:
            pcm[round((word.onset_us - start_us) * TRUE_HZ / 1e6)] = 20_000
    layout = SessionLayout(root)
    writer = WavWriter(layout.audio(0, "wav"), rate_hz=RATE_HZ, channels=1)
    writer.append(pcm)
    writer.close()
    segment = AudioSegment(
        segment=0,
        reading_id=reading.reading_id,
        nominal_rate_hz=RATE_HZ,
        channels=1,
        n_frames=pcm.shape[0],
        mode="continuous",
        onset_us=start_us,
        rate_hz=TRUE_HZ,
        residual_us=100.0,
        dropped_frames=0,
        clipped_share=0.0,
        level_db=-60.0,
        simulated=True,
        pcm_sha256=writer.pcm_sha256,
    )
    write_bytes(layout.audio_segments, msgspec.json.encode(segment) + b"\n")
    write_checksums(root)
    return pcm


@pytest.fixture(scope="module")
def dataset(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("with") / "dataset"
    build(StudyLayout(study).sessions, out, config=BuildConfig(audio=True), running=SERIAL)
    return open_dataset(out)


def test_a_dataset_holds_no_sound_unless_it_is_asked_for(study: Path, tmp_path: Path) -> None:
    build(StudyLayout(study).sessions, tmp_path / "plain", running=SERIAL)
    assert "audio" not in open_dataset(tmp_path / "plain").tables
    for path in (tmp_path / "plain").rglob("*.parquet"):
        table = pq.read_table(path)
        for name in table.column_names:
            assert b"fLaC" not in str(table.column(name).to_pylist()).encode(), (path, name)
    card = (tmp_path / "plain" / "README.md").read_text("utf-8")
    assert "voice" not in card


def test_the_sound_is_the_sessions_cut_to_the_reading(study: Path, dataset: Dataset) -> None:
    assert verify_dataset(dataset.root) == []
    rows = dataset.table("audio").to_pylist()
    assert len(rows) == len(dataset.table("readings"))
    by_reading = {row["reading_id"]: row for row in rows}
    for session in StudyLayout(study).sessions.iterdir():
        (reading,) = readings_of(session)
        row = by_reading[reading.reading_id]
        whole, _ = soundfile.read(SessionLayout(session).audio(0, "wav"), dtype="int16")
        found, rate = soundfile.read(io.BytesIO(row["sound"]["bytes"]), dtype="int16")
        first = row["first_frame"]
        np.testing.assert_array_equal(found, whole[first : first + row["n_frames"]])
        assert rate == row["nominal_rate_hz"] == RATE_HZ
        assert row["pcm_sha256"] == sha256_bytes(found.astype("<i2").tobytes())
        seconds = ((reading.offset_us or 0) - reading.onset_us) / 1e6
        assert row["n_frames"] == pytest.approx(seconds * TRUE_HZ, abs=1)


def test_a_word_begins_where_the_line_says(dataset: Dataset) -> None:
    rows = {row["reading_id"]: row for row in dataset.table("audio").to_pylist()}
    checked = 0
    for sentence in dataset.table("sentences").to_pylist():
        row = rows[sentence["reading_id"]]
        pcm, _ = soundfile.read(io.BytesIO(row["sound"]["bytes"]), dtype="int16")
        clicks = row["onset_us"] + np.flatnonzero(pcm) / row["rate_hz"] * 1e6
        for word in sentence["words"]:
            if word["onset_us"] is not None:
                assert np.abs(clicks - word["onset_us"]).min() < 1e6 / RATE_HZ
                checked += 1
    assert checked > 0


def test_card_and_croissant_know_the_voice(dataset: Dataset) -> None:
    card = dataset.layout.card.read_text("utf-8")
    assert "config_name: audio" in card
    assert "It holds voices" in card
    assert b"sc:AudioObject" in dataset.layout.croissant.read_bytes()


def test_sound_that_was_changed_is_found(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    out.mkdir()
    for path in dataset.root.rglob("*"):
        if path.is_file():
            (out / path.relative_to(dataset.root)).parent.mkdir(parents=True, exist_ok=True)
            (out / path.relative_to(dataset.root)).write_bytes(path.read_bytes())
    (shard, *_) = [p for p in open_dataset(out).shards("audio") if pq.read_table(p).num_rows]
    table = pq.read_table(shard)
    place = table.schema.get_field_index("pcm_sha256")
    forged = pa.array(["0" * 64] * table.num_rows)
    field = table.schema.field(place)
    pq.write_table(table.set_column(place, field, forged), shard)
    write_checksums(out)
    assert any("the sound is not what its hash says" in str(p) for p in verify_dataset(out))


def test_a_reader_who_leaves_takes_the_voice_along(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    build(StudyLayout(study).sessions, out, config=BuildConfig(audio=True), running=SERIAL)
    reader = str(open_dataset(out).table("readings").column("reader_id")[0].as_py())
    assert erase(out, Subject("reader", reader)).rows["audio"] == 1
    left = open_dataset(out)
    assert reader not in left.table("audio").column("reader_id").to_pylist()
    assert verify_dataset(out) == []


def test_a_name_in_a_tag_of_the_sound_is_a_leak(tmp_path: Path) -> None:
    with soundfile.SoundFile(
        tmp_path / "a.flac", "w", samplerate=RATE_HZ, channels=1, format="FLAC"
    ) as file:
        file.title = "Zachariasson"
        file.write(np.zeros(100, np.int16))
    identifiers = Identifiers()
    identifiers.name("patient's name", "Zachariasson")
    (leak,) = find_leaks(tmp_path, identifiers)
    assert "a.flac" in str(leak)
    (tmp_path / "a.flac").unlink()
    soundfile.write(tmp_path / "b.flac", np.zeros(100, np.int16), RATE_HZ)
    assert find_leaks(tmp_path, identifiers) == []
