"""Does a dataset leave whole: as BIDS that its own validator accepts, as CSV, as Parquet?"""

import csv
import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from gazekit.build import BuildConfig, build
from gazekit.commands.export import command
from gazekit.export import EXPORTED_TABLES, export_bids, export_table
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.records import ScreenRecord
from gazekit.read import open_session, open_sources
from gazekit.read.bids import BidsFile
from gazekit.read.recording import contents_of

REQUIRED_OF_PHYSIO = {
    "PhysioType": "eyetrack",
    "SampleCoordinateSystem": "gaze-on-screen",
}
SCREEN_FIELDS = {"ScreenDistance", "ScreenOrigin", "ScreenResolution", "ScreenSize"}


@pytest.fixture(scope="module")
def study(small_study: Path) -> Path:
    return small_study


@pytest.fixture(scope="module")
def dataset(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "dataset"
    build([study], out, config=BuildConfig(), workers=1)
    return out


@pytest.fixture(scope="module")
def bids(dataset: Path, study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "bids"
    result = export_bids(open_dataset(dataset), out, sources=open_sources(study))
    assert result.left_out == ()
    return out


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _records(path: Path, delimiter: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


def test_the_required_fields_of_bids_are_there(bids: Path) -> None:
    assert _json(bids / "dataset_description.json")["BIDSVersion"].startswith("1.11")
    samples = sorted(bids.glob("sub-*/ses-*/beh/*_physio.tsv.gz"))
    assert samples
    for path in samples:
        facts = _json(path.with_name(path.name.replace(".tsv.gz", ".json")))
        assert facts["Columns"][:3] == ["timestamp", "x_coordinate", "y_coordinate"]
        assert {name: facts[name] for name in REQUIRED_OF_PHYSIO} == REQUIRED_OF_PHYSIO
        assert (
            facts["RecordedEye"]
            == {"eye1": "left", "eye2": "right"}[path.name.split("_recording-")[1][:4]]
        )
        assert facts["SamplingFrequency"] > 0
        assert isinstance(facts["StartTime"], float | int)
        assert facts["x_coordinate"]["Units"] == facts["y_coordinate"]["Units"] == "pixel"
        rows = _rows(path)
        assert {len(row) for row in rows} == {len(facts["Columns"])}, "no header, no ragged row"
        assert all(cell == "n/a" or np.isfinite(float(cell)) for row in rows for cell in row)
        stem = path.name.split("_recording-")[0]
        stimulus = _json(path.with_name(f"{stem}_events.json"))["StimulusPresentation"]
        assert stimulus.keys() >= SCREEN_FIELDS
        assert stimulus["ScreenOrigin"] == ["top", "left"]
        assert 0.1 < stimulus["ScreenSize"][0] < 2, "metres"
        events = path.with_name(path.name.replace("_physio.", "_physioevents."))
        described = _json(events.with_name(events.name.replace(".tsv.gz", ".json")))
        assert described["OnsetSource"] == "timestamp"
        assert {len(row) for row in _rows(events)} == {len(described["Columns"])}


def test_the_official_validator_finds_no_error(bids: Path) -> None:
    name = "bids-validator-deno"
    validator = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if validator is None:
        pytest.skip("bids-validator-deno is not installed; the fields are checked by our own test")
    done = subprocess.run(
        [validator, "--format", "json", str(bids)], check=False, capture_output=True, text=True
    )
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []
    assert done.returncode == 0


def test_every_sample_and_fixation_comes_back(bids: Path, dataset: Path, study: Path) -> None:
    session = min(study.glob("sessions/ses-*"))
    reading = next(iter(open_session(session)))
    runs = sorted(bids.glob("sub-*/ses-*/beh/*run-01_recording-eye1_physio.tsv.gz"))
    run = next(p for p in runs if (reading.reading.session_id or "") in p.name)
    screen = ScreenRecord(width_px=1, height_px=1, width_mm=1, height_mm=1, distance_mm=1)
    chunks = list(BidsFile(run, screen).chunks())
    (samples,) = [chunk.samples for chunk in chunks]
    onset = reading.reading.onset_us
    np.testing.assert_array_equal(
        samples.column("time_us").to_numpy() + onset, reading.samples.column("time_us").to_numpy()
    )
    for column in ("left_x_px", "right_y_px", "left_pupil_mm"):
        np.testing.assert_allclose(
            samples.column(column).to_numpy(), reading.samples.column(column).to_numpy(), rtol=1e-6
        )
    fixations = open_dataset(dataset).table("fixations").to_pylist()
    expected = [f for f in fixations if f["reading_id"] == reading.reading.reading_id]
    events = [e for e in contents_of(BidsFile(run, screen)).events if e.value["eye"] == "left"]
    assert [(e.time_us, e.duration_us) for e in events] == [
        (f["onset_us"], f["duration_us"]) for f in expected
    ]


def test_the_views_tell_where_the_image_stood(bids: Path, study: Path) -> None:
    session = min(study.glob("sessions/ses-*"))
    reading = next(iter(open_session(session)))
    path = next(
        p
        for p in sorted(bids.glob("sub-*/ses-*/beh/*run-01_events.tsv"))
        if (reading.reading.session_id or "") in p.name
    )
    rows = _records(path, "\t")
    assert rows[0]["trial_type"] == "image"
    view = next(row for row in rows if row["trial_type"] == "view")
    assert reading.views[0].image_to_screen is not None
    assert [float(view[name]) for name in "abcdef"] == pytest.approx(
        reading.views[0].image_to_screen
    )
    whole = float(rows[0]["duration"])
    assert sum(float(r["duration"]) for r in rows[1:]) == pytest.approx(whole, abs=1e-4)


def test_a_reading_without_source_is_left_out(dataset: Path, study: Path, tmp_path: Path) -> None:
    sources = [str(path) for path in sorted(study.glob("sessions/ses-*"))[:1]]
    result = CliRunner().invoke(
        command,
        ["bids", str(dataset), str(tmp_path / "out"), "--source", *sources, "--json"],
        standalone_mode=False,
    )
    assert result.return_value == 3
    assert json.loads(result.stdout.splitlines()[-1])["left_out"]


def test_nothing_stays_of_an_export_that_fails(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no reading of the dataset was found"):
        export_bids(open_dataset(dataset), tmp_path / "out", sources=[])
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="exists already"):
        export_bids(open_dataset(dataset), tmp_path / "out", sources=[])


@pytest.mark.parametrize("table", EXPORTED_TABLES)
def test_every_table_leaves_as_csv_and_parquet(dataset: Path, tmp_path: Path, table: str) -> None:
    opened = open_dataset(dataset)
    as_parquet, as_csv = tmp_path / "t.parquet", tmp_path / "t.csv"
    count, left_out = export_table(opened, table, out=as_parquet)
    assert left_out == ()
    whole = pq.read_table(as_parquet)
    assert whole.num_rows == count
    if table in opened.info.counts:
        assert count == opened.count(table)
        assert whole.equals(opened.table(table))
    rows, left_out = export_table(opened, table, out=as_csv)
    assert (rows, left_out) == (count, ("image",) if table == "images" else ())
    read = _records(as_csv, ",")
    assert len(read) == count
    assert set(as_csv.read_text("utf-8").splitlines()[0].replace('"', "").split(",")) == set(
        whole.column_names
    ) - set(left_out)


def test_lists_are_json_in_csv(dataset: Path, tmp_path: Path) -> None:
    opened, out = open_dataset(dataset), tmp_path / "k.csv"
    export_table(opened, "keyframes", out=out)
    expected = opened.table("keyframes").to_pylist()
    for row, wanted in zip(_records(out, ","), expected, strict=True):
        assert json.loads(row["fixation_x_px"]) == wanted["fixation_x_px"]
        assert json.loads(row["findings"]) == wanted["findings"]
        assert row["text"] == wanted["text"]


@pytest.mark.parametrize(
    ("table", "out", "split", "message"),
    [
        ("fixation", "t.csv", None, "no such table .*Did you mean 'fixations'"),
        ("fixations", "t.xlsx", None, r"expected OUT\.csv or OUT\.parquet"),
        ("fixations", "t.csv", "all", "no such split"),
        ("manifest", "t.csv", "train", "has no splits"),
    ],
)
def test_a_wrong_request_is_one_line(
    dataset: Path,
    tmp_path: Path,
    *,
    table: str,
    out: str,
    split: str | None,
    message: str,
) -> None:
    with pytest.raises(GazekitError, match=message):
        export_table(open_dataset(dataset), table, out=tmp_path / out, split=split)
    assert list(tmp_path.iterdir()) == []


def test_a_dataset_built_from_the_export_has_the_same_fixations(
    bids: Path, dataset: Path, study: Path, tmp_path: Path
) -> None:
    reading = next(iter(open_session(min(study.glob("sessions/ses-*")))))
    runs = bids.glob("sub-*/ses-*/beh/*run-01_recording-eye1_physio.tsv.gz")
    run = next(p for p in runs if (reading.reading.session_id or "") in p.name)
    screen = reading.screen
    (tmp_path / "source.toml").write_text(
        f'[source]\nkind = "bids"\n[screen]\nwidth_px = {screen.width_px}\n'
        f"height_px = {screen.height_px}\nwidth_mm = {screen.width_mm}\n"
        f"height_mm = {screen.height_mm}\ndistance_mm = {screen.distance_mm}\n"
        f"[[reading]]\nrecording = '{run.as_posix()}'\nimage = '{reading.image.path.as_posix()}'\n"
        f'reader = "R01"\nid = "again"\nonset = 0\n',
        "utf-8",
    )
    result = build([tmp_path], tmp_path / "again", config=BuildConfig(), workers=1)
    assert result.excluded == ()
    again = open_dataset(tmp_path / "again").table("fixations").to_pylist()
    first = open_dataset(dataset).table("fixations").to_pylist()
    first = [f for f in first if f["reading_id"] == reading.reading.reading_id]
    assert len(again) == len(first) > 10
    same = sum(
        f["onset_us"] == g["onset_us"] and f["screen_x_px"] == pytest.approx(g["screen_x_px"])
        for f, g in zip(first, again, strict=True)
    )
    assert same == len(first)
