"""Are samples off the screen and off the image marked, and only these?"""

import numpy as np

from gazekit.clean import off_image, off_screen
from gazekit.model.geometry import ViewTrack
from gazekit.model.records import ScreenRecord, ViewState

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


def test_the_edges_of_the_screen() -> None:
    x = [0, 1919.9, 1920, -0.1, 960, np.nan]
    y = [0, 1079.9, 500, 500, 1080, 500]
    assert off_screen(SCREEN, x, y).tolist() == [False, False, True, True, True, False]


def test_beside_the_image_or_while_none_is_shown() -> None:
    shown = ViewState(time_us=0, image_to_screen=(2.0, 0.0, 100.0, 0.0, 2.0, 50.0))
    views = ViewTrack((shown, ViewState(time_us=1000)))
    time = np.array([-5, 0, 10, 20, 30, 1000, 1001])
    x = np.array([150, 150, 99, 300, np.nan, 150, np.nan])
    y = np.array([100, 100, 100, 100, 100, 100, 100])
    found = off_image(views, time, x, y, size_px=(100, 100))
    assert found.tolist() == [True, False, True, True, False, True, False]


def test_what_a_zoomed_view_does_not_show_is_off_the_image() -> None:
    clipped = ViewState(
        time_us=0, image_to_screen=(20.0, 0.0, 0.0, 0.0, 20.0, 0.0), clip_px=(100, 100, 600, 600)
    )
    x, y = [99, 100, 599, 600], [300, 300, 599, 300]
    found = off_image(ViewTrack((clipped,)), [0] * 4, x, y, size_px=(100, 100))
    assert found.tolist() == [True, False, False, True]
