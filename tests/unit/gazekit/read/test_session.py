"""Is a session read reading by reading, on its own clock, however its stream is cut?"""

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.records import (
    Event,
    ImageRecord,
    ReaderRecord,
    ScreenRecord,
    SessionRecord,
    TrackerRecord,
    ViewState,
    Word,
)
from gazekit.model.schemas import schema_of
from gazekit.model.session import SessionWriter
from gazekit.read import ReadingInput, SessionSource, open_session

SCREEN = ScreenRecord(
    width_px=1000, height_px=500, width_mm=500.0, height_mm=250.0, distance_mm=650.0
)
IMAGE = ImageRecord(
    image_id="img-1",
    sha256="0" * 64,
    width_px=100,
    height_px=100,
    window_low=0.0,
    window_high=1.0,
    window_source="test",
    photometric="MONOCHROME2",
    bits_stored=12,
    patient_id="P1",
)
PROTOCOL = b'title = "t"\nversion = "1"\n[images]\nsynthetic = 1\n'
DEVICE_AHEAD_US = 7_000_000
STEP_US = 10_000

Value = dict[str, str | int | float | bool | None]


def _batch(time_us: np.ndarray) -> pa.RecordBatch:
    """Gaze that stands at x = time / 1e8 of the screen; the right eye is lost."""
    n = time_us.size
    columns = {
        "device_time_us": time_us + DEVICE_AHEAD_US,
        "system_time_us": time_us + 900,
        "received_us": time_us + 4_000,
    }
    arrays = []
    for field in schema_of("raw_samples"):
        if field.name in columns:
            arrays.append(pa.array(columns[field.name]))
        elif field.type == pa.bool_():
            arrays.append(pa.array([field.name.startswith("left")] * n))
        elif field.name == "left_gaze_x_norm":
            arrays.append(pa.array(time_us / 1e8))
        else:
            arrays.append(pa.array(np.full(n, 0.5)).cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of("raw_samples"))


def _clock(time_us: list[int]) -> pa.RecordBatch:
    rows = [
        {"request_us": t - 50, "device_us": t + DEVICE_AHEAD_US, "response_us": t + 50}
        for t in time_us
    ]
    return pa.RecordBatch.from_pylist(rows, schema=schema_of("clock"))


def _session(parent: Path, *, pairs: bool, rows_a_batch: int, segments: int = 1) -> Path:
    """Two readings, at 1 to 3 s and 4 to 6 s; the second never ends."""
    record = SessionRecord(
        session_id="s1",
        created_at="2026-01-01T00:00:00Z",
        protocol="t",
        protocol_sha256="0" * 64,
        seed=0,
        reader=ReaderRecord(reader_id="R01"),
        screen=SCREEN,
        tracker=TrackerRecord(kind="test", rate_hz=100.0, simulated=True),
        software={},
        simulated=True,
    )
    writer = SessionWriter(parent, record, PROTOCOL)
    writer.image(IMAGE)
    for order, (name, onset) in enumerate((("one", 1_000_000), ("two", 4_000_000))):
        value: Value = {"reading_id": name, "image_id": "img-1", "order": order}
        writer.event(Event(time_us=onset, kind="reading_start", value=value))
        writer.view(ViewState(time_us=onset - 10, image_id="img-1"))
        writer.word(Word(reading_id=name, index=0, text="Fine.", onset_us=onset + 500_000))
    end: Value = {"reading_id": "one", "outcome": "complete"}
    writer.event(Event(time_us=3_000_000, kind="reading_end", value=end))
    parts = np.array_split(np.arange(0, 6_000_000, STEP_US), segments)
    for index, part in enumerate(parts):
        if index:
            writer.new_segment()
        if pairs:
            writer.clock(_clock([int(part[0]), int(part[-1])]))
        for start in range(0, part.size, rows_a_batch):
            writer.samples(_batch(part[start : start + rows_a_batch]))
    return writer.close()


def _times(reading: ReadingInput) -> np.ndarray:
    times: np.ndarray = reading.samples.column("time_us").to_numpy()
    return times


@pytest.mark.parametrize("rows_a_batch", [7, 100, 10_000])
@pytest.mark.parametrize("segments", [1, 3])
def test_each_reading_has_its_own_samples(tmp_path: Path, rows_a_batch: int, segments: int) -> None:
    root = _session(tmp_path, pairs=True, rows_a_batch=rows_a_batch, segments=segments)
    one, two = open_session(root)
    np.testing.assert_array_equal(_times(one), np.arange(1_000_000, 3_000_000, STEP_US))
    np.testing.assert_array_equal(_times(two), np.arange(4_000_000, 6_000_000, STEP_US))
    x = one.samples.column("left_x_px").to_numpy()
    np.testing.assert_allclose(x, _times(one) / 1e8 * SCREEN.width_px)
    assert np.isnan(one.samples.column("right_x_px").to_numpy()).all()


def test_without_clock_pairs_the_vendors_session_time_is_taken(tmp_path: Path) -> None:
    root = _session(tmp_path, pairs=False, rows_a_batch=100)
    one, _ = open_session(root)
    assert ((_times(one) - 900) % STEP_US == 0).all()


def test_what_was_recorded_goes_with_its_reading(tmp_path: Path) -> None:
    one, two = open_session(_session(tmp_path, pairs=True, rows_a_batch=100))
    assert (one.reading.outcome, two.reading.outcome) == ("complete", "aborted")
    assert (one.reading.offset_us, two.reading.offset_us) == (3_000_000, None)
    assert [word.onset_us for word in two.words] == [4_500_000]
    assert two.reading.patient_id == "P1"
    assert one.views[0].time_us == 1_000_000 - 10


def test_one_reading_can_be_read_alone(tmp_path: Path) -> None:
    source = SessionSource(_session(tmp_path, pairs=True, rows_a_batch=100))
    (two,) = source.load(["two"], source.catalogue())
    assert two.reading.reading_id == "two"
    assert _times(two)[0] == 4_000_000


def test_a_catalogue_can_travel_to_another_process(tmp_path: Path) -> None:
    import pickle

    source = SessionSource(_session(tmp_path, pairs=True, rows_a_batch=100))
    catalogue = source.catalogue()
    again, copy = pickle.loads(pickle.dumps((source, catalogue)))  # noqa: S301 - our own
    assert (again, copy) == (source, catalogue)
    assert msgspec.json.encode(copy.readings) == msgspec.json.encode(catalogue.readings)
