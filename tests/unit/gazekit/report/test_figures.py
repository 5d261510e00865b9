"""Do figures show what they are given, in a journal's size, with the same bytes each time?"""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from PIL import Image

from gazekit.model.errors import DataError, UsageError
from gazekit.report.colour import heat_rgb
from gazekit.report.figures import (
    FIGURE_KINDS,
    FigureKind,
    SentenceSpan,
    draw_heatmap,
    draw_main_sequence,
    draw_scanpath,
    draw_time_series,
    draw_timeline,
    fit_main_sequence,
    paper_figure,
    paper_style,
    write_figure,
)
from gazekit.report.figures.paper import CATEGORIES

IMAGE = np.full((60, 80), 128, np.uint8)
SIZE = (800.0, 600.0)
X, Y = np.array([100.0, 400.0, 900.0]), np.array([100.0, 300.0, 300.0])
LASTS = np.array([1e5, 4e5, 2e5])


@pytest.fixture
def axes() -> Iterator[Axes]:
    _, made = plt.subplots()
    yield made
    plt.close("all")


def test_a_scanpath_draws_what_lies_on_the_image_and_counts_the_rest(axes: Axes) -> None:
    made = draw_scanpath(X, Y, duration_us=LASTS, image_size=SIZE, image_u8=IMAGE, ax=axes)
    assert made is axes
    (circles,) = axes.collections
    assert isinstance(circles, PathCollection)
    assert np.asarray(circles.get_offsets()).tolist() == [[100.0, 100.0], [400.0, 300.0]]
    first, second = circles.get_sizes()
    assert second == pytest.approx(4 * first)  # the area, not the radius, grows with the duration
    assert axes.get_title(loc="left") == "3 fixations, 1 off the image"
    assert [text.get_text() for text in axes.texts] == ["1", "2"]
    assert (axes.get_xlim(), axes.get_ylim()) == ((0.0, 800.0), (600.0, 0.0))
    assert "image px" in axes.get_xlabel()


def test_a_heatmap_names_its_sigma_in_degrees_and_pixels(axes: Axes) -> None:
    sigma = np.full(3, 25.0)
    draw_heatmap(
        X,
        Y,
        duration_us=LASTS,
        sigma_x_px=sigma,
        sigma_y_px=sigma,
        image_size=SIZE,
        image_u8=IMAGE,
        sigma_deg=2.0,
        ax=axes,
    )
    assert axes.get_title(loc="left") == "σ = 2° of visual angle (about 50 image px)"
    pixels = np.asarray(axes.images[0].get_array(), np.float64)
    strength = np.abs(pixels - 128).sum(axis=2)
    row, column = np.unravel_index(strength.argmax(), strength.shape)
    assert (column * 10 + 5, row * 10 + 5) == pytest.approx((400, 300), abs=10)


def test_gaze_over_time_keeps_a_gap_a_gap(axes: Axes) -> None:
    x = np.array([1.0, np.nan, 3.0])
    draw_time_series(np.array([0, 1e6, 2e6]), x, y_px=x + 1, fixations_us=[(0, 5e5)], ax=axes)
    line, other = axes.lines
    assert np.isnan(np.asarray(line.get_ydata())[1])
    dark, bright = (_light(to_rgb(one.get_color())) for one in (line, other))
    assert bright - dark > 0.2
    assert line.get_linestyle() == other.get_linestyle() == "-"  # dashes would look like gaps
    assert axes.get_xlabel().endswith("(s)")
    assert "px" in axes.get_ylabel()


def test_the_main_sequence_finds_the_curve_that_saccades_were_made_from(axes: Axes) -> None:
    rng = np.random.default_rng(3)
    amplitude = rng.uniform(0.5, 20, 200)
    velocity = 480 * (1 - np.exp(-amplitude / 5.5)) + rng.normal(0, 5, 200)
    curve = fit_main_sequence(amplitude, velocity)
    assert curve is not None
    assert (curve.v_max_deg_s, curve.c_deg) == pytest.approx((480, 5.5), rel=0.03)
    assert curve.r2 > 0.98
    draw_main_sequence(amplitude, velocity, how="a test", ax=axes)
    (line,) = axes.lines
    assert "deg/s" in str(line.get_label())
    assert axes.get_title(loc="left") == "200 saccades, a test"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("amplitude (deg)", "peak velocity (deg/s)")


def test_a_few_saccades_have_no_curve(axes: Axes) -> None:
    draw_main_sequence([1.0, 2.0, np.nan], [50.0, 80.0, 90.0], ax=axes)
    assert axes.lines[:] == []
    assert axes.get_title(loc="left") == "2 saccades, too few or too alike for a curve"


def test_a_timeline_has_a_lane_for_each_step_and_one_for_none(axes: Axes) -> None:
    spans = [
        SentenceSpan("a", "A", 0, 1_000_000),
        SentenceSpan("b", None, 1_000_000, 3_000_000),
        SentenceSpan("c", "B", None, None),
    ]
    steps = {"A": "Airways", "B": "Breathing"}
    draw_timeline(spans, steps, duration_us=5e6, fixations_us=[(0, 1e6)], ax=axes)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["A  Airways", "B  Breathing", "no step", "fixations"]
    assert [text.get_text() for text in axes.texts] == ["1", "2"]
    assert "1 without a time" in axes.get_title(loc="left")


def test_without_axes_it_draws_on_the_current_ones(axes: Axes) -> None:
    plt.sca(axes)
    assert draw_main_sequence([1.0], [50.0]) is axes


def _light(rgb: object) -> float:
    red, green, blue = np.asarray(rgb, np.float64)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def test_colours_are_told_apart_without_hue() -> None:
    heat = [_light(one) for one in heat_rgb(np.linspace(0, 1, 32))]
    assert all(np.diff(heat) > 0)
    lights = sorted(_light(to_rgb(one)) for one in CATEGORIES)
    assert len(set(CATEGORIES)) == 6
    assert lights[-1] - lights[0] > 0.25


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        ("scanpath", ".svg"),
        ("heatmap", ".svg"),
        ("time-series", ".svg"),
        ("timeline", ".svg"),
        ("timeline", ".pdf"),
        ("scanpath", ".png"),
    ],
)
def test_the_same_reading_gives_the_same_bytes(
    make_dataset: Callable[..., Path], tmp_path: Path, kind: FigureKind, suffix: str
) -> None:
    root = make_dataset()
    first, second = (
        write_figure(kind, root, row, out=tmp_path / f"{name}{suffix}", dpi=72)
        for name, row in (("a", "ses-a-000"), ("b", "0"))
    )
    assert first.read_bytes() == second.read_bytes()
    assert not re.search(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}T|CreationDate", first.read_bytes())


def test_files_have_the_size_and_hold_their_fonts(
    make_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    root = make_dataset()
    size = {"width_mm": 180.0, "height_mm": 60.0}
    svg, pdf, png = (
        write_figure("timeline", root, "0", out=tmp_path / f"a.{kind}", dpi=254, **size)  # type: ignore[arg-type]
        for kind in ("svg", "pdf", "png")
    )
    text = svg.read_text("utf-8")
    width, height = (float(v) for v in re.findall(r'(?:width|height)="([0-9.]+)pt"', text)[:2])
    assert (width * 25.4 / 72, height * 25.4 / 72) == pytest.approx((180, 60), abs=0.01)
    assert "<text" not in text
    assert b"/FontFile2" in pdf.read_bytes()
    assert b"/Type3" not in pdf.read_bytes()
    with Image.open(png) as picture:
        assert picture.size == (1800, 600)
        assert picture.info["Description"].startswith("Research use only")


@pytest.mark.parametrize(
    ("image_size", "height_mm"), [((1024.0, 1280.0), 95.6), ((4000.0, 900.0), 45.0)]
)
@pytest.mark.parametrize("kind", ["scanpath", "heatmap"])
def test_no_word_leaves_the_figure(
    kind: str, image_size: tuple[float, float], height_mm: float
) -> None:
    place, lasting, sigma = [10.0], [1e5], [50.0]
    with paper_style():
        figure, axes = paper_figure(height_mm=height_mm)
        shown: dict[str, Any] = {"image_size": image_size, "image_u8": IMAGE, "ax": axes}
        if kind == "scanpath":
            draw_scanpath(place, place, duration_us=lasting, **shown)
        else:
            sigmas: dict[str, Any] = {"sigma_x_px": sigma, "sigma_y_px": sigma}
            draw_heatmap(place, place, duration_us=lasting, **sigmas, **shown)
        figure.supxlabel("a line at the foot", fontsize=4.5)
        figure.savefig(io.BytesIO(), format="png", dpi=300)
        around = figure.get_tightbbox()
    assert around is not None
    assert min(around.x0, around.y0) >= 0
    assert around.x1 <= figure.get_figwidth()
    assert around.y1 <= figure.get_figheight()


@pytest.mark.parametrize("kind", FIGURE_KINDS)
def test_a_session_gives_every_figure(
    make_session: Callable[..., Path], tmp_path: Path, kind: FigureKind
) -> None:
    root, out = make_session(), tmp_path / "a.png"
    if kind == "timeline":
        with pytest.raises(DataError, match="there are no review steps"):
            write_figure(kind, root, "0", out=out)
        assert not out.exists()
        return
    assert write_figure(kind, root, "0", out=out, dpi=72).stat().st_size > 5_000


def test_what_cannot_be_drawn_is_said_in_a_line(
    make_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    root, out = make_dataset(), tmp_path / "a.svg"
    with pytest.raises(DataError, match=r"no table samples.*--with-samples"):
        write_figure("main-sequence", root, "0", out=out)
    with pytest.raises(UsageError, match="Did you mean 'ses-a-00"):
        write_figure("scanpath", root, "ses-a-00", out=out)
    with pytest.raises(UsageError, match="no such key frame"):
        write_figure("heatmap", root, "0/9", out=out)
    with pytest.raises(UsageError, match="no such format"):
        write_figure("heatmap", root, "0", out=tmp_path / "a.gif")
    with pytest.raises(UsageError, match="20 to 500 mm"):
        paper_figure(width_mm=5)
    with pytest.raises(DataError, match="only a session or a dataset"):
        write_figure("heatmap", tmp_path, "0", out=out)
    assert not out.exists()


def test_a_key_frame_is_drawn_with_its_own_fixations(
    make_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    root = make_dataset()
    whole = write_figure("scanpath", root, "0", out=tmp_path / "a.svg").read_text("utf-8")
    frame = write_figure("scanpath", root, "0/1", out=tmp_path / "b.svg").read_text("utf-8")
    assert "scanpath of ses-a-000/1" in frame
    assert len(frame) < len(whole)
