"""How good is the gaze of a reading or a session, eye by eye, and is it within the limits?

::

    samples, fixations --> measure (a part: counts, sums) --> summarise (one part, or many)

A reading is one part or several; a session is all the parts of its readings. Counts and sums add
up, so that the summary of many parts is that of the whole; medians are taken over all fixations.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.protocol import QualityLimits
from gazekit.model.records import ScreenRecord
from gazekit.quality.disparity import disparity_deg
from gazekit.quality.loss import largest_gap_us
from gazekit.quality.median import median_of
from gazekit.quality.spread import Scatter, scatter_of

__all__ = ["EyeQuality", "Quality", "QualityPart", "measure", "outside_limits", "summarise"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


class EyeQuality(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one eye; None where there was nothing to measure.

    `data_loss`: share of samples without gaze; `largest_gap_us`: see `gazekit.quality.loss`;
    `rms_s2s_deg`: over all pairs of samples inside fixations; `std_deg`, `bcea_deg2`: median over
    fixations; see `gazekit.quality.spread`.
    """

    data_loss: float
    largest_gap_us: int
    rms_s2s_deg: float | None
    std_deg: float | None
    bcea_deg2: float | None


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a reading or a session.

    `data_loss`, `largest_gap_us`: of samples in which no eye was valid; `rate_hz`: from the median
    step; `disparity_deg`: median angle between the eyes, None with one eye; `accuracy_deg`: of the
    validation before, None where there was none.
    """

    n_samples: int
    n_fixations: int
    rate_hz: float | None
    data_loss: float
    largest_gap_us: int
    disparity_deg: float | None
    accuracy_deg: float | None = None
    eyes: dict[str, EyeQuality] = {}


@dataclass(frozen=True)
class _Seen:
    """One line of sight: samples with gaze, the largest gap, and the scatter in fixations."""

    valid: int
    gap_us: int
    scatter: Scatter


@dataclass(frozen=True)
class QualityPart:
    """What was counted in one stretch of samples; made by `measure`."""

    n_samples: int
    n_fixations: int
    step_us: float | None
    any_eye: _Seen
    disparity_deg: float | None
    eyes: dict[str, _Seen]


def measure(
    time_us: ArrayLike,
    eyes: Mapping[str, _Floats],
    *,
    screen: ScreenRecord,
    fixations_us: ArrayLike | None = None,
    distance_mm: float | None = None,
) -> QualityPart:
    """Count and sum what `summarise` needs of one stretch of samples.

    Parameters
    ----------
    time_us
        int64 microseconds, shape (n,), in time order.
    eyes
        Name (``left``, ``right``, or ``gaze`` where there is one line of sight only) to float64,
        shape (n, 2), screen pixels; NaN where there is no gaze.
    screen
        The display and the nominal viewing distance.
    fixations_us
        int64, shape (k, 2): onset and offset of fixations, half-open, in time order, apart. None:
        no precision is measured.
    distance_mm
        Usual distance of the eye; the screen's where None.
    """
    time = np.asarray(time_us, np.int64)
    spans = np.zeros((0, 2), np.int64)
    if fixations_us is not None:
        spans = np.asarray(fixations_us, np.int64).reshape(-1, 2)
    z = screen.distance_mm if distance_mm is None else distance_mm
    valid = {n: np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1]) for n, xy in eyes.items()}
    pair = [eyes[eye] for eye in ("left", "right") if eye in eyes]

    def seen(name: str) -> _Seen:
        here = valid[name]
        scatter = scatter_of(time, eyes[name], screen=screen, distance_mm=z, fixations_us=spans)
        return _Seen(int(np.count_nonzero(here)), largest_gap_us(time, here), scatter)

    with ThreadPoolExecutor(1) as pool:  # numpy works on long arrays side by side
        others = [pool.submit(seen, name) for name in list(eyes)[1:]]
        found = [seen(name) for name in list(eyes)[:1]]
        disparity = disparity_deg(screen, *pair, distance_mm=z) if len(pair) > 1 else None
        found += [other.result() for other in others]
    either = np.logical_or.reduce(list(valid.values())) if valid else np.zeros(time.size, bool)
    nothing = Scatter(0.0, 0, np.zeros(0), np.zeros(0))
    steps = np.diff(time)
    steps = steps[steps > 0]
    return QualityPart(
        n_samples=int(time.size),
        n_fixations=len(spans),
        step_us=median_of(steps) if steps.size else None,
        any_eye=_Seen(int(either.sum()), largest_gap_us(time, either), nothing),
        disparity_deg=disparity,
        eyes=dict(zip(eyes, found, strict=True)),
    )


def summarise(parts: Sequence[QualityPart], *, accuracy_deg: float | None = None) -> Quality:
    """Return the figures of all parts together.

    The step and the disparity are the medians of the parts' own, each counted as often as the
    part has samples. A gap that parts share counts in each of them on its own.
    """
    total = sum(part.n_samples for part in parts)
    step = _weighted_median([(p.step_us, p.n_samples) for p in parts])
    names = dict.fromkeys(name for part in parts for name in part.eyes)
    every = [part.any_eye for part in parts]
    return Quality(
        n_samples=total,
        n_fixations=sum(part.n_fixations for part in parts),
        rate_hz=1e6 / step if step else None,
        data_loss=_loss(every, total),
        largest_gap_us=max((seen.gap_us for seen in every), default=0),
        disparity_deg=_weighted_median([(p.disparity_deg, p.n_samples) for p in parts]),
        accuracy_deg=accuracy_deg,
        eyes={n: _eye([p.eyes[n] for p in parts if n in p.eyes], total) for n in names},
    )


def outside_limits(quality: Quality, limits: QualityLimits) -> tuple[str, ...]:
    """Name the figures that are outside the protocol's limits; a figure without limit never is."""
    rms = [eye.rms_s2s_deg for eye in quality.eyes.values() if eye.rms_s2s_deg is not None]
    checks = (
        ("data loss", quality.data_loss, limits.max_data_loss),
        ("gap", quality.largest_gap_us / 1000, limits.max_gap_ms),
        ("precision", min(rms, default=None), limits.max_rms_s2s_deg),
        ("disparity", quality.disparity_deg, limits.max_disparity_deg),
    )
    return tuple(
        name
        for name, value, limit in checks
        if value is not None and limit is not None and value > limit
    )


def _eye(seen: Sequence[_Seen], total: int) -> EyeQuality:
    pairs = sum(one.scatter.pairs for one in seen)
    square = sum(one.scatter.square_deg2 for one in seen)
    std, area = (
        np.concatenate([getattr(one.scatter, name) for one in seen])
        for name in ("std_deg", "bcea_deg2")
    )
    return EyeQuality(
        data_loss=_loss(seen, total),
        largest_gap_us=max(one.gap_us for one in seen),
        rms_s2s_deg=float(np.sqrt(square / pairs)) if pairs else None,
        std_deg=float(np.median(std)) if std.size else None,
        bcea_deg2=float(np.median(area)) if area.size else None,
    )


def _loss(seen: Sequence[_Seen], total: int) -> float:
    return 1.0 - sum(one.valid for one in seen) / total if total else 1.0


def _weighted_median(values: Sequence[tuple[float | None, int]]) -> float | None:
    known = sorted((value, count) for value, count in values if value is not None and count)
    half, passed = sum(count for _, count in known) / 2, 0
    for value, count in known:
        passed += count
        if passed >= half:
            return value
    return None
