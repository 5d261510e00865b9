"""How is a reading's gaze cleaned? Both eyes to one line of sight, gaps named, short ones filled.

::

    samples --> merge eyes --> find gaps --> fill up to 75 ms --> Gaze --> detector
"""

from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.binocular import EyeChoice, merge_eyes
from gazekit.clean.gaps import fill_gaps, find_gaps
from gazekit.clean.gaze import Gaze
from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord

__all__ = ["clean_samples", "gaze_of"]

_Floats = NDArray[np.float64]

_US_PER_MS = 1000


def clean_samples(
    samples: pa.Table,
    screen: ScreenRecord,
    *,
    eyes: EyeChoice = "average",
    max_fill_ms: float = 75.0,
    max_disparity_deg: float = 5.0,
) -> Gaze:
    """Clean table ``samples`` of one reading.

    Eyes are merged before gaps are filled (Olsen 2012 does it after): a gap of one eye is then
    bridged by what the other one saw, not by a straight line.

    Raises
    ------
    DataError
        _Times go backwards.
    """
    arrays = {name: samples.column(name).to_numpy() for name in samples.column_names}
    left, right = (
        np.column_stack([arrays[f"{eye}_x_px"], arrays[f"{eye}_y_px"]]) for eye in ("left", "right")
    )
    merged = merge_eyes(left, right, screen=screen, eyes=eyes, max_disparity_deg=max_disparity_deg)
    return gaze_of(
        arrays["time_us"],
        merged,
        screen=screen,
        distance_mm=arrays["distance_mm"].astype(np.float64),
        max_fill_ms=max_fill_ms,
    )


def gaze_of(
    time_us: NDArray[np.int64],
    xy_px: _Floats,
    *,
    screen: ScreenRecord,
    distance_mm: _Floats | None = None,
    max_fill_ms: float = 75.0,
) -> Gaze:
    """Name and fill the gaps of one line of sight.

    Parameters
    ----------
    time_us
        int64, shape (n,). Of samples with one time, the first is kept.
    xy_px
        float64, shape (n, 2), screen pixels; NaN where there is no gaze.
    screen
        The display and the nominal distance.
    distance_mm
        float64, shape (n,); NaN takes the median of the others, or the screen's.
    max_fill_ms
        Longest gap that is filled.

    Raises
    ------
    DataError
        _Times go backwards.
    """
    distance = np.full(time_us.size, np.nan) if distance_mm is None else distance_mm
    first = np.diff(time_us, prepend=time_us[:1] - 1) != 0
    time_us, xy_px, distance = time_us[first], xy_px[first], distance[first]
    back = np.flatnonzero(np.diff(time_us) < 0)
    if back.size:
        raise DataError(
            "times go backwards",
            where=f"sample {int(back[0]) + 1}",
            expected="rising time_us",
            remedy="sort the samples by time, or build each recording on its own",
        )
    max_fill_us = round(max_fill_ms * _US_PER_MS)
    gaps = find_gaps(time_us, xy_px[:, 0], xy_px[:, 1], screen=screen, max_fill_us=max_fill_us)
    xy, filled = fill_gaps(time_us, xy_px, max_fill_us=max_fill_us)
    return Gaze(
        time_us=time_us,
        x_px=xy[:, 0],
        y_px=xy[:, 1],
        filled=filled,
        distance_mm=_known_distance(distance, screen),
        gaps=gaps,
    )


def _known_distance(distance_mm: _Floats, screen: ScreenRecord) -> _Floats:
    known = np.isfinite(distance_mm) & (distance_mm > 0)
    usual = np.median(distance_mm[known]) if known.any() else screen.distance_mm
    return cast("_Floats", np.where(known, distance_mm, usual))
