"""Is a recording drawn, whatever it holds, and refused in one line when it holds nothing?"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from gazekit.commands import main

SCREEN = "1920x1080px,531x299mm,650mm"
TX300 = Path(__file__).parents[5] / "shared/data/tobii_tx300/participant1"


def _show(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["show", *map(str, arguments)])


def _table(count: int, place: float) -> pa.Table:
    xy = np.full(count, place)
    xy[count // 2 :] += 200
    return pa.table({"time_us": np.arange(count) * 2000, "x_px": xy, "y_px": xy})


@pytest.mark.parametrize("place", [400.0, np.nan])
def test_a_table_is_drawn(tmp_path: Path, place: float) -> None:
    file, out = tmp_path / "gaze.csv", tmp_path / "out.png"
    pcsv.write_csv(_table(500, place), file)
    done = _show(file, "--plot", out, "--screen", SCREEN)
    assert done.exit_code == 0, done.output
    with Image.open(out) as picture:
        pixels = np.asarray(picture.convert("RGB"), np.int64)
    assert pixels.shape[0] > 500
    green = (pixels[..., 1] - pixels[..., 0] > 20) & (pixels[..., 1] - pixels[..., 2] > 10)
    assert green.any() == np.isfinite(place)  # fixations are green; lost gaze has none


def test_an_empty_table_is_one_line(tmp_path: Path) -> None:
    file, out = tmp_path / "gaze.csv", tmp_path / "out.png"
    file.write_text("time_us,x_px,y_px\n")
    done = _show(file, "--plot", out, "--screen", SCREEN)
    assert done.exit_code == 4
    assert "has no sample" in done.stderr
    assert not out.exists()


def test_a_recording_without_a_screen_says_what_to_add(tmp_path: Path) -> None:
    file = tmp_path / "gaze.csv"
    pcsv.write_csv(_table(50, 400.0), file)
    done = _show(file, "--plot", tmp_path / "out.png")
    assert done.exit_code == 2
    assert "--screen" in done.stderr


@pytest.mark.skipif(not TX300.is_dir(), reason="the recordings are not in this checkout")
def test_a_real_recording_is_drawn(tmp_path: Path) -> None:
    done = _show(TX300 / "2.tsv", "--plot", tmp_path / "out.png", "--screen", SCREEN)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out.png").stat().st_size > 20_000
