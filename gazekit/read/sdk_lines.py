"""How does a tracker's recording become lines as the Tobii SDK gives them, so that it is replayed?

::

    export of Pro Lab, TSV of the old SDK, any other recording --> one JSON object a sample
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError, UsageError
from gazekit.model.files import atomic_path
from gazekit.model.records import ScreenRecord
from gazekit.read.cells import Block, ascending, whole_us
from gazekit.read.delimited import Delimited
from gazekit.read.trackers import TRACKERS, open_recording, recording_kind

__all__ = ["convert_recording"]

_Floats = NDArray[np.float64]
_Columns = dict[str, _Floats]
_EYES = {"left": "L", "right": "R"}
_OF_OLD = {
    "gaze_point_on_display_area": ("GazePos2dx", "GazePos2dy"),
    "gaze_point_in_user_coordinate_system": ("GazePos3dx", "GazePos3dy", "GazePos3dz"),
    "gaze_origin_in_user_coordinate_system": ("EyePos3dx", "EyePos3dy", "EyePos3dz"),
    "pupil_diameter": ("PupilDm",),
    "validity": ("Validity",),
}
_GROUPS = ("gaze_point", "gaze_origin", "pupil")
_MOST_LOST = 1
"""Of the old SDK's validity, 0 (sure) to 4 (lost), what is still used."""


def convert_recording(
    path: Path, out: Path, *, screen_px: tuple[int, int] | None = None, name: str | None = None
) -> int:
    """Write a recording as gaze dictionaries of the Tobii Pro SDK, one JSON object a line.

    The fields of the SDK that a recording does not hold are NaN with validity 0. Both time stamps
    are the recording's own. It is read and written in pieces.

    Parameters
    ----------
    path
        A recording of any vendor that `gazekit.read.trackers` knows.
    out
        A new file.
    screen_px
        Width and height of the display, where the recording does not say it and gaze is in px.
    name
        Which recording, where a file holds several.

    Returns
    -------
    int
        How many samples were written.

    Raises
    ------
    UsageError
        It is no recording, it is one of the SDK already, `out` exists, or the display is unknown.
    DataError
        It is damaged, or holds no sample.
    """
    kind = recording_kind(path)
    if kind is None or kind == "tobii_sdk":
        raise UsageError(
            "this is no recording of a tracker" if kind is None else "it has the form already",
            where=path.name,
            expected=", ".join(known.says for k, known in TRACKERS.items() if k != "tobii_sdk"),
        )
    if out.exists():
        raise UsageError("there is something already", where=out.name, remedy="choose another name")
    pieces = _old_sdk(path) if kind == "tobii_tsv" else _any(path, kind, screen_px, name)
    count = 0
    with atomic_path(out) as part:
        with part.open("w", encoding="utf-8") as file:
            for time_us, columns in pieces:
                file.writelines(_lines(time_us, columns))
                count += time_us.size
        if count == 0:
            raise DataError("the recording has no sample", where=path.name)
    return count


def _lines(time_us: NDArray[np.int64], columns: Mapping[str, _Floats]) -> Iterator[str]:
    """Yield a line for each sample; `columns`: shape (n, d) each, by the name in the SDK."""
    lists = {name: _plain(name, values) for name, values in columns.items()}
    for row, time in enumerate(time_us.tolist()):
        data = {name: values[row] for name, values in lists.items()}
        stamps = {"device_time_stamp": time, "system_time_stamp": time}
        yield json.dumps({**stamps, **data}) + "\n"


def _plain(name: str, values: _Floats) -> list[object]:
    if name.endswith("validity"):
        return [int(value) for value in values[:, 0]]
    plain: list[object] = values[:, 0].tolist() if values.shape[1] == 1 else values.tolist()
    return plain


def _dictionary(
    eye: str, parts: Mapping[str, _Floats], lost: Mapping[str, NDArray[np.bool_]]
) -> _Columns:
    """Name the parts of one eye as the SDK does; what is lost, or not finite, is not valid."""
    columns: _Columns = {}
    for group, fields in (
        ("gaze_point", ("gaze_point_on_display_area", "gaze_point_in_user_coordinate_system")),
        ("gaze_origin", ("gaze_origin_in_user_coordinate_system",)),
        ("pupil", ("pupil_diameter",)),
    ):
        for field in fields:
            columns[f"{eye}_{field}"] = np.where(lost[group][:, None], np.nan, parts[field])
        known = np.isfinite(columns[f"{eye}_{fields[0]}"][:, -1])
        columns[f"{eye}_{group}_validity"] = (known & ~lost[group]).astype(np.float64)[:, None]
    return columns


def _any(
    path: Path, kind: str, screen_px: tuple[int, int] | None, name: str | None
) -> Iterator[tuple[NDArray[np.int64], _Columns]]:
    """Yield the pieces of a recording whose gaze is in pixels of the display."""
    size = _size(path, kind, screen_px, name)
    screen = _screen(size)
    for chunk in open_recording(kind, path, screen=screen, recording_name=name).chunks():  # type: ignore[arg-type]
        table = chunk.samples
        if not table.num_rows:
            continue
        columns: _Columns = {}
        distance = table.column("distance_mm").to_numpy().astype(np.float64)
        nowhere = np.full((table.num_rows, 3), np.nan)
        for eye in _EYES:
            x, y = (table.column(f"{eye}_{axis}_px").to_numpy() for axis in "xy")
            norm = np.column_stack([x / size[0], y / size[1]])
            pupil = table.column(f"{eye}_pupil_mm").to_numpy().astype(np.float64)
            origin = nowhere.copy()
            origin[:, 2] = np.where(np.isnan(x), np.nan, distance)
            parts = {
                "gaze_point_on_display_area": norm,
                "gaze_point_in_user_coordinate_system": nowhere,
                "gaze_origin_in_user_coordinate_system": origin,
                "pupil_diameter": pupil[:, None],
            }
            none = np.zeros(table.num_rows, np.bool_)
            columns |= _dictionary(eye, parts, dict.fromkeys(_GROUPS, none))
        yield table.column("time_us").to_numpy(), columns


def _size(
    path: Path, kind: str, screen_px: tuple[int, int] | None, name: str | None
) -> tuple[float, float]:
    """Return the display in px, as the recording says, else as it was given."""
    known = open_recording(kind, path, screen=_screen((1, 1)), recording_name=name).header()  # type: ignore[arg-type]
    found = known.screen_px or screen_px
    if found is None:
        raise UsageError(
            "the recording does not say how large the display was",
            where=path.name,
            remedy="give it: --screen 1920x1080",
        )
    return float(found[0]), float(found[1])


def _screen(size: tuple[float, float]) -> ScreenRecord:
    """Return a display of this size in px; its measures in mm decide nothing here."""
    return ScreenRecord(
        width_px=round(size[0]), height_px=round(size[1]), width_mm=1, height_mm=1, distance_mm=1
    )


def _old_sdk(path: Path) -> Iterator[tuple[NDArray[np.int64], _Columns]]:
    """Yield the pieces of a TSV of the old SDK: every field that the new one has too."""
    table = Delimited(path, "\t")
    header = table.header()
    wanted = ["Time"]
    wanted += [f"{eye}{n}" for eye in _EYES.values() for names in _OF_OLD.values() for n in names]
    present = [name for name in wanted if name in header]
    last_us: int | None = None
    for block in table.blocks([header.index(name) for name in present], present):
        if not len(block):
            continue
        time_us = whole_us(block, "Time", 1.0)
        ascending(block, time_us, last_us)
        last_us = int(time_us[-1])
        columns: _Columns = {}
        for eye, letter in _EYES.items():
            parts = {field: _stacked(block, letter, names) for field, names in _OF_OLD.items()}
            lost = parts["validity"][:, 0] > _MOST_LOST
            gaze = parts["gaze_point_on_display_area"]
            away = {"gaze_point": lost | (gaze == -1).all(axis=1), "gaze_origin": lost}
            away["pupil"] = lost | ~(parts["pupil_diameter"][:, 0] > 0)
            columns |= _dictionary(eye, parts, away)
        yield time_us, columns


def _stacked(block: Block, letter: str, names: tuple[str, ...]) -> _Floats:
    nothing = np.full(len(block), np.nan)
    named = [f"{letter}{name}" for name in names]
    return np.column_stack(
        [block.numbers(name) if name in block.columns else nothing for name in named]
    )
