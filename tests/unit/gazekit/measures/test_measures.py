"""Do the measures of regions give what a hand counts on a few fixations?"""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.measures import coverage, dwell, membership, transitions
from gazekit.model.errors import DataError

SIZE = (200.0, 100.0)
LEFT, RIGHT = (0, 0, 100, 100), (100, 0, 200, 100)
BOXES = {"left": LEFT, "right": RIGHT}


def _table(*rows: tuple[str, int, int, float, float]) -> pa.Table:
    names = ("reading_id", "onset_us", "duration_us", "x_px", "y_px")
    columns = {n: list(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)}
    return pa.table({**columns, "sigma_x_px": [10.0] * len(rows), "sigma_y_px": [10.0] * len(rows)})


FIXATIONS = _table(
    ("a", 300, 40, 150, 50),  # right; stands out of order
    ("a", 0, 100, 50, 50),  # left
    ("a", 100, 50, 20, 20),  # left
    ("a", 200, 80, 250, 50),  # off the image
    ("a", 400, 30, 10, 10),  # left
    ("b", 0, 70, math.nan, 50),  # nowhere
)


def test_dwell_by_hand() -> None:
    left, right, b_left, b_right = dwell(FIXATIONS, BOXES, size_px=SIZE).to_pylist()
    assert left == {
        "reading_id": "a",
        "region": "left",
        "n_fixations": 3,
        "dwell_us": 180,
        "dwell_share": pytest.approx(180 / 300),
        "first_onset_us": 0,
        "visits": 2,
        "first_visit_us": 150,
    }
    assert (right["first_onset_us"], right["visits"], right["dwell_us"]) == (300, 1, 40)
    for never in (b_left, b_right):
        assert never["first_onset_us"] is None
        assert never["first_visit_us"] is None
        assert (never["visits"], never["dwell_us"], never["dwell_share"]) == (0, 0, 0)


def test_transitions_by_hand() -> None:
    found = transitions(FIXATIONS, BOXES, size_px=SIZE).to_pylist()
    assert [(r["reading_id"], r["from_region"], r["to_region"], r["count"]) for r in found] == [
        ("a", "left", None, 1),
        ("a", None, "right", 1),
        ("a", "right", "left", 1),
    ]


def test_a_fixation_in_two_regions_belongs_to_the_first_in_transitions() -> None:
    regions = {"inner": (40, 40, 60, 60), "left": LEFT}
    found = transitions(FIXATIONS, regions, size_px=SIZE).to_pylist()
    assert (found[0]["from_region"], found[0]["to_region"]) == ("inner", "left")


def test_a_coarse_mask_is_the_box_that_it_draws() -> None:
    mask = np.array([[True, False]])
    masked = membership(FIXATIONS, {"m": mask, "box": LEFT}, size_px=SIZE)
    assert masked[:, 0].tolist() == masked[:, 1].tolist() == [False, True, True, False, True, False]


def test_edges_belong_to_the_box_at_their_right_and_below() -> None:
    edge = _table(("a", 0, 1, 100.0, 0.0), ("a", 1, 1, 0.0, 100.0))
    assert membership(edge, BOXES, size_px=SIZE).tolist() == [[False, True], [False, False]]


def test_coverage_of_one_disc() -> None:
    one = _table(("a", 0, 100, 50.0, 50.0))
    found = coverage(one, BOXES, size_px=SIZE, radius_deg=4, grid=(500, 1000)).to_pylist()
    assert found[0]["coverage"] == pytest.approx(math.pi * 40**2 / 100**2, abs=2e-3)
    assert found[1]["coverage"] == 0


def test_coverage_counts_no_cell_twice_and_none_without_gaze() -> None:
    twice = _table(("a", 0, 100, 50.0, 50.0), ("a", 100, 100, 50.0, 50.0), ("b", 0, 1, math.nan, 1))
    found = coverage(twice, BOXES, size_px=SIZE, radius_deg=4, grid=(500, 1000)).to_pylist()
    assert found[0]["coverage"] == pytest.approx(math.pi * 40**2 / 100**2, abs=2e-3)
    assert [row["coverage"] for row in found[2:]] == [0, 0]
    nothing = coverage(twice, {"none": np.zeros((4, 4))}, size_px=SIZE)
    assert math.isnan(nothing.column("coverage")[0].as_py())


@given(st.lists(st.tuples(st.floats(-20, 220), st.floats(-20, 120)), min_size=1, max_size=30))
def test_shares_add_up(places: list[tuple[float, float]]) -> None:
    table = _table(*[("a", i * 10, 10, x, y) for i, (x, y) in enumerate(places)])
    rows = dwell(table, BOXES, size_px=SIZE).to_pylist()
    on_image = [(0 <= x < 200) and (0 <= y < 100) for x, y in places]
    assert sum(r["dwell_us"] for r in rows) == 10 * sum(on_image)
    near = coverage(table, BOXES, size_px=SIZE, radius_deg=1, grid=(20, 40)).to_pylist()
    far = coverage(table, BOXES, size_px=SIZE, radius_deg=3, grid=(20, 40)).to_pylist()
    assert all(n["coverage"] <= f["coverage"] <= 1 for n, f in zip(near, far, strict=True))


def test_no_fixations_and_no_regions_make_empty_tables() -> None:
    assert dwell(FIXATIONS[:0], BOXES, size_px=SIZE).num_rows == 0
    assert transitions(FIXATIONS, {}, size_px=SIZE).num_rows == 0
    assert coverage(FIXATIONS, {}, size_px=SIZE).num_rows == 0


def test_what_is_no_region_or_no_table_of_fixations_is_named() -> None:
    with pytest.raises(DataError, match="region odd: a region is neither a box nor a mask"):
        dwell(FIXATIONS, {"odd": [1, 2, 3]}, size_px=SIZE)
    with pytest.raises(DataError, match="expected x_px"):
        membership(FIXATIONS.drop_columns(["x_px"]), BOXES, size_px=SIZE)
