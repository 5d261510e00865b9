"""Does a bad input cost one line and itself, and is the rest built?"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gazekit import open_dataset, open_session
from gazekit.model.errors import DataError
from gazekit.model.files import write_checksums, write_json
from gazekit.model.layout import DatasetLayout, SessionLayout, StudyLayout
from gazekit.model.records import Event, Word
from gazekit.model.schemas import empty_table
from gazekit.model.session import read_images, read_session_record, readings_of
from gazekit.model.stream import ArrowStreamWriter, read_json_lines, read_stream

Run = Callable[..., Any]


@pytest.fixture
def sessions(small_study: Path, tmp_path: Path) -> list[SessionLayout]:
    """Two sessions of two readings each, to be spoiled."""
    found = sorted(StudyLayout(small_study).sessions.iterdir())[:2]
    parent = tmp_path / "sessions"
    return [SessionLayout(Path(shutil.copytree(p, parent / p.name))) for p in found]


@pytest.fixture
def built(
    sessions: list[SessionLayout], built_study: DatasetLayout, tmp_path: Path, gazekit: Run
) -> Callable[..., Any]:
    """Return a function that builds the sessions and gives what came of it.

    Units of the sessions as they were before are there, as in practice.
    """
    shutil.copytree(built_study.units, DatasetLayout(tmp_path / "dataset").units)

    def run(*more: str) -> Any:
        parent = sessions[0].root.parent
        done = gazekit("build", parent, "--out", tmp_path / "dataset", "--workers", 1, *more)
        rows = open_dataset(tmp_path / "dataset").count("readings") if done.code in {0, 3} else 0
        return done, rows

    return run


def _rewrite(path: Path, records: list[Any]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))


def _reasons(done: Any) -> Iterator[str]:
    lines = [line for line in done.err.splitlines() if line.startswith("left out: ")]
    return (line.split(": ")[2] for line in lines)


def test_a_session_that_was_not_closed(sessions: list[SessionLayout], built: Run) -> None:
    record = read_session_record(sessions[0].root)
    write_json(sessions[0].session, msgspec.structs.replace(record, closed=False))
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert list(_reasons(done)) == ["session_not_closed"]
    assert "capture recover" in done.err


def test_a_session_cut_in_the_middle(sessions: list[SessionLayout], built: Run) -> None:
    samples = sessions[0].samples(0)
    samples.write_bytes(samples.read_bytes()[: samples.stat().st_size // 2])
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert list(_reasons(done)) == ["session_damaged"]


def test_checksums_that_are_no_text(sessions: list[SessionLayout], built: Run) -> None:
    sessions[0].checksums.write_bytes(bytes(range(256)))
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert list(_reasons(done)) == ["session_damaged"]
    assert sessions[0].root.name in done.err


def test_a_session_of_another_version(sessions: list[SessionLayout], built: Run) -> None:
    record = read_session_record(sessions[0].root)
    write_json(sessions[0].session, msgspec.structs.replace(record, schema_version="9.0"))
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert "schema version" in done.err


def test_a_session_that_names_its_reader(sessions: list[SessionLayout], built: Run) -> None:
    record = read_session_record(sessions[0].root)
    reader = msgspec.structs.replace(record.reader, reader_id="Jane Doe")
    write_json(sessions[0].session, msgspec.structs.replace(record, reader=reader))
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert "Jane" not in done.err


def test_a_session_that_names_a_patient(sessions: list[SessionLayout], built: Run) -> None:
    records = read_images(sessions[0].root)
    named = [msgspec.structs.replace(record, patient_id="Doe^Jane") for record in records]
    write_json(sessions[0].images, named)
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert "Jane" not in done.err


def test_an_image_that_does_not_decode(sessions: list[SessionLayout], built: Run) -> None:
    record = read_images(sessions[0].root)[0]
    sessions[0].image(record.image_id).write_bytes(b"no picture")
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 3)
    assert set(_reasons(done)) == {"image_undecodable"}


@pytest.mark.parametrize("spoiled", [0, 1])
def test_one_bad_copy_of_an_image_costs_the_readings_of_its_session(
    sessions: list[SessionLayout], built: Run, spoiled: int
) -> None:
    first = read_images(sessions[0].root)[0]
    others = read_images(sessions[1].root)
    write_json(sessions[1].images, [first, *others[1:]])
    shutil.copy(sessions[0].image(first.image_id), sessions[1].image(first.image_id))
    for path in (sessions[1].events, sessions[1].view_states):
        path.write_text(path.read_text().replace(others[0].image_id, first.image_id))
    for layout in sessions:
        write_checksums(layout.root)
    done, rows = built()
    assert (done.code, rows) == (0, 4), done.err
    sessions[spoiled].image(first.image_id).write_bytes(b"no picture")
    write_checksums(sessions[spoiled].root)
    done, rows = built()
    assert (done.code, rows) == (3, 3)
    lost = [line for line in done.err.splitlines() if line.startswith("left out: reading")]
    assert len(lost) == 1
    assert read_session_record(sessions[spoiled].root).session_id in lost[0]


def test_a_reading_without_gaze(sessions: list[SessionLayout], built: Run) -> None:
    path = sessions[0].samples(0)
    path.unlink()
    ArrowStreamWriter(path, "raw_samples").close()
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert list(_reasons(done)) == ["reading_without_gaze"] * 2


def test_a_session_without_readings_is_listed(sessions: list[SessionLayout], built: Run) -> None:
    _rewrite(sessions[0].events, [])
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert list(_reasons(done)) == ["session_without_readings"]


def test_a_reading_without_view_is_left_out_once(sessions: list[SessionLayout], built: Run) -> None:
    _rewrite(sessions[0].view_states, [])
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 2)
    assert list(_reasons(done)) == ["reading_without_view"] * 2


def test_an_empty_transcript_costs_the_key_frames_only(
    sessions: list[SessionLayout], built: Run, tmp_path: Path
) -> None:
    _rewrite(sessions[0].transcript, [])
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 4)
    assert list(_reasons(done)) == ["transcript_empty"] * 2
    dataset = open_dataset(tmp_path / "dataset")
    silent = [r.reading_id for r in readings_of(sessions[0].root)]
    assert not set(silent) & set(dataset.table("keyframes").column("reading_id").to_pylist())
    assert set(silent) <= set(dataset.table("fixations").column("reading_id").to_pylist())


def test_an_untimed_sentence_is_left_out_and_the_others_keep_their_gaze(
    sessions: list[SessionLayout], built: Run, tmp_path: Path
) -> None:
    words = read_json_lines(sessions[0].transcript, Word)
    built()
    before = open_dataset(tmp_path / "dataset").table("keyframes").to_pylist()
    first = next(i for i, word in enumerate(words) if word.text.endswith("."))
    untimed = [
        msgspec.structs.replace(w, onset_us=None, offset_us=None) if i <= first else w
        for i, w in enumerate(words)
    ]
    _rewrite(sessions[0].transcript, untimed)
    write_checksums(sessions[0].root)
    done, _ = built()
    assert list(_reasons(done)) == ["sentence_untimed"]
    dataset = open_dataset(tmp_path / "dataset")
    after = {row["keyframe_id"]: row for row in dataset.table("keyframes").to_pylist()}
    lost = f"{words[0].reading_id}/0"
    assert lost not in after
    assert lost in dataset.table("sentences").column("sentence_id").to_pylist()
    for row in before[2:]:
        assert after[row["keyframe_id"]]["fixation_x_px"] == row["fixation_x_px"]


def test_an_aborted_reading_is_left_out_unless_it_is_asked_for(
    sessions: list[SessionLayout], built: Run
) -> None:
    events = read_json_lines(sessions[0].events, Event)
    last = max(i for i, event in enumerate(events) if event.kind == "reading_end")
    _rewrite(sessions[0].events, events[:last])
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 3)
    assert list(_reasons(done)) == ["reading_aborted"]
    assert """--set 'outcomes=["complete","aborted"]'""" in done.err
    done, rows = built("--set", 'outcomes=["complete", "aborted"]')
    assert (done.code, rows) == (0, 4)


def test_times_that_go_back_cost_their_reading(sessions: list[SessionLayout], built: Run) -> None:
    path = sessions[0].samples(0)
    samples = read_stream(path, "raw_samples")
    path.unlink()
    half = samples.num_rows // 4
    swapped = [samples.slice(half, 200), samples.slice(half - 200, 200)]
    with ArrowStreamWriter(path, "raw_samples") as writer:
        for part in (samples.slice(0, half - 200), *swapped, samples.slice(half + 200)):
            for batch in part.to_batches():
                writer.append(batch)
    write_checksums(sessions[0].root)
    done, rows = built()
    assert (done.code, rows) == (3, 3)
    assert list(_reasons(done)) == ["reading_damaged"]
    assert "times go backwards" in done.err


def test_nothing_left_to_build_is_an_error_and_leaves_nothing(
    sessions: list[SessionLayout], built: Run, tmp_path: Path
) -> None:
    for layout in sessions:
        layout.events.unlink()
    done, _ = built()
    assert done.code == 4
    assert len([line for line in done.err.splitlines() if line.startswith("error:")]) == 1
    assert not (tmp_path / "dataset").exists()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing", "no such file or folder"),
        ("empty folder", "there is nothing to build from (expected"),
        ("a text file", "there is nothing to build from (expected"),
    ],
)
def test_a_path_that_is_no_source_says_what_was_expected(
    tmp_path: Path, gazekit: Run, kind: str, message: str
) -> None:
    path = tmp_path / "source"
    if kind == "empty folder":
        path.mkdir()
    elif kind == "a text file":
        path.write_text("hello")
    done = gazekit("build", path, "--out", tmp_path / "dataset")
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
    assert message in done.err


def test_a_dataset_is_not_built_inside_another(
    sessions: list[SessionLayout], built: Run, tmp_path: Path, gazekit: Run
) -> None:
    built()
    done = gazekit("build", sessions[0].root, "--out", tmp_path / "dataset" / "sub")
    assert done.code == 2
    assert "inside another dataset" in done.err.strip().splitlines()[-1]
    assert gazekit("verify", tmp_path / "dataset").code == 0


def test_something_else_at_the_place_is_never_replaced(
    sessions: list[SessionLayout], tmp_path: Path, gazekit: Run
) -> None:
    other = tmp_path / "precious"
    other.mkdir()
    (other / "thesis.txt").write_text("years")
    done = gazekit("build", sessions[0].root, "--out", other)
    assert done.code == 2
    assert (other / "thesis.txt").read_text() == "years"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("align.led_s=1", "Did you mean 'lead_s'?"),
        ("detect.detector=tobi_ivt", "Did you mean 'tobii_ivt'?"),
        ("detect.params.window=3", "window_ms"),
        ("splits.test=1.5", "shares from 0 to 1"),
        ("clean.eyes=both", "eyes"),
    ],
)
def test_a_wrong_setting_is_named(
    sessions: list[SessionLayout], tmp_path: Path, gazekit: Run, setting: str, message: str
) -> None:
    done = gazekit("build", sessions[0].root, "--out", tmp_path / "d", "--set", setting)
    assert done.code == 2
    assert message in done.err


def test_open_session_gives_readings_and_refuses_a_cut_one(sessions: list[SessionLayout]) -> None:
    readings = list(open_session(sessions[0].root))
    assert [r.reading.order for r in readings] == [0, 1]
    for reading in readings:
        times = reading.samples.column("time_us").to_numpy()
        assert times.min() >= reading.reading.onset_us
        assert reading.reading.offset_us is not None
        assert times.max() < reading.reading.offset_us
        assert reading.samples.schema.equals(empty_table("samples").schema)
    sessions[1].checksums.unlink()
    with pytest.raises(DataError, match="SHA256SUMS"):
        open_session(sessions[1].root)
