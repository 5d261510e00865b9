"""Which movements stand out of the eye's own noise? Saccades, microsaccades among them.

Engbert, R. & Kliegl, R. (2003). "Microsaccades uncover the orientation of covert attention."
Vision Research 43, 1035-1045. Defaults are the paper's: velocity over five samples, an elliptic
threshold of 6 median-based standard deviations, at least 12 ms. The paper names no fixations:
what lies between two saccades is one here, from 50 ms on.
"""

import math

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.detectors.table import blinks_of, events_of
from gazekit.clean.detectors.track import runs_of, track_of, velocity_deg_s
from gazekit.clean.gaze import Gaze
from gazekit.model.records import ScreenRecord

__all__ = ["EngbertKliegl", "engbert_kliegl"]

_Floats = NDArray[np.float64]

_FIVE_POINTS = np.array([-1.0, -1.0, 0.0, 1.0, 1.0])
_LEAST_SD_DEG_S = 1e-6
"""A signal without noise has no spread to divide by."""


class EngbertKliegl(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the detector; the first two are the paper's."""

    noise_factor: float = 6.0
    min_saccade_ms: float = 12.0
    min_fixation_ms: float = 50.0
    max_gap_ms: float = 75.0


def engbert_kliegl(
    gaze: Gaze, screen: ScreenRecord, params: EngbertKliegl | None = None
) -> pa.Table:
    """Detect saccades, and fixations as what lies between them.

    Parameters
    ----------
    gaze
        One line of sight with its gaps filled or named (`gazekit.clean.clean_samples`).
    screen
        The display.
    params
        The paper's values where None.

    Returns
    -------
    pyarrow.Table
        Table ``events`` in time order, half-open times.
    """
    chosen = params or EngbertKliegl()
    track = track_of(gaze, screen, max_gap_ms=chosen.max_gap_ms)
    velocity = velocity_deg_s(track, _FIVE_POINTS)
    spread = np.array([_median_sd(velocity[:, axis]) for axis in (0, 1)])
    scaled = velocity / (chosen.noise_factor * spread)
    fast = np.hypot(scaled[:, 0], scaled[:, 1]) > 1
    saccades = runs_of(fast, track.segment)
    least = track.samples(chosen.min_saccade_ms)
    saccades = saccades[saccades[:, 1] - saccades[:, 0] >= least]
    rest = np.ones(fast.size, bool)
    for first, end in saccades.tolist():
        rest[first:end] = False
    fixations = runs_of(rest, track.segment)
    enough = track.samples(chosen.min_fixation_ms)
    fixations = fixations[fixations[:, 1] - fixations[:, 0] >= max(1, enough)]
    return events_of(
        track,
        screen,
        runs={"fixation": fixations, "saccade": saccades},
        speed_deg_s=np.hypot(velocity[:, 0], velocity[:, 1]),
        blinks_us=blinks_of(gaze),
    )


def _median_sd(velocity: _Floats) -> float:
    if velocity.size == 0:
        return _LEAST_SD_DEG_S
    variance = float(np.median(velocity**2) - np.median(velocity) ** 2)
    return max(math.sqrt(max(variance, 0.0)), _LEAST_SD_DEG_S)
