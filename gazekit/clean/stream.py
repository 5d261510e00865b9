"""How are events found in a recording of any length? A block at a time, in bounded memory.

::

    chunks --> block (some minutes) --> clean --> detect --> events up to the last saccade --> out
                 ^                                                   |
                 '------ the samples since, and some before them ----'

A block is cut where the last saccade but for the margin begins, so that no event is; the samples
just before the cut are seen again, so that the next block begins as if nothing had been cut.
A recording shorter than a block is cleaned and detected as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gazekit.clean.detectors import detect
from gazekit.clean.flags import off_screen
from gazekit.clean.given import GivenGaze, given_gaze
from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord
from gazekit.quality import QualityPart, measure

__all__ = ["EventBlock", "detect_blocks"]

_BLOCK = 1 << 17
_MARGIN_US = 2_000_000

_Times = NDArray[np.int64]


@dataclass(frozen=True)
class EventBlock:
    """The events of a block (table ``events``), its quality, and its samples off the screen."""

    events: pa.Table
    quality: QualityPart
    off_screen: int


@dataclass
class _Held:
    """Samples not yet settled: tables, how many rows, how many rows went before them."""

    tables: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    last_us: int | None = None
    seen: int = 0

    def add(self, table: pa.Table) -> None:
        """Take more samples; refuse those that go back in time."""
        time = table.column("time_us")
        if time.null_count == 0 and pa.types.is_integer(time.type) and len(time):
            times = time.to_numpy()
            before = times[0] if self.last_us is None else self.last_us
            back = np.flatnonzero(np.diff(times, prepend=before) < 0)
            if back.size:
                raise DataError(
                    "times go backwards",
                    where=f"sample {self.seen + int(back[0]) + 1}",
                    expected="rising time_us",
                    remedy="sort the samples by time, or give each recording a file of its own",
                )
            self.last_us = int(times[-1])
        self.tables.append(table)
        self.rows += table.num_rows
        self.seen += table.num_rows


def detect_blocks(
    chunks: Iterable[pa.Table],
    screen: ScreenRecord,
    *,
    detector: str = "default",
    params: Mapping[str, float] | None = None,
    cleaning: Mapping[str, Any] | None = None,
    block_samples: int = _BLOCK,
) -> Iterator[EventBlock]:
    """Detect the events of a recording that comes in chunks.

    Parameters
    ----------
    chunks
        Tables as `gazekit.detect_events` takes them, in time order.
    screen
        The display and the viewing distance.
    detector, params
        See `gazekit.detect_events`.
    cleaning
        Parameters of `gazekit.clean.clean_samples`, where they are not its defaults.
    block_samples
        So many samples make a block.

    Yields
    ------
    EventBlock
        In time order; the events of all blocks are those of the recording.

    Raises
    ------
    DataError
        Times go backwards, a column is missing or holds no numbers.
    """
    held = _Held()
    start_us: int | None = None
    options: dict[str, Any] = {
        "detector": detector,
        "params": dict(params or {}),
        "cleaning": dict(cleaning or {}),
    }
    for chunk in chunks:
        held.add(chunk)
        if held.rows >= block_samples:
            table = pa.concat_tables(held.tables)
            block, start_us = _settled(table, screen, start_us, last=False, **options)
            yield block
            kept = table.filter(pc.greater_equal(table["time_us"], start_us - _MARGIN_US))
            held.tables, held.rows = [kept], kept.num_rows
    if held.tables:
        table = pa.concat_tables(held.tables)
        yield _settled(table, screen, start_us, last=True, **options)[0]


def _settled(
    table: pa.Table,
    screen: ScreenRecord,
    start_us: int | None,
    *,
    last: bool,
    detector: str,
    params: dict[str, float],
    cleaning: dict[str, Any],
) -> tuple[EventBlock, int]:
    """Return the events from `start_us` to the cut, and the cut; to the end where it is `last`."""
    given = given_gaze(table)
    gaze = given.cleaned(screen, **cleaning)
    events = detect(gaze, screen, detector=detector, params=params)
    first = int(given.time_us[0]) if start_us is None and given.time_us.size else start_us or 0
    end = int(given.time_us[-1]) + 1 if given.time_us.size else first
    if not last:
        end = _cut(events, after_us=first, before_us=end - _MARGIN_US)
    onset = events["onset_us"].to_numpy()
    middle = onset + (events["offset_us"].to_numpy() - onset) // 2
    own = (middle >= first) & (onset < end)
    events = events.filter(pa.array(own))
    rows = slice(*np.searchsorted(given.time_us, [first, end]))
    off = off_screen(screen, gaze.x_px, gaze.y_px)
    inside = slice(*np.searchsorted(gaze.time_us, [first, end]))
    distance = gaze.usual_distance_mm if gaze.distance_mm.size else screen.distance_mm
    quality = _quality(given, events, screen, rows, distance)
    return EventBlock(events, quality, int(off[inside].sum())), end


def _cut(events: pa.Table, *, after_us: int, before_us: int) -> int:
    """Return where the last saccade begins, else any event, that lies between the two."""
    kinds = np.asarray(events["kind"].to_pylist())
    onset = events["onset_us"].to_numpy()
    fits = (onset > after_us) & (onset <= before_us)
    for chosen in (fits & (kinds == "saccade"), fits):
        if chosen.any():
            return int(onset[chosen].max())
    return max(before_us, after_us + 1)


def _quality(
    given: GivenGaze, events: pa.Table, screen: ScreenRecord, rows: slice, distance_mm: float
) -> QualityPart:
    fixed = events.filter(pc.equal(events["kind"], "fixation"))
    spans = np.column_stack([fixed["onset_us"].to_numpy(), fixed["offset_us"].to_numpy()])
    return measure(
        given.time_us[rows],
        {name: xy[rows] for name, xy in given.eyes.items()},
        screen=screen,
        fixations_us=spans,
        distance_mm=distance_mm,
    )
