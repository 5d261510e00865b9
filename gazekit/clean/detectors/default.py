"""Which fixations, saccades, oscillations and pursuits would a person mark? Our own detector.

::

    degrees --> velocity (window grows with noise) --> saccade peaks --> onset, turn, calm
                                                                             |
    fixation or pursuit <-- what lies between <-- what blinks distort, left out

It stands on what is known of the eye, and measures the noise instead of assuming it: a saccade is
a peak of speed that noise cannot make (as in Engbert & Kliegl 2003, "Microsaccades uncover the
orientation of covert attention", Vision Research 43); it ends where the eye turns, and what
follows is the post-saccadic oscillation, which belongs to no fixation (Nyström & Holmqvist 2010,
"An adaptive algorithm for fixation, saccade, and glissade detection in eyetracking data",
Behavior Research Methods 42); what remains is fixation unless it travels along a line (after
Komogortsev & Karpov 2013, "Automated classification and scoring of smooth pursuit eye movements
in the presence of fixations and saccades", Behavior Research Methods 45). The numbers were chosen
by cross-validation over recordings labelled by people (Andersson et al. 2017).
"""

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.clean.detectors.saccades import SaccadeRule, Saccades, find_saccades
from gazekit.clean.detectors.steady import follows
from gazekit.clean.detectors.table import blinks_of, events_of
from gazekit.clean.detectors.track import Track, runs_of, track_of, without_spikes
from gazekit.clean.gaze import Gaze
from gazekit.model.records import ScreenRecord

__all__ = ["Default", "default"]

_Ints = NDArray[np.int64]
_Codes = NDArray[np.int8]
_Bools = NDArray[np.bool_]

_NONE, _FIXATION, _SACCADE, _PSO, _PURSUIT = range(5)
_KINDS = {_FIXATION: "fixation", _SACCADE: "saccade", _PSO: "pso", _PURSUIT: "pursuit"}


class Default(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the detector, with their reasons.

    Attributes
    ----------
    window_ms, edge_window_ms, widest_window_ms
        Windows of the velocity: for finding saccades (about as long as the shortest one), for
        their edges, and the widest that noise may make the first.
    velocity_deg_s, noise_factor
        Least peak speed of a saccade: that of half a degree, and so many times the noise, which
        is that of the whole recording or, where gaze is noisier for a while, what it is there.
    edge_deg_s, edge_noise_factor, onset_share
        Speed at a saccade's onset: at least this, this many times the noise, and this share of
        its peak.
    min_saccade_ms, min_fixation_ms
        Shorter ones are no events.
    ringing_deg_s, ringing_noise_factor, max_ringing_ms, min_ringing_ms, calm_ms
        The post-saccadic oscillation: faster than these, no longer and no shorter than these; it
        is over when nothing moves for `calm_ms`.
    rebound_share, rebound_ms
        A peak of less than this share of the last saccade's, within this time of its end, is
        part of its oscillation.
    travel_deg, travel_deg_s, straightness
        A pursuit travels at least this far and fast, and so much of its variance is a line.
    blink_ms, min_blink_ms
        Movement within `blink_ms` of a gap of at least `min_blink_ms` is made by the lid.
    max_gap_ms
        No event reaches across a longer gap.
    """

    window_ms: float = 16.0
    edge_window_ms: float = 8.0
    widest_window_ms: float = 45.0
    velocity_deg_s: float = 38.0
    noise_factor: float = 3.5
    edge_deg_s: float = 8.0
    edge_noise_factor: float = 2.5
    onset_share: float = 0.1
    min_saccade_ms: float = 10.0
    min_fixation_ms: float = 40.0
    ringing_deg_s: float = 12.0
    ringing_noise_factor: float = 3.5
    max_ringing_ms: float = 80.0
    min_ringing_ms: float = 6.0
    calm_ms: float = 8.0
    rebound_share: float = 0.7
    rebound_ms: float = 30.0
    travel_deg: float = 1.0
    travel_deg_s: float = 1.2
    straightness: float = 0.85
    blink_ms: float = 120.0
    min_blink_ms: float = 40.0
    max_gap_ms: float = 75.0


def default(gaze: Gaze, screen: ScreenRecord, params: Default | None = None) -> pa.Table:
    """Detect fixations, saccades, post-saccadic oscillations, pursuits and blinks.

    Parameters
    ----------
    gaze
        One line of sight with its gaps filled or named (`gazekit.clean.clean_samples`).
    screen
        The display.
    params
        The cross-validated values where None.

    Returns
    -------
    pyarrow.Table
        Table ``events`` in time order. Times are half-open: an event ends where the sample after
        its last one begins. A sample belongs to one event or, beside a gap, to none.
    """
    chosen = params or Default()
    track = without_spikes(track_of(gaze, screen, max_gap_ms=chosen.max_gap_ms))
    rule = SaccadeRule(**{f: getattr(chosen, f) for f in SaccadeRule.__dataclass_fields__})
    saccades = find_saccades(track, rule)
    codes = _codes(track, saccades, chosen)
    codes[_distorted(track, gaze, codes, chosen)] = _NONE
    _settle(track, codes, chosen)
    runs = {kind: _runs(track, codes == code) for code, kind in _KINDS.items()}
    return events_of(
        track, screen, runs=runs, speed_deg_s=saccades.speed_deg_s, blinks_us=blinks_of(gaze)
    )


def _codes(track: Track, saccades: Saccades, params: Default) -> _Codes:
    """Write saccades over oscillations over rest; int8, shape (n,)."""
    codes = np.full(track.time_us.size, _FIXATION, np.int8)
    rings = saccades.calm - saccades.offset >= max(1, track.samples(params.min_ringing_ms))
    codes[_covered(saccades.offset[rings], saccades.calm[rings], codes.size)] = _PSO
    codes[_covered(saccades.onset, saccades.offset, codes.size)] = _SACCADE
    return codes


def _covered(first: _Ints, end: _Ints, size: int) -> _Bools:
    edges = np.bincount(first, minlength=size + 1) - np.bincount(end, minlength=size + 1)
    return np.cumsum(edges)[:size] > 0


def _runs(track: Track, member: _Bools) -> _Ints:
    return runs_of(member, track.segment)


def _settle(track: Track, codes: _Codes, params: Default) -> None:
    """Drop fixations that are too short, and call pursuits what travels."""
    rest = _runs(track, codes == _FIXATION)
    short = rest[:, 1] - rest[:, 0] < track.samples(params.min_fixation_ms)
    moving = follows(
        track,
        rest,
        travel_deg=params.travel_deg,
        speed_deg_s=params.travel_deg_s,
        straightness=params.straightness,
    )
    codes[_covered(rest[moving, 0], rest[moving, 1], codes.size)] = _PURSUIT
    codes[_covered(rest[short, 0], rest[short, 1], codes.size)] = _NONE


def _distorted(track: Track, gaze: Gaze, codes: _Codes, params: Default) -> _Bools:
    """Mark what the lid moved: from the first movement before a gap to the last one after it.

    A bridged gap with no movement about it is part of the fixation that it interrupts.
    """
    marked = np.zeros(codes.size, bool)
    reach_us = params.blink_ms * 1000
    moving = codes != _FIXATION
    starts = _runs(track, codes == _SACCADE)[:, 0]
    ends = _runs(track, moving)[:, 1]
    for gap in gaze.gaps:
        if gap.offset_us - gap.onset_us < params.min_blink_ms * 1000:
            continue
        last = int(np.searchsorted(track.time_us, gap.onset_us, side="right"))
        after = int(np.searchsorted(track.time_us, gap.offset_us))
        early = int(np.searchsorted(track.time_us, gap.onset_us - reach_us))
        late = int(np.searchsorted(track.time_us, gap.offset_us + reach_us))
        before = starts[(starts >= early) & (starts < after)]
        behind = ends[(ends > last) & (ends <= late)]
        if gap.filled and not before.size and not behind.size:
            continue
        first = int(before[0]) if before.size else last
        end = int(behind[-1]) if behind.size else after
        marked[first:end] = True
    return marked
