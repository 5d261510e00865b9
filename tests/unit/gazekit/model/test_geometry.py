"""Geometry round trips under any zoom, pan and screen, and agrees with closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.errors import DataError
from gazekit.model.geometry import (
    Affine,
    ViewTrack,
    angle_deg,
    check_screen,
    image_px_per_degree,
    mm_to_screen_px,
    screen_px_per_degree,
    screen_px_to_mm,
)
from gazekit.model.records import ImageRecord, ScreenRecord, ViewState
from gazekit.model.viewport import MAX_ZOOM, Viewport

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
places = st.floats(-4000, 4000)
factors = st.floats(0.1, 10)


def image(width: int = 2540, height: int = 3050) -> ImageRecord:
    return ImageRecord(
        image_id="img-1",
        sha256="0" * 64,
        width_px=width,
        height_px=height,
        window_low=0,
        window_high=4095,
        window_source="test",
        photometric="MONOCHROME2",
        bits_stored=12,
    )


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    """Any state that zooming, panning and windows of any place and size can lead to."""
    x0, y0 = draw(st.floats(0, 1000)), draw(st.floats(0, 1000))
    area = (x0, y0, x0 + draw(st.floats(50, 3840)), y0 + draw(st.floats(50, 2160)))
    size = draw(st.tuples(st.integers(64, 5000), st.integers(64, 5000)))
    view = Viewport.fit(image(*size), area)
    for _ in range(draw(st.integers(0, 4))):
        view = view.zoomed_about(draw(places), draw(places), draw(factors))
        view = view.panned(draw(places), draw(places))
    return view


@given(view=viewports(), x=places, y=places)
def test_image_to_screen_and_back_is_the_same_point_to_a_millionth_of_a_pixel(
    view: Viewport, x: float, y: float
) -> None:
    there = view.affine.apply(x, y)
    back = view.affine.undo(*there)
    assert np.allclose(back, (x, y), atol=1e-6, rtol=0)


@given(view=viewports(), x=places, y=places, factor=factors)
def test_zooming_keeps_the_point_under_the_cursor_where_the_limits_allow_it(
    view: Viewport, x: float, y: float, factor: float
) -> None:
    zoomed = view.zoomed_about(x, y, factor)
    held = zoomed.centre_px[0] in {0.0, float(view.image.width_px)} or zoomed.centre_px[1] in {
        0.0,
        float(view.image.height_px),
    }
    if not held:
        assert np.allclose(zoomed.affine.undo(x, y), view.affine.undo(x, y), atol=1e-6, rtol=0)
    assert zoomed.zoom <= max(MAX_ZOOM, 0.25 * Viewport.fit(view.image, view.area_px).zoom)


@given(view=viewports())
def test_the_shown_part_is_the_image_cut_by_the_rectangle(view: Viewport) -> None:
    x0, y0, x1, y1 = view.shown_px
    assert 0 <= x0 <= x1 <= view.image.width_px
    assert 0 <= y0 <= y1 <= view.image.height_px
    corners = view.affine.apply([x0, x1], [y0, y1])
    assert corners[0].min() >= view.area_px[0] - 1e-6
    assert corners[1].max() <= view.area_px[3] + 1e-6


def test_fitting_shows_the_whole_image_centred() -> None:
    view = Viewport.fit(image(), (0, 0, 1920, 1080))
    assert view.shown_px == pytest.approx((0, 0, 2540, 3050))
    left, right = view.affine.apply([0, 2540], [0, 0])[0]
    assert left == pytest.approx(1920 - right)


@given(x=places, y=places)
def test_screen_to_millimetres_and_back_is_the_same_point(x: float, y: float) -> None:
    assert np.allclose(mm_to_screen_px(SCREEN, *screen_px_to_mm(SCREEN, x, y)), (x, y), atol=1e-6)


def test_an_angle_about_the_centre_is_two_arcs_of_the_tangent() -> None:
    half = 100 / 531.0 * 1920
    got = angle_deg(SCREEN, 960 - half, 540, 960 + half, 540)
    assert got == pytest.approx(2 * np.degrees(np.arctan(100 / 650)))


def test_tiny_angles_do_not_vanish_in_rounding() -> None:
    got = angle_deg(SCREEN, 960.0, 540.0, 960.0 + 1e-6, 540.0)
    assert got == pytest.approx(np.degrees(1e-6 * 531 / 1920 / 650), rel=1e-6)


@given(x=st.floats(0, 1920), y=st.floats(0, 1080))
def test_pixels_per_degree_is_the_derivative_of_the_angle(x: float, y: float) -> None:
    along_x, along_y = screen_px_per_degree(SCREEN, x, y)
    step = 1e-3
    assert along_x == pytest.approx(step / angle_deg(SCREEN, x, y, x + step, y), rel=1e-4)
    assert along_y == pytest.approx(step / angle_deg(SCREEN, x, y, x, y + step), rel=1e-4)


def test_a_degree_covers_fewer_image_pixels_when_zoomed_in() -> None:
    view = Viewport.fit(image(), (0, 0, 1920, 1080))
    before, _ = image_px_per_degree(SCREEN, view.affine, 960, 540)
    after, _ = image_px_per_degree(SCREEN, view.zoomed_about(960, 540, 2).affine, 960, 540)
    assert after == pytest.approx(before / 2)


def _state(time_us: int, view: Viewport | None) -> ViewState:
    return ViewState(time_us=time_us) if view is None else view.state(time_us)


def test_each_moment_goes_through_the_view_that_held_then() -> None:
    wide = Viewport.fit(image(), (0, 0, 1920, 1080))
    near = wide.zoomed_about(960, 540, 4)
    track = ViewTrack((_state(100, wide), _state(200, near), _state(300, None)))
    x, y, index = track.to_image([50, 100, 199, 200, 299, 300], [1000.0] * 6, [500.0] * 6)
    assert index.tolist() == [-1, 0, 0, 1, 1, 2]
    assert np.isnan(x[[0, 5]]).all()
    assert x[1] == x[2] == pytest.approx(float(wide.affine.undo(1000, 500)[0]))
    assert y[3] == y[4] == pytest.approx(float(near.affine.undo(1000, 500)[1]))
    back = track.to_screen([100, 200], x[[1, 3]], y[[1, 3]])
    assert np.allclose(back, [[1000, 1000], [500, 500]])


def test_nan_gaze_stays_nan_without_a_warning() -> None:
    track = ViewTrack((Viewport.fit(image(), (0, 0, 1920, 1080)).state(0),))
    x, _, _ = track.to_image([1, 2], [np.nan, 5.0], [3.0, 5.0])
    assert np.isnan(x[0])
    assert np.isfinite(x[1])


def test_view_states_that_go_back_in_time_are_refused() -> None:
    with pytest.raises(DataError, match="view state 1"):
        ViewTrack((ViewState(time_us=5), ViewState(time_us=4)))


def test_a_view_without_inverse_is_refused() -> None:
    with pytest.raises(DataError, match="no inverse"):
        Affine(0, 0, 1, 0, 0, 1)


def test_a_screen_without_a_size_is_refused_by_the_name_of_its_field() -> None:
    screen = ScreenRecord(width_px=1, height_px=1, width_mm=0, height_mm=1, distance_mm=1)
    with pytest.raises(DataError, match=r"screen\.width_mm must be positive"):
        check_screen(screen)
