"""Does anything that identifies a person come through a build, whatever it was planted in?"""

import base64
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from gazekit.model.dataset import open_dataset
from gazekit.model.files import write_checksums, write_json
from gazekit.model.layout import SessionLayout, StudyLayout
from gazekit.model.session import read_session_record, read_words

Run = Callable[..., Any]

SIDE = 400
RECT = (0, 0, SIDE, SIDE, 1020, 0, 3180, 2160)
SUBJECT, STUDY = "17654321", "50000007"
DICOM_ID = "02aa804e-bde0afdd-112c0b34-7bc16630-4e384014"
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
LABELS = (
    "Abnormal mediastinal contour,Acute fracture,Atelectasis,Consolidation,"
    "Enlarged cardiac silhouette,Enlarged hilum,Groundglass opacity,Hiatal hernia,"
    "High lung volume / emphysema,Interstitial lung disease,Lung nodule or mass,Other,"
    "Pleural abnormality,Pneumothorax,Pulmonary edema,Support devices"
)
FACTS = "id,split,eye_tracking_data_discarded,image,dicom_id,subject_id,image_size_x,image_size_y"
SCREEN = """
[screen]
width_px = 1920
height_px = 1080
width_mm = 528.0
height_mm = 297.0
distance_mm = 650.0
"""

PLANTED = [
    *("Quimby", "Zenobia", "Overbeck", "Thorvald"),
    *("19430717", "1943-07-17", "17.07.1943", "20190423"),
    *("MRN-88231906", "88231906", "ACC55501234", "SN-7730-4419", "77304419"),
    *("Saint Ignatius", "Ignatius", "1.2.826.0.1.3680043.9.7777.42"),
    *("Private-Note-5521", SUBJECT, STUDY, DICOM_ID),
]


def plant(path: Path, *, orientation: str = "LF", seed: int = 0) -> Path:
    """Write a radiograph that says everything a header may say of a person."""
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.1.1")
    file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID
    file.SOPInstanceUID = UID("1.2.826.0.1.3680043.9.7777.42.3")
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID
    file.StudyInstanceUID = UID("1.2.826.0.1.3680043.9.7777.42")
    file.PatientName, file.PatientID = "Quimby^Zenobia^M", "MRN-88231906"
    file.PatientBirthDate, file.StudyDate = "19430717", "20190423"
    file.AccessionNumber, file.InstitutionName = "ACC55501234", "Saint Ignatius Hospital"
    file.ReferringPhysicianName = "Overbeck^Thorvald"
    file.DeviceSerialNumber = "SN-7730-4419"
    block = file.private_block(0x0019, "ACME", create=True)
    block.add_new(1, "LO", "Private-Note-5521")
    block.add_new(2, "PN", "Quimby^Zenobia")
    file.Modality, file.ViewPosition = "DX", "PA"
    file.PatientOrientation = list(orientation)
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.Rows = file.Columns = SIDE
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 12, 11, 0
    pixels = np.random.default_rng(seed).integers(0, 4096, (SIDE, SIDE)).astype("<u2")
    file.PixelData = pixels.tobytes()
    file["PixelData"].VR = "OW"
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save_as(path, enforce_file_format=True)
    return path


def reflacx(root: Path, words: str, *, orientation: str = "LF") -> Path:
    """Write one reading in REFLACX's format, with its DICOM image and these words."""
    relative = f"files/p17/p{SUBJECT}/s{STUDY}/{DICOM_ID}"
    plant(root / f"{relative}.dcm", orientation=orientation)
    main, gaze = root / "main_data/P300R000001", root / "gaze_data/P300R000001"
    main.mkdir(parents=True)
    gaze.mkdir(parents=True)
    rows = [[k / 1000, 120, 200, 1.0, 20, 20, 0.9, 0.5, *RECT] for k in range(2000)]
    lines = [GAZE, *(",".join(map(str, row)) for row in rows), ""]
    (gaze / "gaze.csv").write_bytes("\r\n".join(lines).encode())
    step = 1.8 / (len(words.split()) + 1)
    spoken = [
        f"{word},{0.1 + k * step:.3f},{0.1 + (k + 1) * step:.3f}"
        for k, word in enumerate([*words.split(), "."])
    ]
    text = ["word,timestamp_start_word,timestamp_end_word", *spoken, ""]
    (main / "timestamps_transcription.csv").write_bytes("\r\n".join(text).encode())
    flags = ",".join(str(label == "Consolidation") for label in LABELS.split(","))
    (main / "anomaly_location_ellipses.csv").write_text(
        f"xmin,ymin,xmax,ymax,certainty,{LABELS}\n100,150,150,250,4,{flags}\n", "utf-8"
    )
    row = (
        f"P300R000001,train,False,mimic/{relative}.dcm,{DICOM_ID},{SUBJECT},{SIDE},{SIDE},"
        "0,0,0,4,0,0,0,0,0,0,0,,0,0,0,False"
    )
    table = root / "main_data/metadata_phase_3.csv"
    table.write_bytes("\r\n".join([f"{FACTS},{LABELS}", row, ""]).encode())
    return root


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text("0123456789abcdef" * 4, "utf-8")
    return path


def every_byte(root: Path) -> Iterator[bytes]:
    """Yield all that is in a folder: names, files, Parquet pages decompressed, pictures' texts."""
    for path in (p for p in sorted(root.rglob("*")) if p.is_file()):
        data = path.read_bytes()
        yield path.relative_to(root).as_posix().encode()
        yield data
        for match in re.finditer(rb"base64,([A-Za-z0-9+/=]+)", data):
            yield base64.b64decode(match.group(1))
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            sink = io.BytesIO()
            pq.write_table(table, sink, compression="none", use_dictionary=False)
            yield sink.getvalue()
            if "image" in table.column_names:
                for row in table.column("image").to_pylist():
                    yield repr(Image.open(io.BytesIO(row["bytes"])).info).encode()


def planted_in(root: Path) -> set[str]:
    pieces = [piece.lower() for piece in every_byte(root)]
    return {text for text in PLANTED if any(text.lower().encode() in piece for piece in pieces)}


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    plant(tmp_path / "file.dcm")
    assert {"Quimby", "19430717", "SN-7730-4419", "Private-Note-5521"} <= planted_in(tmp_path)


@pytest.mark.parametrize("orientation", ["LF", "RF"])
def test_nothing_planted_comes_through_a_build(
    tmp_path: Path, key: Path, gazekit: Run, orientation: str
) -> None:
    source = reflacx(tmp_path / "in", "left consolidation", orientation=orientation)
    out = tmp_path / "dataset"
    done = gazekit("build", source, "--out", out, "--key", key, "--workers", 1)
    assert done.code == 0, done.err
    assert planted_in(out) == set()
    assert gazekit("verify", out).code == 0
    (fixation,) = open_dataset(out).table("fixations").to_pylist()
    across = 120 if orientation == "LF" else SIDE - 120
    assert (fixation["x_px"], fixation["y_px"]) == (across, 200)
    (row,) = open_dataset(out).table("readings").to_pylist()
    (finding,) = (found for found in row["findings"] if found["x0_px"] is not None)
    assert finding["x0_px"] == (100 if orientation == "LF" else SIDE - 150)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("patient zenobia has consolidation", "patient's name"),
        ("known to Dr Overbeck", "person's name"),
        ("born 17 July 1943", "birth date"),
        ("compared with April 23rd 2019", "date"),
        ("record 88231906", "patient number"),
        ("record MRN 88231906", "patient number"),
        ("seen at Saint Ignatius Hospital", "institution"),
        ("accession acc55501234", "accession number"),
        ("unit SN 7730 4419", "device serial number"),
        ("note private note 5521", "private attribute"),
        (f"number {SUBJECT}", "folder name"),
    ],
)
def test_a_planted_leak_fails_the_build_without_being_repeated(
    tmp_path: Path, key: Path, gazekit: Run, words: str, kind: str
) -> None:
    source = reflacx(tmp_path / "in", words)
    out = tmp_path / "dataset"
    done = gazekit("build", source, "--out", out, "--key", key, "--workers", 1)
    assert done.code == 4
    assert re.search(kind, done.err)
    assert "data/sentences/train-00000-of-00001.parquet: text" in done.err
    assert not any(text.lower() in done.err.lower() for text in PLANTED)
    assert not out.exists()
    assert not out.with_name(".dataset.building").exists()
    assert ".dataset.units, beside the dataset's place" in done.err
    assert "--prune" in done.err


def test_parts_that_held_a_leak_go_when_the_source_is_mended(
    tmp_path: Path, key: Path, gazekit: Run
) -> None:
    arguments = ("--out", tmp_path / "dataset", "--key", key, "--workers", 1)
    assert gazekit("build", reflacx(tmp_path / "in", "Dr Overbeck"), *arguments).code == 4
    assert "Overbeck" in planted_in(tmp_path / ".dataset.units")
    shutil.rmtree(tmp_path / "in")
    mended = reflacx(tmp_path / "in", "consolidation")
    assert gazekit("build", mended, *arguments, "--prune").code == 0
    assert planted_in(tmp_path / ".dataset.units") == set()


def test_plain_speech_is_no_leak(tmp_path: Path, key: Path, gazekit: Run) -> None:
    words = "may 2019 M CR 1943 the patient has a chest radiograph of 4096 by 4096 dx pa saint"
    source = reflacx(tmp_path / "in", words)
    done = gazekit("build", source, "--out", tmp_path / "d", "--key", key, "--workers", 1)
    assert done.code == 0, done.err


def test_a_word_can_be_said_to_identify_nobody(tmp_path: Path, key: Path, gazekit: Run) -> None:
    source = reflacx(tmp_path / "in", "overbeck sign")
    arguments = ("build", source, "--out", tmp_path / "d", "--key", key, "--workers", 1)
    assert gazekit(*arguments).code == 4
    done = gazekit(*arguments, "--set", 'not_identifying=["Overbeck"]')
    assert done.code == 0, done.err


def recorded(folder: Path, *, image: str) -> Path:
    """Write a recording of the old Tobii SDK, an image named after its patient, a description."""
    folder.mkdir()
    columns = ["Time", "LGazePos2dx", "LGazePos2dy", "LEyePos3dz", "LPupilDm", "LValidity"]
    columns += ["RGazePos2dx", "RGazePos2dy", "REyePos3dz", "RPupilDm", "RValidity"]
    cells = (["0.5", "0.5", "650", "3.5", "0"]) * 2
    lines = ["\t".join(columns)]
    lines += ["\t".join([str(1_000_000 + 3333 * k), *cells]) for k in range(600)]
    (folder / "Quimby_Zenobia_1.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    plant(folder / "Quimby_Zenobia_1.dcm")
    (folder / "source.toml").write_text(
        f'[source]\nkind = "tobii_tsv"\n{SCREEN}'
        + "".join(
            f'\n[[reading]]\nrecording = "Quimby_Zenobia_1.tsv"\nimage = {json.dumps(name)}\n'
            f'reader = "R01"\nid = "reading-{index}"\npatient = "P1"\n'
            for index, name in enumerate(["Quimby_Zenobia_1.dcm", image])
        ),
        "utf-8",
    )
    return folder


def test_file_names_stay_outside_even_of_files_that_cannot_be_read(
    tmp_path: Path, gazekit: Run
) -> None:
    source = recorded(tmp_path / "in", image="Quimby_Zenobia_2.dcm")
    broken = source / "Quimby_Zenobia_2.dcm"
    broken.write_bytes((source / "Quimby_Zenobia_1.dcm").read_bytes()[:3000])
    done = gazekit("build", source, "--out", tmp_path / "d", "--workers", 1)
    assert done.code == 3, done.err
    assert planted_in(tmp_path / "d") == set()
    assert "Quimby" not in done.err


def test_a_recording_named_after_the_patient_cannot_name_the_reading(
    tmp_path: Path, gazekit: Run
) -> None:
    source = recorded(tmp_path / "in", image="Quimby_Zenobia_1.dcm")
    text = (source / "source.toml").read_text("utf-8")
    start = text.rindex("\n[[reading]]")
    (source / "source.toml").write_text(text[:start].replace('id = "reading-0"\n', ""), "utf-8")
    done = gazekit("build", source, "--out", tmp_path / "d", "--workers", 1)
    assert done.code == 4
    assert "reading_id" in done.err
    assert not (tmp_path / "d").exists()


def test_a_tracker_serial_stays_in_the_session(
    small_study: Path, tmp_path: Path, gazekit: Run
) -> None:
    layout = SessionLayout(min(StudyLayout(small_study).sessions.iterdir()))
    root = Path(shutil.copytree(layout.root, tmp_path / layout.root.name))
    record = read_session_record(root)
    tracker = msgspec.structs.replace(record.tracker, serial="SN-7730-4419")
    write_json(SessionLayout(root).session, msgspec.structs.replace(record, tracker=tracker))
    write_checksums(root)
    done = gazekit("build", root, "--out", tmp_path / "d", "--workers", 1)
    assert done.code in (0, 3), done.err
    assert planted_in(tmp_path / "d") == set()
    words = [msgspec.structs.replace(w, text="77304419") for w in read_words(root)[:1]]
    with SessionLayout(root).transcript.open("ab") as file:
        file.writelines(msgspec.json.encode(word) + b"\n" for word in words)
    write_checksums(root)
    done = gazekit("build", root, "--out", tmp_path / "d", "--workers", 1)
    assert done.code == 4
    assert "tracker serial" in done.err
    assert "7730" not in done.err
    assert gazekit("verify", tmp_path / "d").code == 0
