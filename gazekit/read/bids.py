"""How is BIDS eye-tracking read? Headerless ``_physio.tsv.gz`` files, one for each eye, merged.

The columns stand in the JSON file beside each (BIDS 1.11): ``timestamp``, ``x_coordinate``,
``y_coordinate``, perhaps ``pupil_size``; missing values are ``n/a``. Files from before the
extension was merged (``_eyetrack.tsv.gz``, ``eye1_x_coordinate``) are known by their columns.
Events and messages stand in ``_physioevents.tsv.gz``, the screen in ``_events.json``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import Event
from gazekit.read.cells import Block, ascending, whole_us
from gazekit.read.delimited import Delimited
from gazekit.read.raw import samples_table
from gazekit.read.recording import Chunk, Header, OneFile, message

__all__ = ["BidsFile", "is_bids"]

_T = TypeVar("_T")

_ENDS = ("_physio.tsv.gz", "_eyetrack.tsv.gz")
_MISSING = ("n/a", "NaN", "nan")
_TIME_UNITS = {"s": 1e6, "ms": 1e3, "us": 1.0, "µs": 1.0, "μs": 1.0, "ns": 1e-3}
_WORDS_OF_TIME = {"second": "s", "millisecond": "ms", "microsecond": "us", "nanosecond": "ns"}
_PIXELS = {"pixel", "pixels", "px"}
_EYES = ("left", "right")
_RECORDING = re.compile(r"_recording-[A-Za-z0-9]+")


class _Units(msgspec.Struct, frozen=True, rename=str.title):
    """Description of a column."""

    units: str | None = None
    description: str | None = None


class _Physio(msgspec.Struct, frozen=True):
    """What is needed of the JSON file beside the samples."""

    Columns: list[str]
    SamplingFrequency: float | None = None
    RecordedEye: str | None = None
    SampleCoordinateSystem: str | None = None
    timestamp: _Units = _Units()
    x_coordinate: _Units = _Units()
    y_coordinate: _Units = _Units()
    pupil_size: _Units = _Units()
    ManufacturersModelName: str | None = None


class _PhysioEvents(msgspec.Struct, frozen=True):
    """What is needed of the JSON file beside the events."""

    Columns: list[str]
    OnsetSource: str = "timestamp"
    duration: _Units = _Units()


class _Stimulus(msgspec.Struct, frozen=True):
    """The screen, in metres and pixels."""

    ScreenDistance: float | None = None
    ScreenResolution: tuple[float, float] | None = None
    ScreenSize: tuple[float, float] | None = None


class _Events(msgspec.Struct, frozen=True):
    StimulusPresentation: _Stimulus = _Stimulus()


def is_bids(path: Path) -> bool:
    """Tell whether a file is an eye-tracking recording of BIDS, by the JSON file beside it."""
    if not path.is_file() or not path.name.endswith(_ENDS):
        return False
    try:
        return "timestamp" in _stems(_described(path).Columns)
    except DataError:
        return False


class BidsFile(OneFile):
    """The recording of one eye; the other eye's, of the same run, is found beside it."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Both eyes' files and everything that describes them."""
        found = {self._events_json()}
        for path in self._eyes():
            events = _beside(path, "_physioevents")
            found |= {path, _json(path), events, _json(events)}
        return (self.path, *sorted(found - {self.path}))

    def header(self) -> Header:
        """Read the screen from ``_events.json``, rate and model from the file beside."""
        facts = _described(self.path)
        path = self._events_json()
        shown = _decode(path, _Events).StimulusPresentation if path.is_file() else _Stimulus()
        size = shown.ScreenSize
        return Header(
            screen_px=shown.ScreenResolution,
            screen_mm=None if size is None else (size[0] * 1e3, size[1] * 1e3),
            distance_mm=None if shown.ScreenDistance is None else shown.ScreenDistance * 1e3,
            rate_hz=facts.SamplingFrequency,
            model=facts.ManufacturersModelName,
        )

    def chunks(self) -> Iterator[Chunk]:
        """Read both eyes side by side, a block at a time; events come with the first.

        Raises
        ------
        DataError
            A description is missing or says no gaze on the screen in pixels, or a cell is broken.
        """
        streams = [_Stream(path) for path in self._eyes()]
        events = [event for stream in streams for event in stream.events()]
        if len(streams) == 1:
            for table in streams[0].tables():
                yield Chunk(table, events=tuple(events))
                events = []
            return
        for table in _merged(streams[0].tables(), streams[1].tables()):
            yield Chunk(table, events=tuple(events))
            events = []

    def _eyes(self) -> list[Path]:
        """Return the files of the run, this one first; at most one for each eye."""
        if not self.path.is_file():
            raise DataError("no such file", where=self.path.name)
        if not _RECORDING.search(self.path.name):
            return [self.path]
        pattern = _RECORDING.sub("_recording-*", self.path.name)
        found = [self.path]
        eyes = {_described(self.path).RecordedEye}
        for path in sorted(self.path.parent.glob(pattern)):
            facts = None if path == self.path else _described(path)
            if facts and facts.RecordedEye in _EYES and not eyes & {facts.RecordedEye, "cyclopean"}:
                found.append(path)
                eyes.add(facts.RecordedEye)
        return found

    def _events_json(self) -> Path:
        stem = _RECORDING.sub("", self.path.name)
        for end in _ENDS:
            stem = stem.removesuffix(end)
        return self.path.with_name(f"{stem}_events.json")


class _Stream:
    """One file of samples and what describes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.facts = _described(path)
        self.scale = _time_scale(self.facts.timestamp, path)
        self._check_coordinates()

    def tables(self) -> Iterator[pa.Table]:
        names = list(self.facts.Columns)
        file = Delimited(
            self.path,
            "\t",
            names=tuple(names),
            missing=_MISSING,
            compressed=self.path.suffix == ".gz",
        )
        last: int | None = None
        for block in file.blocks(range(len(names)), _stems(names)):
            time = whole_us(block, "timestamp", self.scale)
            ascending(block, time, last)
            last = int(time[-1])
            yield samples_table(self._columns(block, time))

    def events(self) -> list[Event]:
        """Read the events beside the samples, on the clock of the time stamps."""
        path = _beside(self.path, "_physioevents")
        if not path.is_file():
            return []
        facts = _decode(_json(path), _PhysioEvents)
        if facts.OnsetSource != "timestamp" or "onset" not in facts.Columns:
            return []
        own = facts.duration.units is not None
        lasting = _time_scale(facts.duration, path) if own else self.scale
        file = Delimited(path, "\t", names=tuple(facts.Columns), missing=_MISSING, compressed=True)
        return [
            event
            for block in file.blocks(range(len(facts.Columns)), facts.Columns)
            for event in self._events_of(block, lasting)
        ]

    def _events_of(self, block: Block, lasting: float) -> Iterator[Event]:
        onset = whole_us(block, "onset", self.scale)
        length = np.full(len(block), np.nan)
        if "duration" in block.columns:
            length = block.numbers("duration") * lasting
        kinds = self._words(block, "trial_type")
        for at, text in enumerate(self._words(block, "message")):
            time, kind = int(onset[at]), kinds[at]
            if text is not None:
                yield message(time, text)
            if kind is not None:
                yield Event(
                    time_us=time,
                    kind=f"vendor_{kind}",
                    duration_us=None if np.isnan(length[at]) else round(float(length[at])),
                    value={"eye": self.facts.RecordedEye},
                )

    def _words(self, block: Block, name: str) -> list[str | None]:
        if name not in block.columns:
            return [None] * len(block)
        words = (text.strip() for text in block.texts(name))
        return [None if word in ("", *_MISSING) else word for word in words]

    def _columns(self, block: Block, time: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
        nothing = np.full(time.size, np.nan)
        columns: dict[str, NDArray[np.generic]] = {"time_us": time, "distance_mm": nothing}
        of_eye = {"left": "eye1_", "right": "eye2_"}
        for eye in _EYES:
            prefix = of_eye[eye] if "eye1_x_coordinate" in block.columns else ""
            own = bool(prefix) or self.facts.RecordedEye in (eye, "cyclopean")
            for axis in "xy":
                name = f"{prefix}{axis}_coordinate"
                known = own and name in block.columns
                columns[f"{eye}_{axis}_px"] = block.numbers(name) if known else nothing
            pupil = f"{prefix}pupil_size"
            in_mm = (self.facts.pupil_size.units or "").lower() in ("mm", "millimeter")
            known = own and in_mm and pupil in block.columns
            columns[f"{eye}_pupil_mm"] = block.numbers(pupil) if known else nothing
        return columns

    def _check_coordinates(self) -> None:
        where = _json(self.path).name
        names = _stems(self.facts.Columns)
        for prefix in ("eye1_", "") if "eye1_x_coordinate" in names else ("",):
            missing = [n for n in ("x_coordinate", "y_coordinate") if f"{prefix}{n}" not in names]
            if prefix == "eye1_" and not missing:
                break
            if missing:
                raise DataError("a column is missing", where=where, expected=missing[0])
        if "timestamp" not in names:
            raise DataError("a column is missing", where=where, expected="timestamp")
        system = self.facts.SampleCoordinateSystem
        if system not in (None, "gaze-on-screen"):
            raise DataError(
                "the samples are no gaze on the screen",
                where=where,
                expected="SampleCoordinateSystem gaze-on-screen",
                found=system,
            )
        units = (self.facts.x_coordinate.units, self.facts.y_coordinate.units)
        if any(unit is not None and unit.lower() not in _PIXELS for unit in units):
            raise DataError(
                "the coordinates are no pixels", where=where, expected="pixel", found=units[0]
            )
        if "eye1_x_coordinate" not in names and self.facts.RecordedEye not in (*_EYES, "cyclopean"):
            raise DataError(
                "the recorded eye is not known",
                where=where,
                expected="RecordedEye left, right or cyclopean",
                found=self.facts.RecordedEye or "none",
            )


def _merged(one: Iterator[pa.Table], other: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Join two eyes by their times, in blocks; where only one has a sample the other is lost."""
    empty = samples_table(_nothing(np.empty(0, np.int64)))
    held, iterators = [empty, empty], [one, other]
    open_ = [True, True]
    while any(open_) or any(part.num_rows for part in held):
        for index in (0, 1):
            if open_[index] and held[index].num_rows == 0:
                part = next(iterators[index], None)
                open_[index] = part is not None
                held[index] = empty if part is None else part
        ends = [int(part.column("time_us")[-1].as_py()) for part in held if part.num_rows]
        if not ends:
            return
        limit = min(ends)
        cuts = [int(np.searchsorted(_times(part), limit, side="right")) for part in held]
        yield _joined(*(part.slice(0, cut) for part, cut in zip(held, cuts, strict=True)))
        held = [part.slice(cut) for part, cut in zip(held, cuts, strict=True)]


def _joined(one: pa.Table, other: pa.Table) -> pa.Table:
    time = np.union1d(_times(one), _times(other))
    columns = _nothing(time)
    for part in (one, other):
        at = np.searchsorted(time, _times(part))
        for name, values in columns.items():
            if name == "time_us":
                continue
            new = part.column(name).to_numpy()
            known = ~np.isnan(new)
            values[at[known]] = new[known]
    return samples_table(columns)


def _times(part: pa.Table) -> NDArray[np.int64]:
    times: NDArray[np.int64] = part.column("time_us").to_numpy()
    return times


def _nothing(time: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    names = [f"{eye}_{part}" for eye in _EYES for part in ("x_px", "y_px", "pupil_mm")]
    return {"time_us": time, **{n: np.full(time.size, np.nan) for n in (*names, "distance_mm")}}


def _described(path: Path) -> _Physio:
    return _decode(_json(path), _Physio)


def _decode(path: Path, kind: type[_T]) -> _T:
    if not path.is_file():
        raise DataError("the description is missing", where=path.name, expected="a JSON file")
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DataError(f"the description is wrong: {error}", where=path.name) from None


def _time_scale(column: _Units, path: Path) -> float:
    """Return the microseconds in one unit of a column of times."""
    unit = (column.units or "").strip()
    unit = _WORDS_OF_TIME.get(unit.lower().rstrip("s"), unit)
    if unit not in _TIME_UNITS:
        raise DataError(
            "the unit of time is not known",
            where=_json(path).name,
            expected=f"Units: {', '.join(_TIME_UNITS)}",
            found=unit or "none",
        )
    return _TIME_UNITS[unit]


def _json(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".gz").removesuffix(".tsv") + ".json")


def _beside(path: Path, end: str) -> Path:
    name = path.name
    for known in _ENDS:
        name = name.removesuffix(known)
    return path.with_name(f"{name}{end}.tsv.gz")


def _stems(columns: list[str]) -> list[str]:
    """Return the columns under the names of BIDS 1.11."""
    return ["timestamp" if name == "eye_timestamp" else name for name in columns]
