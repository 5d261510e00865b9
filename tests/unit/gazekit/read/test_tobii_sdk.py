"""Are gaze dictionaries of the Tobii Pro SDK read with both clocks, NaN and validity?"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.read.tobii_sdk import TobiiSdkFile, is_tobii_sdk

FIXTURE = Path(__file__).parents[3] / "data" / "formats" / "tobii_sdk" / "gaze.jsonl"
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=528.0, height_mm=297.0, distance_mm=650.0
)
SEEN = [True, True, False, False, True, True]


def _samples(path: Path) -> pa.Table:
    table = pa.concat_tables([chunk.samples for chunk in TobiiSdkFile(path, SCREEN).chunks()])
    check_table(table, "samples")
    return table


def _edited(folder: Path, row: int, **values: Any) -> Path:
    lines = [json.loads(line) for line in FIXTURE.read_text("utf-8").splitlines()]
    lines[row] |= values
    path = folder / "edited.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def test_the_fixture_gives_what_its_generator_states() -> None:
    assert is_tobii_sdk(FIXTURE)
    rows = _samples(FIXTURE).to_pydict()
    assert rows["time_us"] == [91_000_000 + 8335 * k for k in range(6)], "the host's clock"
    for column, value in {"left_x_px": 0.506 * 1920, "right_x_px": 0.514 * 1920}.items():
        np.testing.assert_allclose(rows[column], [value if ok else np.nan for ok in SEEN])
    np.testing.assert_allclose(rows["left_y_px"], [0.49 * 1080 if ok else np.nan for ok in SEEN])
    np.testing.assert_allclose(rows["distance_mm"], [650.0 if ok else np.nan for ok in SEEN])


def test_validity_0_is_loss_whatever_the_numbers(tmp_path: Path) -> None:
    path = _edited(tmp_path, 0, left_gaze_point_validity=0, right_pupil_validity=0)
    first = _samples(path).slice(0, 1).to_pylist()[0]
    assert np.isnan(first["left_x_px"])
    assert first["left_pupil_mm"] == pytest.approx(3.1)
    assert first["right_x_px"] == pytest.approx(986.88)
    assert np.isnan(first["right_pupil_mm"])


def test_gaze_beyond_the_display_is_kept(tmp_path: Path) -> None:
    path = _edited(tmp_path, 0, left_gaze_point_on_display_area=[-0.1, 1.2])
    first = _samples(path).slice(0, 1).to_pylist()[0]
    assert (first["left_x_px"], first["left_y_px"]) == pytest.approx((-192.0, 1296.0))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"system_time_stamp": "soon"}, "row 4: .*system_time_stamp"),
        ({"left_gaze_point_on_display_area": [0.5]}, "row 4: .*left_gaze_point_on_display_area"),
        ({"device_time_stamp": 1}, "row 4: the device's clock goes backwards"),
        ({"system_time_stamp": 1}, "row 4: the system's clock goes backwards"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, values: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        _samples(_edited(tmp_path, 3, **values))


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    text = FIXTURE.read_text("utf-8").replace("right_gaze_point_validity", "right_validity", 1)
    path = tmp_path / "gaze.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"row 1: .*right_gaze_point_validity"):
        _samples(path)


def test_a_cut_last_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gaze.jsonl"
    path.write_bytes(FIXTURE.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"gaze\.jsonl: row 6: .*cut off"):
        _samples(path)


def test_an_empty_line_shifts_no_row_number(tmp_path: Path) -> None:
    lines = FIXTURE.read_text("utf-8").splitlines()
    lines[4] = lines[4].replace('"device_time_stamp": 50', '"device_time_stamp": 10')
    path = tmp_path / "gaze.jsonl"
    path.write_text("\n\n" + "\n".join(lines) + "\n", "utf-8")
    with pytest.raises(DataError, match="row 7: the device's clock goes backwards"):
        _samples(path)
