"""Is BIDS eye-tracking read by its descriptions: units, eyes, events, the screen?"""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.read.bids import BidsFile, is_bids
from gazekit.read.recording import contents_of

FORMATS = Path(__file__).parents[3] / "data" / "formats" / "bids" / "sub-01" / "beh"
FIXTURE = FORMATS / "sub-01_task-read_recording-eye1_physio.tsv.gz"
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=528.0, height_mm=297.0, distance_mm=650.0
)
FACTS: dict[str, Any] = {
    "Columns": ["timestamp", "x_coordinate", "y_coordinate"],
    "PhysioType": "eyetrack",
    "SampleCoordinateSystem": "gaze-on-screen",
    "SamplingFrequency": 500,
    "timestamp": {"Units": "s"},
    "x_coordinate": {"Units": "pixel"},
    "y_coordinate": {"Units": "pixel"},
}


def _samples(path: Path) -> pa.Table:
    table = pa.concat_tables([chunk.samples for chunk in BidsFile(path, SCREEN).chunks()])
    check_table(table, "samples")
    return table


def _write(folder: Path, text: str, *, eye: str = "eye1", **changes: Any) -> Path:
    path = folder / f"sub-1_task-a_recording-{eye}_physio.tsv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    facts = {"RecordedEye": "left", **FACTS, **changes}
    path.with_name(path.name.replace(".tsv.gz", ".json")).write_text(json.dumps(facts), "utf-8")
    return path


def test_the_fixture_gives_what_its_generator_states() -> None:
    assert is_bids(FIXTURE)
    rows = _samples(FIXTURE).to_pydict()
    assert rows["time_us"] == [7_186_799_000, 7_186_800_000, 7_186_801_000]
    np.testing.assert_array_equal(rows["right_x_px"], [416.29, np.nan, 416.20])
    np.testing.assert_array_equal(rows["right_y_px"], [267.39, np.nan, 269.0])
    assert np.isnan(rows["left_x_px"]).all(), "only the right eye was recorded"
    assert np.isnan(rows["right_pupil_mm"]).all(), "an area in arbitrary units"
    header = BidsFile(FIXTURE, SCREEN).header()
    assert header.screen_px == (1920.0, 1080.0)
    assert header.screen_mm == pytest.approx((528.0, 297.0))
    assert (header.distance_mm, header.rate_hz) == (650.0, 1000.0)


def test_the_events_beside_it_are_read_on_the_same_clock() -> None:
    contents = contents_of(BidsFile(FIXTURE, SCREEN))
    assert contents.messages() == [(7_186_790_000, "image_onset cxr1.png")]
    (fixation,) = [event for event in contents.events if event.kind == "vendor_fixation"]
    assert (fixation.time_us, fixation.duration_us) == (7_186_799_000, 2_000)


def test_two_eyes_are_merged_by_their_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gazekit.read.delimited._BLOCK", 32)
    left = "".join(f"{t / 100}\t{t}\t1\n" for t in (1, 2, 3, 5, 6, 7, 9))
    right = "".join(f"{t / 100}\t{t + 50}\t2\n" for t in (2, 3, 4, 6, 8, 9, 10, 11))
    path = _write(tmp_path, left)
    _write(tmp_path, right, eye="eye2", RecordedEye="right")
    rows = _samples(path).to_pydict()
    assert rows["time_us"] == [10_000 * t for t in range(1, 12)]
    nan = np.nan
    np.testing.assert_array_equal(rows["left_x_px"], [1, 2, 3, nan, 5, 6, 7, nan, 9, nan, nan])
    np.testing.assert_array_equal(
        rows["right_x_px"], [nan, 52, 53, 54, nan, 56, nan, 58, 59, 60, 61]
    )


def test_a_cyclopean_gaze_stands_in_both_eyes(tmp_path: Path) -> None:
    rows = _samples(_write(tmp_path, "0\t5\t6\n", RecordedEye="cyclopean")).to_pydict()
    assert rows["left_x_px"] == rows["right_x_px"] == [5.0]


def test_columns_from_before_the_merge_are_known(tmp_path: Path) -> None:
    columns = ["eye_timestamp", "eye1_x_coordinate", "eye1_y_coordinate"]
    columns += ["eye2_x_coordinate", "eye2_y_coordinate"]
    path = _write(tmp_path, "0\t1\t2\t3\t4\n", Columns=columns, RecordedEye=None)
    rows = _samples(path).to_pydict()
    assert (rows["left_x_px"], rows["right_y_px"]) == ([1.0], [4.0])


def test_a_pupil_in_millimetres_is_kept(tmp_path: Path) -> None:
    columns = [*FACTS["Columns"], "pupil_size"]
    units = {"Units": "mm", "Description": "pupil diameter"}
    path = _write(tmp_path, "0\t1\t2\t3.5\n", Columns=columns, pupil_size=units)
    assert _samples(path).column("left_pupil_mm").to_pylist() == [3.5]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"SampleCoordinateSystem": "eye-in-head"}, "no gaze on the screen .*eye-in-head"),
        ({"x_coordinate": {"Units": "deg"}}, "the coordinates are no pixels .*deg"),
        ({"timestamp": {"Units": "frames"}}, "the unit of time is not known .*frames"),
        ({"timestamp": {}}, "the unit of time is not known .*none"),
        ({"RecordedEye": "both"}, "the recorded eye is not known"),
        ({"Columns": ["timestamp", "x", "y"]}, "a column is missing .*x_coordinate"),
        ({"Columns": "timestamp"}, r"the description is wrong: .*\$.Columns"),
        ({"Columns": [*FACTS["Columns"], "more"]}, "row 1: a row has another number of cells"),
    ],
)
def test_a_wrong_description_is_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        _samples(_write(tmp_path, "0\t1\t2\n", **changes))


def test_a_missing_description_is_named(tmp_path: Path) -> None:
    path = _write(tmp_path, "0\t1\t2\n")
    path.with_name(path.name.replace(".tsv.gz", ".json")).unlink()
    with pytest.raises(DataError, match=r"_physio\.json: the description is missing"):
        _samples(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0\t1\t2\n1\tx\t2\n", "row 2, column x_coordinate: .*expected a number"),
        ("0\t1\t2\nn/a\t1\t2\n", "row 2: a row has no time"),
        ("2\t1\t2\n1\t1\t2\n", "row 2: the time goes backwards"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        _samples(_write(tmp_path, text))


def test_a_cut_archive_is_one_line(tmp_path: Path) -> None:
    path = _write(tmp_path, "0\t1\t2\n" * 50)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match=r"physio\.tsv\.gz"):
        _samples(path)
