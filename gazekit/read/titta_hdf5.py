"""How is a recording of Titta read? The HDF5 file that it saves, frames of pandas.

Frame ``gaze`` has the tracker's samples, normalised to the display area, with both clocks; frame
``msg`` the texts that the experiment sent, on the host's clock, which is the recording's. A medium
``x`` is shown from ``onset_x`` to ``offset_x``. The JSON file beside it tells the display's size.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.errors import DataError, UnfitError
from gazekit.read.pandas_frame import Frame, open_frame
from gazekit.read.raw import raw_batch, samples_of_raw
from gazekit.read.recording import Chunk, Header, OneFile, Shown, message

if TYPE_CHECKING:
    import h5py

__all__ = ["TittaFile", "is_titta"]

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_ROWS = 50_000
_CLOCKS = {"device_time_us": "device_time_stamp", "system_time_us": "system_time_stamp"}
_POINTS = {"gaze": "gaze_point", "origin": "gaze_origin"}
_ONSET, _OFFSET = "onset_", "offset_"


def is_titta(path: Path) -> bool:
    """Tell whether a file is HDF5; that it is Titta's shows when its frames are read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


class TittaFile(OneFile):
    """A file ``<participant>.h5`` and the JSON file beside it."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, and the one beside it."""
        return (self.path, self.path.with_suffix(".json"))

    def header(self) -> Header:
        """Read display area, rate and model from the file beside it, where there is one."""
        beside = self.files[1]
        if not beside.is_file():
            return Header()
        try:
            facts = json.loads(beside.read_bytes())
            area = facts.get("display_area") or {}
            rate = facts.get("sampling_frequency")
            model = facts.get("model")
            return Header(
                screen_mm=(float(area["width"]), float(area["height"])) if area else None,
                rate_hz=None if rate is None else float(rate),
                model=None if model is None else str(model),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError("the file beside it is damaged", where=beside.name) from None

    def chunks(self) -> Iterator[Chunk]:
        """Read it, some rows at a time; the first chunk carries all messages.

        Raises
        ------
        UnfitError
            The package that reads HDF5 is not installed.
        DataError
            No HDF5 file, a frame or a column is missing, or the time goes backwards.
        """
        with _opened(self.path) as file:
            gaze = open_frame(file, "gaze", where=self.path.name)
            texts = self._messages(file)
            shown, events = tuple(_shown(texts)), tuple(message(t, text) for t, text in texts)
            last: int | None = None
            for start in range(0, gaze.rows, _ROWS):
                batch = self._batch(gaze, start, min(start + _ROWS, gaze.rows))
                last = self._checked(batch, start, last)
                yield Chunk(samples_of_raw(batch, self.screen, clock=None), shown, events)
                shown, events = (), ()

    def _messages(self, file: "h5py.File") -> list[tuple[int, str]]:
        if "msg" not in file:
            return []
        frame = open_frame(file, "msg", where=self.path.name)
        if frame.rows == 0:
            return []
        times = frame.numbers("system_time_stamp", 0, frame.rows).astype(np.int64)
        texts = frame.texts("msg")
        if len(texts) != times.size:
            raise DataError(
                "times and texts do not match",
                where=f"{self.path.name}: msg",
                expected=times.size,
                found=len(texts),
            )
        return sorted(zip((int(t) for t in times), texts, strict=True))

    def _batch(self, gaze: Frame, start: int, stop: int) -> pa.RecordBatch:
        columns: dict[str, NDArray[np.generic]] = {}
        for target, name in _CLOCKS.items():
            columns[target] = gaze.numbers(name, start, stop).astype(np.int64)
        columns["received_us"] = columns["system_time_us"]
        for eye in ("left", "right"):
            point, user = f"{eye}_gaze_point", f"{eye}_gaze_point_in_user_coordinates"
            for axis in "xy":
                columns[f"{eye}_gaze_{axis}_norm"] = gaze.numbers(
                    f"{point}_on_display_area_{axis}", start, stop
                )
            for axis in "xyz":
                columns[f"{eye}_gaze_{axis}_mm"] = _or_nan(gaze, f"{user}_{axis}", start, stop)
                origin = f"{eye}_gaze_origin_in_user_coordinates_{axis}"
                columns[f"{eye}_origin_{axis}_mm"] = _or_nan(gaze, origin, start, stop)
            for target, name in _POINTS.items():
                columns[f"{eye}_{target}_valid"] = _valid(gaze, f"{eye}_{name}", start, stop)
            columns[f"{eye}_pupil_mm"] = _or_nan(gaze, f"{eye}_pupil_diameter", start, stop)
            columns[f"{eye}_pupil_valid"] = _valid(gaze, f"{eye}_pupil", start, stop)
        return raw_batch(columns)

    def _checked(self, batch: pa.RecordBatch, start: int, last: int | None) -> int:
        times = batch.column("system_time_us").to_numpy()
        back = np.flatnonzero(np.diff(times, prepend=times[0] if last is None else last) < 0)
        if back.size:
            raise DataError(
                "the time goes backwards",
                where=f"{self.path.name}: gaze, row {start + int(back[0])}",
                found=f"{times[back[0]]} us in system_time_stamp",
            )
        return int(times[-1])


@contextmanager
def _opened(path: Path) -> Iterator["h5py.File"]:
    try:
        import h5py
    except ImportError:
        raise UnfitError(
            "reading Titta's HDF5 files needs h5py",
            where=path.name,
            remedy="install it with: pip install 'gazekit[titta]'",
        ) from None
    if not path.is_file():
        raise DataError("no such file", where=path.name)
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise DataError(
            "not an HDF5 file, or a damaged one",
            where=path.name,
            remedy="was it cut off? copy it again",
        ) from None
    with file:
        try:
            yield file
        except (OSError, RuntimeError):
            raise DataError("the HDF5 file is damaged", where=path.name) from None


def _or_nan(gaze: Frame, name: str, start: int, stop: int) -> NDArray[np.generic]:
    """Read a column that older versions do not have."""
    if name not in gaze.places:
        return np.full(stop - start, np.nan)
    return gaze.numbers(name, start, stop)


def _valid(gaze: Frame, stem: str, start: int, stop: int) -> NDArray[np.generic]:
    """Join validity and, where it is known, availability."""
    valid = gaze.numbers(f"{stem}_valid", start, stop).astype(bool)
    if f"{stem}_available" in gaze.places:
        valid &= gaze.numbers(f"{stem}_available", start, stop).astype(bool)
    return valid


def _shown(texts: list[tuple[int, str]]) -> Iterator[Shown]:
    """Yield what was shown: from each onset to the offset of the same name."""
    current = ""
    for time, text in texts:
        if text.startswith(_ONSET):
            current = text.removeprefix(_ONSET)
            yield Shown(time, (current,))
        elif current and text == _OFFSET + current:
            current = ""
            yield Shown(time)
