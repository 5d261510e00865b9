"""Streams that are cut anywhere give back every whole batch and every whole line."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazekit.model.errors import DataError
from gazekit.model.records import Event
from gazekit.model.schemas import schema_of
from gazekit.model.stream import (
    ArrowStreamWriter,
    JsonLinesWriter,
    mend_json_lines,
    mend_stream,
    read_json_lines,
    read_stream,
    stream_state,
)


def pairs(first: int, count: int) -> pa.RecordBatch:
    times = np.arange(first, first + count, dtype=np.int64)
    return pa.RecordBatch.from_arrays([times, times, times], schema=schema_of("clock"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stream") / "clock-000.arrows"
    with ArrowStreamWriter(path, "clock") as writer:
        for first in range(0, 60, 10):
            writer.append(pairs(first, 10))
    return path


def test_a_closed_stream_reads_back_equal(whole: Path) -> None:
    assert read_stream(whole, "clock")["device_us"].to_pylist() == list(range(60))
    assert not stream_state(whole, "clock").cut


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_stream_cut_at_any_byte_keeps_its_whole_batches_and_closes_again(
    whole: Path, data: st.DataObject
) -> None:
    content = whole.read_bytes()
    size = data.draw(st.integers(0, len(content) - 1))
    cut = whole.with_name("cut.arrows")
    cut.write_bytes(content[:size])
    before = read_stream(cut, "clock")
    assert before.num_rows % 10 == 0
    assert before["device_us"].to_pylist() == list(range(before.num_rows))
    assert stream_state(cut, "clock").cut
    mend_stream(cut, "clock")
    assert not stream_state(cut, "clock").cut
    assert read_stream(cut, "clock").equals(before)
    with pa.ipc.open_stream(cut) as plain:
        assert plain.read_all().num_rows == before.num_rows


def test_only_the_last_batch_is_lost_by_a_cut(whole: Path) -> None:
    cut = whole.with_name("short.arrows")
    cut.write_bytes(whole.read_bytes()[:-40])
    assert read_stream(cut, "clock").num_rows == 50


def test_zeros_behind_the_last_batch_are_not_taken_for_samples(whole: Path) -> None:
    torn = whole.with_name("torn.arrows")
    content = whole.read_bytes()
    torn.write_bytes(content[:-8] + bytes(512))
    assert read_stream(torn, "clock").num_rows == 60


def test_what_append_returned_from_is_on_disk_before_close(tmp_path: Path) -> None:
    writer = ArrowStreamWriter(tmp_path / "clock-000.arrows", "clock")
    writer.append(pairs(0, 7))
    assert read_stream(tmp_path / "clock-000.arrows", "clock").num_rows == 7
    writer.close()


def test_a_stream_is_never_overwritten(whole: Path) -> None:
    with pytest.raises(FileExistsError):
        ArrowStreamWriter(whole, "clock")


def test_a_stream_of_another_schema_is_named(whole: Path) -> None:
    with pytest.raises(DataError, match="another schema"):
        read_stream(whole, "raw_samples")


def test_json_lines_round_trip_and_a_cut_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    events = [Event(time_us=i, kind="key", value={"name": "ä\n"}) for i in range(5)]
    with JsonLinesWriter(path) as writer:
        for event in events:
            writer.append(event)
    assert read_json_lines(path, Event) == events
    content = path.read_bytes()
    path.write_bytes(content[:-3])
    assert read_json_lines(path, Event) == events[:-1]
    assert mend_json_lines(path) > 0
    assert mend_json_lines(path) == 0
    with JsonLinesWriter(path) as writer:
        writer.append(events[-1])
    assert read_json_lines(path, Event) == events


def test_a_whole_line_that_is_no_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"time_us": 1, "kind": "a"}\n{"time_us": "x", "kind": "a"}\n')
    with pytest.raises(DataError, match=r"events\.jsonl line 2.*time_us"):
        read_json_lines(path, Event)
