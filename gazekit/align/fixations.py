"""Where on the image does a fixation lie, seen through the views that held during it?

Gaze is mapped a sample at a time through the view of its moment, then averaged. A fixation that
outlasts a view change is cut there when its place on the image moved; a change that leaves it
where it was (a grey window, a zoom about that point) does not cut it. A study may have several
images: each view says which one it shows, and a change of image always cuts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gazekit.clean import Gaze
from gazekit.model.geometry import ViewTrack, screen_px_per_degree
from gazekit.model.records import ImageRecord, ScreenRecord, ViewState

__all__ = ["FixationTable", "image_fixations", "image_of_states"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_SAME_PLACE_DEG = 0.5
_MIN_PIECE_US = 60_000


@dataclass(frozen=True)
class FixationTable:
    """Fixations of one reading, arrays of shape (n,), in time order.

    _Times are session microseconds, half-open. `x_px`, `y_px`, `sigma_*`: image pixels, NaN where
    no image was shown; `shown`: share of its samples on the displayed image; `view_index`: the
    view state at its onset, -1 before the first; `image_index`: which of the study's images it lies
    on, 0 for the first and where none was shown.
    """

    onset_us: _Ints
    offset_us: _Ints
    x_px: _Floats
    y_px: _Floats
    screen_x_px: _Floats
    screen_y_px: _Floats
    sigma_x_px: _Floats
    sigma_y_px: _Floats
    dispersion_deg: _Floats
    shown: _Floats
    view_index: _Ints
    image_index: _Ints

    def __len__(self) -> int:
        """Count the fixations."""
        return int(self.onset_us.size)

    def on_image(self) -> NDArray[np.bool_]:
        """Fixations at least half of which lies on the displayed image; bool, shape (n,)."""
        return np.isfinite(self.x_px) & (self.shown >= 0.5)  # noqa: PLR2004 - one half


def image_fixations(
    events: pa.Table,
    gaze: Gaze,
    *,
    views: ViewTrack,
    screen: ScreenRecord,
    images: Sequence[ImageRecord],
    px_per_deg: tuple[_Ints, _Floats, _Floats] | None = None,
) -> FixationTable:
    """Map the fixations among `events` to the image.

    Parameters
    ----------
    events
        Table ``events``; everything but fixations is left aside.
    gaze
        The gaze in which they were detected.
    views
        What the screen showed when.
    screen, images
        The display, and the images that the views show, with their sizes; the first is the one
        of a view that names none.
    px_per_deg
        Times, and screen pixels per degree along x and y at each, where the tracker says them;
        they go before what the screen's measures give.

    Returns
    -------
    FixationTable
        In time order. Fixations off the image are kept, with their `shown`.
    """
    fixations = events.filter(pc.equal(events.column("kind"), "fixation"))
    onset, offset = (fixations.column(f"{edge}_us").to_numpy() for edge in ("onset", "offset"))
    valid = gaze.valid
    samples = _Samples.of(gaze, valid, views, images)
    if px_per_deg is not None:
        samples = replace(samples, px_per_deg=_at(samples.time_us, *px_per_deg))
    first = np.searchsorted(samples.time_us, onset)
    last = np.searchsorted(samples.time_us, offset) - 1
    some = last >= first
    first, last, onset, offset = first[some], last[some], onset[some], offset[some]
    pieces = _pieces(samples, first, last)
    pieces = _rejoined(samples, pieces, views, screen)
    return _table(samples, pieces, edges=(onset, offset), views=views, screen=screen)


@dataclass(frozen=True)
class _Samples:
    """Valid samples, where they fall on the image, and the view of each; shape (n,)."""

    time_us: _Ints
    screen_x: _Floats
    screen_y: _Floats
    x: _Floats
    y: _Floats
    view: _Ints
    image: _Ints
    on_image: NDArray[np.bool_]
    distance_mm: _Floats
    px_per_deg: tuple[_Floats, _Floats] | None = None

    @classmethod
    def of(
        cls,
        gaze: Gaze,
        valid: NDArray[np.bool_],
        views: ViewTrack,
        images: Sequence[ImageRecord],
    ) -> "_Samples":
        time, sx, sy = gaze.time_us[valid], gaze.x_px[valid], gaze.y_px[valid]
        x, y, view = views.to_image(time, sx, sy)
        image = image_of_states(views.states, images)[view]
        width, height = (
            np.array([getattr(record, f"{side}_px") for record in images])[image]
            for side in ("width", "height")
        )
        with np.errstate(invalid="ignore"):
            on = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        on &= views.inside_clip(view, sx, sy)
        return cls(time, sx, sy, x, y, view, image, on, gaze.distance_mm[valid])


def image_of_states(states: Sequence[ViewState], images: Sequence[ImageRecord]) -> _Ints:
    """Return which of `images` each view state shows, 0 where it names none of them.

    Returns
    -------
    ndarray of int64
        Shape (n + 1,): the last, which index -1 finds, stands for "before the first view".
    """
    places = {record.image_id: place for place, record in enumerate(images)}
    return np.array([*(places.get(state.image_id or "", 0) for state in states), 0], np.int64)


@dataclass(frozen=True)
class _Pieces:
    """Runs of samples: first and last index of each, and the fixation it belongs to."""

    first: _Ints
    last: _Ints
    owner: _Ints


def _at(time_us: _Ints, known_us: _Ints, x: _Floats, y: _Floats) -> tuple[_Floats, _Floats]:
    """Take what a tracker said over to other moments; between two known ones, a line."""
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return np.full(time_us.size, np.nan), np.full(time_us.size, np.nan)
    return (
        np.interp(time_us, known_us[known], x[known]),
        np.interp(time_us, known_us[known], y[known]),
    )


def _pieces(samples: _Samples, first: _Ints, last: _Ints) -> _Pieces:
    """Cut each fixation where the view changes."""
    changes = np.flatnonzero(np.diff(samples.view) != 0) + 1
    starts, owners = [], []
    for owner, (a, b) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        low, high = np.searchsorted(changes, [a + 1, b + 1])
        starts += [a, *changes[low:high].tolist()]
        owners += [owner] * int(1 + high - low)
    start, owner_of = np.array(starts, np.int64), np.array(owners, np.int64)
    ends_fixation = np.append(np.diff(owner_of) != 0, True)
    following = np.append(start[1:], 0)
    end = np.where(ends_fixation, last[owner_of] if owner_of.size else 0, following - 1)
    return _Pieces(start, end[: start.size], owner_of)


def _means(values: _Floats, pieces: _Pieces) -> _Floats:
    """Average a per-sample quantity over each piece."""
    if pieces.first.size == 0:
        return np.zeros(0)
    edges = np.column_stack([pieces.first, pieces.last + 1]).ravel()
    sums = np.add.reduceat(np.append(values, 0.0), edges)[::2]
    mean: _Floats = sums / (pieces.last + 1 - pieces.first)
    return mean


def _rejoined(
    samples: _Samples, pieces: _Pieces, views: ViewTrack, screen: ScreenRecord
) -> _Pieces:
    """Join the pieces of one fixation that stayed at one place of the image; drop short ones."""
    if pieces.first.size == np.unique(pieces.owner).size:
        return pieces
    x, y = _means(samples.x, pieces), _means(samples.y, pieces)
    sigma_x, sigma_y = _sigma(samples, pieces, views, screen)
    image = samples.image[pieces.first]
    runs: list[list[int]] = []
    for i in range(pieces.first.size):
        start = runs[-1][0] if runs else -1
        if (
            runs
            and pieces.owner[start] == pieces.owner[i]
            and image[start] == image[i]
            and np.hypot((x[i] - x[start]) / sigma_x[start], (y[i] - y[start]) / sigma_y[start])
            <= _SAME_PLACE_DEG
        ):
            runs[-1][1] = i
        else:
            runs.append([i, i])
    kept = np.array(runs, np.int64)
    joined = _Pieces(pieces.first[kept[:, 0]], pieces.last[kept[:, 1]], pieces.owner[kept[:, 0]])
    return _long_enough(samples, joined)


def _long_enough(samples: _Samples, pieces: _Pieces) -> _Pieces:
    """Drop pieces below the shortest fixation; the longest of a fixation always stays."""
    length = samples.time_us[pieces.last] - samples.time_us[pieces.first]
    longest = np.zeros(int(pieces.owner.max()) + 1, np.int64)
    np.maximum.at(longest, pieces.owner, length)
    keep = (length >= _MIN_PIECE_US) | (length == longest[pieces.owner])
    return _Pieces(pieces.first[keep], pieces.last[keep], pieces.owner[keep])


def _sigma(
    samples: _Samples, pieces: _Pieces, views: ViewTrack, screen: ScreenRecord
) -> tuple[_Floats, _Floats]:
    """One degree of visual angle in image pixels, along x and y, for each piece."""
    if samples.px_per_deg is None:
        along_x, along_y = screen_px_per_degree(
            screen,
            _means(samples.screen_x, pieces),
            _means(samples.screen_y, pieces),
            distance_mm=_means(samples.distance_mm, pieces),
        )
    else:
        along_x, along_y = (_means(along, pieces) for along in samples.px_per_deg)
    scales = np.full((len(views) + 1, 2), np.nan)
    for i in range(len(views)):
        view = views.view(i)
        if view is not None:
            scales[i] = view.inverse_scale()
    at = samples.view[pieces.first]
    return along_x * scales[at, 0], along_y * scales[at, 1]


def _table(
    samples: _Samples,
    pieces: _Pieces,
    *,
    edges: tuple[_Ints, _Ints],
    views: ViewTrack,
    screen: ScreenRecord,
) -> FixationTable:
    sigma_x, sigma_y = _sigma(samples, pieces, views, screen)
    x, y = _means(samples.x, pieces), _means(samples.y, pieces)
    screen_x, screen_y = _means(samples.screen_x, pieces), _means(samples.screen_y, pieces)
    spread_x = np.sqrt(_variance(samples.x, x, pieces)) / sigma_x
    spread_y = np.sqrt(_variance(samples.y, y, pieces)) / sigma_y
    onset = samples.time_us[pieces.first]
    after = np.minimum(pieces.last + 1, samples.time_us.size - 1)
    cut = np.append(pieces.owner[1:] == pieces.owner[:-1], False)[: onset.size]
    offset = np.where(cut, samples.time_us[after], edges[1][pieces.owner] if onset.size else 0)
    return FixationTable(
        onset_us=onset,
        offset_us=offset[: onset.size].astype(np.int64),
        x_px=x,
        y_px=y,
        screen_x_px=screen_x,
        screen_y_px=screen_y,
        sigma_x_px=sigma_x,
        sigma_y_px=sigma_y,
        dispersion_deg=np.hypot(spread_x, spread_y),
        shown=_means(samples.on_image.astype(np.float64), pieces),
        view_index=samples.view[pieces.first],
        image_index=samples.image[pieces.first],
    )


def _variance(values: _Floats, mean: _Floats, pieces: _Pieces) -> _Floats:
    centred = np.zeros(values.size)
    for a, b, m in zip(pieces.first.tolist(), pieces.last.tolist(), mean.tolist(), strict=True):
        centred[a : b + 1] = values[a : b + 1] - m
    return _means(centred**2, pieces)
