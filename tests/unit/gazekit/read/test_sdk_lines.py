"""Does a vendor's export become lines of the Tobii SDK that say the same?"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gazekit.commands import main
from gazekit.model.errors import DataError, UsageError
from gazekit.model.records import ScreenRecord
from gazekit.read.recording import contents_of
from gazekit.read.sdk_lines import convert_recording
from gazekit.read.tobii_prolab import ProLabFile
from gazekit.read.tobii_sdk import TobiiSdkFile, is_tobii_sdk

PROLAB = Path(__file__).parents[3] / "data" / "formats" / "tobii_prolab"
HEADER = (
    *("Time", "LGazePos2dx", "LGazePos2dy", "LGazePos3dx", "LGazePos3dy", "LGazePos3dz"),
    *("LEyePos3dx", "LEyePos3dy", "LEyePos3dz", "LPupilDm", "LValidity"),
    *("RGazePos2dx", "RGazePos2dy", "REyePos3dz", "RPupilDm", "RValidity"),
)
ROWS = (
    (1000, 0.25, 0.5, -20.5, 130.25, 12, -31, 4, 655.5, 3.25, 0, 0.3, 0.6, 650, 3.5, 1),
    (4333, -1, -1, 0, 0, 0, 0, 0, 0, -1, 4, 0.31, 0.61, 651, -1, 2),
)
OLD = "".join("\t".join(map(str, row)) + "\n" for row in (HEADER, *ROWS))
CONVERT = ("source", "convert", str(PROLAB / "dot.tsv"))
SCREEN = ScreenRecord(width_px=1920, height_px=1080, width_mm=1, height_mm=1, distance_mm=1)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_tsv_of_the_old_sdk_keeps_every_field(tmp_path: Path) -> None:
    (tmp_path / "old.tsv").write_text(OLD, "utf-8")
    assert convert_recording(tmp_path / "old.tsv", tmp_path / "new.jsonl") == 2
    first, second = lines(tmp_path / "new.jsonl")
    assert first["device_time_stamp"] == first["system_time_stamp"] == 1000
    assert first["left_gaze_point_on_display_area"] == [0.25, 0.5]
    assert first["left_gaze_point_in_user_coordinate_system"] == [-20.5, 130.25, 12]
    assert first["left_gaze_origin_in_user_coordinate_system"] == [-31, 4, 655.5]
    assert first["left_pupil_diameter"] == 3.25
    assert first["right_gaze_origin_in_user_coordinate_system"][2] == 650
    parts = ("gaze_point", "gaze_origin", "pupil")
    assert [first[f"{eye}_{p}_validity"] for eye in ("left", "right") for p in parts] == [1] * 6
    assert [second[f"{eye}_{p}_validity"] for eye in ("left", "right") for p in parts] == [0] * 6
    assert all(np.isnan(second["left_gaze_point_on_display_area"]))


@pytest.mark.parametrize("name", ["dot.tsv", "comma_utf16.tsv", "bom_ms.tsv"])
def test_an_export_of_pro_lab_reads_back_the_same(tmp_path: Path, name: str) -> None:
    export, out = PROLAB / name, tmp_path / "new.jsonl"
    source = ProLabFile(export, SCREEN)
    size = source.header().screen_px or (1920.0, 1080.0)
    count = convert_recording(export, out, screen_px=(1920, 1080))
    assert is_tobii_sdk(out)
    screen = ScreenRecord(
        width_px=round(size[0]), height_px=round(size[1]), width_mm=1, height_mm=1, distance_mm=1
    )
    found = [chunk.samples for chunk in TobiiSdkFile(out, screen).chunks()]
    truth = [chunk.samples for chunk in ProLabFile(export, screen).chunks()]
    assert sum(part.num_rows for part in found) == count == contents_of(source).n_samples
    for column in found[0].column_names:
        got, want = (
            np.concatenate([p.column(column).to_numpy() for p in s]) for s in (found, truth)
        )
        if column == "distance_mm":
            # The SDK has a distance of each eye: none where its gaze is lost.
            want = np.where(np.isnan(got), np.nan, want)
        np.testing.assert_allclose(got, want, rtol=1e-6, err_msg=column)


def test_what_cannot_be_converted_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "old.tsv").write_text(OLD.replace("4333", "400"), "utf-8")
    with pytest.raises(DataError, match=r"old.tsv, row 3"):
        convert_recording(tmp_path / "old.tsv", tmp_path / "new.jsonl")
    assert not (tmp_path / "new.jsonl").exists()
    (tmp_path / "text").write_text("nothing\n", "utf-8")
    with pytest.raises(UsageError, match="no recording"):
        convert_recording(tmp_path / "text", tmp_path / "new.jsonl")
    (tmp_path / "old.tsv").write_text(OLD, "utf-8")
    convert_recording(tmp_path / "old.tsv", tmp_path / "new.jsonl")
    with pytest.raises(UsageError, match="something already"):
        convert_recording(tmp_path / "old.tsv", tmp_path / "new.jsonl")
    with pytest.raises(UsageError, match="the form already"):
        convert_recording(tmp_path / "new.jsonl", tmp_path / "newer.jsonl")


def test_the_program_says_how_to_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main([*CONVERT, str(tmp_path / "new.jsonl"), "--screen", "1920x1080"])
    assert done.value.code in {0, None}
    assert "replay:new.jsonl" in capsys.readouterr().out
    with pytest.raises(SystemExit) as wrong:
        main([*CONVERT, str(tmp_path / "b"), "--screen", "wide"])
    assert wrong.value.code == 2
