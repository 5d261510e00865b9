"""Are samples cut and presentations joined the same, however a recording falls into chunks?"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.errors import DataError
from gazekit.read.raw import samples_table
from gazekit.read.recording import Chunk, Header, Shown, contents_of, cut_spans, message


def _table(times: Sequence[int]) -> pa.Table:
    time = np.array(times, np.int64)
    names = [f"{eye}_{part}" for eye in ("left", "right") for part in ("x_px", "y_px", "pupil_mm")]
    columns = {name: time.astype(float) for name in (*names, "distance_mm")}
    return samples_table({"time_us": time, **columns})


@dataclass(frozen=True)
class _Recording:
    parts: tuple[Chunk, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        return (Path("recording"),)

    def header(self) -> Header:
        return Header()

    def chunks(self) -> Iterator[Chunk]:
        yield from self.parts


steps = st.lists(st.integers(1, 5), min_size=1, max_size=60)
cuts = st.lists(st.integers(0, 60), max_size=5)


def _split(times: list[int], at: list[int]) -> list[list[int]]:
    edges = [0, *sorted(min(cut, len(times)) for cut in at), len(times)]
    return [times[a:b] for a, b in itertools.pairwise(edges)]


@given(
    steps,
    cuts,
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 80)), min_size=1, max_size=4),
)
def test_spans_hold_exactly_their_samples(
    steps: list[int], at: list[int], spans: list[tuple[int, int]]
) -> None:
    times = np.cumsum(steps).tolist()
    wanted = sorted((onset, onset + length) for onset, length in spans)
    parts = cut_spans((_table(part) for part in _split(times, at)), wanted)
    found = [part.column("time_us").to_pylist() for part in parts]
    assert found == [[t for t in times if onset <= t < end] for onset, end in wanted]


@given(steps, cuts, st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=6))
def test_presentations_do_not_depend_on_chunks(
    steps: list[int], at: list[int], names: list[str]
) -> None:
    times = np.cumsum(steps).tolist()
    shown = tuple(
        Shown(times[0] + 7 * index, (name,) if name else ()) for index, name in enumerate(names)
    )
    whole = contents_of(_Recording((Chunk(_table(times), shown),)))
    parts = [Chunk(_table(part)) for part in _split(times, at)]
    split = contents_of(_Recording((*parts[:-1], Chunk(parts[-1].samples, shown))))
    assert split == whole
    ends = [p.offset_us for p in whole.presentations]
    onsets = [p.onset_us for p in whole.presentations]
    assert all(onset < end for onset, end in zip(onsets, ends, strict=True))
    assert all(end <= onset for end, onset in zip(ends[:-1], onsets[1:], strict=True))


def test_a_presentation_ends_with_its_samples() -> None:
    shown = (Shown(0, ("a",)), Shown(1000, ("b",)))
    contents = contents_of(_Recording((Chunk(_table([0, 10, 20, 1000, 1010]), shown),)))
    assert [(p.onset_us, p.offset_us) for p in contents.presentations] == [(0, 30), (1000, 1020)]


def test_messages_are_in_time_order() -> None:
    events = (message(20, "second"), message(5, "first"))
    contents = contents_of(_Recording((Chunk(_table([0, 10]), events=events),)))
    assert contents.messages() == [(5, "first"), (20, "second")]


def test_a_recording_without_samples_is_refused() -> None:
    with pytest.raises(DataError, match="recording: the recording has no sample"):
        contents_of(_Recording((Chunk(_table([])),)))
