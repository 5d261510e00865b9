"""Are recordings of the old Tobii SDK read with their missing marks as missing?"""

from pathlib import Path

import numpy as np
import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.read import read_tobii_tsv

SCREEN = ScreenRecord(
    width_px=1000, height_px=500, width_mm=500.0, height_mm=250.0, distance_mm=650.0
)
NAMES = ("GazePos2dx", "GazePos2dy", "EyePos3dz", "PupilDm", "Validity")
HEAD = "\t".join(["Time", *(f"{eye}{name}" for eye in "LR" for name in NAMES), "Extra"])


def _write(folder: Path, *rows: str) -> Path:
    path = folder / "1.tsv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    return path


def _row(time: int, left: str, right: str) -> str:
    return "\t".join([str(time), *left.split(), *right.split(), "x"])


GOOD, LOST = "0.5 0.4 600.0 3.5 0", "-1.0 -1.0 0.0 -1.0 4"


def test_gaze_is_scaled_to_the_screen_and_loss_is_nan(tmp_path: Path) -> None:
    path = _write(tmp_path, _row(10, GOOD, LOST), _row(20, LOST, LOST), _row(30, GOOD, GOOD))
    samples = read_tobii_tsv(path, SCREEN)
    check_table(samples, "samples")
    rows = samples.to_pydict()
    assert rows["time_us"] == [10, 20, 30]
    np.testing.assert_array_equal(rows["left_x_px"], [500.0, np.nan, 500.0])
    np.testing.assert_array_equal(rows["left_y_px"], [200.0, np.nan, 200.0])
    np.testing.assert_array_equal(rows["right_x_px"], [np.nan, np.nan, 500.0])
    np.testing.assert_array_equal(rows["distance_mm"], [600.0, np.nan, 600.0])
    np.testing.assert_array_equal(rows["right_pupil_mm"], [np.nan, np.nan, np.float32(3.5)])


def test_doubtful_validity_is_loss(tmp_path: Path) -> None:
    doubtful = GOOD[:-1] + "2"
    samples = read_tobii_tsv(_write(tmp_path, _row(10, doubtful, GOOD)), SCREEN)
    assert np.isnan(samples.column("left_x_px")[0].as_py())
    assert samples.column("right_x_px")[0].as_py() == 500.0


def test_gaze_beyond_the_screen_is_kept(tmp_path: Path) -> None:
    samples = read_tobii_tsv(_write(tmp_path, _row(10, "-0.2 1.3 600 3 0", GOOD)), SCREEN)
    assert samples.column("left_x_px")[0].as_py() == pytest.approx(-200.0)
    assert samples.column("left_y_px")[0].as_py() == pytest.approx(650.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such file"),
        ("a,b\n1,2\n", "not a recording of the old Tobii SDK"),
        (HEAD + "\n", "no row"),
        (HEAD + "\n" + _row(10, GOOD, GOOD).replace("0.5", "half"), "not a recording"),
    ],
    ids=["missing", "another table", "empty", "words for numbers"],
)
def test_what_is_no_recording_is_one_line(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "1.tsv"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_tobii_tsv(path, SCREEN)
    assert "\n" not in str(caught.value)
