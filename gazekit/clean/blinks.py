"""When did the reader blink, as the pupil tells, and which samples around it did the lid move?

A closing lid cuts the pupil off from above: its measured size falls within tens of milliseconds,
faster than any reflex, gaze is dragged downwards meanwhile, and both come back as the lid opens.
The tracker itself calls only the samples in between invalid. The blink reaches from where the
pupil begins to fall to where it stops rising: Hershman, Henik & Cohen (2018), "A novel blink
detection method based on pupillometry noise", Behavior Research Methods 50; the speeds serve as in
Mathôt (2013), "A simple way to reconstruct pupil size during eye blinks", which also finds blinks
without a missing sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BlinkRule", "find_blinks", "within"]

_Floats = NDArray[np.float64]
_Times = NDArray[np.int64]
_Bools = NDArray[np.bool_]

_US_PER_MS = 1000


@dataclass(frozen=True)
class BlinkRule:
    """What is a blink.

    Attributes
    ----------
    min_ms, max_ms
        Duration of a blink.
    window_ms
        Over which the speed of the pupil is measured; at least one sample.
    low_share, lid_mm_s
        A pupil below this share of its median, that came there and goes from there this fast, is
        hidden by a lid though the tracker calls it valid; a light reflex stays below 6 mm/s.
    still_mm_s, noise_factor
        Slower than this, or than so many times its usual speed, the pupil no longer falls or
        rises.
    reach_ms
        So far before and after the missing samples a fall and a rise are followed.
    """

    min_ms: float = 50.0
    max_ms: float = 600.0
    window_ms: float = 10.0
    low_share: float = 0.7
    lid_mm_s: float = 10.0
    still_mm_s: float = 3.0
    noise_factor: float = 4.0
    reach_ms: float = 120.0


def find_blinks(
    time_us: _Times, pupils_mm: tuple[_Floats, ...], *, rule: BlinkRule | None = None
) -> _Times:
    """Return onset and offset of each blink; int64 microseconds, shape (k, 2), half-open, apart.

    Parameters
    ----------
    time_us
        int64, shape (n,), strictly rising.
    pupils_mm
        float64, shape (n,), one for each eye: diameter, NaN where it was not measured. Both eyes
        blink together: where both are measured at all, what only one of them shows is no blink.
    rule
        What is a blink.
    """
    chosen = rule or BlinkRule()
    measured = [pupil for pupil in pupils_mm if np.isfinite(pupil).any()]
    found = [_of_one_eye(time_us, pupil, chosen) for pupil in measured]
    if not found:
        return np.zeros((0, 2), np.int64)
    if len(found) == 1:
        return _joined(found[0])
    return _joined(_together(*found[:2]))


def within(time_us: _Times, spans_us: _Times, *, margin_ms: float = 0.0) -> _Bools:
    """Tell which moments lie in one of the spans, or no further than the margin from one.

    Parameters
    ----------
    time_us
        int64, shape (n,), rising.
    spans_us
        int64, shape (k, 2): half-open.
    margin_ms
        Added before and after each.
    """
    margin = round(margin_ms * _US_PER_MS)
    first = np.searchsorted(time_us, spans_us[:, 0] - margin)
    end = np.searchsorted(time_us, spans_us[:, 1] + margin)
    size = time_us.size
    edges = np.bincount(first, minlength=size + 1) - np.bincount(end, minlength=size + 1)
    inside: _Bools = np.cumsum(edges)[:size] > 0
    return inside


def _of_one_eye(time_us: _Times, pupil_mm: _Floats, rule: BlinkRule) -> _Times:
    step = float(np.median(np.diff(time_us))) if time_us.size > 1 else 1.0
    half = max(1, round(rule.window_ms * _US_PER_MS / step))
    if time_us.size <= half:
        return np.zeros((0, 2), np.int64)
    past, coming = _speeds(time_us, pupil_mm, half)
    usual = np.abs(past[np.isfinite(past)])
    still = max(rule.still_mm_s, rule.noise_factor * float(np.median(usual)) if usual.size else 0)
    reach = max(1, round(rule.reach_ms * _US_PER_MS / step))
    spans = []
    for first, end in _hidden(pupil_mm, past, coming, half=half, rule=rule):
        onset, last = first - 1, end
        while onset > max(0, first - reach) and past[onset] < -still:
            onset -= 1
        while last < min(time_us.size - 1, end + reach) and coming[last] > still:
            last += 1
        run_us = int(time_us[end] - time_us[first - 1])
        whole_us = int(time_us[last] - time_us[onset])
        if run_us <= rule.max_ms * _US_PER_MS and whole_us >= rule.min_ms * _US_PER_MS:
            spans.append((int(time_us[onset]), int(time_us[last])))
    return np.array(spans, np.int64).reshape(-1, 2)


def _speeds(time_us: _Times, pupil_mm: _Floats, half: int) -> tuple[_Floats, _Floats]:
    """Return the speed of the pupil up to, and from, each sample on, in mm/s; NaN if unknown."""
    run = np.maximum(time_us[half:] - time_us[:-half], 1) / 1e6
    speed = (pupil_mm[half:] - pupil_mm[:-half]) / run
    unknown = np.full(half, np.nan)
    return np.concatenate([unknown, speed]), np.concatenate([speed, unknown])


def _hidden(
    pupil_mm: _Floats, past: _Floats, coming: _Floats, *, half: int, rule: BlinkRule
) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of the samples without pupil, or with what a lid leaves of it.

    Not those at either end: nothing tells that the eye was open before, or was to open again.
    """
    missing = ~np.isfinite(pupil_mm)
    low = pupil_mm < rule.low_share * float(np.median(pupil_mm[~missing]))
    for first, end in _runs(missing | low):
        if first == 0 or end == pupil_mm.size:
            continue
        if not missing[first:end].any():
            closing = past[first : first + half + 1] < -rule.lid_mm_s
            opening = coming[max(0, end - half - 1) : end] > rule.lid_mm_s
            if not (closing.any() and opening.any()):
                continue
        yield first, end


def _runs(member: _Bools) -> list[tuple[int, int]]:
    """Return (first, end) of each run of members."""
    padded = np.concatenate([[False], member, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _together(first: _Times, second: _Times) -> _Times:
    """Return the blinks of one eye that overlap one of the other's, from first to last."""
    spans = []
    for onset, offset in first.tolist():
        overlap = second[(second[:, 0] < offset) & (second[:, 1] > onset)]
        if overlap.size:
            spans.append((min(onset, int(overlap.min())), max(offset, int(overlap.max()))))
    return np.array(spans, np.int64).reshape(-1, 2)


def _joined(spans: _Times) -> _Times:
    """Join spans that touch; int64, shape (k, 2), in time order."""
    joined: list[list[int]] = []
    for onset, offset in spans.tolist():
        if joined and onset <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], offset)
        else:
            joined.append([onset, offset])
    return np.array(joined, np.int64).reshape(-1, 2)
