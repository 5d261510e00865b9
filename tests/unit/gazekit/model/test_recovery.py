"""A session folder that was cut becomes a valid one; what is unsound is found and named."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import (
    Event,
    EventValue,
    ImageRecord,
    ReaderRecord,
    ScreenRecord,
    SessionRecord,
    TrackerRecord,
    ViewState,
    Word,
)
from gazekit.model.recovery import recover_session, verify_session
from gazekit.model.schemas import schema_of
from gazekit.model.session import (
    SessionWriter,
    iter_samples,
    read_session_record,
    read_words,
    readings_of,
)

RECORD = SessionRecord(
    session_id="t1",
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
IMAGE = ImageRecord(
    image_id="img-1",
    sha256="0" * 64,
    width_px=10,
    height_px=10,
    window_low=0,
    window_high=1,
    window_source="test",
    photometric="MONOCHROME2",
    bits_stored=12,
    patient_id="P1",
)
DEAD_PROCESS = 4_000_000


def samples(first: int, count: int = 30) -> pa.RecordBatch:
    times = np.arange(first, first + count, dtype=np.int64) * 16_667
    columns = []
    for field in schema_of("raw_samples"):
        if field.type == pa.int64():
            columns.append(pa.array(times))
        elif field.type == pa.bool_():
            columns.append(pa.array(np.ones(count, bool)))
        else:
            columns.append(pa.array(np.full(count, 0.5), field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema_of("raw_samples"))


def written(folder: Path) -> SessionWriter:
    """Write a session with one finished reading and one under way, still open."""
    writer = SessionWriter(folder, RECORD, b'title = "t"\n')
    writer.image(IMAGE).write_bytes(b"png")
    for order, reading_id in enumerate(("t1-r1", "t1-r2")):
        value: EventValue = {"reading_id": reading_id, "image_id": "img-1", "order": order}
        writer.event(Event(time_us=order * 1000, kind="reading_start", value=value))
        writer.view(ViewState(time_us=order * 1000, image_id="img-1", reading_id=reading_id))
        writer.samples(samples(order * 30))
        writer.word(Word(reading_id=reading_id, index=0, text="Clear."))
        if order == 0:
            end: EventValue = {"reading_id": reading_id, "outcome": "complete"}
            writer.event(Event(time_us=900, kind="reading_end", value=end))
    writer.audit("R01", "session started")
    return writer


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Copy a session as it lies on disk in the middle of a recording whose process has died."""
    writer = written(tmp_path / "live")
    root = tmp_path / "cut" / writer.layout.root.name
    shutil.copytree(writer.layout.root, root)
    (root / "LOCK").write_text(f"{DEAD_PROCESS}\n")
    writer.close()
    return root


def test_a_session_that_was_closed_is_sound(tmp_path: Path) -> None:
    writer = written(tmp_path)
    value: EventValue = {"reading_id": "t1-r2", "outcome": "complete"}
    writer.event(Event(time_us=2000, kind="reading_end", value=value))
    root = writer.close()
    assert verify_session(root) == []
    assert [r.outcome for r in readings_of(root)] == ["complete", "complete"]
    assert not recover_session(root).changed


def test_a_cut_session_is_mended_and_the_open_reading_is_aborted(cut: Path) -> None:
    assert [str(p) for p in verify_session(cut)] == [
        "ses-t1: the session was not closed. Mend it with: capture recover ses-t1"
    ]
    recovery = recover_session(cut)
    assert (recovery.samples, recovery.aborted) == (60, ("t1-r2",))
    assert verify_session(cut) == []
    readings = readings_of(cut)
    assert [r.outcome for r in readings] == ["complete", "aborted"]
    assert readings[1].offset_us == 59 * 16_667
    assert read_session_record(cut).recovered
    assert len(read_words(cut)) == 2


def test_recovering_twice_changes_nothing(cut: Path) -> None:
    recover_session(cut)
    before = {path: path.read_bytes() for path in cut.rglob("*") if path.is_file()}
    assert not recover_session(cut).changed
    assert before == {path: path.read_bytes() for path in cut.rglob("*") if path.is_file()}


def test_half_a_batch_and_half_a_line_are_cut_off(cut: Path) -> None:
    for name, tail in (("samples-000.arrows", 100), ("transcript.jsonl", 3)):
        path = cut / name
        path.write_bytes(path.read_bytes()[:-tail])
    recovery = recover_session(cut)
    assert recovery.samples == 30
    assert recovery.cut_bytes > 0
    assert [word.reading_id for word in read_words(cut)] == ["t1-r1"]
    assert verify_session(cut) == []


def test_a_session_that_is_being_recorded_is_left_alone(cut: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        (cut / "LOCK").write_text(f"{running.pid}\n")
        with pytest.raises(DataError, match="still being recorded"):
            recover_session(cut)
        running.communicate(b"\n")


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("samples-000.arrows", lambda b: b[:-20], r"samples-000\.arrows: changed"),
        ("samples-000.arrows", lambda b: b[:-20], "the stream is cut"),
        (
            "events.jsonl",
            lambda b: b.replace(b"complete", b"finished"),
            "unknown outcome of a reading",
        ),
        ("audit.jsonl", lambda b: b.replace(b"R01", b"R02"), "audit chain|audit.jsonl: changed"),
        ("transcript.jsonl", lambda b: b.replace(b"t1-r1", b"t9-r9"), "belongs to no reading"),
        ("images/img-1.png", None, "the image is missing|the file is missing"),
    ],
)
def test_damage_is_named(cut: Path, name: str, change: object, message: str) -> None:
    recover_session(cut)
    path = cut / name
    if callable(change):
        path.write_bytes(change(path.read_bytes()))
    else:
        path.unlink()
    text = "\n".join(str(problem) for problem in verify_session(cut))
    assert any(part in text for part in message.replace("\\", "").split("|")), text


def test_a_time_that_does_not_rise_is_named(tmp_path: Path) -> None:
    writer = SessionWriter(tmp_path, RECORD, b"")
    writer.samples(samples(0))
    writer.samples(samples(29))
    text = "\n".join(str(problem) for problem in verify_session(writer.close()))
    assert "samples-000.arrows row 30" in text


def test_a_session_is_never_overwritten(tmp_path: Path) -> None:
    written(tmp_path).close()
    with pytest.raises(DataError, match="exists already"):
        SessionWriter(tmp_path, RECORD, b"")


def test_a_restart_of_the_tracker_starts_new_files(tmp_path: Path) -> None:
    writer = SessionWriter(tmp_path, RECORD, b"")
    writer.samples(samples(0))
    writer.new_segment()
    writer.samples(samples(30))
    root = writer.close()
    assert sum(batch.num_rows for batch in iter_samples(root)) == 60
    assert verify_session(root) == []
