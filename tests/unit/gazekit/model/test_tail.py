"""Is a growing file read exactly once, whatever the writer has got to?"""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.errors import DataError
from gazekit.model.records import Event
from gazekit.model.schemas import schema_of
from gazekit.model.stream import ArrowStreamWriter, JsonLinesWriter
from gazekit.model.tail import JsonLinesTail, StreamTail


def pairs(start: int, count: int) -> pa.RecordBatch:
    numbers = pa.array(range(start, start + count), pa.int64())
    return pa.record_batch([numbers] * 3, schema=schema_of("clock"))


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("stream") / "whole.arrows"
    with ArrowStreamWriter(path, "clock") as writer:
        for start, count in ((0, 3), (3, 1), (4, 20), (24, 7)):
            writer.append(pairs(start, count))
    return path.read_bytes()


@given(cuts=st.lists(st.integers(0, 4000), max_size=12), most=st.integers(1, 2000))
def test_a_stream_cut_anywhere_is_read_once_and_in_order(
    cuts: list[int], most: int, stream: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("tail") / "clock.arrows"
    tail = StreamTail(path, "clock")
    assert tail.take() == []
    seen: list[int] = []
    for cut in [*sorted(cuts), len(stream)]:
        path.write_bytes(stream[:cut])
        for batch in tail.take(most_bytes=most):
            seen += batch.column("device_us").to_pylist()
        assert seen == list(range(len(seen)))
    while more := tail.take(most_bytes=most):
        seen += [value for batch in more for value in batch.column("device_us").to_pylist()]
    assert seen == list(range(31))


def test_a_batch_larger_than_a_piece_is_read(
    stream: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gazekit.model.tail._PIECE", 16)
    path = tmp_path / "clock.arrows"
    path.write_bytes(stream)
    assert sum(batch.num_rows for batch in StreamTail(path, "clock").take()) == 31


def test_another_table_is_refused(stream: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clock.arrows"
    path.write_bytes(stream)
    with pytest.raises(DataError, match="another schema"):
        StreamTail(path, "raw_samples").take()


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    tail = JsonLinesTail(path, Event)
    assert tail.take() == []
    with JsonLinesWriter(path) as writer:
        writer.append(Event(time_us=1, kind="first"))
    with path.open("ab") as file:
        file.write(b'{"time_us":2,"ki')
    assert [event.kind for event in tail.take()] == ["first"]
    with path.open("ab") as file:
        file.write(b'nd":"second"}\n')
    assert [event.kind for event in tail.take()] == ["second"]
    assert tail.take() == []


def test_a_whole_line_that_is_no_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"time_us":"noon"}\n')
    with pytest.raises(DataError, match=r"events\.jsonl"):
        JsonLinesTail(path, Event).take()
