"""Is an export of Pro Lab read whatever its units, encoding, decimal mark and other sensors?"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.read.recording import contents_of
from gazekit.read.tobii_prolab import ProLabFile, is_prolab

FORMATS = Path(__file__).parents[3] / "data" / "formats" / "tobii_prolab"
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=528.0, height_mm=297.0, distance_mm=650.0
)
TIMES = [0, 8333, 16666, 24999, 33332, 41665]
SEEN = [True, True, False, False, True, True]


def _samples(path: Path, recording_name: str | None = None) -> pa.Table:
    chunks = ProLabFile(path, SCREEN, recording_name).chunks()
    table = pa.concat_tables([chunk.samples for chunk in chunks])
    check_table(table, "samples")
    return table


def _assert_same(one: pa.Table, other: pa.Table) -> None:
    for name in one.column_names:
        np.testing.assert_array_equal(one.column(name).to_numpy(), other.column(name).to_numpy())


def _edited(folder: Path, edit: Callable[[list[list[str]]], None]) -> Path:
    rows = [line.split("\t") for line in (FORMATS / "dot.tsv").read_text("utf-8").splitlines()]
    edit(rows)
    path = folder / "edited.tsv"
    path.write_text("\n".join("\t".join(row) for row in rows) + "\n", "utf-8")
    return path


def _column(rows: list[list[str]], name: str) -> int:
    return rows[0].index(name)


@pytest.mark.parametrize(
    ("name", "scale"),
    [("dot.tsv", 1), ("comma_utf16.tsv", 1), ("bom_ms.tsv", 1000)],
    ids=["bare microseconds", "UTF-16, decimal comma, [μs]", "byte order mark, [ms]"],
)
def test_every_export_gives_what_the_generator_states(name: str, scale: int) -> None:
    assert is_prolab(FORMATS / name)
    rows = _samples(FORMATS / name).to_pydict()
    assert rows["time_us"] == [time * scale for time in TIMES]
    expected = {
        "left_x_px": 955.0,
        "left_y_px": 540.0,
        "right_x_px": 961.0,
        "right_y_px": 542.0,
        "left_pupil_mm": np.float32(3.12),
        "right_pupil_mm": np.float32(3.2),
    }
    for column, value in expected.items():
        np.testing.assert_array_equal(rows[column], [value if ok else np.nan for ok in SEEN])


def test_only_rows_of_the_eye_tracker_are_samples(tmp_path: Path) -> None:
    def interleave(rows: list[list[str]]) -> None:
        copied = list(rows[3])
        copied[_column(rows, "Sensor")] = "Gyroscope"
        rows.insert(4, copied)

    samples = _samples(_edited(tmp_path, interleave))
    assert samples.column("time_us").to_pylist() == TIMES


def test_the_place_of_the_medium_is_read_from_the_file() -> None:
    contents = contents_of(ProLabFile(FORMATS / "dot.tsv", SCREEN))
    (shown,) = contents.presentations
    assert shown.names == ("cxr1.png", "cxr1")
    assert (shown.onset_us, shown.offset_us) == (0, 49_998)
    assert shown.states[0].box_px == (510.0, 0.0, 1410.0, 1080.0)
    assert shown.states[0].size_px == (2540.0, 3050.0)


def test_a_change_of_medium_is_another_presentation(tmp_path: Path) -> None:
    def change(rows: list[list[str]]) -> None:
        for row in rows[6:8]:
            row[_column(rows, "Presented Media name")] = "cxr2.png"
            row[_column(rows, "Presented Stimulus name")] = "cxr2"

    contents = contents_of(ProLabFile(_edited(tmp_path, change), SCREEN))
    assert [p.names[0] for p in contents.presentations] == ["cxr1.png", "cxr2.png"]
    first, second = contents.presentations
    assert (first.offset_us, second.onset_us, second.offset_us) == (33_332, 33_332, 49_998)


def test_a_medium_that_moves_stays_one_presentation(tmp_path: Path) -> None:
    def move(rows: list[list[str]]) -> None:
        for row in rows[6:8]:
            row[_column(rows, "Presented Media position X (DACSpx)")] = "600"

    (shown,) = contents_of(ProLabFile(_edited(tmp_path, move), SCREEN)).presentations
    boxes = [(state.time_us, state.box_px and state.box_px[0]) for state in shown.states]
    assert boxes == [(0, 510.0), (33_332, 600.0)]


def test_a_fixation_is_one_event_however_its_rows_are_broken() -> None:
    events = contents_of(ProLabFile(FORMATS / "dot.tsv", SCREEN)).events
    fixations = [event for event in events if event.kind == "vendor_fixation"]
    assert [(f.time_us, f.duration_us) for f in fixations] == [(0, 250_000)]
    assert fixations[0].value == {"index": 1, "x_px": 958.0, "y_px": 541.0}
    assert [e.value["text"] for e in events if e.kind == "message"] == ["RecordingStart"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Gaze point left X", "Gaze point left X [DACS px]"),
        ("Gaze point left X", "Gaze point left X (DACSpx)"),
        ("Pupil diameter left", "Pupil diameter left [mm]"),
        ("Recording timestamp", "Recording timestamp [µs]"),
        ("Presented Media width", "Presented Media width [px]"),
    ],
)
def test_a_unit_in_the_name_changes_nothing(tmp_path: Path, old: str, new: str) -> None:
    def rename(rows: list[list[str]]) -> None:
        rows[0][_column(rows, old)] = new

    path = _edited(tmp_path, rename)
    _assert_same(_samples(path), _samples(FORMATS / "dot.tsv"))
    assert contents_of(ProLabFile(path, SCREEN)).presentations[0].states[0].box_px is not None


def test_normalised_gaze_is_never_taken_for_pixels(tmp_path: Path) -> None:
    def rename(rows: list[list[str]]) -> None:
        for name in ("Gaze point left X", "Gaze point left Y"):
            rows[0][_column(rows, name)] = f"{name} [MCS norm]"
        for name in ("Gaze point right X", "Gaze point right Y"):
            rows[0][_column(rows, name)] = f"{name} [MCS norm]"

    samples = _samples(_edited(tmp_path, rename))
    assert samples.column("left_x_px").to_pylist()[0] == 958.0, "the gaze of both eyes, in pixels"


def test_old_validity_codes_count_from_0_to_4(tmp_path: Path) -> None:
    def recode(rows: list[list[str]]) -> None:
        at = _column(rows, "Validity left")
        for row, code in zip(rows[2:8], "012341", strict=True):
            row[at] = code

    path = _edited(tmp_path, recode)
    left = _samples(path).column("left_x_px").to_pylist()
    assert [not math.isnan(x) for x in left] == [True, True, False, False, False, True]


def test_two_recordings_in_a_file_need_a_choice(tmp_path: Path) -> None:
    def double(rows: list[list[str]]) -> None:
        more = [list(row) for row in rows[1:8]]
        for row in more:
            row[_column(rows, "Recording name")] = "Recording2"
        rows.extend(more)

    path = _edited(tmp_path, double)
    with pytest.raises(DataError, match="several recordings") as caught:
        _samples(path)
    assert "row 10" in str(caught.value)
    assert _samples(path, "Recording2").column("time_us").to_pylist() == TIMES
    with pytest.raises(DataError, match="no such recording"):
        _samples(path, "Recording3")


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (4, "Gaze point left X", "abc", "row 5, column left_x: .*expected a number"),
        (4, "Recording timestamp", "", "row 5: a row has no time"),
        (4, "Recording timestamp", "1", "row 5: the time goes backwards"),
        (4, "Validity right", "perhaps", "row 5: unknown validity"),
    ],
)
def test_a_broken_cell_is_named(
    tmp_path: Path, row: int, column: str, value: str, message: str
) -> None:
    def spoil(rows: list[list[str]]) -> None:
        rows[row][_column(rows, column)] = value

    with pytest.raises(DataError, match=message):
        _samples(_edited(tmp_path, spoil))


def test_a_name_in_the_wrong_column_is_not_repeated(tmp_path: Path) -> None:
    def shift(rows: list[list[str]]) -> None:
        rows[4][_column(rows, "Pupil diameter left")] = "Somebody Else"

    with pytest.raises(DataError, match="13 characters of text") as caught:
        _samples(_edited(tmp_path, shift))
    assert "Somebody" not in str(caught.value)


def test_blocks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = contents_of(ProLabFile(FORMATS / "dot.tsv", SCREEN))
    table = _samples(FORMATS / "dot.tsv")
    monkeypatch.setattr("gazekit.read.delimited._BLOCK", 800)
    assert len(list(ProLabFile(FORMATS / "dot.tsv", SCREEN).chunks())) > 1
    assert contents_of(ProLabFile(FORMATS / "dot.tsv", SCREEN)) == whole
    _assert_same(_samples(FORMATS / "dot.tsv"), table)


def test_the_displays_size_is_read_where_it_is_exported(tmp_path: Path) -> None:
    def add(rows: list[list[str]]) -> None:
        for row in rows:
            row += ["1280", "1024"]
        rows[0][-2:] = ["Recording resolution width [px]", "Recording resolution height [px]"]

    assert ProLabFile(_edited(tmp_path, add), SCREEN).header().screen_px == (1280.0, 1024.0)
    assert ProLabFile(FORMATS / "dot.tsv", SCREEN).header().screen_px is None
