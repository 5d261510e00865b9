"""Do the invented REFLACX readings come out with exactly the values that were written down?"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from gazekit.deid import PassingPseudonyms
from gazekit.model.errors import GazekitError, UsageError
from gazekit.model.geometry import ViewTrack
from gazekit.model.records import ImageRecord
from gazekit.read import Catalogue, ReadingInput
from gazekit.read.places import published_table
from gazekit.read.reflacx import ReflacxSource, is_reflacx, reflacx_sources
from gazekit.read.reflacx_gaze import read_gaze

READING = "P300R000001"
FULL = "0,0,2540,3050,1020,0,2819,2160"
ZOOM = "600,400,1980,1582,660,0,3180,2160"
HEADER = (
    "timestamp_sample,x_position,y_position,pupil_area_normalized,"
    "angular_resolution_x_pixels_per_degree,angular_resolution_y_pixels_per_degree,"
    "window_width,window_level,xmin_shown_from_image,ymin_shown_from_image,"
    "xmax_shown_from_image,ymax_shown_from_image,xmin_in_screen_coordinates,"
    "ymin_in_screen_coordinates,xmax_in_screen_coordinates,ymax_in_screen_coordinates"
)


@pytest.fixture
def root(formats: Path, tmp_path: Path) -> Path:
    """Copy the dataset, to damage it."""
    return shutil.copytree(formats / "reflacx", tmp_path / "reflacx")


def _open(root: Path, images: Path | None) -> tuple[ReflacxSource, Catalogue]:
    (source,) = reflacx_sources(root, images=images, pseudonyms=PassingPseudonyms())
    return source, source.catalogue()


def _read(root: Path, images: Path) -> ReadingInput:
    source, catalogue = _open(root, images)
    (reading,) = source.load([READING], catalogue)
    return reading


def _gaze(root: Path, *rows: str) -> None:
    text = "\r\n".join([HEADER, *rows, ""])
    (root / "gaze_data" / READING / "gaze.csv").write_bytes(text.encode())


def test_it_is_known_by_its_columns_whatever_the_folder_is_called(
    root: Path, formats: Path, tmp_path: Path
) -> None:
    assert is_reflacx(root)
    assert is_reflacx(root / "main_data")
    assert is_reflacx(root.rename(tmp_path / "other"))
    assert not is_reflacx(formats / "egd-cxr")
    assert not is_reflacx(tmp_path / "nothing")


def test_samples_come_out_at_their_place_in_the_image(root: Path, images: Path) -> None:
    reading = _read(root, images)
    samples = reading.samples
    assert samples.column("time_us").to_pylist() == [-212_000 + 1000 * k for k in range(8)]
    x, y, _ = ViewTrack(reading.views).to_image(
        samples.column("time_us").to_numpy(),
        samples.column("left_x_px").to_numpy(),
        samples.column("left_y_px").to_numpy(),
    )
    lost = [k in {3, 4} for k in range(8)]
    np.testing.assert_allclose(x, np.where(lost, np.nan, 1300 + np.arange(8)), atol=1e-9)
    np.testing.assert_allclose(y, np.where(lost, np.nan, 1510 - np.arange(8)), atol=1e-9)
    assert np.isnan(samples.column("right_x_px").to_numpy()).all()
    assert np.isnan(samples.column("left_pupil_mm").to_numpy()).all()


def test_degrees_are_those_that_each_sample_tells(root: Path, images: Path) -> None:
    told = _read(root, images).px_per_deg
    assert told is not None
    along_x = told.column("x_px_per_deg").to_numpy()
    assert along_x[0] == pytest.approx(141 * 1799 / 2540, rel=1e-6)
    assert np.isnan(along_x[[3, 4]]).all()


def test_each_change_of_the_rectangle_is_a_view(root: Path, images: Path) -> None:
    _gaze(
        root,
        f"0.000,1290,991,1.0,141,141,0.9,0.5,{FULL}",
        f"0.001,1290,991,1.0,141,141,0.9,0.5,{FULL}",
        f"0.002,1290,991,1.0,55,55,0.9,0.5,{ZOOM}",
        f"0.003,,,,,,0.9,0.5,{ZOOM}",
        f"0.004,-310,2966,1.0,55,55,0.9,0.4,{ZOOM}",
    )
    reading = _read(root, images)
    assert [view.time_us for view in reading.views] == [0, 2000, 4000]
    assert reading.views[1].clip_px == (660.0, 0.0, 3180.0, 2160.0)
    x = reading.samples.column("left_x_px").to_numpy()
    assert x[2] == pytest.approx(1920.0)  # the middle of the zoomed rectangle, on the screen
    assert x[0] == pytest.approx((1290 - 0) * 1799 / 2540 + 1020)
    back = ViewTrack(reading.views).to_image(
        reading.samples.column("time_us").to_numpy(),
        x,
        reading.samples.column("left_y_px").to_numpy(),
    )[0]
    assert back[4] == pytest.approx(-310)  # off the image, and kept


@pytest.mark.parametrize(
    ("modality", "low", "high"), [("DX", 0.05 * 4095, 0.95 * 4095), (None, None, None)]
)
def test_the_grey_window_is_told_for_the_dicom_file_alone(
    root: Path, tmp_path: Path, modality: str | None, low: float | None, high: float | None
) -> None:
    path = tmp_path / "gaze.csv"
    path.write_text(f"{HEADER}\n0.0,1,1,1,1,1,0.9,0.5,{FULL}\n", "utf-8")
    record = ImageRecord(
        image_id="img-1",
        sha256="",
        width_px=2540,
        height_px=3050,
        window_low=0.0,
        window_high=4095.0,
        window_source="dicom_window",
        photometric="MONOCHROME2",
        bits_stored=12,
        modality=modality,
    )
    (view,) = read_gaze(published_table(path), record, reading_id=READING).views
    assert (view.window_low, view.window_high) == (
        (None, None) if low is None else (pytest.approx(low), pytest.approx(high))
    )


def test_words_are_words_and_only_real_times_are_times(root: Path, images: Path) -> None:
    words = [(w.text, w.onset_us, w.offset_us) for w in _read(root, images).words]
    assert words == [
        ("none", 900_000, 1_200_000),
        ("acute", None, None),
        ("fracture", 1_200_000, 1_750_000),
        (".", 1_750_000, 2_100_000),
    ]


def test_findings_keep_certainty_and_ellipses_their_place(root: Path, images: Path) -> None:
    findings = _read(root, images).findings
    whole = {f.label: (f.assertion, f.certainty) for f in findings if f.shape is None}
    assert whole["Consolidation"] == ("present", 4)
    assert whole["Support devices"] == ("present", None)
    assert whole["Pneumothorax"] == ("absent", 0)
    assert len(whole) == 15
    placed = [f for f in findings if f.shape == "ellipse"]
    assert {f.label for f in placed} == {"Consolidation", "Atelectasis"}
    assert {(f.x0_px, f.y0_px, f.x1_px, f.y1_px) for f in placed} == {(300, 900, 900, 1600)}
    (chest,) = (f for f in findings if f.shape == "box")
    assert (chest.x0_px, chest.y0_px, chest.x1_px, chest.y1_px) == (-12, 240, 2440, 2750)
    assert {f.origin for f in findings} == {"human"}


def test_three_is_present_and_two_is_not(root: Path, images: Path) -> None:
    table = root / "main_data" / "metadata_phase_3.csv"
    table.write_bytes(table.read_bytes().replace(b",4,4,0,0,", b",3,2,0,0,"))
    findings = {f.label: f for f in _read(root, images).findings if f.shape is None}
    assert findings["Atelectasis"].assertion == "present"
    assert findings["Consolidation"].assertion == "absent"
    assert findings["Consolidation"].certainty == 2


def test_a_phase_1_reading_has_phase_1_labels_and_free_ones(root: Path, images: Path) -> None:
    table = root / "main_data" / "metadata_phase_1.csv"
    table.write_bytes(table.read_bytes().replace(b",validate,True,", b",train,False,"))
    for part in ("main_data", "gaze_data"):
        shutil.copytree(root / part / READING, root / part / "P102R000002", dirs_exist_ok=True)
    source, catalogue = _open(root, images)
    (reading,) = source.load(["P102R000002"], catalogue)
    labels = {f.label for f in reading.findings if f.shape is None}
    assert {"Other: old rib deformity", "Other: tortuous aorta", "Mass"} <= labels
    assert "Hiatal hernia" not in labels
    assert catalogue.splits == {"P102R000002": "train", READING: "train"}


def test_a_discarded_case_is_left_out_by_its_flag(root: Path, images: Path) -> None:
    (root / "gaze_data" / "P102R000002").mkdir(exist_ok=True)
    _, catalogue = _open(root, images)
    assert [(e.unit_id, e.reason) for e in catalogue.excluded] == [
        ("P102R000002", "gaze_discarded")
    ]


def test_the_official_split_and_the_span_are_kept(root: Path, images: Path) -> None:
    _, catalogue = _open(root, images)
    (reading,) = catalogue.readings
    assert catalogue.splits == {READING: "train"}
    table = root / "main_data" / "metadata_phase_3.csv"
    table.write_bytes(table.read_bytes().replace(b",train,", b",validate,"))
    assert _open(root, images)[1].splits == {READING: "validation"}
    assert (reading.onset_us, reading.offset_us) == (-212_000, -204_000)


def test_a_reading_without_its_image_is_left_out_and_told_how_to_give_it(root: Path) -> None:
    _, catalogue = _open(root, None)
    missing = [e for e in catalogue.excluded if e.reason == "image_missing"]
    assert [e.unit_id for e in missing] == [READING]
    assert "--images FOLDER" in missing[0].detail


def test_an_image_of_another_size_is_refused(root: Path, images: Path) -> None:
    table = root / "main_data" / "metadata_phase_3.csv"
    table.write_bytes(table.read_bytes().replace(b",2540,3050,", b",512,512,"))
    _, catalogue = _open(root, images)
    assert any("512 x 512" in e.detail for e in catalogue.excluded)


def test_without_gaze_the_fixations_stand_and_their_end_includes_the_last_sample(
    root: Path, images: Path
) -> None:
    shutil.rmtree(root / "gaze_data")
    reading = _read(root, images)
    assert reading.source == "reflacx_fixations"
    assert reading.samples.num_rows == 0
    given = reading.fixations
    assert given is not None
    assert given.column("onset_us").to_pylist() == [-212_000, 190_000, 1_040_000, 1_760_000]
    assert given.column("offset_us").to_pylist() == [149_000, 612_000, 1_703_000, 1_931_000]
    assert given.column("x_px").to_pylist() == [1301, 890, 1402, -310]
    assert given.column("y_px").to_pylist() == [1510, 1203, 955, 2966]
    assert given.column("sigma_x_px").to_pylist() == [141, 141, 55, 141]
    assert given.column("shown").to_pylist() == [1, 1, 1, 0]


def test_no_identifier_of_the_patient_comes_out(root: Path, images: Path) -> None:
    source, catalogue = _open(root, images)
    (reading,) = source.load([READING], catalogue)
    records = [catalogue.readings, reading.reading, reading.image.record, reading.views]
    records += [catalogue.excluded, reading.events, reading.words, reading.findings]
    for number in ("19999999", "59999999", "00000000-11111111"):
        assert number not in repr(records)


def test_without_a_key_nothing_is_read(root: Path) -> None:
    with pytest.raises(UsageError, match="--key FILE"):
        reflacx_sources(root)


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        (["0.0,1,x,1,1,1,.9,.5," + FULL], "row 2, column y_position"),
        (["0.0,1,1,1,1,1,.9,.5," + FULL, "1.0,1"], "row 3"),
        (["nan,1,1,1,1,1,.9,.5," + FULL], "column timestamp_sample"),
        (
            ["0.2,1,1,1,1,1,.9,.5," + FULL, "0.1,1,1,1,1,1,.9,.5," + FULL],
            "row 3, column timestamp_sample",
        ),
        (["0.0,1,1,1,1,1,.9,.5,0,0,0,9,0,0,9,9"], "row 2, column xmax_shown_from_image"),
        (["0.0,1,1,1,1,1,.9,.5,0,0,,9,0,0,9,9"], "row 2, column xmax_shown_from_image"),
    ],
    ids=["no number", "cut", "no time", "back", "empty rectangle", "no rectangle"],
)
def test_a_fault_in_the_gaze_is_named_by_file_row_and_column(
    root: Path, images: Path, rows: list[str], where: str
) -> None:
    _gaze(root, *rows)
    source, catalogue = _open(root, images)
    try:
        list(source.load([r.reading_id for r in catalogue.readings], catalogue))
        said = " ".join(e.detail for e in catalogue.excluded)
    except GazekitError as error:
        said = str(error)
    assert f"{READING}/gaze.csv" in said
    assert where in said


def test_a_patient_in_two_splits_is_left_out_of_the_second(root: Path, images: Path) -> None:
    table = root / "main_data" / "metadata_phase_1.csv"
    table.write_bytes(table.read_bytes().replace(b",validate,True,", b",validate,False,"))
    _, catalogue = _open(root, images)
    details = {e.unit_id: e.detail for e in catalogue.excluded}
    assert "metadata_phase_3.csv, row 2, column split" in details[READING]
    assert "P102R000002/fixations.csv: no such file" in details["P102R000002"]


def test_rows_of_one_id_are_both_left_out(root: Path, images: Path) -> None:
    table = root / "main_data" / "metadata_phase_3.csv"
    head, row = table.read_bytes().splitlines()
    table.write_bytes(b"\r\n".join([head, row, row, b""]))
    _, catalogue = _open(root, images)
    assert catalogue.readings == ()
    twice = [e.detail for e in catalogue.excluded if "column id" in e.detail]
    assert len(twice) == 2
    assert "metadata_phase_3.csv, row 3" in twice[1]


def test_words_that_are_not_the_transcript_are_refused(root: Path, images: Path) -> None:
    (root / "main_data" / READING / "transcription.txt").write_text("none acute fract", "utf-8")
    with pytest.raises(GazekitError, match=r"P300R000001/transcription.txt"):
        _read(root, images)


def test_an_image_that_does_not_decode_is_left_out_without_its_number(
    root: Path, tmp_path: Path
) -> None:
    name = "00000000-11111111-22222222-33333333-44444444.dcm"
    (tmp_path / name).write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 64)
    _, catalogue = _open(root, tmp_path)
    (found,) = (e for e in catalogue.excluded if e.reason == "image_undecodable")
    assert found.unit_id == READING
    assert name[:17] not in found.detail
