"""Do charts show every peak, break at gaps, and say what they show?"""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.report import Series, heatmap_overlay, line_chart, scanpath_figure, thumbnail
from gazekit.report.chart import nice_ticks, polyline


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_even_and_span_the_values(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    step = ticks[1] - ticks[0]
    assert ticks[0] <= low + 1e-6 * step
    assert ticks[-1] >= low + span - 1e-6 * max(span, abs(low))
    assert len(ticks) <= 8
    np.testing.assert_allclose(np.diff(ticks), step, rtol=1e-3)


def test_gap_breaks_the_line() -> None:
    points = np.array([[0, 0], [1, 1], [2, np.nan], [3, 1], [4, 2]], float)
    assert polyline(points, "line", "x").count("M") == 2


def test_one_peak_among_many_samples_is_kept() -> None:
    x = np.arange(100_000.0)
    y = np.zeros(x.size)
    y[54_321] = 7.0
    chart = line_chart([Series("y", x, y)], title="t", x_label="x", y_label="y")
    heights = [float(v) for v in re.findall(r"[ML][\d.]+ ([\d.]+)", chart)]
    assert min(heights) < 80
    assert max(heights) > 200
    assert len(chart) < 40_000


def test_chart_without_values_says_so() -> None:
    chart = line_chart([Series("y", [], [])], title="t", x_label="x", y_label="y")
    assert "no values" in chart


def test_chart_names_itself_and_escapes_names() -> None:
    chart = line_chart(
        [Series("<b>", [0, 1], [0, 1]), Series("c", [0, 1], [1, 0])],
        title="A & B",
        x_label="x",
        y_label="y",
    )
    assert 'aria-label="A &amp; B"' in chart
    assert "<b>" not in chart


def test_scanpath_numbers_what_it_draws_and_counts_what_it_does_not() -> None:
    image = np.full((100, 200), 90, np.uint8)
    drawn = scanpath_figure(
        image,
        x_px=[10.0, 50.0, 500.0],
        y_px=[10.0, 50.0, 20.0],
        duration_us=[200_000, 800_000, 200_000],
        alt="a scanpath",
    )
    radii = [float(r) for r in re.findall(r'r="([\d.]+)"', drawn)]
    assert len(radii) == 2
    assert radii[1] / radii[0] == pytest.approx(2.0, rel=0.05)
    assert "not drawn: 1" in drawn


def test_overlay_is_hot_where_the_map_is() -> None:
    image = np.full((64, 64), 50, np.uint8)
    heat = np.zeros((16, 16))
    heat[4, 12] = 1.0
    laid = heatmap_overlay(image, heat).astype(int)
    assert laid.shape == (64, 64, 3)
    assert laid[18, 50].max() > 150
    assert (laid[40:, :32] == 50).all()
    assert (heatmap_overlay(image, np.zeros((4, 4))) == 50).all()


def test_thumbnail_keeps_the_aspect_and_never_enlarges() -> None:
    assert thumbnail(np.zeros((1000, 500), np.uint8), max_px=100).shape == (100, 50)
    assert thumbnail(np.zeros((10, 20), np.uint8), max_px=100).shape == (10, 20)
