"""What is counted of gaze as it comes, what is due by it, and what do keys do to the greys?"""

import numpy as np
import pyarrow as pa
import pytest

from capture.after import problems_of_gaze
from capture.background import mean_grey
from capture.forcing import Forcing
from capture.hands import moved
from capture.presets import PRESETS, presets_of
from capture.tally import Tally
from capture.viewer import InputAct
from gazekit.model.protocol import (
    CalibrationPlan,
    ImagePlan,
    Protocol,
    QualityLimits,
    SessionPlan,
    ViewerKeys,
    ViewerPlan,
)
from gazekit.model.schemas import schema_of
from gazekit.model.viewport import Viewport
from gazekit.synthetic import make_phantom

STEP_US = 10_000


def batch(first: int, valid: list[bool]) -> pa.RecordBatch:
    """Make samples each 10 ms, of which both eyes are valid or lost."""
    columns = {}
    for field in schema_of("raw_samples"):
        if pa.types.is_boolean(field.type):
            columns[field.name] = pa.array(valid)
        elif field.name.endswith("_us"):
            times = (first + np.arange(len(valid))) * STEP_US
            columns[field.name] = pa.array(times, field.type)
        else:
            columns[field.name] = pa.array(np.zeros(len(valid)), field.type)
    schema = schema_of("raw_samples")
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def test_a_gap_across_batches_is_one_gap() -> None:
    tally = Tally()
    tally.add(batch(0, [True, True, False, False]))
    tally.add(batch(4, [False, False, True, True]))
    found = tally.so_far()
    assert (found.samples, found.lost, found.gap_us) == (8, 4, 5 * STEP_US)
    assert found.data_loss == 0.5
    words = problems_of_gaze(found, QualityLimits(max_data_loss=0.4, max_gap_ms=40))
    assert [word.split(",")[0] for word in words] == [
        "50% of the samples are lost",
        "the longest gap is 50 ms",
    ]
    tally.reset()
    assert tally.so_far().data_loss is None


def test_what_is_due_by_readings_time_and_absence() -> None:
    protocol = Protocol(
        title="t",
        version="1",
        images=ImagePlan(synthetic=1),
        calibration=CalibrationPlan(every_readings=3, every_minutes=10.0, out_of_box_s=2.0),
        session=SessionPlan(break_every_readings=2),
    )
    forcing = Forcing(protocol, 0)
    assert forcing.why_calibrate(0, 0) is None
    forcing.read()
    assert forcing.why_calibrate(0, 1_000_000) is None
    assert "out of the tracker's box" in str(forcing.why_calibrate(0, 2_500_000))
    assert "10 minutes" in str(forcing.why_calibrate(600_000_000, 0))
    assert not forcing.break_due(0)
    forcing.read()
    assert forcing.break_due(0)
    forcing.read()
    assert "3 readings" in str(forcing.why_calibrate(0, 0))
    forcing.calibrated(0)
    forcing.rested(0)
    assert forcing.why_calibrate(0, 0) is None
    assert not forcing.break_due(0)


def test_presets_come_from_the_image_and_keys_from_the_protocol() -> None:
    display = make_phantom(1, size_px=(64, 80)).display
    presets = presets_of(display)
    assert set(presets) == set(PRESETS)
    record = display.record
    assert presets["default"] == (record.window_low, record.window_high)
    assert presets["full_range"] == (display.pixels.min(), display.pixels.max())
    plan = ViewerPlan(keys=ViewerKeys(lung=("l",)))
    view = Viewport.fit(record, (0.0, 0.0, 800.0, 600.0))

    def press(viewport: Viewport, key: str) -> Viewport:
        return moved(viewport, InputAct(0, "key", key=key), plan, presets)

    assert press(view, "1") == view
    lung = press(view, "l")
    assert (lung.low, lung.high) == pytest.approx(presets["lung"])
    assert press(view, "o").zoom == pytest.approx(1.0)
    changed = press(press(lung, "i"), "o")
    assert press(changed, "r") == view
    assert press(changed, "f").inverted


def test_the_grey_behind_targets_is_the_mean_of_what_is_shown() -> None:
    display = make_phantom(1, size_px=(256, 320)).display
    shown = display.to_uint8() / 255.0
    assert mean_grey([display]) == pytest.approx(shown.mean(), abs=0.02)
