"""Where is gaze missing, why, and which gaps are short enough to bridge?"""

import numpy as np
from numpy.typing import NDArray

from gazekit.clean.gaze import Gap, GapCause
from gazekit.model.geometry import screen_px_per_degree
from gazekit.model.records import ScreenRecord
from gazekit.quality.median import median_of

__all__ = ["fill_gaps", "find_gaps"]

_Floats = NDArray[np.float64]
_Times = NDArray[np.int64]

_BLINK_US = (50_000, 600_000)
_ABSENT_STEPS = 2.5
"""A step this many times the usual one means that samples are absent."""
_EDGE_DEG = 1.0


def find_gaps(
    time_us: _Times,
    x_px: _Floats,
    y_px: _Floats,
    *,
    screen: ScreenRecord,
    max_fill_us: int,
    blinks_us: _Times | None = None,
) -> tuple[Gap, ...]:
    """List the stretches without gaze, each with its cause.

    Parameters
    ----------
    time_us, x_px, y_px
        Shape (n,); int64 microseconds in time order; screen pixels, NaN where there is no gaze.
    screen
        Tells what is off the screen.
    max_fill_us
        Gaps up to this long are marked `filled`.
    blinks_us
        int64, shape (k, 2): blinks that the pupil told; see `gazekit.clean.find_blinks`.

    Returns
    -------
    tuple of Gap
        ``no_samples``: the tracker sent nothing; ``blink``: as the pupil told, or as long as a
        blink, with gaze on the screen before and after; ``off_screen``: gaze left over the edge;
        ``tracker_loss``: everything else, and whatever touches the start or the end.
    """
    valid = np.flatnonzero(np.isfinite(x_px) & np.isfinite(y_px))
    if valid.size == 0:
        return _whole(time_us)
    gaps = _at_the_ends(time_us, valid)
    step = median_of(np.diff(time_us)) if time_us.size > 1 else 0.0
    run = np.diff(time_us[valid])
    odd = np.flatnonzero((np.diff(valid) > 1) | (run > _ABSENT_STEPS * step))
    for i in odd:
        first, last = int(valid[i]), int(valid[i + 1])
        onset, offset = int(time_us[first]), int(time_us[last])
        absent = last == first + 1
        edge = _near_edge(x_px[[first, last]], y_px[[first, last]], screen)
        told = blinks_us is not None and _overlaps(blinks_us, onset, offset)
        cause = _cause(offset - onset, absent=absent, edge=edge, told=told)
        gaps.append(Gap(onset, offset, cause, filled=offset - onset <= max_fill_us))
    return tuple(sorted(gaps, key=lambda gap: gap.onset_us))


def fill_gaps(
    time_us: _Times, values: _Floats, *, max_fill_us: int
) -> tuple[_Floats, NDArray[np.bool_]]:
    """Interpolate over short gaps, in a straight line over time.

    Parameters
    ----------
    time_us
        int64, shape (n,), in time order.
    values
        float64, shape (n, k): rows with a NaN are missing as a whole.
    max_fill_us
        Longest time from the last valid sample to the next one that is bridged.

    Returns
    -------
    values
        float64, shape (n, k); longer gaps, and those at either end, stay NaN.
    filled
        bool, shape (n,): rows that were made.
    """
    valid = np.ones(len(values), np.bool_)
    for column in values.T:
        valid &= np.isfinite(column)
    out = values.astype(np.float64)
    out[~valid] = np.nan
    known = np.flatnonzero(valid)
    missing = np.flatnonzero(~valid)
    if known.size < 2 or missing.size == 0:  # noqa: PLR2004 - a line needs two points
        return out, np.zeros(valid.shape, bool)
    after = np.searchsorted(known, missing)
    inside = (after > 0) & (after < known.size)
    missing, after = missing[inside], after[inside]
    left, right = known[after - 1], known[after]
    short = time_us[right] - time_us[left] <= max_fill_us
    missing, left, right = missing[short], left[short], right[short]
    share = (time_us[missing] - time_us[left]) / (time_us[right] - time_us[left])
    out[missing] = values[left] + share[:, None] * (values[right] - values[left])
    filled = np.zeros(valid.shape, bool)
    filled[missing] = True
    return out, filled


def _whole(time_us: _Times) -> tuple[Gap, ...]:
    if time_us.size == 0:
        return ()
    return (Gap(int(time_us[0]), int(time_us[-1]) + 1, "tracker_loss", filled=False),)


def _at_the_ends(time_us: _Times, valid: NDArray[np.intp]) -> list[Gap]:
    first, last = int(valid[0]), int(valid[-1])
    gaps = []
    if first > 0:
        gaps.append(Gap(int(time_us[0]), int(time_us[first]), "tracker_loss", filled=False))
    if last < time_us.size - 1:
        gaps.append(Gap(int(time_us[last]), int(time_us[-1]) + 1, "tracker_loss", filled=False))
    return gaps


def _overlaps(spans_us: _Times, onset_us: int, offset_us: int) -> bool:
    return bool(((spans_us[:, 0] < offset_us) & (spans_us[:, 1] > onset_us)).any())


def _cause(duration_us: int, *, absent: bool, edge: bool, told: bool) -> GapCause:
    if absent:
        return "no_samples"
    if told:
        return "blink"
    if edge:
        return "off_screen"
    return "blink" if _BLINK_US[0] <= duration_us <= _BLINK_US[1] else "tracker_loss"


def _near_edge(x_px: _Floats, y_px: _Floats, screen: ScreenRecord) -> bool:
    per_x, per_y = screen_px_per_degree(screen, screen.width_px / 2, screen.height_px / 2)
    edge_x, edge_y = _EDGE_DEG * float(per_x), _EDGE_DEG * float(per_y)
    outside = (x_px < edge_x) | (x_px > screen.width_px - edge_x)
    outside |= (y_px < edge_y) | (y_px > screen.height_px - edge_y)
    return bool(outside.any())
