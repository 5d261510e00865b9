"""The key frames of the GazeX paper as its description reads, to compare with.

A loop over samples, and DBSCAN over every warm pixel, once for frames and once more for boxes.

Written anew from the description, not from the code. A Gaussian for each sample on the whole grid;
the centre of a pixel is at +0.5, as everywhere in this project.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.align.gazex import ImageSamples
from gazekit.align.sentences import Sentence

__all__ = ["OriginalFrame", "original_frames"]

_Floats = NDArray[np.float64]
_Box = tuple[float, float, float, float]

SCALE = 4
LEAD_US = 2_000_000


@dataclass(frozen=True)
class OriginalFrame:
    """One frame: the sentence, mean time, log-normalised map, box in image px, centroid too."""

    sentence_index: int
    holistic: bool
    time_us: float
    heatmap: _Floats
    box_px: _Box
    centroid_px: tuple[float, float]


def original_frames(
    samples: ImageSamples, sentences: list[Sentence], *, image_size: tuple[int, int]
) -> Iterator[OriginalFrame]:
    """Make the frames, then the boxes, each from the samples on."""
    grid = image_size[1] // SCALE, image_size[0] // SCALE
    for sentence in sentences:
        window = _window(samples, sentence)
        if len(window) == 0:
            continue
        frames = _maps(window, grid)
        again = _maps(window, grid)
        for (time_us, raw), (_, raw_again) in zip(frames, again, strict=True):
            holistic = raw is frames[-1][1]
            normed = np.log1p(raw) / np.log1p(raw).max()
            box, centroid = _place(raw_again, holistic=holistic)
            yield OriginalFrame(sentence.index, holistic, time_us, normed, box, centroid)


def _window(samples: ImageSamples, sentence: Sentence) -> _Floats:
    """Return time, x, y, sigma x, sigma y of the samples kept, shape (n, 5)."""
    onset, offset = sentence.onset_us or 0, sentence.offset_us or 0
    inside = (samples.time_us >= onset - LEAD_US) & (samples.time_us <= offset)
    parts = (samples.x_px, samples.y_px, samples.sigma_x_px, samples.sigma_y_px)
    rows = np.column_stack([samples.time_us, *(part / SCALE for part in parts)])[inside]
    rows = rows[np.isfinite(rows).all(axis=1)]
    if len(rows) == 0:
        return rows
    low, high = np.percentile(rows[:, 1:3], (5, 95), axis=0)
    kept: _Floats = rows[((rows[:, 1:3] >= low) & (rows[:, 1:3] <= high)).all(axis=1)]
    return kept


def _summed(rows: _Floats, grid: tuple[int, int], times: float) -> _Floats:
    x, y = np.meshgrid(np.arange(grid[1]) + 0.5, np.arange(grid[0]) + 0.5)
    out = np.zeros(grid)
    for _, at_x, at_y, sigma_x, sigma_y in rows:
        across, down = (x - at_x) / (sigma_x * times), (y - at_y) / (sigma_y * times)
        out += np.exp(-(across**2 + down**2) / 2)
    return out


def _maps(window: _Floats, grid: tuple[int, int]) -> list[tuple[float, _Floats]]:
    """Return time and raw map of each cluster, by time, and last of the whole window."""
    from scipy.spatial import cKDTree
    from sklearn.cluster import DBSCAN
    from sklearn.preprocessing import StandardScaler

    heat = _summed(window, grid, 1.5)
    heat /= heat.max()
    rows, columns = np.nonzero(heat > 0.1)  # noqa: PLR2004 - the paper's
    places = np.column_stack([columns, rows]).astype(float)
    features = np.column_stack([StandardScaler().fit_transform(places), 0.1 * heat[rows, columns]])
    labels = DBSCAN(eps=0.3, min_samples=10).fit_predict(features)
    found = [label for label in np.unique(labels) if label >= 0]
    clusters = []
    for label in found if len(found) > 1 else []:
        _, nearest = cKDTree(window[:, 1:3]).query(places[labels == label] + 0.5)
        matched = window[nearest]
        clusters.append((float(matched[:, 0].mean()), _summed(matched, grid, 1.25)))
    clusters.sort(key=lambda cluster: cluster[0])
    whole = float(window[:, 0].mean()), _summed(window, grid, 1.25)
    return [*clusters, whole]


def _place(raw: _Floats, *, holistic: bool) -> tuple[_Box, tuple[float, float]]:
    """Return box and centroid in image px."""
    normed = np.log1p(raw) / np.log1p(raw).max()
    level = np.percentile(raw[raw > 0], 80)
    rows, columns = np.nonzero(raw >= level if holistic else normed > 0.1)  # noqa: PLR2004
    x0, x1, y0, y1 = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    inside = raw[y0:y1, x0:x1]
    x, y = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
    centroid = (inside * x).sum() / inside.sum(), (inside * y).sum() / inside.sum()
    box = (float(x0 * SCALE), float(y0 * SCALE), float(x1 * SCALE), float(y1 * SCALE))
    return box, (float(centroid[0] * SCALE), float(centroid[1] * SCALE))
