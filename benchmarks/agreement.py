"""How well do two labellings of the same samples agree?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Agreement", "agreement", "cohen_kappa", "matched_events", "runs", "summarise"]

Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]
Ints = NDArray[np.int64]

_OVERLAP = 0.5


@dataclass(frozen=True)
class Agreement:
    """One kind of event in one recording, or the mean over several.

    `kappa`: sample by sample, the event against rest, mean over the coders; `matched`, `theirs`,
    `ours`: events, summed over the coders; `long_found` of `long`: fixations of 100 ms and more.
    """

    kappa: float
    matched: int
    theirs: int
    ours: int
    long_found: int = 0
    long: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of events."""
        return 2 * self.matched / max(1, self.theirs + self.ours)

    @property
    def long_recall(self) -> float:
        """Share of the long events that were found."""
        return self.long_found / max(1, self.long)


def cohen_kappa(a: Bools, b: Bools) -> float:
    """Return Cohen's kappa of two yes-or-no labellings; NaN where neither ever says yes."""
    observed = float((a == b).mean())
    yes, also = float(a.mean()), float(b.mean())
    expected = yes * also + (1 - yes) * (1 - also)
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def runs(member: Bools) -> Ints:
    """Return (first, end) of each run of True; int64, shape (k, 2)."""
    edges = np.diff(np.concatenate([[0], member.astype(np.int8), [0]]))
    return np.column_stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)])


def matched_events(theirs: Ints, ours: Ints) -> int:
    """Count pairs whose overlap is at least half of their union: at most one for each event."""
    if len(theirs) == 0 or len(ours) == 0:
        return 0
    low = np.maximum(theirs[:, None, 0], ours[None, :, 0])
    high = np.minimum(theirs[:, None, 1], ours[None, :, 1])
    shared = np.maximum(high - low, 0)
    union = (theirs[:, 1] - theirs[:, 0])[:, None] + (ours[:, 1] - ours[:, 0])[None] - shared
    hit = shared / union >= _OVERLAP
    # An exact half on both sides can match twice: the smaller count of matched events is safe.
    return int(min(hit.any(axis=1).sum(), hit.any(axis=0).sum()))


def agreement(ours: Codes, labels: Codes, *, code: int, long_samples: float) -> Agreement:
    """Compare one labelling with each coder's."""
    mine = runs(ours == code)
    kappas, counts = [], np.zeros(5, np.int64)
    for coder in labels:
        theirs = runs(coder == code)
        long = theirs[theirs[:, 1] - theirs[:, 0] >= long_samples]
        kappas.append(cohen_kappa(ours == code, coder == code))
        matched, found = matched_events(theirs, mine), matched_events(long, mine)
        counts += [matched, len(theirs), len(mine), found, len(long)]
    return Agreement(float(np.mean(kappas)), *counts.tolist())


def summarise(parts: list[Agreement]) -> Agreement:
    """Average kappa over recordings that have the event; sum the counts."""
    kappas = [part.kappa for part in parts if np.isfinite(part.kappa)]
    counts = [
        sum(getattr(part, name) for part in parts)
        for name in ("matched", "theirs", "ours", "long_found", "long")
    ]
    return Agreement(float(np.mean(kappas)) if kappas else float("nan"), *counts)
