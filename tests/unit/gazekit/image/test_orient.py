"""Hanging: which radiographs are turned, and where their pixels and their gaze go."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from gazekit.image import read_image
from gazekit.model.errors import DataError
from gazekit.model.geometry import Affine
from gazekit.model.records import FindingRecord, ReadingRecord, ScreenRecord, ViewState
from gazekit.model.schemas import empty_table
from gazekit.read import GIVEN_FIXATIONS, ImageSource, ReadingInput, in_display_px

ROWS, COLUMNS = 72, 65


def grey(seed: int = 0) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 4096, (ROWS, COLUMNS)).astype(np.uint16)


@pytest.mark.parametrize(
    "orientation",
    ["LF", "RF", "LH", "RH", "FL", "FR", "HL", "HR", "AF", "PF", "AH", "FA"],
)
def test_every_stored_pixel_is_where_the_affine_says(
    film: Callable[..., Path], orientation: str
) -> None:
    stored = np.arange(ROWS * COLUMNS, dtype=np.uint16).reshape(ROWS, COLUMNS)
    image = read_image(film(stored, bits=16, PatientOrientation=list(orientation)))
    turn = Affine(*(image.record.source_to_display or (1, 0, 0, 0, 1, 0)))
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    x, y = turn.apply(columns + 0.5, rows + 0.5)
    shown = image.pixels[np.floor(y).astype(int), np.floor(x).astype(int)]
    np.testing.assert_array_equal(shown, stored)


@pytest.mark.parametrize(
    ("orientation", "left_on_the_right", "feet_down"),
    [("LF", True, True), ("RF", True, True), ("LH", True, True), ("FR", True, True)],
)
def test_frontal_images_hang_with_the_left_on_the_right(
    film: Callable[..., Path], orientation: str, left_on_the_right: Any, feet_down: Any
) -> None:
    stored = grey(1)
    image = read_image(film(stored, PatientOrientation=list(orientation)))
    a, b, _, d, e, _ = image.record.source_to_display or (1, 0, 0, 0, 1, 0)
    to_patient = {"L": (1, 0), "R": (-1, 0), "F": (0, 1), "H": (0, -1)}
    along, down = (np.array(to_patient[code]) for code in orientation)
    rightwards = a * along + b * down
    downwards = d * along + e * down
    assert (rightwards[0] == 1) == left_on_the_right
    assert (downwards[1] == 1) == feet_down


@pytest.mark.parametrize(
    "orientation", [None, ["L"], ["", ""], ["LF", "A"], ["X", "F"], ["L", "R"]]
)
def test_an_orientation_that_says_nothing_turns_nothing(
    film: Callable[..., Path], orientation: Any
) -> None:
    stored = grey(2)
    attributes = {} if orientation is None else {"PatientOrientation": orientation}
    image = read_image(film(stored, **attributes))
    np.testing.assert_array_equal(image.pixels, stored)
    assert image.record.source_to_display is None


def test_a_turned_image_has_its_spacing_turned_too(film: Callable[..., Path]) -> None:
    path = film(grey(), PatientOrientation=["F", "L"], ImagerPixelSpacing=["0.2", "0.1"])
    record = read_image(path).record
    assert (record.width_px, record.height_px) == (ROWS, COLUMNS)
    assert record.pixel_spacing_mm == (0.1, 0.2)
    assert record.pixel_aspect == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("attributes", "aspect"),
    [
        ({"ImagerPixelSpacing": ["0.2", "0.1"]}, 2.0),
        ({"PixelAspectRatio": ["3", "4"]}, 0.75),
        ({"ImagerPixelSpacing": ["0.2", "0.2"]}, None),
        ({"PixelAspectRatio": ["1", "1"]}, None),
        ({"PixelAspectRatio": ["0", "1"]}, None),
        ({"PixelSpacing": ["0", "0"], "PixelAspectRatio": ["3", "2"]}, 1.5),
        ({}, None),
    ],
)
def test_pixels_that_are_not_square_stay_and_are_recorded(
    film: Callable[..., Path], attributes: Any, aspect: Any
) -> None:
    stored = grey(3)
    image = read_image(film(stored, **attributes))
    np.testing.assert_array_equal(image.pixels, stored)
    assert image.record.pixel_aspect == (aspect and pytest.approx(aspect))


def test_for_processing_is_refused_in_one_line(film: Callable[..., Path]) -> None:
    path = film(grey(), PresentationIntentType="FOR PROCESSING")
    with pytest.raises(DataError, match=r"^film.dcm: the image is FOR PROCESSING.*FOR PRESENT"):
        read_image(path)


def test_gaze_that_was_given_on_the_file_follows_the_turn(film: Callable[..., Path]) -> None:
    path = film(grey(4), PatientOrientation=["R", "F"])
    record = read_image(path).record
    fixation = dict.fromkeys(GIVEN_FIXATIONS.names, 0) | {"x_px": 10.0, "y_px": 20.0}
    fixation |= {"sigma_x_px": 5.0, "sigma_y_px": 7.0}
    reading = ReadingInput(
        reading=ReadingRecord(
            reading_id="r", reader_id="R01", image_id=record.image_id, onset_us=0, offset_us=9,
            outcome="complete",
        ),
        source="reflacx",
        source_sha256="",
        screen=ScreenRecord(
            width_px=100, height_px=100, width_mm=10, height_mm=10, distance_mm=50
        ),
        samples=empty_table("samples"),
        views=(ViewState(time_us=0, image_to_screen=(2, 0, 7, 0, 2, 9)),),
        image=ImageSource(record, path, stored=False, gaze_in_file=True),
        simulated=False,
        findings=(
            FindingRecord(
                reading_id="r", label="Nodule", assertion="present", origin="human",
                x0_px=5, y0_px=6, x1_px=15, y1_px=26,
            ),
        ),
        fixations=pa.Table.from_pylist([fixation], schema=GIVEN_FIXATIONS),
    )  # fmt: skip
    shown = in_display_px(reading)
    assert shown.fixations is not None
    assert shown.fixations.column("x_px").to_pylist() == [COLUMNS - 10.0]
    assert shown.fixations.column("y_px").to_pylist() == [20.0]
    assert shown.fixations.column("sigma_x_px").to_pylist() == [5.0]
    box = shown.findings[0]
    assert (box.x0_px, box.y0_px, box.x1_px, box.y1_px) == (COLUMNS - 15, 6, COLUMNS - 5, 26)
    # The same point of the screen: stored (10, 20) was drawn at (2 * 10 + 7, 2 * 20 + 9).
    x, y = Affine(*(shown.views[0].image_to_screen or ())).undo(27, 49)
    assert (float(x), float(y)) == (COLUMNS - 10.0, 20.0)
