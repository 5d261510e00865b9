"""How are gaze dictionaries of the Tobii Pro SDK read? One JSON object a line, as it came.

Gaze is normalised to the display area, (0, 0) top-left, and may lie outside; invalid values are NaN
with validity 0. Each sample has two stamps: the device's clock, and the host's monotonic clock as
the SDK maps it, which is the recording's clock here, since everything else on the host shares it.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.read.raw import raw_batch, samples_of_raw
from gazekit.read.recording import Chunk, OneFile

__all__ = ["TobiiSdkFile", "is_tobii_sdk"]

_LINES = 20_000
_MARK = b"gaze_point_on_display_area"
_EYES = ("left", "right")
_POINTS = (
    ("gaze_point_on_display_area", "gaze_{}_norm", "xy"),
    ("gaze_point_in_user_coordinate_system", "gaze_{}_mm", "xyz"),
    ("gaze_origin_in_user_coordinate_system", "origin_{}_mm", "xyz"),
)
_VALIDITIES = {"gaze": "gaze_point", "origin": "gaze_origin", "pupil": "pupil"}

_Pair = tuple[float | None, float | None]
_Triple = tuple[float | None, float | None, float | None]


class _Gaze(msgspec.Struct, frozen=True, kw_only=True):
    """One dictionary; what else it holds is left aside."""

    device_time_stamp: int
    system_time_stamp: int
    left_gaze_point_on_display_area: _Pair
    right_gaze_point_on_display_area: _Pair
    left_gaze_point_validity: bool | int
    right_gaze_point_validity: bool | int
    left_gaze_point_in_user_coordinate_system: _Triple | None = None
    right_gaze_point_in_user_coordinate_system: _Triple | None = None
    left_pupil_diameter: float | None = None
    right_pupil_diameter: float | None = None
    left_pupil_validity: bool | int = 0
    right_pupil_validity: bool | int = 0
    left_gaze_origin_in_user_coordinate_system: _Triple | None = None
    right_gaze_origin_in_user_coordinate_system: _Triple | None = None
    left_gaze_origin_validity: bool | int = 0
    right_gaze_origin_validity: bool | int = 0


def is_tobii_sdk(path: Path) -> bool:
    """Tell whether a file holds gaze dictionaries, by its first line."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(8192).lstrip()
    return head.startswith(b"{") and _MARK in head and b"system_time_stamp" in head


class TobiiSdkFile(OneFile):
    """A file of gaze dictionaries."""

    def chunks(self) -> Iterator[Chunk]:
        """Read it, a chunk at a time.

        Raises
        ------
        DataError
            A line is no gaze dictionary, or a clock goes backwards; it names line and field.
        """
        if not self.path.is_file():
            raise DataError("no such file", where=self.path.name)
        last: dict[str, int] = {}
        with self.path.open("rb") as file:
            first = 1
            while lines := list(islice(file, _LINES)):
                numbered = [(n, line) for n, line in enumerate(lines, first) if line.strip()]
                batch = self._batch(numbered)
                self._check_clocks(batch, [number for number, _ in numbered], last)
                yield Chunk(samples_of_raw(batch, self.screen, clock=None))
                first += len(lines)

    def _batch(self, numbered: list[tuple[int, bytes]]) -> pa.RecordBatch:
        gaze = [self._gaze(line, number) for number, line in numbered]
        system = np.array([g.system_time_stamp for g in gaze], np.int64)
        columns: dict[str, NDArray[np.generic]] = {
            "device_time_us": np.array([g.device_time_stamp for g in gaze], np.int64),
            "system_time_us": system,
            "received_us": system,
        }
        for eye in _EYES:
            columns |= _eye_columns(gaze, eye)
        return raw_batch(columns)

    def _gaze(self, line: bytes, number: int) -> _Gaze:
        """Decode one line; NaN is no JSON, so that it stands as null meanwhile."""
        try:
            return msgspec.json.decode(line.replace(b"NaN", b"null"), type=_Gaze)
        except (msgspec.DecodeError, UnicodeError) as error:
            what, _, place = str(error).partition(" - at ")
            named = isinstance(error, msgspec.ValidationError)
            raise DataError(
                "not a gaze dictionary of the Tobii Pro SDK",
                where=f"{self.path.name}: row {number}",
                found=f"{what} at {place.strip('`')[2:]}" if named and place else what,
                remedy=None if named else "was the file cut off? take the last line away",
            ) from None

    def _check_clocks(self, batch: pa.RecordBatch, rows: list[int], last: dict[str, int]) -> None:
        for name in ("device", "system"):
            times = batch.column(f"{name}_time_us").to_numpy()
            if times.size == 0:
                continue
            back = np.flatnonzero(np.diff(times, prepend=last.get(name, times[0])) < 0)
            if back.size:
                raise DataError(
                    f"the {name}'s clock goes backwards",
                    where=f"{self.path.name}: row {rows[int(back[0])]}",
                    found=f"{times[back[0]]} us in {name}_time_stamp",
                    remedy="were two recordings put into one file? give each its own",
                )
            last[name] = int(times[-1])


def _eye_columns(gaze: list[_Gaze], eye: str) -> dict[str, NDArray[np.generic]]:
    """Return the raw columns of one eye; a missing value is NaN, a missing group not valid."""
    columns: dict[str, NDArray[np.generic]] = {}
    for field, name, axes in _POINTS:
        nothing = (None,) * len(axes)
        points = [getattr(g, f"{eye}_{field}") or nothing for g in gaze]
        values = np.array(points, np.float64).reshape(len(gaze), len(axes))
        for index, axis in enumerate(axes):
            columns[f"{eye}_{name.format(axis)}"] = values[:, index]
    pupils = [getattr(g, f"{eye}_pupil_diameter") for g in gaze]
    columns[f"{eye}_pupil_mm"] = np.array(pupils, np.float64)
    for name, field in _VALIDITIES.items():
        valid = [getattr(g, f"{eye}_{field}_validity") for g in gaze]
        columns[f"{eye}_{name}_valid"] = np.array(valid, bool)
    return columns
