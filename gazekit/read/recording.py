"""What does a tracker's file hold? Samples in chunks, and what was shown and noted meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import Event, ScreenRecord
from gazekit.model.schemas import empty_table

__all__ = [
    "MESSAGE",
    "VALIDATION",
    "Box",
    "Chunk",
    "Contents",
    "Header",
    "OneFile",
    "Presentation",
    "Shown",
    "TrackerFile",
    "contents_of",
    "cut_spans",
    "message",
]

_Times = NDArray[np.int64]
Box = tuple[float, float, float, float]

MESSAGE = "message"
"""Kind of the event that a text in the recording makes; its value has ``text``."""

VALIDATION = "validation"
"""Kind of the event of a vendor's validation; its value has ``accuracy_deg`` and ``eye``."""


def message(time_us: int, text: str) -> Event:
    """Make the event of a text that the recording carries."""
    return Event(time_us=time_us, kind=MESSAGE, value={"text": text})


@dataclass(frozen=True)
class Header:
    """What a file says of itself; None where it is silent.

    `screen_px`: width and height; `screen_mm`: of the active area; `rate_hz`: the nominal rate.
    """

    screen_px: tuple[float, float] | None = None
    screen_mm: tuple[float, float] | None = None
    distance_mm: float | None = None
    rate_hz: float | None = None
    model: str | None = None


@dataclass(frozen=True)
class Shown:
    """What stood on the screen from `time_us` on; `names` is empty where nothing known did.

    `box_px`: x0, y0, x1, y1 of the medium on the screen; `size_px`: of the medium itself.
    """

    time_us: int
    names: tuple[str, ...] = ()
    box_px: Box | None = None
    size_px: tuple[float, float] | None = None


@dataclass(frozen=True)
class Chunk:
    """Some samples in time order (table ``samples``), and what the file tells beside them."""

    samples: pa.Table
    shown: tuple[Shown, ...] = ()
    events: tuple[Event, ...] = ()


class TrackerFile(Protocol):
    """One recording as a vendor's software wrote it."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Return every file that it is read from."""

    def header(self) -> Header:
        """Read what the file says of itself."""

    def chunks(self) -> Iterator[Chunk]:
        """Read it, a chunk at a time; times in microseconds of one clock, never backwards."""


@dataclass(frozen=True)
class OneFile:
    """A recording in one file that says nothing of itself; a format overrides what differs."""

    path: Path
    screen: ScreenRecord
    recording_name: str | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The file itself."""
        return (self.path,)

    def header(self) -> Header:
        """Say nothing: the file names neither screen nor rate."""
        return Header()


@dataclass(frozen=True)
class Presentation:
    """A medium while it was shown, and where; `offset_us` is half-open."""

    names: tuple[str, ...]
    onset_us: int
    offset_us: int
    states: tuple[Shown, ...]


@dataclass(frozen=True)
class Contents:
    """A recording without its samples; `end_us` is one step after the last of them."""

    header: Header
    n_samples: int
    first_us: int
    end_us: int
    step_us: int
    presentations: tuple[Presentation, ...]
    events: tuple[Event, ...]

    def messages(self) -> list[tuple[int, str]]:
        """Return the texts in the recording, in time order."""
        return [(e.time_us, str(e.value["text"])) for e in self.events if e.kind == MESSAGE]

    @property
    def rate_hz(self) -> float:
        """The nominal rate, else that of the median step."""
        return self.header.rate_hz or round(1e6 / self.step_us, 3)


def contents_of(recording: TrackerFile) -> Contents:
    """Walk a recording once and say what it holds.

    Raises
    ------
    DataError
        It cannot be read, or has no sample.
    """
    times: list[_Times] = []
    shown: list[Shown] = []
    events: list[Event] = []
    for chunk in recording.chunks():
        times.append(chunk.samples.column("time_us").to_numpy())
        shown += chunk.shown
        events += chunk.events
    time = np.concatenate(times) if times else np.empty(0, np.int64)
    if time.size == 0:
        raise DataError("the recording has no sample", where=recording.files[0].name)
    steps = np.diff(time)
    step = max(round(float(np.median(steps[steps > 0]))), 1) if (steps > 0).any() else 1
    return Contents(
        header=recording.header(),
        n_samples=int(time.size),
        first_us=int(time[0]),
        end_us=int(time[-1]) + step,
        step_us=step,
        presentations=tuple(_presentations(shown, time, step)),
        events=tuple(sorted(events, key=lambda event: event.time_us)),
    )


def _presentations(shown: Sequence[Shown], time: _Times, step_us: int) -> Iterator[Presentation]:
    """Join the states of one medium; it ends with the next one, or with the samples before it."""
    ordered = sorted(shown, key=lambda state: state.time_us)
    group: list[Shown] = []
    for state in [*ordered, None]:
        if group and (state is None or state.names != group[0].names):
            end = None if state is None else state.time_us
            before = time.size if end is None else int(np.searchsorted(time, end))
            last = int(time[before - 1]) + step_us if before else group[0].time_us
            offset = last if end is None else min(end, last)
            if group[0].names and offset > group[0].time_us:
                yield Presentation(group[0].names, group[0].time_us, offset, tuple(group))
            group = []
        if state is not None:
            group.append(state)


def cut_spans(
    batches: Iterator[pa.Table], spans: Sequence[tuple[int, int | None]]
) -> Iterator[pa.Table]:
    """Yield the samples of each half-open span, in order; holds those of one span at a time.

    Parameters
    ----------
    batches
        Tables ``samples`` whose times never go backwards.
    spans
        Onset and end in microseconds, sorted by onset; they may overlap. None: to the last sample.
    """
    held: list[pa.Table] = []
    for onset, end in spans:
        held = [part for part in held if _times(part)[-1] >= onset]
        while not (held and end is not None and _times(held[-1])[0] >= end):
            part = next(batches, None)
            if part is None:
                break
            if part.num_rows and _times(part)[-1] >= onset:
                held.append(part)
        cut = [_within(part, onset, end) for part in held]
        yield pa.concat_tables(cut).combine_chunks() if cut else empty_table("samples")


def _times(part: pa.Table) -> _Times:
    times: _Times = part.column("time_us").to_numpy()
    return times


def _within(part: pa.Table, onset: int, end: int | None) -> pa.Table:
    times = _times(part)
    keep = times >= onset if end is None else (times >= onset) & (times < end)
    return part.filter(pa.array(keep))
