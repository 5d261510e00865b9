"""The map of many samples: the sum of their Gaussians, at any width and down the tails."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.sample_heatmap import log_normalised, modulated, render_samples

_Floats = NDArray[np.float64]
_Shape = dict[str, Any]

GRID = (90, 70)


def _samples(seed: int, *, sigma: float, spread: float) -> tuple[_Floats, _Floats, _Shape]:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-5, 75, 300), rng.uniform(-5, 95, 300)
    widths = sigma * np.exp(rng.uniform(0, spread, 300))
    return x, y, {"weight": rng.uniform(0, 3, 300), "sigma_x": widths, "sigma_y": widths * 1.1}


def _direct(x: _Floats, y: _Floats, weight: _Floats, sigma_x: _Floats, sigma_y: _Floats) -> _Floats:
    rows, columns = np.mgrid[: GRID[0], : GRID[1]] + 0.5
    parts = zip(x, y, weight, sigma_x, sigma_y, strict=True)
    total: _Floats = sum(
        w * np.exp(-(((columns - a) / s) ** 2) / 2 - ((rows - b) / t) ** 2 / 2)
        for a, b, w, s, t in parts
    ) + np.zeros(GRID)
    return total


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    sigma=st.floats(0.8, 20),
    spread=st.sampled_from([0, 0.001, 0.02, 0.07, 1.2]),
)
def test_it_is_the_sum_of_the_gaussians(seed: int, sigma: float, spread: float) -> None:
    x, y, kw = _samples(seed, sigma=sigma, spread=spread)
    known = _direct(x, y, **kw)
    found = render_samples(x, y, grid=GRID, **kw)
    assert np.abs(found - known).max() < 1e-4 * known.max()
    assert np.abs(log_normalised(found) - log_normalised(known)).max() < 5e-4
    np.testing.assert_allclose(render_samples(x, y, grid=GRID, tails="exact", **kw), known)


@pytest.mark.parametrize("spread", [0, 0.07])
def test_kept_tails_are_good_to_a_share_of_what_is_there(spread: float) -> None:
    x, y, kw = _samples(0, sigma=4, spread=spread)
    x, y = x / 10, y / 10
    known = _direct(x, y, **kw)
    found = render_samples(x, y, grid=GRID, tails="kept", **kw)
    told = known > 1e-25 * known.max()
    assert told.sum() > 2000
    np.testing.assert_allclose(found[told], known[told], rtol=0.02)


def test_no_sample_no_map() -> None:
    assert not render_samples([], [], weight=1, sigma_x=2, sigma_y=2, grid=GRID).any()
    assert not log_normalised(np.zeros(GRID)).any()


def test_a_sample_without_width_is_refused() -> None:
    with pytest.raises(DataError, match="width"):
        render_samples([1], [1], weight=1, sigma_x=0, sigma_y=1, grid=GRID)


def test_grey_levels_follow_the_map() -> None:
    image = np.full((1, 3), 200, np.uint8)
    shown = modulated(image, np.array([[0.0, 0.5, 1.0]]), floor=0.15)
    assert shown.tolist() == [[30, 115, 200]]
