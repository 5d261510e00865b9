"""Does what a hand does change the view as it should?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.hands import moved
from capture.viewer import InputAct, image_area
from gazekit.model.protocol import ViewerPlan
from gazekit.model.records import ImageRecord
from gazekit.model.viewport import Viewport

IMAGE = ImageRecord(
    image_id="img-1",
    sha256="0" * 64,
    width_px=1024,
    height_px=1280,
    window_low=100.0,
    window_high=3100.0,
    window_source="test",
    photometric="MONOCHROME2",
    bits_stored=12,
)
FITTED = Viewport.fit(IMAGE, image_area((0.0, 0.0, 1920.0, 1080.0)))
PLAN = ViewerPlan()
NOTHING = ViewerPlan(zoom=False, pan=False, window=False)


@given(
    x=st.floats(600.0, 1300.0),
    y=st.floats(50.0, 1000.0),
    notches=st.lists(st.sampled_from([1, -1])),
)
def test_the_wheel_keeps_what_is_under_the_cursor(x: float, y: float, notches: list[int]) -> None:
    view = FITTED
    for notch in notches[:4]:
        under = view.affine.undo(x, y)
        view = moved(view, InputAct(0, "zoom", x_px=x, y_px=y, dy=notch), PLAN)
        assert np.allclose(view.affine.undo(x, y), under, atol=1e-6)


def test_the_wheel_turned_up_enlarges() -> None:
    closer = moved(FITTED, InputAct(0, "zoom", x_px=960.0, y_px=500.0, dy=2.0), PLAN)
    assert closer.zoom == pytest.approx(FITTED.zoom * 1.15**2)


def test_a_drag_takes_the_image_along() -> None:
    dragged = moved(FITTED, InputAct(0, "pan", dx=30.0, dy=-20.0), PLAN)
    x, y = FITTED.affine.apply(500.0, 600.0)
    assert np.allclose(dragged.affine.apply(500.0, 600.0), (x + 30.0, y - 20.0))


def test_a_right_drag_sets_width_and_level() -> None:
    wider = moved(FITTED, InputAct(0, "window", dy=400.0), PLAN)
    assert (wider.low, wider.high) == pytest.approx((-1400.0, 4600.0))
    darker = moved(FITTED, InputAct(0, "window", dx=40.0), PLAN)
    assert (darker.low, darker.high) == pytest.approx((400.0, 3400.0))


def test_f_fits_and_keeps_the_greys_and_i_inverts() -> None:
    changed = FITTED.zoomed_about(700.0, 300.0, 3.0).windowed(500.0, 900.0)
    fitted = moved(changed, InputAct(0, "key", key="f"), PLAN)
    assert fitted.zoom == FITTED.zoom
    assert (fitted.low, fitted.high) == (500.0, 900.0)
    assert moved(FITTED, InputAct(0, "key", key="i"), PLAN).inverted
    assert moved(FITTED, InputAct(0, "key", key="q"), PLAN) == FITTED


@pytest.mark.parametrize("kind", ["zoom", "pan", "window"])
def test_a_protocol_can_forbid_it(kind: str) -> None:
    act = InputAct(0, kind, x_px=900.0, y_px=500.0, dx=10.0, dy=1.0)  # type: ignore[arg-type]
    assert moved(FITTED, act, NOTHING) == FITTED
    assert moved(FITTED, act, PLAN) != FITTED
