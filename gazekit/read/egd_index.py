"""Where in EGD-CXR's tables of tracker records does each image start and end?

The tables hold hundreds of megabytes and every image of every session, so that they are walked
once for the byte range of each, and a reading is then read from its own range alone. Images of a
session are ordered by TIMETICK, since the time in seconds starts anew with each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from gazekit.model.errors import DataError
from gazekit.read.cells import column_key
from gazekit.read.places import published_table

__all__ = ["Stretch", "calibration_of", "index_records"]

_COLUMNS = ("session_id", "media_id", "dicom_id")
_TICK = "timetick"
_TIME = "time (in secs)"
_CUT = 5
_DICOM_ID = 44


@dataclass(frozen=True)
class Stretch:
    """The records of one image in one session.

    `spans`: byte ranges; `row`: the first row in the file; `first_tick`: CPU ticks of 100 ns, None
    where not told; `last_s`: its last time in seconds, as text.
    """

    session: str
    media: str
    dicom_id: str
    row: int
    first_tick: float | None
    last_s: str
    spans: tuple[tuple[int, int], ...] = field(default=())


def index_records(path: Path) -> tuple[Stretch, ...]:
    """Find the stretches of a table, in the order in which they were recorded.

    Raises
    ------
    DataError
        A column is missing or a row is cut: with file, row and column.
    """
    facts = path.stat() if path.is_file() else None
    stamp = (facts.st_size, facts.st_mtime_ns) if facts else (0, 0)
    return _indexed(path, *stamp)


def calibration_of(stretch: Stretch, known: Iterable[str]) -> bool:
    """Say whether these are records of the calibration image.

    The white disc that was shown every twenty images or so was written down under an image's id
    without its last five characters.
    """
    name = stretch.dicom_id
    return len(name) == _DICOM_ID - _CUT and name not in known


@lru_cache(maxsize=8)
def _indexed(path: Path, _size: int, _changed: int) -> tuple[Stretch, ...]:
    table = published_table(path)
    if not table.is_utf8:
        raise DataError("not UTF-8 text", where=path.name, remedy="get the file again as published")
    names = [_stem(name) for name in table.header()]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise DataError(f"column {missing[0].upper()} is missing", where=f"{path.name}, row 1")
    places = [names.index(name) for name in _COLUMNS]
    tick, time = (names.index(n) if n in names else None for n in (_TICK, _TIME))
    found: dict[tuple[bytes, ...], Stretch] = {}
    with path.open("rb") as file:
        file.readline()
        start, key, first, last, row = file.tell(), None, b"", b"", 1
        at = start
        for number, line in enumerate(file, 2):
            end = at + len(line)
            if not line.strip():
                at = end
                continue
            cells = line.split(b",")
            if len(cells) <= max(places):
                raise DataError(
                    "the row is cut", where=f"{path.name}, row {number}, column DICOM_ID",
                    expected=f"{len(names)} cells", found=len(cells),
                )  # fmt: skip
            current = tuple(cells[i].strip() for i in places)
            if current != key:
                if key is not None:
                    _keep(found, key, (first, last), (start, at), row=row, places=(tick, time))
                key, start, first, row = current, at, line, number
            last, at = line, end
        if key is not None:
            _keep(found, key, (first, last), (start, at), row=row, places=(tick, time))
    return tuple(sorted(found.values(), key=lambda s: (s.session, s.first_tick or 0.0, s.row)))


def _keep(
    found: dict[tuple[bytes, ...], Stretch],
    key: tuple[bytes, ...],
    lines: tuple[bytes, bytes],
    span: tuple[int, int],
    *,
    row: int,
    places: tuple[int | None, int | None],
) -> None:
    """Note a run of rows; rows of one image that stand apart are joined."""
    tick, time = places
    last_s = _cell(lines[1], time)
    before = found.get(key)
    if before is not None:
        found[key] = replace(before, spans=(*before.spans, span), last_s=last_s)
        return
    session, media, name = (part.decode("utf-8", "replace") for part in key)
    found[key] = Stretch(session, media, name, row, _number(_cell(lines[0], tick)), last_s, (span,))


def _cell(line: bytes, place: int | None) -> str:
    cells: Sequence[bytes] = line.split(b",")
    return "" if place is None or place >= len(cells) else cells[place].strip().decode("latin-1")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _stem(name: str) -> str:
    """Return a column's name without case, spacing and, of TIMETICK, the frequency."""
    plain = column_key(name)
    return _TICK if plain.startswith(_TICK) else plain
