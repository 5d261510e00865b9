"""Are blinks told from the pupil, with the moving lid around them, and nothing else with them?"""

import numpy as np
import pytest

from gazekit.clean import clean_samples, find_blinks, gaze_of
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import schema_of
from gazekit.read.raw import samples_table

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
FALL, LOST, BACK, END = 500_000, 550_000, 650_000, 720_000


def _blinked(rate_hz: float = 1000, *, missing: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return times and a pupil of 4 mm that falls in 50 ms, is lost for 100 and rises in 70."""
    time = np.rint(np.arange(0, 1_500_000, 1e6 / rate_hz)).astype(np.int64)
    pupil = np.interp(time, [FALL, LOST, BACK, END], [4.0, 1.0, 1.0, 4.0])
    if missing:
        pupil[(time > LOST) & (time < BACK)] = np.nan
    return time, pupil + np.random.default_rng(1).normal(0, 0.01, time.size)


@pytest.mark.parametrize("rate_hz", [120, 300, 500, 1200])
@pytest.mark.parametrize("missing", [True, False])
def test_a_blink_reaches_from_the_fall_to_the_end_of_the_rise(
    rate_hz: float, *, missing: bool
) -> None:
    time, pupil = _blinked(rate_hz, missing=missing)
    found = find_blinks(time, (pupil, pupil))
    assert found.shape == (1, 2)
    tolerance = 8000 + 1e6 / rate_hz
    assert found[0] == pytest.approx([FALL, END], abs=tolerance)


def test_one_eye_that_is_lost_alone_is_no_blink() -> None:
    time, pupil = _blinked()
    steady = np.full(time.size, 4.0)
    assert find_blinks(time, (pupil, steady)).size == 0
    assert find_blinks(time, (pupil, np.full(time.size, np.nan))).shape == (1, 2)
    assert find_blinks(time, ()).shape == (0, 2)


def test_a_light_reflex_and_a_noisy_pupil_are_no_blinks() -> None:
    time, _ = _blinked()
    reflex = np.interp(time, [200_000, 800_000, 1_400_000], [6.0, 3.0, 5.0])
    noisy = 4 + np.random.default_rng(2).normal(0, 0.2, time.size)
    assert find_blinks(time, (reflex,)).size == 0
    assert find_blinks(time, (noisy,)).size == 0


@pytest.mark.parametrize("lost_ms", [10, 5000])
def test_what_is_too_short_or_too_long_is_no_blink(lost_ms: int) -> None:
    time = np.arange(0, 8_000_000, 2000)
    pupil = np.full(time.size, 4.0)
    pupil[(time > 1_000_000) & (time < 1_000_000 + lost_ms * 1000)] = np.nan
    assert find_blinks(time, (pupil,)).size == 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_samples_hold_no_blink(count: int) -> None:
    assert find_blinks(np.arange(count), (np.full(count, 4.0),)).size == 0


def _samples() -> tuple[dict[str, np.ndarray], np.ndarray]:
    time, pupil = _blinked()
    drag = np.interp(time, [FALL, LOST, BACK, END], [0.0, 300.0, 300.0, 0.0])
    y = np.where(np.isfinite(pupil), 500.0 + drag, np.nan)
    x = np.where(np.isfinite(pupil), 900.0, np.nan)
    columns = {"time_us": time, "distance_mm": np.full(time.size, 650.0)}
    for eye in ("left", "right"):
        columns |= {f"{eye}_x_px": x, f"{eye}_y_px": y, f"{eye}_pupil_mm": pupil}
    return {name: columns[name] for name in schema_of("samples").names}, y


def test_gaze_that_the_lid_drags_is_dropped_and_the_gap_is_a_blink() -> None:
    columns, y = _samples()
    gaze = clean_samples(samples_table(columns), SCREEN)
    assert np.nanmax(y) > 750
    assert np.nanmax(gaze.y_px) < 560
    (gap,) = gaze.gaps
    assert gap.cause == "blink"
    assert not gap.filled
    assert gap.onset_us == pytest.approx(FALL, abs=10_000)
    kept = clean_samples(samples_table(columns), SCREEN, blinks="gap")
    assert np.nanmax(kept.y_px) > 750


def test_a_margin_drops_more() -> None:
    time, pupil = _blinked()
    xy = np.full((time.size, 2), 500.0)
    lost = [
        np.isnan(gaze_of(time, xy, screen=SCREEN, pupils_mm=(pupil,), blink_margin_ms=m).x_px).sum()
        for m in (0, 50)
    ]
    assert lost[1] - lost[0] == pytest.approx(100, abs=2)
