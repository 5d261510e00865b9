"""What gaze does a user's own table hold? One line of sight or two eyes, by its column names."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.binocular import EyeChoice, merge_eyes
from gazekit.clean.chain import BlinkChoice, gaze_of
from gazekit.clean.gaze import Gaze
from gazekit.clean.smoothing import Smoothing
from gazekit.model.errors import DataError, UsageError
from gazekit.model.records import ScreenRecord

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GivenGaze", "given_gaze"]

_Floats = NDArray[np.float64]
_EYES = ("left", "right")


@dataclass(frozen=True)
class GivenGaze:
    """The columns of a table as arrays of n rows.

    Attributes
    ----------
    time_us
        int64 microseconds, as they stand.
    eyes
        ``left`` and ``right``, or ``gaze`` for one line of sight, to float64 (n, 2) screen pixels,
        NaN where there is none.
    pupils_mm
        float64 (n,) of each pupil that the table has.
    distance_mm
        float64 (n,), None where the table is silent.
    """

    time_us: NDArray[np.int64]
    eyes: dict[str, _Floats]
    pupils_mm: tuple[_Floats, ...] = ()
    distance_mm: _Floats | None = None

    def cleaned(
        self,
        screen: ScreenRecord,
        *,
        eyes: EyeChoice = "average",
        max_fill_ms: float = 75.0,
        max_disparity_deg: float = 5.0,
        blinks: BlinkChoice = "pupil",
        blink_margin_ms: float = 0.0,
        smoothing: Smoothing = "none",
        smoothing_ms: float = 20.0,
        smoothing_degree: int = 2,
    ) -> Gaze:
        """Clean it; see `gazekit.clean.clean_samples` for the parameters and errors."""
        if len(self.eyes) > 1:
            pair = (self.eyes[eye] for eye in _EYES)
            xy = merge_eyes(*pair, screen=screen, eyes=eyes, max_disparity_deg=max_disparity_deg)
        else:
            (xy,) = self.eyes.values()
        return gaze_of(
            self.time_us,
            xy,
            screen=screen,
            distance_mm=self.distance_mm,
            max_fill_ms=max_fill_ms,
            pupils_mm=self.pupils_mm if blinks == "pupil" else (),
            blink_margin_ms=blink_margin_ms,
            smoothing=smoothing,
            smoothing_ms=smoothing_ms,
            smoothing_degree=smoothing_degree,
        )


def given_gaze(samples: Union[pa.Table, "pd.DataFrame"]) -> GivenGaze:
    """Read the columns of a table; see `gazekit.detect_events` for their names.

    Raises
    ------
    DataError
        A column is missing or holds no numbers, or a sample has no time.
    UsageError
        The samples are no table.
    """
    if not hasattr(samples, "columns"):
        raise UsageError(
            "no table of samples",
            expected="a pyarrow Table or a pandas DataFrame",
            found=type(samples).__name__,
        )
    names = list(samples.column_names if isinstance(samples, pa.Table) else samples.columns)
    time = _times(_column(samples, names, "time_us"))
    found = [eye for eye in _EYES if f"{eye}_x_px" in names]
    if "x_px" in names or not found:
        eyes = {"gaze": _places(samples, names, "")}
    else:
        eyes = {eye: _places(samples, names, f"{eye}_") for eye in found}
    pupils = [name for name in ("pupil_mm", *(f"{e}_pupil_mm" for e in _EYES)) if name in names]
    return GivenGaze(
        time,
        eyes,
        tuple(_column(samples, names, name) for name in pupils),
        _column(samples, names, "distance_mm") if "distance_mm" in names else None,
    )


def _places(
    samples: Union[pa.Table, "pd.DataFrame"], names: list[str], prefix: str
) -> NDArray[np.float64]:
    x, y = (_column(samples, names, f"{prefix}{axis}_px") for axis in "xy")
    xy = np.empty((x.size, 2), order="F")  # each axis in one piece of memory: twice as fast
    xy[:, 0], xy[:, 1] = x, y
    xy[((x == 0) & (y == 0)) | np.isinf(x) | np.isinf(y)] = np.nan
    return xy


def _column(
    samples: Union[pa.Table, "pd.DataFrame"], names: list[str], name: str
) -> NDArray[np.float64]:
    if name not in names:
        raise DataError(
            "a column is missing",
            where="samples",
            expected=f"{name}; time_us with x_px, y_px or left_x_px ... right_y_px",
            found=", ".join(map(str, names)),
        )
    column = samples.column(name) if isinstance(samples, pa.Table) else samples[name]
    dtype = np.int64 if name == "time_us" and not _has_nulls(column) else np.float64
    try:
        return np.asarray(column.to_numpy(), dtype)
    except (TypeError, ValueError) as error:
        raise DataError("the column holds no numbers", where=f"samples.{name}") from error


def _has_nulls(column: object) -> bool:
    if isinstance(column, pa.ChunkedArray):
        return bool(column.null_count)
    return bool(np.asarray(column).dtype.kind not in "iu")


def _times(values: NDArray[np.generic]) -> NDArray[np.int64]:
    if values.dtype != np.int64 and not np.isfinite(values.astype(np.float64)).all():
        raise DataError("a sample has no time", where="samples.time_us")
    return values.astype(np.int64)
