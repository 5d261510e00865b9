"""The heatmap kernel equals a sum written out by hand, sums to one, and respects what was shown."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.heatmap import heatmap_to_uint8, render_heatmap, uint8_to_heatmap

SIZE = (900.0, 1200.0)


def brute_force(fixations: NDArray[np.float64], grid: tuple[int, int]) -> NDArray[np.float64]:
    """Sum the Gaussians cell by cell; rows of x, y, weight, sigma_x, sigma_y, x0, y0, x1, y1."""
    out = np.zeros(grid)
    for row in range(grid[0]):
        for column in range(grid[1]):
            cx = (column + 0.5) * SIZE[0] / grid[1]
            cy = (row + 0.5) * SIZE[1] / grid[0]
            for x, y, w, sx, sy, x0, y0, x1, y1 in fixations:
                if x0 <= cx < x1 and y0 <= cy < y1:
                    out[row, column] += w * np.exp(
                        -0.5 * (((cx - x) / sx) ** 2 + ((cy - y) / sy) ** 2)
                    )
    return out


@st.composite
def fixation_rows(draw: st.DrawFn) -> NDArray[np.float64]:
    """Draw fixations, on or off the image, of unlike width, each with its own shown part."""
    row = st.tuples(
        st.floats(-100, 1000),
        st.floats(-100, 1300),
        st.floats(0, 2),
        st.floats(20, 200),
        st.floats(20, 200),
        st.floats(0, 300),
        st.floats(0, 300),
        st.floats(400, 900),
        st.floats(400, 1200),
    )
    return np.array(draw(st.lists(row, min_size=1, max_size=6)))


def render(rows: NDArray[np.float64], grid: tuple[int, int], **kwargs: Any) -> NDArray[np.float32]:
    options: dict[str, Any] = {"normalise": "none", "shown_px": rows[:, 5:], **kwargs}
    return render_heatmap(
        rows[:, 0],
        rows[:, 1],
        weight=rows[:, 2],
        sigma_x_px=rows[:, 3],
        sigma_y_px=rows[:, 4],
        image_size=SIZE,
        grid=grid,
        **options,
    )


@given(rows=fixation_rows(), grid=st.tuples(st.integers(1, 24), st.integers(1, 24)))
def test_it_equals_the_brute_force_sum(rows: NDArray[np.float64], grid: tuple[int, int]) -> None:
    assert np.abs(render(rows, grid) - brute_force(rows, grid)).max() < 1e-5


@given(rows=fixation_rows())
def test_a_normalised_map_sums_to_one_or_is_empty(rows: NDArray[np.float64]) -> None:
    total = render(rows, (32, 32), normalise="sum").sum(dtype=np.float64)
    assert total == pytest.approx(1.0, abs=1e-5) or total == 0.0


def test_the_banded_path_of_large_grids_gives_the_same_map() -> None:
    rng = np.random.default_rng(3)
    rows = np.column_stack(
        [
            rng.uniform(0, 900, 40),
            rng.uniform(0, 1200, 40),
            rng.uniform(0.1, 1, 40),
            rng.uniform(20, 60, 40),
            rng.uniform(20, 60, 40),
        ]
    )
    large = render(rows, (1200, 900), shown_px=None)
    x = (np.arange(900) + 0.5)[None, :, None]
    y = (np.arange(1200) + 0.5)[:, None, None]
    part = slice(500, 520)
    exact = (
        rows[:, 2]
        * np.exp(
            -0.5
            * (((x - rows[:, 0]) / rows[:, 3]) ** 2 + ((y[part] - rows[:, 1]) / rows[:, 4]) ** 2)
        )
    ).sum(axis=2)
    assert np.abs(large[part] - exact).max() < 1e-5


def test_a_fixation_lands_in_the_cell_that_holds_it() -> None:
    heatmap = render_heatmap(
        [10.0], [1190.0], weight=1.0, sigma_x_px=30, sigma_y_px=30, image_size=SIZE, grid=(12, 9)
    )
    assert divmod(int(heatmap.argmax()), 9) == (11, 0)


def test_fixations_with_nan_or_no_weight_add_nothing() -> None:
    heatmap = render_heatmap(
        [np.nan, 100.0, 450.0],
        [5.0, 100.0, 600.0],
        weight=[1.0, 0.0, 2.0],
        sigma_x_px=50,
        sigma_y_px=50,
        image_size=SIZE,
        grid=(9, 9),
    )
    alone = render_heatmap(
        [450.0], [600.0], weight=[2.0], sigma_x_px=50, sigma_y_px=50, image_size=SIZE, grid=(9, 9)
    )
    assert np.array_equal(heatmap, alone)


def test_no_fixation_gives_an_empty_map_not_nan() -> None:
    heatmap = render_heatmap(
        [], [], weight=[], sigma_x_px=[], sigma_y_px=[], image_size=SIZE, grid=(4, 4)
    )
    assert heatmap.shape == (4, 4)
    assert not heatmap.any()


@pytest.mark.parametrize(
    ("weight", "sigma", "message"),
    [(-1.0, 5.0, "negative weight"), (1.0, 0.0, "no width")],
)
def test_impossible_fixations_are_refused(weight: float, sigma: float, message: str) -> None:
    with pytest.raises(DataError, match=message):
        render_heatmap(
            [1.0],
            [1.0],
            weight=weight,
            sigma_x_px=sigma,
            sigma_y_px=sigma,
            image_size=SIZE,
            grid=(4, 4),
        )


def test_the_stored_grid_keeps_the_map_to_half_a_count() -> None:
    heatmap = render_heatmap(
        [300.0], [700.0], weight=1.0, sigma_x_px=90, sigma_y_px=90, image_size=SIZE, grid=(32, 32)
    )
    stored = heatmap_to_uint8(heatmap)
    assert stored.max() == 255
    assert np.abs(stored / 255 - heatmap / heatmap.max()).max() <= 0.5 / 255 + 1e-6
    assert uint8_to_heatmap(stored).sum() == pytest.approx(1.0, abs=1e-5)
