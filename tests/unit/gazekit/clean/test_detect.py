"""Does detection find what is there, at any rate, and stay calm where nothing is?"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit import detect_events
from gazekit.model.errors import DataError, UsageError
from gazekit.model.geometry import mm_to_screen_px
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)


def _gaze(*places: tuple[float, int], rate_hz: float = 300.0, noise: float = 0.02) -> pa.Table:
    """Rest at so many degrees for so many milliseconds, one after the other; jump between."""
    rng = np.random.default_rng(1)
    degrees = np.concatenate([np.full(round(ms * rate_hz / 1000), deg) for deg, ms in places])
    time = np.rint(np.arange(degrees.size) * 1e6 / rate_hz).astype(np.int64)
    x_mm, y_mm = (
        SCREEN.distance_mm * np.tan(np.radians(d + rng.normal(0, noise, degrees.size)))
        for d in (degrees, np.zeros(degrees.size))
    )
    x, y = mm_to_screen_px(SCREEN, x_mm, y_mm)
    return pa.table({"time_us": time, "x_px": x, "y_px": y})


def _of(events: pa.Table, kind: str) -> list[dict[str, float]]:
    return [row for row in events.to_pylist() if row["kind"] == kind]


@pytest.mark.parametrize("rate_hz", [60.0, 120.0, 300.0, 1200.0])
def test_three_fixations_are_three_at_any_rate(rate_hz: float) -> None:
    samples = _gaze((-5.0, 300), (0.0, 400), (6.0, 250), rate_hz=rate_hz, noise=0.0)
    fixations = _of(detect_events(samples, screen=SCREEN), "fixation")
    assert len(fixations) == 3
    tolerance_us = 20_000 + 2e6 / rate_hz
    durations = [f["offset_us"] - f["onset_us"] for f in fixations]
    np.testing.assert_allclose(durations, [300_000, 400_000, 250_000], atol=tolerance_us)


def test_the_result_is_the_table_of_events() -> None:
    check_table(detect_events(_gaze((-5.0, 300), (0.0, 400)), screen=SCREEN), "events")


def test_a_pandas_frame_gives_the_same() -> None:
    samples = _gaze((-5.0, 300), (0.0, 400))
    assert detect_events(samples.to_pandas(), screen=SCREEN).equals(
        detect_events(samples, screen=SCREEN)
    )


def test_two_eyes_give_what_their_mean_gives() -> None:
    samples = _gaze((-5.0, 300), (0.0, 400), noise=0.0)
    x, y = samples.column("x_px").to_numpy(), samples.column("y_px")
    eyes = pa.table(
        {
            "time_us": samples.column("time_us"),
            "left_x_px": x - 8,
            "left_y_px": y,
            "right_x_px": x + 8,
            "right_y_px": y,
        }
    )
    both = detect_events(eyes, screen=SCREEN)
    assert both.num_rows == detect_events(samples, screen=SCREEN).num_rows
    np.testing.assert_allclose(both.column("x_px")[0].as_py(), x[0])


def test_neighbours_half_a_degree_apart_are_merged_and_two_degrees_are_not() -> None:
    near = _gaze((0.0, 200), (0.35, 200), noise=0.0)
    far = _gaze((0.0, 200), (2.0, 200), noise=0.0)
    assert len(_of(detect_events(near, screen=SCREEN), "fixation")) == 1
    assert len(_of(detect_events(far, screen=SCREEN), "fixation")) == 2


def test_a_fixation_below_sixty_milliseconds_is_discarded() -> None:
    samples = _gaze((0.0, 300), (5.0, 50), (10.0, 300), noise=0.0)
    assert len(_of(detect_events(samples, screen=SCREEN, detector="tobii_ivt"), "fixation")) == 2


def test_no_fixation_reaches_across_a_long_gap() -> None:
    samples = _gaze((0.0, 1000))
    x = samples.column("x_px").to_numpy().copy()
    x[100:160] = np.nan
    events = detect_events(samples.set_column(1, "x_px", pa.array(x)), screen=SCREEN)
    time = samples.column("time_us").to_numpy()
    fixations = _of(events, "fixation")
    assert len(fixations) == 2
    assert fixations[0]["offset_us"] <= time[101]
    assert fixations[1]["onset_us"] >= time[160]
    assert len(_of(events, "blink")) == 1


def test_unequal_time_steps_change_nothing() -> None:
    samples = _gaze((-5.0, 300), (0.0, 400), (6.0, 250), noise=0.0)
    keep = np.sort(np.random.default_rng(3).permutation(samples.num_rows)[: samples.num_rows // 2])
    thinned = _of(detect_events(samples.take(pa.array(keep)), screen=SCREEN), "fixation")
    assert len(thinned) == 3


@pytest.mark.parametrize(
    "x",
    [[], [5.0], [5.0, 5.0], [np.nan] * 300],
    ids=["empty", "one sample", "two samples", "nothing but loss"],
)
def test_too_little_gaze_gives_no_fixation(x: list[float]) -> None:
    samples = pd.DataFrame({"time_us": np.arange(len(x)) * 3000, "x_px": x, "y_px": x})
    samples["time_us"] = samples["time_us"].astype("int64")
    assert _of(detect_events(samples, screen=SCREEN), "fixation") == []


def test_constant_gaze_is_one_fixation() -> None:
    samples = pd.DataFrame({"time_us": np.arange(300) * 3000, "x_px": 5.0, "y_px": 5.0})
    (fixation,) = detect_events(samples, screen=SCREEN).to_pylist()
    assert (fixation["onset_us"], fixation["offset_us"]) == (0, 900_000)
    assert fixation["dispersion_deg"] == 0.0


def test_of_samples_with_one_time_the_first_is_kept() -> None:
    samples = _gaze((0.0, 300))
    doubled = pa.concat_tables([samples, samples]).sort_by("time_us")
    assert detect_events(doubled, screen=SCREEN).num_rows == 1


def test_time_that_goes_back_is_refused_in_one_line() -> None:
    samples = _gaze((0.0, 300))
    back = pa.concat_tables([samples.slice(50), samples.slice(0, 50)])
    with pytest.raises(DataError, match="times go backwards"):
        detect_events(back, screen=SCREEN)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"drop": "y_px"}, DataError, "a column is missing"),
        ({"detector": "ivt"}, UsageError, "no such detector"),
        ({"velocity": 5.0}, UsageError, "velocity_deg_s"),
    ],
    ids=["a column", "a detector", "a parameter"],
)
def test_what_is_not_there_is_named(
    change: dict[str, object], error: type[Exception], message: str
) -> None:
    samples = _gaze((0.0, 300))
    if "drop" in change:
        samples = samples.drop_columns([change.pop("drop")])
    with pytest.raises(error, match=message):
        detect_events(samples, screen=SCREEN, **change)  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(st.integers(1, 200_000), st.one_of(st.none(), st.floats(-500, 3000))),
        max_size=60,
    )
)
def test_whatever_comes_in_events_are_in_order_and_inside(
    rows: list[tuple[int, float | None]],
) -> None:
    time = np.cumsum([step for step, _ in rows], dtype=np.int64)
    x = pa.array([value for _, value in rows], pa.float64())
    events = detect_events(pa.table({"time_us": time, "x_px": x, "y_px": x}), screen=SCREEN)
    check_table(events, "events")
    onset, offset = (events.column(f"{edge}_us").to_numpy() for edge in ("onset", "offset"))
    assert (offset > onset).all()
    assert (np.diff(onset) >= 0).all()
