"""Does the replay's heatmap equal the one that the toolkit computes, at any width and moment?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gazekit.model.heatmap import render_heatmap
from tests.unit.gazekit.report.scripts import page_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZE = (800.0, 1000.0)
GRID = (125, 100)
NAMES = ("onset_us", "offset_us", "x_px", "y_px", "sigma_x_px", "sigma_y_px")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Page"]:
    folder = tmp_path_factory.mktemp("heat")
    with page_with(folder, "replay_kernel.js") as opened:
        yield opened


def _fixations(count: int = 40) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(3)
    onset = np.arange(count, dtype=np.float64) * 300_000
    return {
        "onset_us": onset,
        "offset_us": onset + rng.uniform(80_000, 290_000, count),
        "x_px": rng.uniform(-60, SIZE[0] + 60, count),
        "y_px": rng.uniform(-60, SIZE[1] + 60, count),
        "sigma_x_px": rng.uniform(20, 40, count),
        "sigma_y_px": rng.uniform(20, 40, count),
    }


def _rows(given: dict[str, NDArray[np.float64]]) -> list[dict[str, float]]:
    return [
        dict(zip(NAMES, map(float, one), strict=True))
        for one in zip(*(given[name] for name in NAMES), strict=True)
    ]


def _expected(
    given: dict[str, NDArray[np.float64]], *, now_us: float, sigma: dict[str, Any]
) -> NDArray[np.float32]:
    over = np.clip(np.minimum(now_us, given["offset_us"]) - given["onset_us"], 0, None)
    pixels = sigma["unit"] == "px"
    return render_heatmap(
        given["x_px"],
        given["y_px"],
        weight=over / 1e6,
        sigma_x_px=sigma["value"] if pixels else given["sigma_x_px"] * sigma["value"],
        sigma_y_px=sigma["value"] if pixels else given["sigma_y_px"] * sigma["value"],
        image_size=SIZE,
        grid=GRID,
        normalise="none",
    )


def _drawn(
    page: "Page", rows: list[dict[str, Any]], script: str, **how: Any
) -> NDArray[np.float64]:
    given = [rows, {"size": SIZE, "grid": GRID, **how}]
    return np.array(page.evaluate(f"([rows, how]) => Array.from({script})", given))


@pytest.mark.parametrize(
    ("unit", "value"), [("deg", 0.25), ("deg", 1.0), ("deg", 3.0), ("px", 12.0), ("px", 200.0)]
)
def test_the_map_of_a_whole_reading_is_that_of_the_toolkit(
    page: "Page", unit: str, value: float
) -> None:
    given, sigma = _fixations(), {"unit": unit, "value": value}
    drawn = _drawn(page, _rows(given), "ReplayKernel.ofAll(rows, how)", sigma=sigma)
    expected = _expected(given, now_us=np.inf, sigma=sigma)
    assert np.abs(drawn.reshape(GRID) - expected).max() <= 1e-5 * expected.max()


def test_a_map_that_grew_in_small_steps_is_that_of_its_moment(page: "Page") -> None:
    given, sigma = _fixations(), {"unit": "deg", "value": 1.0}
    script = (
        "(() => { const map = ReplayKernel.growing(rows, how);"
        " for (let t = 0; t < 6.1e6; t += 16667) map.until(t); return map.until(6.1e6); })()"
    )
    drawn = _drawn(page, _rows(given), script, sigma=sigma)
    expected = _expected(given, now_us=6.1e6, sigma=sigma)
    assert np.abs(drawn.reshape(GRID) - expected).max() <= 1e-5 * expected.max()


def test_going_back_in_time_takes_away_what_came_later(page: "Page") -> None:
    given, sigma = _fixations(), {"unit": "deg", "value": 1.0}
    script = (
        "(() => { const map = ReplayKernel.growing(rows, how);"
        " map.until(9e6); return map.until(1.5e6); })()"
    )
    drawn = _drawn(page, _rows(given), script, sigma=sigma)
    expected = _expected(given, now_us=1.5e6, sigma=sigma)
    assert np.abs(drawn.reshape(GRID) - expected).max() <= 1e-5 * expected.max()


def test_a_fixation_without_a_place_adds_nothing(page: "Page") -> None:
    rows: list[dict[str, Any]] = [{**_rows(_fixations(1))[0], "x_px": None}]
    sigma = {"unit": "deg", "value": 1.0}
    assert not _drawn(page, rows, "ReplayKernel.ofAll(rows, how)", sigma=sigma).any()


def test_more_looking_is_brighter_and_little_is_clear(page: "Page") -> None:
    script = """() => {
      const rgba = new Uint8ClampedArray(12);
      const palette = ReplayKernel.paletteOf([[0, 0, 0], [100, 100, 100], [255, 255, 255]], 0.5);
      ReplayKernel.paint(rgba, [0.01, 0.5, 2], 1, palette);
      return Array.from(rgba);
    }"""
    clear, half, full = np.array(page.evaluate(script)).reshape(3, 4)
    assert clear[3] == 0
    assert half[0] == pytest.approx(100, abs=1)
    assert full.tolist() == [255, 255, 255, 128]


@pytest.mark.parametrize(
    ("size", "grid"), [((2500, 3000), [256, 213]), ((100, 80), [80, 100]), ((9000, 3), [1, 256])]
)
def test_a_grid_has_the_shape_of_its_image(
    page: "Page", size: tuple[int, int], grid: list[int]
) -> None:
    assert page.evaluate("size => ReplayKernel.gridOf(size, 256)", list(size)) == grid
