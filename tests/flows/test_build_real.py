"""Do real Tobii recordings, with a real radiograph as stimulus, become a dataset?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gazekit import detect_events, open_dataset
from gazekit.model.records import ScreenRecord
from gazekit.read import load_description, read_tobii_tsv

Run = Callable[..., Any]

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=509.2, height_mm=286.4, distance_mm=650.0
)
TRIALS = (1, 2, 3, 4, 5)


def _description(recordings: Path, image: Path) -> str:
    """Return the shipped example with real paths, and every trial in it."""
    shipped = Path(__file__).parents[2] / "protocols" / "source_tobii_tx300.toml"
    head = shipped.read_text("utf-8").partition("[[reading]]")[0]
    return head + "\n".join(
        f'[[reading]]\nrecording = "{recordings / f"{trial}.tsv"}"\nimage = "{image}"\n'
        f'reader = "P01"\npatient = "patient-1"\n'
        for trial in TRIALS
    )


@pytest.fixture
def source(shared_data: Callable[[str], Path], tmp_path: Path) -> Path:
    recordings = shared_data("tobii_tx300") / "participant1"
    image = shared_data("dicom_cxr") / "966_fixed.dcm"
    folder = tmp_path / "tx300"
    folder.mkdir()
    (folder / "source.toml").write_text(_description(recordings, image), "utf-8")
    return folder


def test_fixations_land_on_the_radiograph(source: Path, tmp_path: Path, gazekit: Run) -> None:
    done = gazekit("build", source, "--out", tmp_path / "dataset", "--workers", 1)
    assert done.code == 0, done.err
    dataset = open_dataset(tmp_path / "dataset")
    readings = dataset.table("readings").to_pylist()
    fixations = dataset.table("fixations").to_pylist()
    (image,) = dataset.table("images").to_pylist()
    assert [r["source"] for r in readings] == ["tobii_tsv"] * len(TRIALS)
    assert not any(r["simulated"] for r in readings)
    assert all(290 < r["rate_hz"] < 305 for r in readings)
    assert all(0 <= r["data_loss"] < 0.5 for r in readings)
    assert all(500 < r["distance_mm"] < 700 for r in readings)
    seconds = sum(r["duration_us"] for r in readings) / 1e6
    assert 1 < len(fixations) / seconds < 5
    assert 100_000 < np.median([f["duration_us"] for f in fixations]) < 600_000
    on_image = [f for f in fixations if f["shown"] > 0.5]
    assert len(on_image) > 5
    assert all(0 <= f["x_px"] <= image["width_px"] for f in on_image)
    # One degree at 650 mm is 11.3 mm: 43 screen px, through the view into image px.
    zoom = 1080 / image["height_px"]
    sigma = np.array([f["sigma_x_px"] for f in on_image]) * zoom
    assert ((sigma > 30) & (sigma < 60)).all()


def test_no_fixation_bridges_a_gap_of_75_ms(shared_data: Callable[[str], Path]) -> None:
    for trial in TRIALS:
        samples = read_tobii_tsv(
            shared_data("tobii_tx300") / "participant1" / f"{trial}.tsv", SCREEN
        )
        time = samples.column("time_us").to_numpy()
        left, right = (samples.column(f"{eye}_x_px").to_numpy() for eye in ("left", "right"))
        seen = time[np.isfinite(left) | np.isfinite(right)]
        holes = np.flatnonzero(np.diff(seen) > 75_000)
        events = detect_events(samples, screen=SCREEN, detector="tobii_ivt").to_pylist()
        for event in (e for e in events if e["kind"] != "blink"):
            for hole in holes:
                inside = event["onset_us"] <= seen[hole] and event["offset_us"] > seen[hole + 1]
                assert not inside, (trial, event)


def test_the_missing_mark_never_becomes_a_place(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("tobii_tx300") / "participant1" / "1.tsv"
    samples = read_tobii_tsv(path, SCREEN)
    for name in ("left_x_px", "left_y_px", "right_x_px", "right_y_px"):
        values = samples.column(name).to_numpy()
        assert np.isnan(values[0])
        assert not (values == -SCREEN.width_px).any()
        assert np.isfinite(values).mean() > 0.5


def test_an_image_that_does_not_decode_costs_its_readings(
    shared_data: Callable[[str], Path], source: Path, tmp_path: Path, gazekit: Run
) -> None:
    text = (source / "source.toml").read_text("utf-8")
    broken = shared_data("dicom_cxr") / "966.dcm"
    good = shared_data("dicom_cxr") / "966_fixed.dcm"
    (source / "source.toml").write_text(text.replace(str(good), str(broken), 1), "utf-8")
    done = gazekit("build", source, "--out", tmp_path / "dataset", "--workers", 1)
    assert done.code == 3
    assert "image_undecodable" in done.err
    assert open_dataset(tmp_path / "dataset").count("readings") == len(TRIALS) - 1


def test_the_shipped_example_is_a_valid_description() -> None:
    shipped = Path(__file__).parents[2] / "protocols" / "source_tobii_tx300.toml"
    assert len(load_description(shipped).reading) == 2
