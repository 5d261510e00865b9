"""Which fixations, saccades and blinks are in these samples? The call for a user's own table."""

from typing import TYPE_CHECKING, Union

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.binocular import merge_eyes
from gazekit.clean.chain import gaze_of
from gazekit.clean.detectors import detect
from gazekit.model.errors import DataError
from gazekit.model.geometry import check_screen
from gazekit.model.records import ScreenRecord

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["detect_events"]

_PAIRS = ("left", "right")


def detect_events(
    samples: Union[pa.Table, "pd.DataFrame"],
    *,
    screen: ScreenRecord,
    detector: str = "default",
    max_fill_ms: float = 75.0,
    **params: float,
) -> pa.Table:
    """Detect eye movement events.

    Parameters
    ----------
    samples
        Columns ``time_us`` (integers, microseconds, rising) and either ``x_px``, ``y_px`` or
        ``left_x_px``, ``left_y_px``, ``right_x_px``, ``right_y_px``: screen pixels from the
        top-left corner, NaN or null where there is no gaze; exactly (0, 0) is how some trackers
        say so too. ``distance_mm`` where known. Of samples with one time, the first is kept.
    screen
        The display and the viewing distance.
    detector
        ``"default"``, our own, which agrees best with people; or one of the literature at its
        paper's defaults: ``"adaptive"``, ``"engbert_kliegl"``, ``"i2mc"``, ``"idt"``,
        ``"tobii_ivt"``.
    max_fill_ms
        Longest gap that is filled before detection.
    **params
        The detector's own, such as ``velocity_deg_s``.

    Returns
    -------
    pyarrow.Table
        Table ``events``; no rows where there is no gaze.

    Raises
    ------
    DataError
        A column is missing or holds no numbers, or times go backwards.
    UsageError
        No such detector or parameter.
    """
    check_screen(screen, where="screen")
    names = list(samples.column_names if isinstance(samples, pa.Table) else samples.columns)
    time = _times(_column(samples, names, "time_us"))
    single = "x_px" in names or "left_x_px" not in names
    if single:
        xy = _places(samples, names, "")
    else:
        left, right = (_places(samples, names, f"{eye}_") for eye in _PAIRS)
        xy = merge_eyes(left, right, screen=screen)
    distance = _column(samples, names, "distance_mm") if "distance_mm" in names else None
    gaze = gaze_of(time, xy, screen=screen, distance_mm=distance, max_fill_ms=max_fill_ms)
    return detect(gaze, screen, detector=detector, params=params)


def _places(
    samples: Union[pa.Table, "pd.DataFrame"], names: list[str], prefix: str
) -> NDArray[np.float64]:
    xy = np.column_stack([_column(samples, names, f"{prefix}{axis}_px") for axis in "xy"])
    xy[(xy == 0).all(axis=1)] = np.nan
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
