"""How do REFLACX's gaze samples and fixations become gaze on the screen, and views of the image?

Each sample carries the rectangle of the image that was shown (S) and where on the screen it was
drawn (D), so that a change of rectangle is a change of view, and the place on the screen follows:
``x_screen = (x_image - S.x0) (D.x1 - D.x0) / (S.x1 - S.x0) + D.x0``. Published places are rounded
continuous coordinates (Bigolin Lanfredi et al. 2022, doi:10.1038/s41597-022-01441-z, and its code).
Times count from the start of the audio. Pupils are areas relative to a calibration screen, not
millimetres, and are left out.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import ImageRecord, ScreenRecord, ViewState
from gazekit.read.cells import cell_error, column_key
from gazekit.read.delimited import Delimited, numbers_of
from gazekit.read.inputs import GIVEN_FIXATIONS
from gazekit.read.raw import samples_table

__all__ = ["SCREEN", "GazeFile", "read_fixations", "read_gaze", "time_span"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_PITCH_MM = 0.1845
SCREEN = ScreenRecord(
    width_px=3840,
    height_px=2160,
    width_mm=3840 * _PITCH_MM,
    height_mm=2160 * _PITCH_MM,
    distance_mm=100 * _PITCH_MM / math.radians(1.0),
)
"""The display; its pixels are published, its size is not. 32 inches and 100 px a degree stand in
where a sample says nothing: degrees come from the resolution that each sample carries."""

_STEP_US = 1000
_RECT = ("xmin", "ymin", "xmax", "ymax")
_SHOWN = tuple(f"{edge}_shown_from_image" for edge in _RECT)
_DRAWN = tuple(f"{edge}_in_screen_coordinates" for edge in _RECT)
_WINDOW = ("window_width", "window_level")
_DEGREE = tuple(f"angular_resolution_{axis}_pixels_per_degree" for axis in "xy")
_PLACE = ("x_position", "y_position")
_STATE = (*_SHOWN, *_DRAWN, *_WINDOW)
_TIME = "timestamp_sample"
_SPAN = ("timestamp_start_fixation", "timestamp_end_fixation")


@dataclass(frozen=True)
class GazeFile:
    """The gaze of one reading: tables of one row a sample, and the views in time order."""

    samples: pa.Table
    px_per_deg: pa.Table
    views: tuple[ViewState, ...]


@dataclass(frozen=True)
class _Block:
    """Some rows: float64 arrays by column name, and the row in the file of the first."""

    columns: dict[str, _Floats]
    first_row: int

    @property
    def time_us(self) -> _Ints:
        return np.rint(self.columns[_TIME] * 1e6).astype(np.int64)


def read_gaze(file: Delimited, image: ImageRecord, *, reading_id: str) -> GazeFile:
    """Read the samples of one reading, a block at a time.

    Parameters
    ----------
    file
        ``gaze.csv``.
    image
        What was shown.
    reading_id
        Stands in the views.

    Raises
    ------
    DataError
        A column is missing, a cell is no number, a time is missing or goes back, or a rectangle
        is empty: with file, row and column.
    """
    parts: list[dict[str, NDArray[np.generic]]] = []
    views: list[ViewState] = []
    state: _Floats | None = None
    latest: int | None = None
    names = (_TIME, *_PLACE, *_DEGREE, *_STATE)
    for part in file.named_blocks(names):
        row = int(part.rows[0])
        block = _Block({name: part.numbers(name) for name in names}, row)
        _check_times(block, file, latest)
        states = _states(block.columns)
        changed = _changes(states, state)
        for at in changed.tolist():
            _check_rect(states[at], file, row + at)
            views.append(_view(int(block.time_us[at]), states[at], image, reading_id))
        parts.append(_placed(block, states))
        state, latest = states[-1], int(block.time_us[-1])
    if not parts:
        raise DataError("there is no sample", where=file.where, remedy="leave the reading out")
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    degrees = pa.table({f"{axis}_px_per_deg": whole.pop(f"{axis}_px_per_deg") for axis in "xy"})
    return GazeFile(samples_table(whole), degrees, tuple(views))


def time_span(file: Delimited) -> tuple[int, int]:
    """Return the first and the last sample's time from the ends of ``gaze.csv``, microseconds."""
    names = [column_key(name) for name in file.header()]
    if _TIME not in names:
        raise DataError(f"column {_TIME} is missing", where=f"{file.where}, row 1")
    place = names.index(_TIME)
    first, last = _edges(file.path)
    try:
        start, end = (
            round(float(line.split(",")[place].strip(' "')) * 1e6) for line in (first, last)
        )
    except (ValueError, IndexError, OverflowError):
        raise DataError(
            "the first or the last row has no time",
            where=f"{file.where}, row 2 or the last, column {_TIME}",
            expected="seconds",
            remedy="check that the download is complete",
        ) from None
    return start, end


def read_fixations(
    file: Delimited, image: ImageRecord, *, reading_id: str
) -> tuple[pa.Table, tuple[ViewState, ...]]:
    """Read the tracker's own fixations; their end is the last sample, a millisecond before ours.

    A fixation that outlasts a change of view was mapped through the view at its start.

    Returns
    -------
    table, views
        `GIVEN_FIXATIONS`, and the view at the start of each fixation.
    """
    columns = numbers_of(file, (*_SPAN, *_PLACE, *_DEGREE, *_STATE))
    if not columns:
        raise DataError("there is no fixation", where=file.where)
    for name, values in columns.items():
        lost = np.flatnonzero(~np.isfinite(values))
        if lost.size:
            raise _fault(file, int(lost[0]) + 2, name, "a number", "nothing")
    onset, offset = (np.rint(columns[name] * 1e6).astype(np.int64) for name in _SPAN)
    _check_order(onset, offset, file)
    states = _states(columns)
    for at in range(len(onset)):
        _check_rect(states[at], file, at + 2)
    scale_x, scale_y = _scales(states)
    x, y = columns["x_position"], columns["y_position"]
    screen_x = (x - states[:, 0]) * scale_x + states[:, 4]
    screen_y = (y - states[:, 1]) * scale_y + states[:, 5]
    inside = (x >= 0) & (x < image.width_px) & (y >= 0) & (y < image.height_px)
    inside &= (screen_x >= states[:, 4]) & (screen_x < states[:, 6])
    inside &= (screen_y >= states[:, 5]) & (screen_y < states[:, 7])
    given = pa.table(
        {
            "onset_us": onset,
            "offset_us": offset + _STEP_US,
            "x_px": x,
            "y_px": y,
            "screen_x_px": screen_x,
            "screen_y_px": screen_y,
            "sigma_x_px": columns[_DEGREE[0]],
            "sigma_y_px": columns[_DEGREE[1]],
            "shown": inside.astype(np.float64),
            "view_index": np.arange(len(onset)),
        },
        schema=GIVEN_FIXATIONS,
    )
    views = tuple(
        _view(int(time), state, image, reading_id)
        for time, state in zip(onset, states, strict=True)
    )
    return given, views


def _placed(block: _Block, states: _Floats) -> dict[str, NDArray[np.generic]]:
    """Place samples on the screen; the line of sight stands as the left eye's, the other is NaN."""
    columns = block.columns
    scale_x, scale_y = _scales(states)
    lost = np.full(states.shape[0], np.nan)
    x_deg, y_deg = columns[_DEGREE[0]] * scale_x, columns[_DEGREE[1]] * scale_y
    distance = (x_deg + y_deg) / 2 * _PITCH_MM / np.radians(1.0)
    return {
        "time_us": block.time_us,
        "left_x_px": (columns["x_position"] - states[:, 0]) * scale_x + states[:, 4],
        "left_y_px": (columns["y_position"] - states[:, 1]) * scale_y + states[:, 5],
        "right_x_px": lost,
        "right_y_px": lost,
        "left_pupil_mm": lost,
        "right_pupil_mm": lost,
        "distance_mm": np.where(distance > 0, distance, np.nan),
        "x_px_per_deg": x_deg.astype(np.float32),
        "y_px_per_deg": y_deg.astype(np.float32),
    }


def _states(columns: dict[str, _Floats]) -> _Floats:
    """Stack what makes a view, one row a sample; a window that is not told stands as -1."""
    states = np.column_stack([columns[name] for name in _STATE])
    states[:, 8:] = np.nan_to_num(states[:, 8:], nan=-1.0)
    return states


def _scales(states: _Floats) -> tuple[_Floats, _Floats]:
    """Screen pixels per image pixel, along x and y."""
    return (
        (states[:, 6] - states[:, 4]) / (states[:, 2] - states[:, 0]),
        (states[:, 7] - states[:, 5]) / (states[:, 3] - states[:, 1]),
    )


def _changes(states: _Floats, before: _Floats | None) -> _Ints:
    """Return the rows whose view is another than that of the row before."""
    differs = np.empty(states.shape[0], bool)
    differs[0] = before is None or bool((states[0] != before).any())
    differs[1:] = (states[1:] != states[:-1]).any(axis=1)
    return np.flatnonzero(differs)


def _view(time_us: int, state: _Floats, image: ImageRecord, reading_id: str) -> ViewState:
    sx0, sy0, sx1, sy1, dx0, dy0, dx1, dy1, width, level = state.tolist()
    along_x, along_y = (dx1 - dx0) / (sx1 - sx0), (dy1 - dy0) / (sy1 - sy0)
    low, high = _window(width, level, image)
    return ViewState(
        time_us=time_us,
        image_id=image.image_id,
        image_to_screen=(along_x, 0.0, dx0 - along_x * sx0, 0.0, along_y, dy0 - along_y * sy0),
        clip_px=(dx0, dy0, dx1, dy1),
        window_low=low,
        window_high=high,
        reading_id=reading_id,
    )


def _window(width: float, level: float, image: ImageRecord) -> tuple[float | None, float | None]:
    """Return the grey window; None where the image is not the DICOM file that it refers to."""
    original = image.modality is not None and image.window_source != "voi_lut"
    if not (original and np.isfinite(width) and np.isfinite(level) and width > 0):
        return None, None
    top = (1 << image.bits_stored) - 1
    return (level - width / 2) * top, (level + width / 2) * top


def _check_times(block: _Block, file: Delimited, latest: int | None) -> None:
    seconds = block.columns[_TIME]
    lost = np.flatnonzero(~np.isfinite(seconds))
    if lost.size:
        raise _fault(file, block.first_row + int(lost[0]), _TIME, "seconds", "nothing")
    time_us = block.time_us
    back = np.flatnonzero(np.diff(time_us, prepend=time_us[0] if latest is None else latest) < 0)
    if back.size:
        at = int(back[0])
        raise _fault(
            file, block.first_row + at, _TIME, "a time after the row before", float(seconds[at])
        )


def _check_order(onset: _Ints, offset: _Ints, file: Delimited) -> None:
    wrong = np.flatnonzero(offset < onset)
    if wrong.size:
        raise _fault(file, int(wrong[0]) + 2, _SPAN[1], "an end after the start", "one before")
    back = np.flatnonzero(np.diff(onset) < 0)
    if back.size:
        raise _fault(file, int(back[0]) + 3, _SPAN[0], "a time after the row before", "one before")


def _check_rect(state: _Floats, file: Delimited, row: int) -> None:
    for index, name in enumerate((*_SHOWN, *_DRAWN)):
        if not np.isfinite(state[index]):
            raise _fault(file, row, name, "a number", "nothing")
    for low, high, name in (
        (0, 2, _SHOWN[2]),
        (1, 3, _SHOWN[3]),
        (4, 6, _DRAWN[2]),
        (5, 7, _DRAWN[3]),
    ):
        if state[high] <= state[low]:
            raise _fault(file, row, name, f"more than {state[low]:g}", f"{state[high]:g}")


def _fault(file: Delimited, row: int, column: str, expected: object, found: object) -> DataError:
    return cell_error(file.where, row, column, expected=expected, found=found)


def _edges(path: Path) -> tuple[str, str]:
    """Return the second line and the last line that is not empty."""
    with path.open("rb") as file:
        file.readline()
        start = file.tell()
        first = file.readline()
        size = file.seek(0, 2)
        file.seek(max(start, size - (1 << 14)))
        lines = [line for line in file.read().splitlines() if line.strip()]
    last = lines[-1] if lines else b""
    return first.decode("utf-8", "replace"), last.decode("utf-8", "replace")
