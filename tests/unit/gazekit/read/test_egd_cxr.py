"""Do the invented EGD-CXR readings come out with exactly the values that were written down?"""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from gazekit.deid import PassingPseudonyms
from gazekit.model.errors import DataError
from gazekit.model.records import ImageRecord
from gazekit.read import Catalogue, ReadingInput
from gazekit.read.egd_cxr import EgdSource, egd_sources, is_egd
from gazekit.read.egd_gaze import Canvas, Pads
from gazekit.read.egd_words import read_words

DICOM_ID = "00000000-11111111-22222222-33333333-44444444"


@pytest.fixture
def root(formats: Path, tmp_path: Path) -> Path:
    """Copy the dataset, to damage it."""
    return shutil.copytree(formats / "egd-cxr", tmp_path / "egd")


def _open(root: Path, images: Path | None) -> tuple[EgdSource, Catalogue]:
    (source,) = egd_sources(root, images=images, pseudonyms=PassingPseudonyms())
    return source, source.catalogue()


def _read(root: Path, images: Path) -> ReadingInput:
    source, catalogue = _open(root, images)
    (reading,) = source.load([r.reading_id for r in catalogue.readings], catalogue)
    return reading


def _image(width: int, height: int) -> ImageRecord:
    return ImageRecord(
        image_id="img-1",
        sha256="",
        width_px=width,
        height_px=height,
        window_low=0.0,
        window_high=1.0,
        window_source="",
        photometric="MONOCHROME2",
        bits_stored=8,
    )


def test_it_is_known_by_its_columns(root: Path, formats: Path) -> None:
    assert is_egd(root)
    assert not is_egd(formats / "reflacx")


def test_raw_gaze_is_bpog_where_valid(root: Path, images: Path) -> None:
    samples = _read(root, images).samples
    np.testing.assert_allclose(
        samples.column("time_us").to_numpy() / 1e6, np.arange(6) / 60, atol=1e-5
    )
    x = [0.44 + 0.001 * k for k in range(6)]
    expected = [math.nan if k in {3, 4} else 1920 * x[k] for k in range(6)]
    np.testing.assert_allclose(samples.column("left_x_px").to_numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(
        samples.column("left_y_px").to_numpy()[[0, 1, 2, 5]], 0.36 * 1080, atol=1e-6
    )
    assert samples.column("left_pupil_mm").to_numpy()[0] == pytest.approx(3.5)
    assert samples.column("right_pupil_mm").to_numpy()[0] == pytest.approx(3.6)


def test_the_view_is_the_published_mapping(root: Path, images: Path) -> None:
    reading = _read(root, images)
    (view,) = reading.views
    a, _, c, _, e, f = view.image_to_screen or (0.0,) * 6
    x = (0.44 * 1920 - c) / a
    y = (0.36 * 1080 - f) / e
    line = (root / "eye_gaze.csv").read_text("utf-8").splitlines()[1].split(",")
    assert (math.floor(x), math.floor(y)) == (int(line[-2]), int(line[-1]))


def test_a_canvas_of_1024_is_stretched_over_the_screen() -> None:
    image = _image(2048, 2500)
    width = round(2048 * 1024 / 2500)
    left = (1920 - width) // 2
    canvas = Canvas.of(Pads(0, 0, left, 1920 - width - left), image, where="")
    assert (canvas.height_px, canvas.expected) == (1024, True)
    x, y = canvas.view.undo(1920 / 2, 1080)
    assert float(y) == pytest.approx(2500)
    assert float(x) == pytest.approx(1024, abs=3)


@pytest.mark.parametrize(("width", "height"), [(2539, 3049), (2540, 3050)])
def test_odd_images_are_mapped_as_the_even_ones_that_they_were_padded_to(
    width: int, height: int
) -> None:
    canvas = Canvas.of(Pads(0, 0, 510, 511), _image(width, height), where="")
    x, y = canvas.view.undo(1920 - 511, 1080)
    np.testing.assert_allclose([float(x), float(y)], [2540, 3050])


def test_another_canvas_is_told_and_used(root: Path, images: Path) -> None:
    master = root / "master_sheet.csv"
    text = master.read_text("utf-8").replace(",0,0,510,511,", ",40,40,510,511,")
    master.write_text(text, "utf-8")
    reading = _read(root, images)
    assert [e.value["px"] for e in reading.events if e.kind == "canvas_height"] == [1160]


def test_fixations_are_the_valid_ones_and_off_image_ones_stay(root: Path, images: Path) -> None:
    (root / "eye_gaze.csv").unlink()
    reading = _read(root, images)
    assert reading.source == "egd_cxr_fixations"
    given = reading.fixations
    assert given is not None
    assert given.column("onset_us").to_pylist() == [20_000, 550_000]
    assert given.column("offset_us").to_pylist() == [510_000, 950_000]
    assert given.column("shown").to_pylist() == [1, 0]
    assert given.column("x_px").to_pylist()[0] == pytest.approx((0.44 * 1920 - 510) * 2540 / 899)
    assert given.column("x_px").to_pylist()[1] < 0  # -1, -2 or any other: never clipped


def test_records_of_the_calibration_image_are_no_reading_but_a_check(
    root: Path, images: Path
) -> None:
    before = _read(root, images)
    assert before.accuracy_deg is None  # the disc was shown later
    table = root / "fixations.csv"
    lines = table.read_text("utf-8").splitlines()
    cells = lines[3].split(",")
    assert len(cells[2]) == 39
    cells[5] = "699000000000.0"
    table.write_text("\n".join([*lines[:3], ",".join(cells), ""]), "utf-8")
    reading = _read(root, images)
    offset_px = math.hypot(0.506 * 1920 - 960, 0.491 * 1080 - 540)
    assert reading.accuracy_deg == pytest.approx(
        math.degrees(math.atan(offset_px * 476.6 / 1920 / 650)), rel=0.01
    )
    _, catalogue = _open(root, images)
    assert len(catalogue.readings) == 1
    assert catalogue.excluded == ()


def test_phrases_lend_only_the_times_that_they_state(root: Path, images: Path) -> None:
    words = [(w.text, w.onset_us, w.offset_us) for w in _read(root, images).words]
    assert words == [
        ("patchy", 400_000, None),
        ("opacity", None, 1_300_000),
        ("at", 1_300_000, None),
        ("the", None, None),
        ("left", None, None),
        ("base.", None, 2_600_000),
        ("no", None, None),
        ("effusion", 2_600_000, 3_100_000),
    ]


def test_several_full_stops_in_a_phrase_bound_the_sentence_between(tmp_path: Path) -> None:
    path = tmp_path / "transcript.json"
    phrases = [{"phrase": " Clear. No effusion. Heart", "begin_time": 1.0, "end_time": 2.0}]
    path.write_text(json.dumps({"full_text": "", "time_stamped_text": phrases}), "utf-8")
    words = [(w.text, w.onset_us, w.offset_us) for w in read_words(path, "r")]
    assert words == [
        ("Clear.", 1_000_000, 2_000_000),
        ("No", 1_000_000, None),
        ("effusion.", None, 2_000_000),
        ("Heart", 1_000_000, 2_000_000),
    ]
    path.write_text('{"full_text": "", "time_stamped_text": []}', "utf-8")
    assert list(read_words(path, "r")) == []


def test_labels_and_boxes_stand_as_published(root: Path, images: Path) -> None:
    findings = _read(root, images).findings
    labels = {f.label: (f.assertion, f.origin) for f in findings if f.shape is None}
    assert labels == {
        "No Finding": ("absent", "unstated"),
        "CHF": ("absent", "unstated"),
        "Pneumonia": ("present", "unstated"),
        "Consolidation": ("present", "text"),
    }
    boxes = {f.label: (f.x0_px, f.y0_px, f.x1_px, f.y1_px) for f in findings if f.shape}
    assert boxes == {
        "left lung": (1400, 400, 2300, 2500),
        "cardiac silhouette": (900, 1500, 1900, 2400),
    }


def test_images_of_a_session_are_ordered_by_ticks_and_each_starts_at_zero(
    root: Path, images: Path
) -> None:
    other = DICOM_ID.replace("4", "5")
    shutil.copy(next(images.rglob("*.png")), root / f"{other}.png")
    master = root / "master_sheet.csv"
    lines = master.read_text("utf-8").splitlines()
    master.write_text("\n".join([*lines, lines[1].replace(DICOM_ID, other), ""]), "utf-8")
    table = root / "eye_gaze.csv"
    head, *rows = table.read_text("utf-8").splitlines()
    earlier = [
        row.replace(DICOM_ID, other).replace(",70000", ",60000").replace("1,0,", "1,7,", 1)
        for row in rows
    ]
    table.write_text("\n".join([head, *rows, *earlier, ""]), "utf-8")
    source, catalogue = _open(root, images)
    assert [r.order for r in catalogue.readings] == [0, 1]
    first, second = source.load([r.reading_id for r in catalogue.readings], catalogue)
    assert first.reading.reading_id.endswith(source.pseudonyms("image", other)[4:])
    assert second.samples.column("time_us").to_pylist()[0] == 0


def test_rows_of_one_image_that_stand_apart_are_joined(root: Path, images: Path) -> None:
    table = root / "eye_gaze.csv"
    head, *rows = table.read_text("utf-8").splitlines()
    stranger = rows[0].replace(DICOM_ID, "x" * 44)
    table.write_text("\n".join([head, *rows[:3], stranger, *rows[3:], ""]), "utf-8")
    source, catalogue = _open(root, images)
    (reading,) = source.load([r.reading_id for r in catalogue.readings], catalogue)
    assert reading.samples.num_rows == 6
    (unknown,) = catalogue.excluded
    assert "eye_gaze.csv, row 5, column DICOM_ID" in unknown.detail


def test_the_published_place_must_fit_the_image(root: Path, images: Path) -> None:
    table = root / "eye_gaze.csv"
    lines = table.read_text("utf-8").splitlines()
    wrong = [",".join([*line.split(",")[:-2], "99", "99"]) for line in lines[1:]]
    table.write_text("\n".join([lines[0], *wrong, ""]), "utf-8")
    with pytest.raises(DataError, match=r"eye_gaze.csv, row 2, column X_ORIGINAL"):
        _read(root, images)


def test_time_that_goes_back_is_named(root: Path, images: Path) -> None:
    table = root / "eye_gaze.csv"
    head, first, second, *rest = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([head, second, first, *rest, ""]), "utf-8")
    with pytest.raises(DataError, match=r"eye_gaze.csv, row 3, column Time"):
        _read(root, images)


def test_no_identifier_of_the_patient_comes_out(root: Path, images: Path) -> None:
    source, catalogue = _open(root, images)
    (reading,) = source.load([r.reading_id for r in catalogue.readings], catalogue)
    records = [catalogue.readings, reading.reading, reading.image.record, reading.findings]
    records += [catalogue.excluded, reading.events, reading.words, reading.views]
    for number in ("19999999", "59999999", "00000000-11111111", "30000001"):
        assert number not in repr(records)


def test_an_image_with_two_rows_in_the_master_sheet_is_left_out(root: Path, images: Path) -> None:
    master = root / "master_sheet.csv"
    lines = master.read_text("utf-8").splitlines()
    master.write_text("\n".join([*lines, lines[1], ""]), "utf-8")
    _, catalogue = _open(root, images)
    (found,) = catalogue.excluded
    assert "master_sheet.csv, row 3, column dicom_id" in found.detail
    assert catalogue.readings == ()


def test_a_transcript_decides_its_reading_and_no_image(root: Path, images: Path) -> None:
    (source,) = egd_sources(root, images=images, pseudonyms=PassingPseudonyms())
    before = source.catalogue()
    (reading,) = before.readings
    path = root / "audio_segmentation_transcripts" / DICOM_ID / "transcript.json"
    path.write_bytes(path.read_bytes() + b"\n")
    after = source.catalogue()
    assert before.hash_of(reading.reading_id) != after.hash_of(reading.reading_id)
    assert before.hash_of_image(reading.image_id) == after.hash_of_image(reading.image_id)
    assert before.hash_of("another") != before.hash_of(reading.reading_id)
