"""Which gaze samples does any recording hold? A table, a session or a tracker's file, in chunks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from gazekit.model.errors import DataError, UsageError
from gazekit.model.geometry import check_screen
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ScreenRecord
from gazekit.model.session import read_session_record
from gazekit.read.delimited import Delimited
from gazekit.read.pieces import parsed_ahead, pieces_of
from gazekit.read.session import session_samples
from gazekit.read.trackers import TRACKERS, open_recording, recording_kind

__all__ = ["SamplesFile", "is_samples_table", "open_samples"]

_EYES = ("left", "right")
_KNOWN = {
    "time_us": pa.int64(),
    **{f"{axis}_px": pa.float64() for axis in "xy"},
    **{f"{eye}_{axis}_px": pa.float64() for eye in _EYES for axis in "xy"},
    **{f"{name}pupil_mm": pa.float64() for name in ("", "left_", "right_")},
    "distance_mm": pa.float64(),
}
"""The columns of a user's table that are read; see `gazekit.detect_events`."""

_PARQUET = b"PAR1"
_ROWS = 1 << 17
_PIECE_BYTES = 1 << 19
_MISSING = ("", "nan", "NaN", "NAN", "n/a", "NA")


@dataclass(frozen=True)
class SamplesFile:
    """A recording that can be read: `kind` says what it is."""

    path: Path
    kind: str
    screen: ScreenRecord

    def chunks(self) -> Iterator[pa.Table]:
        """Yield tables of samples with the columns that `gazekit.detect_events` takes.

        Raises
        ------
        DataError
            The file is damaged, or a cell is no number; the line names row and column.
        """
        if self.kind == "session":
            yield from session_samples(self.path, self.screen)
        elif self.kind == "parquet":
            yield from _parquet_chunks(self.path)
        elif self.kind == "table":
            yield from _text_chunks(self.path)
        else:
            kind = recording_kind(self.path)
            if kind is not None:
                for chunk in open_recording(kind, self.path, screen=self.screen).chunks():
                    yield chunk.samples


def open_samples(path: Path, *, screen: ScreenRecord | None = None) -> SamplesFile:
    """Tell what `path` is, and on which screen it was recorded.

    Parameters
    ----------
    path
        A CSV, TSV or Parquet file with ``time_us`` and gaze in screen pixels, a raw session
        folder, or the file of a tracker that `gazekit build` reads.
    screen
        The display; None takes what the recording says of it.

    Raises
    ------
    UsageError
        Nothing is there, nothing that is known, or nothing says how large the screen was.
    DataError
        The screen has no size.
    """
    if not path.exists():
        raise UsageError("no such file or folder", where=path.name or path, remedy="check the path")
    kind = _kind(path)
    if kind is None:
        raise UsageError(
            "no recording of gaze",
            where=path.name,
            expected="CSV, TSV or Parquet with time_us and x_px, y_px (or left_x_px ...), a raw "
            "session folder, or " + ", ".join(t.says for t in TRACKERS.values()),
        )
    found = screen or _own_screen(path, kind)
    if found is None:
        raise UsageError(
            "nothing says how large the screen was",
            where=path.name,
            remedy="add --screen 1920x1080px,531x299mm,650mm with the active area and the distance",
        )
    return SamplesFile(path, kind, check_screen(found, where="screen"))


def is_samples_table(path: Path) -> bool:
    """Tell whether a file is a text or Parquet table with times and gaze, by its header."""
    names = _columns(path)
    gaze = ("x_px", *(f"{eye}_x_px" for eye in _EYES))
    return "time_us" in names and any(name in names for name in gaze)


def _kind(path: Path) -> str | None:
    if SessionLayout(path).session.is_file():
        return "session"
    if path.is_file() and is_samples_table(path):
        return "parquet" if _is_parquet(path) else "table"
    return recording_kind(path)


def _own_screen(path: Path, kind: str) -> ScreenRecord | None:
    """Return what a session, or a tracker's file, says of the display; None where it does not."""
    if kind == "session":
        return read_session_record(path).screen
    tracker = recording_kind(path)
    if tracker is None or kind in {"parquet", "table"}:
        return None
    blank = ScreenRecord(width_px=1, height_px=1, width_mm=1.0, height_mm=1.0, distance_mm=1.0)
    header = open_recording(tracker, path, screen=blank).header()
    if header.screen_px is None or header.screen_mm is None or header.distance_mm is None:
        return None
    return ScreenRecord(
        width_px=round(header.screen_px[0]),
        height_px=round(header.screen_px[1]),
        width_mm=header.screen_mm[0],
        height_mm=header.screen_mm[1],
        distance_mm=header.distance_mm,
    )


def _columns(path: Path) -> list[str]:
    """Return the names of a table's columns; [] where it is none."""
    try:
        if _is_parquet(path):
            return list(pq.read_schema(path).names)
        return [name.strip('"') for name in Delimited(path, _delimiter(path)).header()]
    except (DataError, pa.ArrowInvalid):
        return []


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PARQUET)) == _PARQUET


def _delimiter(path: Path) -> str:
    """Return the mark that the first line holds most of: tab, semicolon or comma."""
    with path.open("rb") as file:
        line = file.readline(1 << 16)
    return max("\t;,", key=lambda mark: line.count(mark.encode()))


def _parquet_chunks(path: Path) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(path) as file:
            names = [name for name in _KNOWN if name in file.schema_arrow.names]
            for batch in file.iter_batches(_ROWS, columns=names):
                yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError("not a whole Parquet file", where=path.name) from error


def _text_chunks(path: Path) -> Iterator[pa.Table]:
    """Read numbers as such; only where that fails, look for the row and column to name."""
    header = _columns(path)
    names = [name for name in _KNOWN if name in header]
    convert = pcsv.ConvertOptions(
        include_columns=names,
        column_types={name: _KNOWN[name] for name in names},
        null_values=list(_MISSING),
    )
    parse = pcsv.ParseOptions(delimiter=_delimiter(path))

    read = pcsv.ReadOptions(use_threads=False, column_names=_apart(header))

    def parsed(rows: bytes) -> pa.Table:
        return pcsv.read_csv(
            pa.BufferReader(rows), read_options=read, parse_options=parse, convert_options=convert
        )

    try:
        yield from parsed_ahead(parsed, (p for p in pieces_of(path, _PIECE_BYTES) if p.strip()))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        _blame(path, header, names)
        raise DataError("not a table of numbers", where=path.name) from error


def _apart(header: list[str]) -> list[str]:
    """Give a column without a name, or with one that is taken, a name of its own."""
    return [
        name if name and name not in header[:place] else f"column {place}"
        for place, name in enumerate(header)
    ]


def _blame(path: Path, header: list[str], names: list[str]) -> None:
    """Raise DataError at the first cell that is no number, or the first row that is cut."""
    file = Delimited(path, _delimiter(path), missing=_MISSING[1:])
    for block in file.blocks([header.index(name) for name in names], names):
        for name in names:
            values = block.numbers(name)
            odd = np.flatnonzero(values != np.floor(values))
            if name == "time_us" and odd.size:
                raise block.error(
                    "the value does not fit", int(odd[0]), expected=f"whole {name}", found="a part"
                )
