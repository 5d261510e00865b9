"""How alike are two scanpaths in shape, direction, length, position and duration (MultiMatch)?

Jarodzka, Holmqvist & Nyström (2010), "A vector-based, multidimensional scanpath similarity
measure", ETRA '10; Dewhurst, Nyström, Jarodzka, Foulsham, Johansson & Holmqvist (2012), "It
depends on how you look at it: Scanpath comparison in multiple dimensions with MultiMatch, a
vector-based approach", Behavior Research Methods 44.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gazekit.metrics.scanpath import Scanpath
from gazekit.metrics.sequences import aligned_pairs

__all__ = ["MultiMatch", "Simplify", "multimatch"]

_Floats = NDArray[np.float64]

_US_PER_MS = 1000


@dataclass(frozen=True)
class MultiMatch:
    """Five similarities, each at most 1, which equal paths reach."""

    shape: float
    direction: float
    length: float
    position: float
    duration: float


@dataclass(frozen=True)
class Simplify:
    """When two saccades in a row are one movement.

    `amplitude_px`: the first is shorter, and a fixation at either of its ends shorter than
    `duration_ms`. `direction_deg`: they differ by less, and the fixation between them is shorter
    than `duration_ms`.
    """

    amplitude_px: float
    direction_deg: float
    duration_ms: float


@dataclass(frozen=True)
class _Vectors:
    """Saccades: where each starts, where it goes, and how long the fixation before it was."""

    start: _Floats  # (n, 2)
    along: _Floats  # (n, 2)
    duration_us: _Floats  # (n + 1,): the last fixation's too


def multimatch(
    first: Scanpath,
    second: Scanpath,
    *,
    size_px: tuple[float, float],
    simplify: Simplify | None = None,
) -> MultiMatch | None:
    """Return the five similarities of two scanpaths.

    The saccades are aligned on the way through the matrix of their vectors' differences that
    costs least. Each similarity is 1 less the median over the aligned pairs of: the vectors'
    difference over twice the diagonal; the angle between them over 180 degrees; the difference of
    their lengths over the diagonal; the distance of their starts over the diagonal; the
    difference of the fixations before them over the longer one.

    Parameters
    ----------
    first, second
        The scanpaths.
    size_px
        Width and height of what was looked at, whose diagonal scales.
    simplify
        Merge saccades first, by direction and by length in turn, until nothing changes.

    Returns
    -------
    MultiMatch or None
        None where a path has fewer than three fixations, which the method does not compare.
    """
    fewest = 3
    if min(len(first), len(second)) < fewest:
        return None
    a, b = (_simplified(_vectors(path), simplify) for path in (first, second))
    cost = np.hypot(*np.moveaxis(a.along[:, None] - b.along[None, :], -1, 0))
    i, j = aligned_pairs(cost).T
    diagonal = float(np.hypot(*size_px))
    turn = np.abs(_direction(a.along)[i] - _direction(b.along)[j])
    reach = np.abs(np.hypot(*a.along.T)[i] - np.hypot(*b.along.T)[j])
    apart = np.hypot(*(a.start[i] - b.start[j]).T)
    return MultiMatch(
        shape=1 - float(np.median(cost[i, j])) / (2 * diagonal),
        direction=1 - float(np.median(np.minimum(turn, 2 * np.pi - turn))) / np.pi,
        length=1 - float(np.median(reach)) / diagonal,
        position=1 - float(np.median(apart)) / diagonal,
        duration=1 - float(np.median(_lasting(a.duration_us[i], b.duration_us[j]))),
    )


def _vectors(path: Scanpath) -> _Vectors:
    places = np.column_stack([path.x_px, path.y_px])
    return _Vectors(places[:-1], np.diff(places, axis=0), path.duration_us.astype(np.float64))


def _direction(along: _Floats) -> _Floats:
    direction: _Floats = np.arctan2(along[:, 1], along[:, 0])
    return direction


def _lasting(first_us: _Floats, second_us: _Floats) -> _Floats:
    longer = np.maximum(first_us, second_us)
    share: _Floats = np.abs(first_us - second_us) / np.where(longer > 0, longer, 1.0)
    return share


def _simplified(vectors: _Vectors, rule: Simplify | None) -> _Vectors:
    if rule is None:
        return vectors
    while True:
        before = len(vectors.along)
        vectors = _merged(vectors, _one_way(vectors, rule))
        vectors = _last_merged(_merged(vectors, _short(vectors, rule)), rule)
        if len(vectors.along) == before:
            return vectors


def _one_way(vectors: _Vectors, rule: Simplify) -> NDArray[np.bool_]:
    """Mark saccades that the next one continues; bool, shape (n - 1,)."""
    turn = np.abs(np.diff(_direction(vectors.along)))
    turn = np.degrees(np.minimum(turn, 2 * np.pi - turn))
    brief = vectors.duration_us[1:-1] < rule.duration_ms * _US_PER_MS
    marks: NDArray[np.bool_] = (turn < rule.direction_deg) & brief
    return marks


def _short(vectors: _Vectors, rule: Simplify) -> NDArray[np.bool_]:
    """Mark short saccades before the last one; bool, shape (n - 1,)."""
    brief = vectors.duration_us < rule.duration_ms * _US_PER_MS
    short = np.hypot(*vectors.along.T) < rule.amplitude_px
    marks: NDArray[np.bool_] = (short & (brief[:-1] | brief[1:]))[:-1]
    return marks


def _merged(vectors: _Vectors, marks: NDArray[np.bool_]) -> _Vectors:
    """Add each marked saccade's successor to it; a successor so used up is not merged again."""
    kept = np.ones(len(vectors.along), bool)
    along = vectors.along.copy()
    for i in np.flatnonzero(marks):
        if kept[i]:
            along[i] += along[i + 1]
            kept[i + 1] = False
    return _Vectors(vectors.start[kept], along[kept], vectors.duration_us[np.append(kept, True)])


def _last_merged(vectors: _Vectors, rule: Simplify) -> _Vectors:
    """Add the last saccade, where it is short, to the one before it, since none follows."""
    brief = vectors.duration_us[-2:] < rule.duration_ms * _US_PER_MS
    short = np.hypot(*vectors.along[-1]) < rule.amplitude_px
    if len(vectors.along) < 2 or not short or not brief.any():  # noqa: PLR2004 - a pair
        return vectors
    along = vectors.along[:-1].copy()
    along[-1] += vectors.along[-1]
    duration = np.delete(vectors.duration_us, -2)
    return replace(vectors, start=vectors.start[:-1], along=along, duration_us=duration)
