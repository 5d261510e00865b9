"""What are the key frames of the GazeX paper (arXiv:2604.14316)? Its maths, without its cost.

::

    samples of a window --> 5..95 % --> map, sigma x 1.5 --> clusters --> frames by time --+
                                   +--> map, sigma x 1.25 -----------> holistic frame ----+--> out
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gazekit.align.clusters import find_clusters, nearest_samples
from gazekit.align.gaze_boxes import Box, centroid_in, extent_above, narrowed, top_level
from gazekit.align.sentences import Sentence
from gazekit.model.errors import DataError
from gazekit.model.sample_heatmap import Tails, log_normalised, render_samples

__all__ = ["GazexFrame", "GazexPlan", "ImageSamples", "gazex_frames"]

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_UNDERFLOW_SIGMAS = 38.6
"""From here on, exp(-d^2 / 2) is 0 in float64: such pixels are not positive."""

_TAILS: tuple[tuple[Tails, float], ...] = (("cut", 1e-6), ("kept", 1e-30), ("exact", 0.0))
"""How the holistic map is made, and down to which share of its top it may then be ranked."""


@dataclass(frozen=True)
class GazexPlan:
    """The paper's constants.

    `narrow_pct`: how much is taken off each side of the boxes of clusters and of the holistic
    box, in per cent of the box; the paper's code has (0.35, 0.15), and 35 and 15 were probably
    meant.
    """

    lead_us: int = 2_000_000
    scale: int = 4
    keep_pct: tuple[float, float] = (5.0, 95.0)
    clustering_sigma: float = 1.5
    frame_sigma: float = 1.25
    candidate_level: float = 0.1
    eps: float = 0.3
    min_samples: int = 10
    box_level: float = 0.1
    top_share: float = 0.2
    narrow_pct: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class ImageSamples:
    """Raw gaze on the image, arrays of shape (n,), in time order.

    Times on the clock of the sentences; `x_px`, `y_px` and `sigma_*` (one degree) in image pixels,
    NaN where there is no gaze or no image was shown. `image_index`: int64, which of the study's
    images each lies on; None where there is one.
    """

    time_us: _Ints
    x_px: _Floats
    y_px: _Floats
    sigma_x_px: _Floats
    sigma_y_px: _Floats
    image_index: _Ints | None = None

    def on(self, image_index: int) -> "ImageSamples":
        """Return those on one image of the study."""
        return self if self.image_index is None else self.at(self.image_index == image_index)

    def at(self, index: _Ints | NDArray[np.bool_] | slice) -> "ImageSamples":
        """Return some of the samples."""
        return ImageSamples(
            self.time_us[index],
            self.x_px[index],
            self.y_px[index],
            self.sigma_x_px[index],
            self.sigma_y_px[index],
            None if self.image_index is None else self.image_index[index],
        )


@dataclass(frozen=True)
class GazexFrame:
    """One key frame: a cluster of a sentence's gaze, or all of it (`holistic`).

    `heatmap`: float32, 0 to 1, of a grid over the image `scale` times coarser than it. `time_us`:
    mean time of its samples; `onset_us`, `offset_us`: the first and the last of the `n_samples`.
    Box and centroid in image px, from gaze and never truth.
    """

    sentence_index: int
    order: int
    holistic: bool
    time_us: float
    heatmap: NDArray[np.float32]
    box_px: tuple[float, float, float, float] | None
    centroid_px: tuple[float, float] | None
    onset_us: int
    offset_us: int
    n_samples: int


def gazex_frames(
    samples: ImageSamples,
    sentences: Sequence[Sentence],
    *,
    image_size: tuple[int, int],
    plan: GazexPlan | None = None,
) -> Iterator[GazexFrame]:
    """Make the key frames of a reading, sentence by sentence.

    Parameters
    ----------
    samples
        Raw gaze: nothing cleaned, saccades included.
    sentences
        A sentence without a time, or without gaze in its window, has no frame; the others keep
        theirs, since each frame names its sentence.
    image_size
        (width, height) in pixels.
    plan
        The paper's constants by default.

    Yields
    ------
    GazexFrame
        For each sentence its clusters in the order of their times, where there is more than one,
        and last its holistic frame.

    Raises
    ------
    DataError
        Times go backwards, or the image is smaller than a cell of the grid.
    """
    plan = plan or GazexPlan()
    if (np.diff(samples.time_us) < 0).any():
        raise DataError("the times of gaze samples go backwards")
    if min(image_size) < plan.scale:
        raise DataError("the image is too small", expected=f"{plan.scale} px", found=image_size)
    for sentence in sentences:
        held = _window(samples, sentence, plan)
        if held.time_us.size:
            yield from _Window(sentence.index, held, image_size, plan).frames()


def _window(samples: ImageSamples, sentence: Sentence, plan: GazexPlan) -> ImageSamples:
    """Return the gaze of a sentence's window, outliers dropped, in cells of the grid."""
    if sentence.onset_us is None or sentence.offset_us is None:
        return samples.at(slice(0))
    first = np.searchsorted(samples.time_us, sentence.onset_us - plan.lead_us)
    end = np.searchsorted(samples.time_us, sentence.offset_us, side="right")
    held = samples.at(slice(int(first), int(end)))
    held = held.at(np.isfinite(held.x_px + held.y_px + held.sigma_x_px + held.sigma_y_px))
    if held.time_us.size == 0:
        return held
    keep = np.ones(held.time_us.size, bool)
    for along in (held.x_px, held.y_px):
        low, high = np.percentile(along, plan.keep_pct)
        keep &= (along >= low) & (along <= high)
    held = held.at(keep)
    parts = (held.x_px, held.y_px, held.sigma_x_px, held.sigma_y_px)
    x, y, sigma_x, sigma_y = (part / plan.scale for part in parts)
    return ImageSamples(held.time_us, x, y, sigma_x, sigma_y)


@dataclass(frozen=True)
class _Window:
    """The gaze of one sentence, in cells of the grid, and how frames are made of it."""

    sentence_index: int
    samples: ImageSamples
    image_size: tuple[int, int]
    plan: GazexPlan

    @property
    def grid(self) -> tuple[int, int]:
        width, height = self.image_size
        return height // self.plan.scale, width // self.plan.scale

    def frames(self) -> Iterator[GazexFrame]:
        """Make the frames of the clusters, by time, and the holistic one."""
        found = sorted(self._clusters(), key=lambda cluster: cluster[0])
        for order, (time_us, weight) in enumerate(found):
            raw = self._map(weight)
            heatmap = log_normalised(raw)
            box = extent_above(heatmap > self.plan.box_level)
            yield self._frame(order, time_us, (raw, heatmap), box, taken=weight > 0)
        raw = self._map(None)
        box = self._observation_box(raw)
        time_us = float(self.samples.time_us.mean())
        yield self._frame(len(found), time_us, (raw, log_normalised(raw)), box, holistic=True)

    def _map(
        self, weight: _Floats | None, *, sigma: float | None = None, tails: Tails = "cut"
    ) -> NDArray[np.floating]:
        held, times = self.samples, sigma or self.plan.frame_sigma
        if weight is not None:
            held, weight = held.at(weight > 0), weight[weight > 0]
        return render_samples(
            held.x_px,
            held.y_px,
            weight=1.0 if weight is None else weight,
            sigma_x=held.sigma_x_px * times,
            sigma_y=held.sigma_y_px * times,
            grid=self.grid,
            tails=tails,
        )

    def _clusters(self) -> list[tuple[float, _Floats]]:
        """Return each cluster's time and how often it takes each sample; none if all is one."""
        plan, held = self.plan, self.samples
        heatmap = self._map(None, sigma=plan.clustering_sigma)
        top = heatmap.max(initial=0)
        if top <= 0:
            return []
        heatmap /= top
        labels = find_clusters(
            heatmap, level=plan.candidate_level, eps=plan.eps, min_samples=plan.min_samples
        )
        count = int(labels.max())
        if count <= 1:
            return []
        nearest = nearest_samples(labels > 0, held.x_px, held.y_px)
        owner = labels[labels > 0]
        since = held.time_us - held.time_us[0]
        out = []
        for one in range(1, count + 1):
            weight = np.bincount(nearest[owner == one], minlength=since.size).astype(np.float64)
            out.append((float(held.time_us[0] + weight @ since / weight.sum()), weight))
        return out

    def _observation_box(self, raw: NDArray[np.floating]) -> Box | None:
        """Return the extent of the top share of the positive values."""
        positive = self._positive()
        if positive == 0:
            return None
        for tails, floor in _TAILS:
            ranked = raw if tails == "cut" else self._map(None, tails=tails)
            level = top_level(ranked, share=self.plan.top_share, positive=positive)
            if level > floor * ranked.max():
                return extent_above(ranked >= level)
        return extent_above(ranked > 0)

    def _positive(self) -> int:
        """Count the pixels whose value float64 can tell from 0."""
        rows, columns = self.grid
        held, times = self.samples, self.plan.frame_sigma
        off_x, off_y = np.abs(held.x_px - columns / 2), np.abs(held.y_px - rows / 2)
        reach_x, reach_y = (
            _UNDERFLOW_SIGMAS * times * sigma for sigma in (held.sigma_x_px, held.sigma_y_px)
        )
        corner = np.hypot((off_x + columns / 2) / reach_x, (off_y + rows / 2) / reach_y)
        if corner.min() < 1:
            return rows * columns
        empty = np.ones(self.grid, bool)
        empty[
            np.clip(held.y_px.astype(np.int64), 0, rows - 1),
            np.clip(held.x_px.astype(np.int64), 0, columns - 1),
        ] = False
        sampling = (1 / float(np.median(reach_y)), 1 / float(np.median(reach_x)))
        return int((ndimage.distance_transform_edt(empty, sampling=sampling) < 1).sum())

    def _frame(
        self,
        order: int,
        time_us: float,
        maps: tuple[NDArray[np.floating], NDArray[np.float32]],
        box: Box | None,
        *,
        holistic: bool = False,
        taken: NDArray[np.bool_] | None = None,
    ) -> GazexFrame:
        scale = self.plan.scale
        times = self.samples.time_us if taken is None else self.samples.time_us[taken]
        centroid = None if box is None else centroid_in(maps[0], box)
        edges = None
        if box is not None:
            x0, y0, x1, y1 = (float(edge * scale) for edge in box)
            edges = narrowed((x0, y0, x1, y1), self.plan.narrow_pct[int(holistic)])
        return GazexFrame(
            sentence_index=self.sentence_index,
            order=order,
            holistic=holistic,
            time_us=time_us,
            heatmap=maps[1],
            box_px=edges,
            centroid_px=centroid and (centroid[0] * scale, centroid[1] * scale),
            onset_us=int(times[0]),
            offset_us=int(times[-1]),
            n_samples=times.size,
        )
