"""Does `gazekit detect` turn one recording into events, whatever it is, or say what is wrong?"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import gazekit
from gazekit.clean.stream import detect_blocks
from gazekit.commands import main
from gazekit.commands.detect import parse_screen
from gazekit.model.schemas import check_table
from gazekit.quality import summarise

SCREEN = "1920x1080px,531x299mm,650mm"
TX300 = Path(__file__).parents[3] / "shared/data/tobii_tx300/participant1"


def _recording(seconds: float = 8, rate_hz: float = 500) -> pa.Table:
    """Return both eyes of steps between places 300 ms apart, with noise and one lost stretch."""
    random = np.random.default_rng(7)
    time = np.rint(np.arange(0, seconds * 1e6, 1e6 / rate_hz)).astype(np.int64)
    places = random.uniform(300, 800, (int(seconds / 0.3) + 2, 2))
    moving = np.clip((time % 300_000) / 30_000, 0, 1)[:, None]
    index = time // 300_000
    xy = places[index] * (1 - moving) + places[index + 1] * moving
    columns = {"time_us": time}
    for eye, shift in (("left", -4.0), ("right", 4.0)):
        seen = xy + random.normal(0, 1, xy.shape) + [shift, 0]
        seen[(time > 2_000_000) & (time < 2_150_000)] = np.nan
        columns |= {f"{eye}_x_px": seen[:, 0], f"{eye}_y_px": seen[:, 1]}
    return pa.table(columns)


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["detect", *map(str, arguments)])


def _written(folder: Path, kind: str, table: pa.Table) -> Path:
    path = folder / f"gaze.{kind}"
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        mark = {"csv": ",", "tsv": "\t"}[kind]
        pcsv.write_csv(table, path, pcsv.WriteOptions(delimiter=mark))
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet"])
def test_a_table_becomes_the_events_that_the_library_finds(tmp_path: Path, kind: str) -> None:
    table = _recording()
    out = tmp_path / "events.parquet"
    done = _run(_written(tmp_path, kind, table), "--out", out, "--screen", SCREEN, "--json")
    assert done.exit_code == 0, done.output
    events = pq.read_table(out)
    check_table(events, "events")
    screen = parse_screen(SCREEN)
    assert screen is not None
    found = gazekit.detect_events(table, screen=screen)
    for name in found.column_names:  # a blink is nowhere: NaN
        np.testing.assert_array_equal(events[name], found[name])
    result = json.loads(done.stdout)
    assert result["quality"]["rate_hz"] == pytest.approx(500)
    assert result["quality"]["n_samples"] == 4000
    assert result["quality"]["data_loss"] == pytest.approx(0.15 / 8, abs=1e-3)
    assert sum(result["counts"].values()) == events.num_rows > 40
    assert set(result["quality"]["eyes"]) == {"left", "right"}


def test_blocks_find_what_the_whole_finds() -> None:
    table = _recording(seconds=40, rate_hz=300)
    screen = parse_screen(SCREEN)
    assert screen is not None
    (whole,) = detect_blocks([table], screen)
    chunks = [table.slice(i, 700) for i in range(0, table.num_rows, 700)]
    blocks = list(detect_blocks(chunks, screen, block_samples=2000))
    assert len(blocks) > 3
    pieces = pa.concat_tables([block.events for block in blocks])
    assert pieces["kind"].to_pylist() == whole.events["kind"].to_pylist()
    for name in ("onset_us", "offset_us"):
        np.testing.assert_allclose(pieces[name], whole.events[name], atol=7000)
    one, other = summarise([whole.quality]), summarise([b.quality for b in blocks])
    assert one.n_samples == other.n_samples
    assert one.data_loss == other.data_loss
    assert one.n_fixations == other.n_fixations
    rms, again = (quality.eyes["left"].rms_s2s_deg for quality in (one, other))
    assert rms == pytest.approx(again, rel=1e-3)


def test_settings_reach_the_detector_and_the_cleaning(tmp_path: Path) -> None:
    file, out = _written(tmp_path, "csv", _recording()), tmp_path / "e.parquet"
    options = ["--detector", "tobii_ivt", "--set", "velocity_deg_s=60", "--set", "clean.eyes=left"]
    done = _run(file, "--out", out, "--screen", SCREEN, "--json", *options)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["params"] == {"velocity_deg_s": 60}
    assert result["cleaning"] == {"eyes": "left"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "nothing says how large the screen was"),
        (["--screen", "1920x1080"], "no such screen"),
        (["--screen", SCREEN, "--detector", "defualt"], "Did you mean 'default'?"),
        (["--screen", SCREEN, "--set", "speed=3"], "detector default: wrong parameter"),
        (["--screen", SCREEN, "--set", "speed"], "expected KEY=VALUE"),
        (["--screen", SCREEN, "--set", "clean.eyes=both"], "wrong parameter of cleaning"),
        (["--screen", "1920x1080,0x299,650"], "screen.width_mm must be positive"),
    ],
)
def test_a_wrong_option_is_one_line_and_writes_nothing(
    tmp_path: Path, options: list[str], says: str
) -> None:
    out = tmp_path / "e.parquet"
    done = _run(_written(tmp_path, "csv", _recording(1)), "--out", out, *options)
    assert done.exit_code in {2, 4}
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["gaze.csv"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time_us,x_px,y_px\n0,1,2\n2000,1,oops\n", "row 3"),
        ("time_us,x_px,y_px\n0,1,2\n2000,1\n", "row 3"),
        ("time_us,x_px,y_px\n0,1,2\n2000,1,2\n1000,1,2\n", "times go backwards"),
        ("time_us,x_px,y_px\n0,1,2\n,1,2\n", "a sample has no time"),
        ("time_us,x_px,y_px\n0.5,1,2\n", "whole time_us"),
        ("time_us,x_px,y_px\n", "the recording has no sample"),
        ("time_us,x_px\n0,1\n", "expected y_px"),
        ("time,gaze\n0,1\n", "no recording of gaze"),
        ("", "no recording of gaze"),
    ],
)
def test_a_wrong_table_is_one_line_and_writes_nothing(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "gaze.csv"
    file.write_text(text)
    done = _run(file, "--out", tmp_path / "e.parquet", "--screen", SCREEN)
    assert done.exit_code in {2, 4}
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["gaze.csv"]


def test_a_cut_parquet_file_is_one_line(tmp_path: Path) -> None:
    file = _written(tmp_path, "parquet", _recording(1))
    file.write_bytes(file.read_bytes()[:-100])
    done = _run(file, "--out", tmp_path / "e.parquet", "--screen", SCREEN)
    assert done.exit_code in {2, 4}
    assert len(done.stderr.strip().splitlines()) == 1


def test_lost_throughout_is_no_event_and_no_warning(tmp_path: Path) -> None:
    file = tmp_path / "gaze.csv"
    file.write_text("time_us,x_px,y_px\n" + "".join(f"{i * 2000},,\n" for i in range(100)))
    done = _run(file, "--out", tmp_path / "e.parquet", "--screen", SCREEN)
    assert done.exit_code == 0, done.output
    assert "no event" in done.stdout
    assert pq.read_table(tmp_path / "e.parquet").num_rows == 0


@pytest.mark.skipif(not TX300.is_dir(), reason="the recordings are not in this checkout")
@pytest.mark.parametrize("trial", [1, 2, 3, 4, 5])
def test_real_recordings_have_no_event_across_a_long_gap(tmp_path: Path, trial: int) -> None:
    out = tmp_path / "e.parquet"
    done = _run(TX300 / f"{trial}.tsv", "--out", out, "--screen", SCREEN, "--json")
    assert done.exit_code == 0, done.output
    events = pq.read_table(out)
    fixed = np.asarray(events["kind"].to_pylist()) == "fixation"
    lasting = (events["offset_us"].to_numpy() - events["onset_us"].to_numpy())[fixed]
    assert fixed.sum() >= 5
    assert lasting.max() < 2_000_000
    raw = pcsv.read_csv(TX300 / f"{trial}.tsv", parse_options=pcsv.ParseOptions(delimiter="\t"))
    lost = [raw[f"{eye}Validity"].to_numpy() > 1 for eye in "LR"]
    time = raw["Time"].to_numpy()
    seen = time[~(lost[0] & lost[1])]
    gaps = np.flatnonzero(np.diff(seen) >= 75_000)
    for gap in gaps:
        middle = (seen[gap] + seen[gap + 1]) / 2
        inside = (events["onset_us"].to_numpy() < middle) & (
            events["offset_us"].to_numpy() > middle
        )
        assert not (inside & fixed).any()
