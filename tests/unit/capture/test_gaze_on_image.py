"""Does gaze come to the image pixel that was looked at, at any zoom and across a change of view?"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.request import SessionRequest
from capture.session import run_session
from capture.trackers.sim_plan import SimPlan
from gazekit.model.display import DisplayImage
from gazekit.model.geometry import ViewTrack
from gazekit.model.protocol import load_protocol
from gazekit.model.records import ViewState
from gazekit.model.session import (
    iter_samples,
    read_session_record,
    read_view_states,
    readings_of,
)
from gazekit.model.viewport import MAX_ZOOM, Viewport

AREA_PX = (0.0, 0.0, 1920.0, 1052.0)
FRAME_US = 16_667
WITHIN_PX = 0.5
SEED = 2
"""Its first reading windows, zooms, pans and fits."""
EXACT = SimPlan(rate_hz=300.0, offset_deg=0.0, noise_deg=0.0, loss=0.0)

PLACES = st.tuples(st.floats(0, 1920), st.floats(0, 1052))
ACTS = st.one_of(
    st.tuples(st.just("zoom"), PLACES, st.floats(0.2, 6.0)),
    st.tuples(st.just("pan"), PLACES, st.just(1.0)),
    st.tuples(st.just("fit"), PLACES, st.just(1.0)),
)


def shown() -> Viewport:
    image = DisplayImage.of(
        np.zeros((300, 250), np.uint16),
        (0.0, 100.0),
        window_source="made",
        photometric="MONOCHROME2",
        bits_stored=12,
    )
    record = msgspec.structs.replace(image.record, width_px=2500, height_px=3000)
    return Viewport.fit(record, AREA_PX)


def acted(viewport: Viewport, act: tuple[str, tuple[float, float], float]) -> Viewport:
    kind, (x, y), factor = act
    if kind == "zoom":
        return viewport.zoomed_about(x, y, factor)
    return viewport.panned(x - 960, y - 526) if kind == "pan" else viewport.refit()


@given(acts=st.lists(ACTS, min_size=1, max_size=12), place=PLACES, seed=st.integers(0, 99))
def test_what_is_looked_at_comes_back_through_the_logged_views(
    acts: list[tuple[str, tuple[float, float], float]], place: tuple[float, float], seed: int
) -> None:
    viewport, states = shown(), []
    for number, act in enumerate(acts):
        states.append(viewport.state(number * 10 * FRAME_US + FRAME_US))
        viewport = acted(viewport, act)
    logged = msgspec.json.decode(msgspec.json.encode(states), type=list[ViewState])
    track = ViewTrack(tuple(logged))
    # Every sample of 1200 Hz within a frame of a change, on either side of it.
    around = np.arange(-FRAME_US, FRAME_US, 833)
    times = np.concatenate([state.time_us + around for state in states])
    rng = np.random.default_rng(seed)
    true_x = place[0] / 1920 * 2500 + rng.normal(0, 2, times.size)
    true_y = place[1] / 1052 * 3000 + rng.normal(0, 2, times.size)
    screen_x, screen_y = track.to_screen(times, true_x, true_y)
    norm_x, norm_y = screen_x / 1920, screen_y / 1080
    x, y, index = track.to_image(times, norm_x * 1920, norm_y * 1080)
    seen = index >= 0
    assert np.hypot(x - true_x, y - true_y)[seen].max() < 1e-6
    starts = np.array([state.time_us for state in states])
    assert np.array_equal(index, np.searchsorted(starts, times, side="right") - 1)


def test_the_deepest_zoom_keeps_gaze_within_half_a_pixel() -> None:
    viewport = shown().zoomed_about(400.0, 300.0, 1e6)
    assert viewport.zoom == MAX_ZOOM
    x, y = viewport.affine.undo(np.array([400.25]), np.array([300.75]))
    back = viewport.affine.apply(x, y)
    assert (float(back[0][0]), float(back[1][0])) == pytest.approx((400.25, 300.75), abs=1e-9)


def test_a_recorded_session_maps_gaze_to_the_simulated_truth(
    tmp_path: Path, protocol_file: Callable[[float], Path]
) -> None:
    plans = pytest.importorskip("tests.unit.capture.test_session").plans_of
    protocol = protocol_file(300.0)
    result = run_session(
        SessionRequest(
            protocol=protocol,
            reader_id="R01",
            out=tmp_path,
            tracker="simulated",
            headless=True,
            speed=8.0,
            seed=SEED,
            limit=1,
            sim=EXACT,
        ),
        lambda _: None,
    )
    root = Path(result.session)
    assert load_protocol(protocol).viewer.zoom
    screen = read_session_record(root).screen
    track = ViewTrack(tuple(read_view_states(root)))
    table = pa.Table.from_batches(iter_samples(root))
    times = table.column("system_time_us").to_numpy()
    (reading,) = readings_of(root)
    plan = plans(root, protocol)[0]
    assert reading.offset_us is not None
    inside = (times >= reading.onset_us) & (times < reading.offset_us)
    true_x, true_y, lids = plan.gaze_at(times[inside] - reading.onset_us)
    x = table.column("left_gaze_x_norm").to_numpy()[inside] * screen.width_px
    y = table.column("left_gaze_y_norm").to_numpy()[inside] * screen.height_px
    image_x, image_y, index = track.to_image(times[inside], x, y)
    looking = lids == 1.0
    away = np.hypot(image_x - true_x, image_y - true_y)[looking]
    assert looking.sum() > 2_000
    # Not one sample, those within a frame of a change included.
    assert away.max() < WITHIN_PX
    views = (track.view(int(i)) for i in np.unique(index))
    zooms = {round(view.a, 3) for view in views if view is not None}
    assert len(zooms) > 1, "the reading of this seed does not zoom; choose another"
