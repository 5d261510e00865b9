"""How is a reading's gaze cleaned? Both eyes to one line of sight, gaps named, short ones filled.

::

    samples --> null blinks --> merge eyes --> name gaps --> fill up to 75 ms --> smooth --> Gaze
"""

from typing import Literal, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.binocular import EyeChoice, merge_eyes
from gazekit.clean.blinks import find_blinks, within
from gazekit.clean.gaps import fill_gaps, find_gaps
from gazekit.clean.gaze import Gaze
from gazekit.clean.smoothing import Smoothing, smooth
from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord

__all__ = ["BlinkChoice", "clean_samples", "gaze_of"]

_Floats = NDArray[np.float64]

BlinkChoice = Literal["pupil", "gap"]

_US_PER_MS = 1000


def clean_samples(
    samples: pa.Table,
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
    """Clean table ``samples`` of one reading.

    Eyes are merged before gaps are filled (Olsen 2012 does it after): a gap of one eye is then
    bridged by what the other one saw, not by a straight line.

    Parameters
    ----------
    samples
        Table ``samples``, or one with ``time_us`` and the gaze of both eyes; without pupils or
        distance these are unknown. Of samples with one time, the first is kept.
    screen
        The display and the nominal distance.
    eyes, max_disparity_deg
        See `merge_eyes`.
    max_fill_ms
        Longest gap that is filled.
    blinks, blink_margin_ms
        ``"pupil"``: blinks are found in the pupils (`find_blinks`), and gaze inside them and so
        long before and after is dropped; ``"gap"``: a gap as long as a blink is called one.
    smoothing, smoothing_ms, smoothing_degree
        See `smooth`.

    Raises
    ------
    DataError
        Times go backwards.
    """
    arrays = {name: samples.column(name).to_numpy() for name in samples.column_names}
    left, right = (
        np.column_stack([arrays[f"{eye}_x_px"], arrays[f"{eye}_y_px"]]) for eye in ("left", "right")
    )
    merged = merge_eyes(left, right, screen=screen, eyes=eyes, max_disparity_deg=max_disparity_deg)
    distance = arrays.get("distance_mm")
    return gaze_of(
        arrays["time_us"],
        merged,
        screen=screen,
        distance_mm=None if distance is None else distance.astype(np.float64),
        max_fill_ms=max_fill_ms,
        pupils_mm=_pupils(arrays) if blinks == "pupil" else (),
        blink_margin_ms=blink_margin_ms,
        smoothing=smoothing,
        smoothing_ms=smoothing_ms,
        smoothing_degree=smoothing_degree,
    )


def gaze_of(
    time_us: NDArray[np.int64],
    xy_px: _Floats,
    *,
    screen: ScreenRecord,
    distance_mm: _Floats | None = None,
    max_fill_ms: float = 75.0,
    pupils_mm: tuple[_Floats, ...] = (),
    blink_margin_ms: float = 0.0,
    smoothing: Smoothing = "none",
    smoothing_ms: float = 20.0,
    smoothing_degree: int = 2,
) -> Gaze:
    """Null the blinks, name and fill the gaps, and smooth one line of sight.

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
    pupils_mm
        float64, shape (n,), of each eye; none where blinks are not to be sought in them.
    blink_margin_ms, smoothing, smoothing_ms, smoothing_degree
        See `clean_samples`.

    Raises
    ------
    DataError
        Times go backwards.
    """
    distance = np.full(time_us.size, np.nan) if distance_mm is None else distance_mm
    fresh = np.diff(time_us, prepend=time_us[:1] - 1) != 0
    if not fresh.all():
        time_us, xy_px, distance = time_us[fresh], xy_px[fresh], distance[fresh]
        pupils_mm = tuple(pupil[fresh] for pupil in pupils_mm)
    _check_order(time_us)
    max_fill_us = round(max_fill_ms * _US_PER_MS)
    blinks = find_blinks(time_us, pupils_mm)
    if blinks.size:
        lid = within(time_us, blinks, margin_ms=blink_margin_ms)
        xy_px = np.where(lid[:, None], np.nan, xy_px)
    gaps = find_gaps(time_us, *xy_px.T, screen=screen, max_fill_us=max_fill_us, blinks_us=blinks)
    xy, filled = fill_gaps(time_us, xy_px, max_fill_us=max_fill_us)
    xy = smooth(time_us, xy, method=smoothing, window_ms=smoothing_ms, degree=smoothing_degree)
    return Gaze(
        time_us=time_us,
        x_px=xy[:, 0],
        y_px=xy[:, 1],
        filled=filled,
        distance_mm=_known_distance(distance, screen),
        gaps=gaps,
    )


def _pupils(arrays: dict[str, NDArray[np.generic]]) -> tuple[_Floats, ...]:
    names = [f"{eye}_pupil_mm" for eye in ("left", "right")]
    return tuple(arrays[name].astype(np.float64) for name in names if name in arrays)


def _check_order(time_us: NDArray[np.int64]) -> None:
    back = np.flatnonzero(np.diff(time_us) < 0)
    if back.size:
        raise DataError(
            "times go backwards",
            where=f"sample {int(back[0]) + 2}",
            expected="rising time_us",
            remedy="sort the samples by time, or build each recording on its own",
        )


def _known_distance(distance_mm: _Floats, screen: ScreenRecord) -> _Floats:
    known = np.isfinite(distance_mm) & (distance_mm > 0)
    usual = np.median(distance_mm[known]) if known.any() else screen.distance_mm
    return cast("_Floats", np.where(known, distance_mm, usual))
