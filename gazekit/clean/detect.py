"""Which fixations, saccades and blinks are in these samples? The call for a user's own table."""

from typing import TYPE_CHECKING, Union

import pyarrow as pa

from gazekit.clean.binocular import EyeChoice
from gazekit.clean.chain import BlinkChoice
from gazekit.clean.detectors import detect
from gazekit.clean.given import given_gaze
from gazekit.clean.smoothing import Smoothing
from gazekit.model.errors import UsageError
from gazekit.model.geometry import check_screen
from gazekit.model.records import ScreenRecord

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["detect_events"]


def detect_events(
    samples: Union[pa.Table, "pd.DataFrame"],
    *,
    screen: ScreenRecord,
    detector: str = "default",
    max_fill_ms: float = 75.0,
    eyes: EyeChoice = "average",
    blinks: BlinkChoice = "pupil",
    smoothing: Smoothing = "none",
    smoothing_ms: float = 20.0,
    **params: float,
) -> pa.Table:
    """Detect eye movement events.

    Parameters
    ----------
    samples
        Columns ``time_us`` (integers, microseconds, rising) and either ``x_px``, ``y_px`` or
        ``left_x_px``, ``left_y_px``, ``right_x_px``, ``right_y_px``: screen pixels from the
        top-left corner, NaN or null where there is no gaze; exactly (0, 0) is how some trackers
        say so too. One eye may be missing. ``distance_mm`` and ``left_pupil_mm``,
        ``right_pupil_mm`` or ``pupil_mm`` where known. Of samples with one time, the first is kept.
    screen
        The display and the viewing distance.
    detector
        ``"default"``, our own, which agrees best with people; or one of the literature at its
        paper's defaults: ``"adaptive"``, ``"engbert_kliegl"``, ``"i2mc"``, ``"idt"``,
        ``"tobii_ivt"``.
    max_fill_ms
        Longest gap that is filled before detection.
    eyes, blinks, smoothing, smoothing_ms
        Which eyes, how blinks are found, and the filter: see `gazekit.clean.clean_samples`.
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
        No such detector or parameter, no table of samples, or no screen.
    """
    if not isinstance(screen, ScreenRecord):
        raise UsageError(
            "nothing says how large the screen was",
            where="screen",
            expected="a gazekit.model.records.ScreenRecord",
            found=type(screen).__name__,
            remedy="give its size in px and mm, and the viewing distance",
        )
    check_screen(screen, where="screen")
    gaze = given_gaze(samples).cleaned(
        screen,
        eyes=eyes,
        max_fill_ms=max_fill_ms,
        blinks=blinks,
        smoothing=smoothing,
        smoothing_ms=smoothing_ms,
    )
    return detect(gaze, screen, detector=detector, params=params)
