"""Does a key frame show where its sentence's gaze was?"""

from typing import Any

import numpy as np
import pytest

from gazekit.align import KeyframePlan, make_keyframe
from gazekit.align.fixations import FixationTable
from gazekit.model.records import ImageRecord

IMAGE = ImageRecord(
    image_id="img-1",
    sha256="0" * 64,
    width_px=800,
    height_px=1000,
    window_low=0.0,
    window_high=1.0,
    window_source="test",
    photometric="MONOCHROME2",
    bits_stored=12,
)


def _fixations(*places: tuple[float, float, int]) -> FixationTable:
    x, y, length = (np.array(column, float) for column in zip(*places, strict=True))
    offset = np.cumsum(length).astype(np.int64)
    one = np.ones(x.size)
    return FixationTable(
        onset_us=offset - length.astype(np.int64),
        offset_us=offset,
        x_px=x,
        y_px=y,
        screen_x_px=x,
        screen_y_px=y,
        sigma_x_px=one * 50,
        sigma_y_px=one * 50,
        dispersion_deg=one * 0.1,
        shown=one,
        view_index=np.zeros(x.size, np.int64),
        image_index=np.zeros(x.size, np.int64),
    )


def _keyframe(fixations: FixationTable) -> dict[str, Any]:
    return make_keyframe(
        fixations,
        np.arange(len(fixations)),
        fixations.offset_us - fixations.onset_us,
        image=IMAGE,
        origin_us=0,
        plan=KeyframePlan(),
    )


def test_the_heatmap_peaks_where_the_gaze_rested_longest() -> None:
    row = _keyframe(_fixations((200, 250, 300_000), (600, 750, 900_000)))
    grid = np.asarray(row["heatmap"]).reshape(32, 32)
    assert grid.dtype == np.uint8
    assert grid.max() == 255
    peak_y, peak_x = np.unravel_index(grid.argmax(), grid.shape)
    assert ((peak_x + 0.5) * 25, (peak_y + 0.5) * 31.25) == pytest.approx((600, 750), abs=30)


def test_the_centroid_is_weighted_by_duration() -> None:
    row = _keyframe(_fixations((200, 250, 300_000), (600, 750, 900_000)))
    assert row["centroid_x_px"] == pytest.approx(500.0)
    assert row["centroid_y_px"] == pytest.approx(625.0)


def test_the_box_bounds_half_the_maximum_of_one_fixation() -> None:
    row = _keyframe(_fixations((400, 500, 300_000)))
    half_width = 50 * np.sqrt(2 * np.log(2))
    box = [row[f"gaze_{name}_px"] for name in ("x0", "y0", "x1", "y1")]
    expected = [400 - half_width, 500 - half_width, 400 + half_width, 500 + half_width]
    assert box == pytest.approx(expected, abs=11)


def test_the_box_stays_inside_the_image() -> None:
    row = _keyframe(_fixations((2, 998, 300_000)))
    assert row["gaze_x0_px"] == 0.0
    assert row["gaze_y1_px"] == 1000.0


def test_clusters_are_places_in_the_order_of_the_first_look() -> None:
    near_and_back = _fixations((600, 700, 200_000), (200, 250, 300_000), (620, 720, 400_000))
    first, second = _keyframe(near_and_back)["clusters"]
    assert (first["n_fixations"], second["n_fixations"]) == (2, 1)
    assert (first["onset_us"], first["offset_us"], first["duration_us"]) == (0, 900_000, 600_000)
    weighted = (600 * 2 + 620 * 4) / 6, (700 * 2 + 720 * 4) / 6
    assert (first["centroid_x_px"], first["centroid_y_px"]) == pytest.approx(weighted)
    assert first["time_us"] == round((100_000 * 2 + 700_000 * 4) / 6)
    assert (second["onset_us"], second["time_us"], second["offset_us"]) == (
        200_000,
        350_000,
        500_000,
    )
    assert second["x0_px"] < 200 < second["x1_px"] < first["x0_px"] < 610 < first["x1_px"]


@pytest.mark.parametrize(("apart_px", "places"), [(95, 1), (105, 2)])
def test_two_degrees_part_one_place_from_another(apart_px: float, places: int) -> None:
    row = _keyframe(_fixations((300, 500, 200_000), (300 + apart_px, 500, 200_000)))
    assert len(row["clusters"]) == places


def test_a_fixation_that_began_before_the_window_counts_from_its_start() -> None:
    fixations = _fixations((400, 500, 400_000))
    row: dict[str, Any] = make_keyframe(
        fixations,
        np.arange(1),
        np.array([100_000]),
        image=IMAGE,
        origin_us=0,
        plan=KeyframePlan(),
        window_onset_us=300_000,
    )
    (cluster,) = row["clusters"]
    assert (cluster["onset_us"], cluster["offset_us"]) == (300_000, 400_000)
    assert row["gaze_time_us"] == 350_000
    assert list(row["fixation_onset_us"]) == [0]


def test_the_box_of_one_fixation_is_that_of_its_map() -> None:
    places = [(400, 500, 300_000), (5, 990, 300_000)]
    exact = _keyframe(_fixations(*places))["clusters"]
    half_width = 50 * np.sqrt(2 * np.log(2))
    assert exact[0]["x1_px"] - exact[0]["x0_px"] == pytest.approx(2 * half_width)
    assert (exact[1]["x0_px"], exact[1]["y1_px"]) == (0.0, 1000.0)
    for cluster, place in zip(exact, places, strict=True):
        row = _keyframe(_fixations(place))
        for name in ("x0_px", "y0_px", "x1_px", "y1_px"):
            assert cluster[name] == pytest.approx(row[f"gaze_{name}"], abs=1000 / 96)
