"""Is the reader told what to do, by the tracker's own guide where it has one?"""

import numpy as np
import pyarrow as pa
import pytest

from capture.clock import SessionClock
from capture.eyes import SimulatedEyes
from capture.position import guide_of
from capture.tally import Tally
from capture.trackers.simulated import SimulatedTracker
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import empty_table, schema_of

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
NO_SAMPLES, NO_POSITION = empty_table("raw_samples"), empty_table("position")
Place = tuple[float, float, float]


def position(*rows: Place | None, step_us: int = 100_000) -> pa.Table:
    """Make rows of the guide, both eyes 0.1 apart about a place; None: no eye is seen."""
    made = []
    for index, row in enumerate(rows):
        x, y, z = row or (np.nan,) * 3
        made.append(
            {
                "received_us": index * step_us,
                "left_x_norm": x + 0.05,
                "left_y_norm": y,
                "left_z_norm": z,
                "right_x_norm": x - 0.05,
                "right_y_norm": y,
                "right_z_norm": z,
                "left_valid": row is not None,
                "right_valid": row is not None,
            }
        )
    return pa.Table.from_pylist(made, schema=schema_of("position"))


def samples(distance_mm: float, x_mm: float = 0.0) -> pa.Table:
    """Make one sample with both eyes at a distance."""
    row: dict[str, object] = {}
    for field in schema_of("raw_samples"):
        numbers = {"origin_x_mm": x_mm, "origin_y_mm": 20.0, "origin_z_mm": distance_mm}
        value = numbers.get(field.name.partition("_")[2], 0.0)
        row[field.name] = pa.scalar(value or field.type == pa.bool_()).cast(field.type).as_py()
    return pa.Table.from_pylist([row], schema=schema_of("raw_samples"))


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ((0.5, 0.5, 0.5), "Good"),
        ((0.5, 0.5, 0.1), "Move back"),
        ((0.5, 0.5, 0.9), "Come closer"),
        ((0.9, 0.5, 0.5), "Move to the right"),
        ((0.1, 0.5, 0.5), "Move to the left"),
        ((0.5, 0.1, 0.5), "Sit lower"),
        ((0.5, 0.9, 0.5), "Sit higher"),
    ],
)
def test_the_trackers_guide_says_where_to_move(place: Place, says: str) -> None:
    guide = guide_of(NO_SAMPLES, position(place), SCREEN)
    assert guide.advice.startswith(says)
    assert guide.good == (says == "Good")
    assert guide.left is not None
    assert guide.right is not None
    # Drawn as in a mirror: the left eye on the left, an eye above the middle above it.
    assert guide.left[0] <= guide.right[0]
    assert (guide.left[1] < 0.5) == (place[1] < 0.5)


def test_the_distance_in_mm_goes_before_that_of_the_box() -> None:
    guide = guide_of(samples(800.0), position((0.5, 0.5, 0.5)), SCREEN)
    assert guide.advice == "Come closer: 80 cm, 65 cm are wanted"
    assert guide_of(samples(650.0), position((0.5, 0.5, 0.9)), SCREEN).good


def test_without_a_guide_the_samples_say_it() -> None:
    assert guide_of(samples(550.0), NO_POSITION, SCREEN).advice.startswith("Move back: 55 cm")
    assert guide_of(samples(650.0, 100.0), NO_POSITION, SCREEN).advice == "Move to the left"
    assert guide_of(samples(650.0), NO_POSITION, SCREEN).good
    assert "No eye is seen" in guide_of(NO_SAMPLES, position(None), SCREEN).advice


@pytest.mark.parametrize(
    ("rows", "away_us"),
    [
        ([(0.5, 0.5, 0.5)] * 40, 0),
        ([(0.5, 0.5, 0.5), *[(1.4, 0.5, 0.5)] * 25, (0.5, 0.5, 0.5)], 2_500_000),
        ([(0.5, 0.5, 0.5), *[None] * 30], 2_900_000),
        ([(0.5, 0.5, 1.02)] * 5, 400_000),
    ],
)
def test_the_time_outside_the_box_is_counted(rows: list[Place | None], away_us: int) -> None:
    tally = Tally()
    table = position(*rows)
    for start in range(0, table.num_rows, 7):
        tally.add_position(table.slice(start, 7).combine_chunks().to_batches()[0])
    assert tally.so_far().away_us == away_us
    tally.reset()
    assert tally.so_far().away_us == 0


def test_silence_of_the_guide_is_not_a_head_outside() -> None:
    tally = Tally()
    for batch in position((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), step_us=9_000_000).to_batches():
        tally.add_position(batch)
    assert tally.so_far().away_us == 0


def test_the_simulated_head_is_well_placed() -> None:
    clock = SessionClock(20.0)
    eyes = SimulatedEyes(clock.now_us(), 960.0, 540.0)
    tracker = SimulatedTracker(clock, eyes, screen=SCREEN, seed=1)
    tracker.start()
    clock.wait_until_us(clock.now_us() + 500_000)
    eyes.shown(clock.now_us(), None, None)
    tracker.stop()
    told = pa.Table.from_batches([tracker.drain_streams()["position"]])
    seen = tracker.drain()
    assert seen is not None
    guide = guide_of(pa.Table.from_batches([seen]), told, SCREEN)
    assert guide.good
    assert guide.left is not None
    assert guide.right is not None
    assert guide.left[0] < 0.5 < guide.right[0]
