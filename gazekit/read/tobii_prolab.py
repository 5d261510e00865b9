"""How is an export of Tobii Pro Lab read? The tab-separated "single standard file".

Columns are found by their stem, since any may carry its unit: ``Recording timestamp [ms]``, ``Gaze
point X [DACS px]`` or, in older exports, ``Gaze point X (MCSnorm)``. Rows of several sensors are
interleaved; only those of the eye tracker are samples, and rows without a sensor are events. Gaze
is in pixels of the display, (0, 0) top-left; the presented medium's place and size say where the
image stood. A change of medium begins another presentation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import Event
from gazekit.model.schemas import empty_table
from gazekit.read.cells import Block, ascending, shown_value, whole_us
from gazekit.read.delimited import Delimited
from gazekit.read.raw import mean_of_eyes, samples_table
from gazekit.read.recording import Chunk, Header, OneFile, Shown, message

__all__ = ["ProLabFile", "is_prolab"]

_Floats = NDArray[np.float64]

_STEM = re.compile(r"\s*[\[(]([^\])]*)[\])]\s*$")
_TIME_UNITS = {"": 1.0, "us": 1.0, "ms": 1e3, "s": 1e6}
_SENSOR = "Eye Tracker"
_BOX = ("media_x", "media_y", "media_width", "media_height")
_SIZE = ("original_width", "original_height")
_OF_MEDIA = ("media", "stimulus", *_BOX, *_SIZE)
_VALID = {"valid": True, "0": True, "1": True, "invalid": False, "2": False, "3": False, "4": False}
_PX = ("", "dacspx", "px")
_MM = ("", "mm")
_WANTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "time": ("recording timestamp", tuple(_TIME_UNITS)),
    "sensor": ("sensor", ("",)),
    "recording": ("recording name", ("",)),
    "participant": ("participant name", ("",)),
    "event": ("event", ("",)),
    "event_value": ("event value", ("",)),
    "x": ("gaze point x", _PX),
    "y": ("gaze point y", _PX),
    **{
        f"{eye}_{axis}": (f"gaze point {eye} {axis}", _PX)
        for eye in ("left", "right")
        for axis in "xy"
    },
    **{f"{eye}_pupil": (f"pupil diameter {eye}", _MM) for eye in ("left", "right")},
    **{f"{eye}_validity": (f"validity {eye}", ("",)) for eye in ("left", "right")},
    **{f"{eye}_z": (f"eye position {eye} z", ("dacsmm",)) for eye in ("left", "right")},
    "media": ("presented media name", ("",)),
    "stimulus": ("presented stimulus name", ("",)),
    "media_x": ("presented media position x", _PX),
    "media_y": ("presented media position y", _PX),
    "media_width": ("presented media width", _PX),
    "media_height": ("presented media height", _PX),
    "original_width": ("original media width", _PX),
    "original_height": ("original media height", _PX),
    "screen_width": ("recording resolution width", _PX),
    "screen_height": ("recording resolution height", _PX),
    "movement": ("eye movement type", ("",)),
    "movement_index": ("eye movement type index", ("",)),
    "movement_ms": ("gaze event duration", ("", "ms")),
    "fixation_x": ("fixation point x", _PX),
    "fixation_y": ("fixation point y", _PX),
}


def is_prolab(path: Path) -> bool:
    """Tell whether a file is an export of Pro Lab, by its header."""
    try:
        stems = {_split(name)[0] for name in Delimited(path, "\t").header()}
    except DataError:
        return False
    return "recording timestamp" in stems and any(stem.startswith("gaze point") for stem in stems)


class ProLabFile(OneFile):
    """An export; `recording_name` chooses one where it holds several recordings."""

    def header(self) -> Header:
        """Read the display's size from the first row."""
        places, _ = self._places()
        if not {"screen_width", "screen_height"} <= places.keys():
            return Header()
        for block in self._blocks(places):
            sizes = [block.numbers(f"screen_{side}") for side in ("width", "height")]
            known = np.flatnonzero(~np.isnan(sizes[0]) & ~np.isnan(sizes[1]))
            if known.size:
                return Header(screen_px=(float(sizes[0][known[0]]), float(sizes[1][known[0]])))
        return Header()

    def chunks(self) -> Iterator[Chunk]:
        """Read it, a block at a time.

        Raises
        ------
        DataError
            A column is missing, a cell is broken, several recordings are in the file and none is
            chosen, or the time goes backwards.
        """
        places, scale = self._places()
        walk = _Walk(self.path.name, scale)
        for block in self._blocks(places):
            yield walk.chunk(self._chosen(block, walk))
        if self.recording_name is not None and not walk.found:
            raise DataError(
                "there is no such recording", where=self.path.name, expected=self.recording_name
            )

    def _table(self) -> Delimited:
        return Delimited(self.path, "\t", decimal_comma=True)

    def _blocks(self, places: dict[str, int]) -> Iterator[Block]:
        return self._table().blocks(places.values(), list(places))

    def _places(self) -> tuple[dict[str, int], float]:
        """Find the columns by stem and unit; and the unit of time, in microseconds."""
        split = [_split(name) for name in self._table().header()]
        places: dict[str, int] = {}
        for name, (stem, units) in _WANTED.items():
            found = [at for at, (s, u) in enumerate(split) if s == stem and u in units]
            if found:
                places[name] = min(found, key=lambda at: units.index(split[at][1]))
        needed = ["time"]
        needed += ["left_x", "left_y"] if "right_x" not in places else ["right_x", "right_y"]
        if {"x", "y"} <= places.keys() and not {"left_x", "right_x"} & places.keys():
            needed = ["time"]
        missing = [_WANTED[name][0] for name in needed if name not in places]
        if missing:
            raise DataError(
                "a column is missing",
                where=f"{self.path.name}: row 1",
                expected=f"{missing[0]!r}, in pixels of the display or microseconds",
                found=f"{len(split)} columns without it",
                remedy="export from Pro Lab with gaze data (DACS px) and timestamps",
            )
        return places, _TIME_UNITS[split[places["time"]][1]]

    def _chosen(self, block: Block, walk: "_Walk") -> Block:
        """Keep the rows of one recording."""
        if "recording" not in block.columns:
            return block
        names = block.columns["recording"]
        if self.recording_name is not None:
            keep = pc.equal(names, self.recording_name).to_numpy(zero_copy_only=False)
            walk.found = walk.found or bool(keep.any())
            return block.filtered(keep)
        parts = [names]
        if "participant" in block.columns:
            parts.insert(0, block.columns["participant"])
        joined = pc.binary_join_element_wise(*parts, "\t")
        keep = pc.not_equal(names, "").to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(keep & ~_same_as_before(joined)):
            walk.recordings.add(joined[int(row)].as_py())
            if len(walk.recordings) > 1:
                raise block.error(
                    "several recordings are in the file, and none is chosen",
                    int(row),
                    expected="recording_name = ... in the [[reading]] of the source description",
                )
        return block


@dataclass
class _Walk:
    """What must be remembered from one block to the next."""

    where: str
    scale: float
    found: bool = False
    recordings: set[str] = field(default_factory=set)
    last_us: int | None = None
    shown: tuple[object, ...] | None = None
    fixations: set[int] = field(default_factory=set)

    def chunk(self, block: Block) -> Chunk:
        """Make a chunk of one recording's rows."""
        sensor, is_event = _row_kinds(block)
        events = self._events(block.filtered(is_event))
        rows = block.filtered(sensor)
        if len(rows) == 0:
            return Chunk(empty_table("samples"), events=events)
        time = whole_us(rows, "time", self.scale)
        ascending(rows, time, self.last_us)
        self.last_us = int(time[-1])
        return Chunk(
            samples_table(_columns(rows, time)),
            shown=tuple(self._shown(rows, time)),
            events=(*events, *self._fixations(rows, time)),
        )

    def _events(self, rows: Block) -> tuple[Event, ...]:
        if len(rows) == 0:
            return ()
        times = whole_us(rows, "time", self.scale)
        values = rows.texts("event_value") if "event_value" in rows.columns else [""] * len(rows)
        texts = (f"{name} {value}" for name, value in zip(rows.texts("event"), values, strict=True))
        return tuple(
            message(int(time), text.strip()) for time, text in zip(times, texts, strict=True)
        )

    def _shown(self, rows: Block, time: NDArray[np.int64]) -> Iterator[Shown]:
        """Yield a state at the first sample of each new medium or place."""
        fields = [name for name in _OF_MEDIA if name in rows.columns]
        if not {"media", "stimulus"} & set(fields):
            return
        changed = np.ones(len(rows), bool)
        same = [_same_as_before(rows.columns[name]) for name in fields]
        changed[1:] = ~np.logical_and.reduce(same)[1:]
        for at in np.flatnonzero(changed):
            row = rows.filtered(np.arange(len(rows)) == at)
            names = [row.texts(n)[0].strip() for n in ("media", "stimulus") if n in fields]
            box = [float(row.numbers(n)[0]) if n in fields else np.nan for n in _BOX]
            size = [float(row.numbers(n)[0]) if n in fields else np.nan for n in _SIZE]
            state = _state(int(time[at]), tuple(dict.fromkeys(n for n in names if n)), box, size)
            key = (state.names, state.box_px, state.size_px)
            if key != self.shown and (self.shown is not None or state.names):
                self.shown = key
                yield state

    def _fixations(self, rows: Block, time: NDArray[np.int64]) -> Iterator[Event]:
        """Yield each fixation of the vendor's filter at its first row.

        Other movements count their own indices, so that an index alone names nothing.
        """
        if not {"movement", "movement_index", "movement_ms"} <= rows.columns.keys():
            return
        fixed = pc.equal(rows.columns["movement"], "Fixation").to_numpy(zero_copy_only=False)
        part, moments = rows.filtered(fixed), time[fixed]
        index, length = part.numbers("movement_index"), part.numbers("movement_ms")
        x, y = (
            part.numbers(f) if f in part.columns else np.full(len(part), np.nan)
            for f in ("fixation_x", "fixation_y")
        )
        _, firsts = np.unique(index, return_index=True)
        for at in np.sort(firsts):
            if np.isnan(index[at]) or int(index[at]) in self.fixations:
                continue
            self.fixations.add(int(index[at]))
            yield Event(
                time_us=int(moments[at]),
                kind="vendor_fixation",
                duration_us=None if np.isnan(length[at]) else round(float(length[at]) * 1e3),
                value={
                    "index": int(index[at]),
                    "x_px": None if np.isnan(x[at]) else float(x[at]),
                    "y_px": None if np.isnan(y[at]) else float(y[at]),
                },
            )


def _state(time_us: int, names: tuple[str, ...], box: list[float], size: list[float]) -> Shown:
    x, y, width, height = box
    placed = bool(names) and not np.isnan(box).any()
    sized = bool(names) and min(size) > 0
    return Shown(
        time_us,
        names,
        box_px=(x, y, x + width, y + height) if placed else None,
        size_px=(size[0], size[1]) if sized else None,
    )


def _split(name: str) -> tuple[str, str]:
    """Split a column's name into its stem and its unit, both in lower case."""
    found = _STEM.search(name)
    if found is None:
        return name.strip().lower(), ""
    unit = found[1].lower().replace(" ", "").replace("\u03bc", "u").replace("\u00b5", "u")
    return name[: found.start()].strip().lower(), unit


def _row_kinds(block: Block) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the rows of the eye tracker, and those that are events."""
    count = len(block)
    event = np.zeros(count, bool)
    if "event" in block.columns:
        event = pc.not_equal(block.columns["event"], "").to_numpy(zero_copy_only=False)
    if "sensor" in block.columns:
        sensor = pc.equal(block.columns["sensor"], _SENSOR).to_numpy(zero_copy_only=False)
        return sensor, event & ~sensor
    return ~event, event


def _columns(rows: Block, time: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    nothing = np.full(time.size, np.nan)
    both = not {"left_x", "right_x"} & rows.columns.keys()
    columns: dict[str, NDArray[np.generic]] = {"time_us": time}
    depth: list[_Floats] = []
    for eye in ("left", "right"):
        lost = _lost(rows, f"{eye}_validity")
        for axis in "xy":
            name = axis if both else f"{eye}_{axis}"
            values = rows.numbers(name) if name in rows.columns else nothing
            columns[f"{eye}_{axis}_px"] = np.where(lost, np.nan, values)
        for name, target in (("pupil", f"{eye}_pupil_mm"), ("z", "")):
            known = f"{eye}_{name}" in rows.columns
            values = rows.numbers(f"{eye}_{name}") if known else nothing
            values = np.where(lost | ~(values > 0), np.nan, values)
            if target:
                columns[target] = values
            else:
                depth.append(values)
    columns["distance_mm"] = mean_of_eyes(*depth)
    return columns


def _lost(rows: Block, name: str) -> NDArray[np.bool_]:
    """Mark what the tracker calls invalid; an empty cell stands beside empty gaze."""
    if name not in rows.columns:
        return np.zeros(len(rows), bool)
    words = pc.utf8_lower(pc.utf8_trim_whitespace(rows.columns[name]))
    known = pc.is_in(words, value_set=pa.array(["", *_VALID])).to_numpy(zero_copy_only=False)
    if not known.all():
        at = int(np.flatnonzero(~known)[0])
        raise rows.error(
            "unknown validity",
            at,
            expected="Valid, Invalid, or 0 to 4",
            found=f"{shown_value(words[at].as_py())} in column {name.replace('_', ' ')!r}",
        )
    good = pa.array([word for word, valid in _VALID.items() if valid])
    return ~np.asarray(pc.is_in(words, value_set=good).to_numpy(zero_copy_only=False))


def _same_as_before(values: pa.Array) -> NDArray[np.bool_]:
    """Mark values that equal the one above; the first never does."""
    same = np.zeros(len(values), bool)
    if len(values) > 1:
        same[1:] = pc.equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return same
