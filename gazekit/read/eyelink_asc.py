"""How is an EyeLink recording read? The ASC text that SR Research's edf2asc makes of an EDF file.

Samples: ``time x y pupil ... flags`` of one eye, or ``time xl yl pl xr yr pr ... flags`` of both,
``.`` where nothing was seen; time in ms with a fraction at 2 kHz, gaze in display pixels. Events:
``EFIX eye start end ...``, where `end` is the time of the last sample, so that the half-open end is
one sample later. A blink lies inside a saccade that the vendor's parser made of it; that saccade is
dropped. The pupil is in arbitrary units, so that it gives no millimetres. Samples that the tracker
interpolated (flag I) are no measurement and are left empty; those with a lost or recovering corneal
reflection (C, R) keep their gaze, as the vendor does.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import Event, EventValue
from gazekit.read.cells import shown_value
from gazekit.read.delimited import encoding_of
from gazekit.read.raw import samples_table
from gazekit.read.recording import VALIDATION, Chunk, Header, OneFile, message

__all__ = ["EyelinkFile", "is_eyelink"]

_Floats = NDArray[np.float64]

_CHUNK = 50_000
_US = 1000.0
_HEAD_LINES = 5000
_RATE_WITHOUT_FRACTION = 1000.0
_EYES = {"L": "left", "R": "right", "LEFT": "left", "RIGHT": "right"}
_COORDS = re.compile(r"(DISPLAY|GAZE)_COORDS" + r"\s+(-?\d+(?:\.\d+)?)" * 4 + r"\s*$")
_ACCURACY = re.compile(r"!CAL VALIDATION \S+ \S+ (LEFT|RIGHT)\s+\S+ ERROR (\d+\.\d+) avg")
_NUMBERS_OF_EYE = 3
_MOST_HZ = 1e5
_MOST_MS = 1e13
_KEPT_WORDS = {"MSG", "START", "END", "SAMPLES", "EFIX", "ESACC", "EBLINK", "SSACC"}


def is_eyelink(path: Path) -> bool:
    """Tell whether a file is an EyeLink ASC, by its first lines."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(4096).decode("latin-1")
    if head.startswith("** "):
        return "CONVERTED FROM" in head or "EYELINK" in head
    return bool(re.match(r"(MSG|START)[\t ]+\d+", head))


class EyelinkFile(OneFile):
    """An ASC file; `screen` is not needed, since gaze comes in pixels."""

    def header(self) -> Header:
        """Read display, rate and model from the lines before the first samples."""
        coords: dict[str, tuple[float, float]] = {}
        rate = model = None
        for number, line in self._lines():
            if found := _COORDS.search(line):
                left, top, right, bottom = (float(part) for part in found.groups()[1:])
                coords[found[1]] = (right - left + 1, bottom - top + 1)
            elif line.startswith("** EYELINK"):
                model = line[3:].strip()
            elif line.startswith("SAMPLES"):
                rate = _rate_of(line.split()) or rate
                break
            if number > _HEAD_LINES:
                break
        return Header(
            screen_px=coords.get("DISPLAY") or coords.get("GAZE"), rate_hz=rate, model=model
        )

    def chunks(self) -> Iterator[Chunk]:
        """Read it, a chunk at a time.

        Raises
        ------
        DataError
            It has no gaze in pixels, a line is broken, or the time goes backwards.
        """
        parser = _Parser(self.path.name)
        for number, line in self._lines():
            if parser.take(number, line) >= _CHUNK:
                yield parser.flush()
        yield parser.flush()

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Yield numbered lines; messages may hold bytes of any encoding, numbers never do."""
        if not self.path.is_file():
            raise DataError("no such file", where=self.path.name)
        with self.path.open("rb") as file:
            found = encoding_of(file.read(512))
        encoding = "latin-1" if found == "utf-8" else found
        try:
            with self.path.open(encoding=encoding, newline="\n") as file:
                yield from enumerate(file, 1)
        except (UnicodeError, OSError):
            raise DataError("the file cannot be read as text", where=self.path.name) from None


@dataclass
class _Parser:
    """Gathers the samples and events of successive lines."""

    where: str
    eyes: tuple[str, ...] = ()
    rate_hz: float = 0.0
    origin: tuple[float, float] = (0.0, 0.0)
    last_us: int | None = None
    recorded: bool = False
    lines: list[int] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    blinked: dict[str, bool] = field(default_factory=dict)

    def take(self, number: int, line: str) -> int:
        """Take one line; return how many samples wait."""
        if line[:1].isdigit():
            self._sample(number, line.split())
        elif (words := line.split()) and words[0] in _KEPT_WORDS:
            try:
                self._word(number, words, line)
            except (ValueError, IndexError, KeyError, OverflowError):
                raise DataError(
                    f"a broken {words[0]} line",
                    where=f"{self.where}: row {number}",
                    found=f"{len(words)} words",
                    remedy="convert the EDF file again with edf2asc",
                ) from None
        return len(self.samples)

    def flush(self) -> Chunk:
        """Return what was gathered since the last time."""
        samples = self._table()
        chunk = Chunk(samples, events=tuple(self.events))
        self.lines, self.samples, self.events = [], [], []
        return chunk

    def _sample(self, number: int, words: list[str]) -> None:
        if not self.recorded:
            return
        needed = 1 + _NUMBERS_OF_EYE * len(self.eyes)
        if len(words) < needed:
            raise DataError(
                "a sample is cut off",
                where=f"{self.where}: row {number}",
                expected=f"{needed} numbers or more, of {len(self.eyes)} eye(s)",
                found=len(words),
            )
        self.lines.append(number)
        flags = words[-1] if len(words) > needed else ""
        self.samples.append([*words[:needed], flags])

    def _word(self, number: int, words: list[str], line: str) -> None:
        match words[0]:
            case "MSG":
                self._message(line)
            case "SAMPLES":
                self._begin(number, words)
            case "END":
                self.recorded = False
            case "SSACC":
                self.blinked[words[1]] = False
            case "EBLINK":
                self.blinked[words[1]] = True
                self._event("vendor_blink", words, {})
            case "EFIX":
                x, y = _number(words[5]), _number(words[6])
                self._event("vendor_fixation", words, {"x_px": x, "y_px": y})
            case "ESACC":
                if not self.blinked.pop(words[1], False):
                    x0, y0, x1, y1 = (_number(word) for word in words[5:9])
                    value = {"x0_px": x0, "y0_px": y0, "x1_px": x1, "y1_px": y1}
                    self._event("vendor_saccade", words, value)

    def _begin(self, number: int, words: list[str]) -> None:
        """Begin a block of samples: of which eyes, how often."""
        if "GAZE" not in words:
            raise DataError(
                "the samples are no gaze in pixels",
                where=f"{self.where}: row {number}",
                expected="SAMPLES GAZE",
                found=" ".join(words[:2]),
                remedy="convert the EDF file again with: edf2asc -sg",
            )
        self.eyes = tuple(_EYES[word] for word in words if word in ("LEFT", "RIGHT"))
        if not self.eyes:
            raise ValueError
        self.rate_hz = _rate_of(words) or _RATE_WITHOUT_FRACTION
        self.recorded = True

    def _message(self, line: str) -> None:
        _, time, text = (*line.split(maxsplit=2), "")[:3]
        moment, text = float(time), text.strip()
        if found := re.match(r"(-\d+)\s+(?=\S)", text):
            moment += int(found[1])
            text = text[found.end() :]
        time_us = round(moment * _US)
        self.events.append(message(time_us, text))
        if coords := _COORDS.match(text):
            self.origin = (float(coords[2]), float(coords[3]))
        if accuracy := _ACCURACY.match(text):
            value: EventValue = {"accuracy_deg": float(accuracy[2]), "eye": _EYES[accuracy[1]]}
            self.events.append(Event(time_us=time_us, kind=VALIDATION, value=value))

    def _event(self, kind: str, words: list[str], value: dict[str, float | None]) -> None:
        start, end = float(words[2]) * _US, float(words[3]) * _US
        step = 1e6 / (self.rate_hz or _RATE_WITHOUT_FRACTION)
        ox, oy = self.origin
        moved = {
            name: None if number is None else number - (ox if name[0] == "x" else oy)
            for name, number in value.items()
        }
        self.events.append(
            Event(
                time_us=round(start),
                kind=kind,
                duration_us=round(end - start + step),
                value={"eye": _EYES[words[1]], **moved},
            )
        )

    def _table(self) -> pa.Table:
        count = 1 + _NUMBERS_OF_EYE * len(self.eyes)
        numbers = self._numbers(count)
        time = np.rint(numbers[:, 0] * _US).astype(np.int64)
        self._check_times(time)
        guessed = np.array(["I" in row[-1] for row in self.samples], bool)
        empty = np.full(time.size, np.nan)
        columns: dict[str, NDArray[np.generic]] = {"time_us": time, "distance_mm": empty}
        for eye in ("left", "right"):
            at = 1 + _NUMBERS_OF_EYE * self.eyes.index(eye) if eye in self.eyes else None
            for axis, offset in (("x", 0), ("y", 1)):
                values = empty if at is None else numbers[:, at + offset] - self.origin[offset]
                columns[f"{eye}_{axis}_px"] = np.where(guessed, np.nan, values)
            columns[f"{eye}_pupil_mm"] = empty
        return samples_table(columns)

    def _numbers(self, count: int) -> _Floats:
        """Return the numbers of the samples, NaN for a dot; shape (samples, count)."""
        if not self.samples:
            return np.empty((0, count))
        text = "\n".join(["\t".join(row[:count]) for row in self.samples])
        names = [f"c{column}" for column in range(count)]
        try:
            table = pcsv.read_csv(
                io.BytesIO(text.encode()),
                read_options=pcsv.ReadOptions(column_names=names, use_threads=False),
                parse_options=pcsv.ParseOptions(delimiter="\t", quote_char=False),
                convert_options=pcsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.float64()), null_values=["."]
                ),
            )
        except pa.ArrowInvalid:
            raise self._bad_number(count) from None
        columns = [table.column(name).to_numpy() for name in names]
        numbers = np.stack(columns, axis=1).astype(np.float64)
        lost = np.flatnonzero(~(np.abs(numbers[:, 0]) < _MOST_MS))
        if lost.size:
            raise DataError("no time", where=f"{self.where}: row {self.lines[int(lost[0])]}")
        return numbers

    def _bad_number(self, count: int) -> DataError:
        for number, row in zip(self.lines, self.samples, strict=True):
            for column, word in enumerate(row[:count], 1):
                if word != "." and _number(word, broken=True) is None:
                    return DataError(
                        "not a number",
                        where=f"{self.where}: row {number}, column {column}",
                        found=shown_value(word),
                    )
        return DataError("not a number", where=f"{self.where}: row {self.lines[0]} or after")

    def _check_times(self, time: NDArray[np.int64]) -> None:
        if time.size == 0:
            return
        steps = np.diff(time, prepend=time[0] - 1 if self.last_us is None else self.last_us)
        self.last_us = int(time[-1])
        back = np.flatnonzero(steps < 0)
        twice = np.flatnonzero(steps == 0)
        if back.size:
            raise DataError(
                "the time goes backwards",
                where=f"{self.where}: row {self.lines[int(back[0])]}",
                found=f"{time[back[0]] / _US:g} ms",
                remedy="were two recordings put into one file? give each its own",
            )
        if twice.size and self.rate_hz > _RATE_WITHOUT_FRACTION:
            raise DataError(
                "two samples have one time",
                where=f"{self.where}: row {self.lines[int(twice[0])]}",
                expected=f"times with a fraction, at {self.rate_hz:g} Hz",
                remedy="convert the EDF file again with: edf2asc -ftime",
            )


def _number(word: str, *, broken: bool = False) -> float | None:
    """Return a number, None for a dot; with `broken`, None for what is no number."""
    if word == ".":
        return None
    try:
        return float(word)
    except ValueError:
        if broken:
            return None
        raise


def _rate_of(words: list[str]) -> float | None:
    if "RATE" not in words[:-1]:
        return None
    rate = _number(words[words.index("RATE") + 1], broken=True)
    return rate if rate is not None and 0 < rate < _MOST_HZ else None
