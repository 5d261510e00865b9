"""Is a public dataset built with its own splits and degrees, without a patient's number in it?"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from gazekit import build, open_dataset
from gazekit.deid import KeyedPseudonyms
from gazekit.export import export_bids
from gazekit.model.layout import DatasetLayout
from gazekit.read import SourceOptions, open_sources

READINGS = 3
SIDE = 400
FULL = (0, 0, SIDE, SIDE, 1020, 0, 3180, 2160)
ZOOM = (100, 100, 300, 300, 1020, 0, 3180, 2160)
LABELS = (
    "Abnormal mediastinal contour,Acute fracture,Atelectasis,Consolidation,"
    "Enlarged cardiac silhouette,Enlarged hilum,Groundglass opacity,Hiatal hernia,"
    "High lung volume / emphysema,Interstitial lung disease,Lung nodule or mass,Other,"
    "Pleural abnormality,Pneumothorax,Pulmonary edema,Support devices"
)
FACTS = "id,split,eye_tracking_data_discarded,image,dicom_id,subject_id,image_size_x,image_size_y"
GAZE = (
    "timestamp_sample,x_position,y_position,pupil_area_normalized,"
    "angular_resolution_x_pixels_per_degree,angular_resolution_y_pixels_per_degree,"
    "window_width,window_level,"
    + ",".join(
        f"{edge}_{frame}"
        for frame in ("shown_from_image", "in_screen_coordinates")
        for edge in ("xmin", "ymin", "xmax", "ymax")
    )
)
SUBJECTS = [17_654_321 + i for i in range(READINGS)]
SPLITS = ("test", "validate", "train")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Write readings in REFLACX's format: two steady gazes each, the second one zoomed in."""
    root = tmp_path / "download"
    rows = [f"{FACTS},{LABELS}"]
    for index, (subject, split) in enumerate(zip(SUBJECTS, SPLITS, strict=True)):
        name, dicom_id = f"P300R00000{index}", "-".join([f"{index + 1:08x}"] * 5)
        path = root / f"files/p17/p{subject}/s5000000{index}/{dicom_id}.png"
        path.parent.mkdir(parents=True)
        Image.fromarray(np.full((SIDE, SIDE), 40 * index + 9, np.uint8)).save(path)
        rows.append(
            f"{name},{split},False,mimic/files/p17/p{subject}/s5000000{index}/{dicom_id}.dcm,"
            f"{dicom_id},{subject},{SIDE},{SIDE},0,0,0,4,0,0,0,0,0,0,0,,0,0,0,False"
        )
        _write_reading(root, name)
    table = root / "main_data" / "metadata_phase_3.csv"
    table.write_bytes("\r\n".join([*rows, ""]).encode())
    (tmp_path / "key.txt").write_text("0123456789abcdef" * 4, "utf-8")
    return root


def _write_reading(root: Path, name: str) -> None:
    main, gaze = (root / part / name for part in ("main_data", "gaze_data"))
    main.mkdir(parents=True)
    gaze.mkdir(parents=True)
    lines = [GAZE]
    for k in range(2000):
        rect, x, deg = (FULL, 120, 20) if k < 1000 else (ZOOM, 250, 10)
        cells = [k / 1000, x, 200, 1.0, deg, deg, 0.9, 0.5, *rect]
        lines.append(",".join(map(str, cells)))
    (gaze / "gaze.csv").write_bytes("\r\n".join([*lines, ""]).encode())
    words = ["left,0.2,0.5", "consolidation,0.5,0.9", ".,0.9,1.0"]
    text = "\r\n".join(["word,timestamp_start_word,timestamp_end_word", *words, ""])
    (main / "timestamps_transcription.csv").write_bytes(text.encode())
    flags = ",".join(str(label == "Consolidation") for label in LABELS.split(","))
    (main / "anomaly_location_ellipses.csv").write_text(
        f"xmin,ymin,xmax,ymax,certainty,{LABELS}\n100,150,150,250,4,{flags}\n", "utf-8"
    )


def _built(dataset: Path, out: Path) -> Path:
    options = SourceOptions(pseudonyms=KeyedPseudonyms(dataset.parent / "key.txt"))
    build(dataset, out, options=options, workers=1)
    return out


def test_splits_degrees_places_and_labels_come_through(dataset: Path, tmp_path: Path) -> None:
    built = open_dataset(_built(dataset, tmp_path / "built"))
    rows = built.table("readings").to_pylist()
    assert {row["reading_id"]: row["split"] for row in rows} == {
        "P300R000000": "test",
        "P300R000001": "validation",
        "P300R000002": "train",
    }
    assert {row["source"] for row in rows} == {"reflacx"}
    fixations = built.table("fixations", "train").to_pylist()
    by_place = {round(row["x_px"]): row for row in fixations}
    assert set(by_place) == {120, 250}
    assert by_place[120]["sigma_x_px"] == pytest.approx(20, rel=1e-3)
    assert by_place[250]["sigma_x_px"] == pytest.approx(10, rel=1e-3)
    (keyframe,) = built.table("keyframes", "train").to_pylist()
    assert keyframe["text"] == "left consolidation."
    (ellipse,) = keyframe["findings"]
    assert (ellipse["label"], ellipse["x0_px"], ellipse["origin"]) == (
        "Consolidation",
        100,
        "human",
    )


def test_no_patient_s_number_and_no_key_is_in_the_dataset(dataset: Path, tmp_path: Path) -> None:
    built = _built(dataset, tmp_path / "built")
    secret = [*map(str, SUBJECTS), "0123456789abcdef", "5000000", "00000001-00000001"]
    for path in (p for p in built.rglob("*") if p.is_file()):
        text = path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            text = repr(pq.read_table(path).to_pylist())
        assert not [number for number in secret if number in text], path.name


def test_one_damaged_reading_is_left_out_with_its_own_reason(dataset: Path, tmp_path: Path) -> None:
    path = dataset / "gaze_data" / "P300R000001" / "gaze.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[700] = lines[700].replace(b",200,", b",2x0,")
    path.write_bytes(b"".join(lines))
    built = open_dataset(_built(dataset, tmp_path / "built"))
    assert built.count("readings") == 2
    (found,) = pq.read_table(built.layout.exclusions).to_pylist()
    assert (found["unit_id"], found["reason"]) == ("P300R000001", "reading_damaged")
    assert "P300R000001/gaze.csv, row 701, column y_position" in found["detail"]


def test_fixations_stand_in_where_there_is_no_gaze(dataset: Path, tmp_path: Path) -> None:
    for name in (f"P300R00000{i}" for i in range(READINGS)):
        (dataset / "gaze_data" / name / "gaze.csv").unlink()
        header = GAZE.replace("timestamp_sample", "timestamp_start_fixation,timestamp_end_fixation")
        row = ",".join(map(str, [0.1, 0.8, 120, 200, 1.0, 20, 20, 0.9, 0.5, *FULL]))
        (dataset / "main_data" / name / "fixations.csv").write_text(f"{header}\n{row}\n", "utf-8")
    built = open_dataset(_built(dataset, tmp_path / "built"))
    assert {row["source"] for row in built.table("readings").to_pylist()} == {"reflacx_fixations"}
    (row,) = built.table("fixations", "train").to_pylist()
    assert (row["x_px"], row["duration_us"], row["sigma_x_px"]) == (120, 701_000, 20)
    assert built.count("keyframes") == READINGS


def test_one_changed_reading_is_made_anew_and_no_image_is_decoded_twice(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = _built(dataset, tmp_path / "built")
    options = SourceOptions(pseudonyms=KeyedPseudonyms(dataset.parent / "key.txt"))
    words = dataset / "main_data" / "P300R000001" / "timestamps_transcription.csv"
    words.write_bytes(words.read_bytes().replace(b"left", b"right"))
    changed = build(dataset, out, options=options, workers=1)
    assert (changed.made, changed.reused, changed.gaze_made) == (1, 5, 1)
    time.sleep(0.15)  # what has only just changed is read again
    build(dataset, out, options=options, workers=1)

    def decode(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("gazekit.image.read_image", decode)
    again = build(dataset, out, options=options, workers=1)
    assert (again.seen, again.made, again.unchanged) == (1, 0, True)
    seen = b"".join(path.read_bytes() for path in DatasetLayout(out).left.iterdir())
    assert not [subject for subject in SUBJECTS if str(subject).encode() in seen]


def test_the_command_line_says_what_it_took_the_path_for(
    dataset: Path, tmp_path: Path, gazekit: Callable[..., Any]
) -> None:
    key = tmp_path / "key.txt"
    done = gazekit("build", dataset, "--out", tmp_path / "built", "--key", key, "--workers", "1")
    assert done.code == 0
    assert "download: REFLACX" in done.err
    shown = gazekit("source", "describe", dataset, "--json")
    assert json.loads(shown.out)["readings"] == READINGS


def test_a_public_dataset_leaves_as_bids_that_its_own_validator_accepts(
    dataset: Path, tmp_path: Path
) -> None:
    built = _built(dataset, tmp_path / "built")
    options = SourceOptions(pseudonyms=KeyedPseudonyms(dataset.parent / "key.txt"))
    bids = tmp_path / "bids"
    result = export_bids(open_dataset(built), bids, sources=open_sources(dataset, options=options))
    assert result.left_out == ()
    names = [path.relative_to(bids).as_posix() for path in sorted(bids.rglob("*"))]
    assert len([name for name in names if name.endswith("_physio.tsv.gz")]) == READINGS
    whole = "\n".join(names) + "".join(
        path.read_text("utf-8") for path in bids.rglob("*") if path.suffix in (".json", ".tsv")
    )
    assert not [subject for subject in SUBJECTS if str(subject) in whole]
    folder = Path(sys.executable).parent
    validator = shutil.which("bids-validator-deno", path=str(folder))
    if validator is None:
        pytest.skip("bids-validator-deno is not installed")
    done = subprocess.run(
        [validator, "--format", "json", str(bids)], check=False, capture_output=True, text=True
    )
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []
