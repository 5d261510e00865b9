"""Does a fixation land where it was on the image, whatever the view did meanwhile?"""

from collections.abc import Sequence

import numpy as np
import pytest

from gazekit.align import image_fixations
from gazekit.align.fixations import FixationTable
from gazekit.clean import Gaze, gaze_of, tobii_ivt
from gazekit.model.geometry import Affine, ViewTrack
from gazekit.model.records import ImageRecord, ScreenRecord, ViewState

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
IMAGE = ImageRecord(
    image_id="img-1",
    sha256="0" * 64,
    width_px=1000,
    height_px=1000,
    window_low=0.0,
    window_high=1.0,
    window_source="test",
    photometric="MONOCHROME2",
    bits_stored=12,
)
STEP_US = 5_000


def _view(time_us: int, zoom: float, x_px: float, y_px: float, **more: float) -> ViewState:
    view = Affine(zoom, 0.0, x_px, 0.0, zoom, y_px)
    return ViewState(time_us=time_us, image_id="img-1", image_to_screen=view.values, **more)  # type: ignore[arg-type]


def _still(x_px: float, y_px: float, ms: int = 800) -> Gaze:
    n = ms * 1000 // STEP_US
    return gaze_of(np.arange(n) * STEP_US, np.tile([x_px, y_px], (n, 1)), screen=SCREEN)


def _fixations(gaze: Gaze, views: Sequence[ViewState]) -> FixationTable:
    events = tobii_ivt(gaze, SCREEN)
    return image_fixations(
        events, gaze, views=ViewTrack(tuple(views)), screen=SCREEN, images=[IMAGE]
    )


def test_a_fixation_is_mapped_through_its_view() -> None:
    found = _fixations(_still(900, 500), [_view(0, 0.8, 500, 100)])
    assert len(found) == 1
    assert found.x_px[0] == pytest.approx(500.0)
    assert found.y_px[0] == pytest.approx(500.0)
    assert found.shown[0] == 1.0
    # One degree at 650 mm is 41 screen px in the middle, and 0.8 screen px show one of the image.
    assert found.sigma_x_px[0] == pytest.approx(41.0 / 0.8, rel=0.01)


def test_a_fixation_is_cut_where_the_image_moves_under_it() -> None:
    found = _fixations(_still(900, 500), [_view(0, 0.8, 500, 100), _view(400_000, 0.8, 100, 100)])
    assert found.x_px.tolist() == pytest.approx([500.0, 1000.0])
    assert found.offset_us[0] == found.onset_us[1] == 400_000
    assert found.view_index.tolist() == [0, 1]


def test_a_grey_window_or_a_zoom_about_it_does_not_cut() -> None:
    about = _view(400_000, 1.6, 900 - 1.6 * 500, 500 - 1.6 * 500)
    window = _view(200_000, 0.8, 500, 100, window_low=5.0, window_high=9.0)
    found = _fixations(_still(900, 500), [_view(0, 0.8, 500, 100), window, about])
    assert len(found) == 1
    assert found.x_px[0] == pytest.approx(500.0)


def test_a_glimpse_below_a_fixation_is_dropped_with_a_cut() -> None:
    views = [_view(0, 0.8, 500, 100), _view(770_000, 0.8, 0, 100)]
    found = _fixations(_still(900, 500), views)
    assert found.x_px.tolist() == pytest.approx([500.0])


def test_gaze_off_the_image_is_kept_and_marked() -> None:
    found = _fixations(_still(100, 500), [_view(0, 0.8, 500, 100)])
    assert found.x_px[0] == pytest.approx(-500.0)
    assert found.shown[0] == 0.0
    assert not found.on_image()[0]


def test_gaze_outside_the_viewers_rectangle_is_not_on_the_image() -> None:
    view = _view(0, 2.0, 0, 0)
    clipped = ViewState(
        time_us=0,
        image_id="img-1",
        image_to_screen=view.image_to_screen,
        clip_px=(0.0, 0.0, 800.0, 1080.0),
    )
    assert _fixations(_still(900, 500), [clipped]).shown[0] == 0.0
    assert _fixations(_still(900, 500), [view]).shown[0] == 1.0


def test_without_an_image_there_is_no_place() -> None:
    found = _fixations(_still(900, 500), [ViewState(time_us=0)])
    assert np.isnan(found.x_px[0])
    assert not found.on_image()[0]


def test_gaze_that_follows_a_pan_stays_one_fixation_at_one_place() -> None:
    """The eye goes with the image at 8 degrees a second, below the detector's threshold."""
    n = 160
    time = np.arange(n) * STEP_US
    shift = np.clip((time - 200_000) / 400_000, 0, 1) * 130.0
    gaze = gaze_of(time, np.column_stack([900 + shift, np.full(n, 500.0)]), screen=SCREEN)
    views = [_view(int(t), 0.8, 500 + s, 100) for t, s in zip(time[::2], shift[::2], strict=True)]
    found = _fixations(gaze, views)
    assert len(found) == 1
    assert found.x_px[0] == pytest.approx(500.0, abs=3.0)
    assert found.dispersion_deg[0] < 0.1
