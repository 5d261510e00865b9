"""Where is the evidence of a sentence: its map, its region in image pixels, its ordered points."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from gazekit.metrics import peak_cell
from gazekit.model.geometry import Affine
from trainer.attention import sentence_maps
from trainer.backbones.embedded import STRIDE, EmbeddedModel
from trainer.data import Batch
from trainer.tokenizer import ReportTokenizer

__all__ = [
    "Map",
    "Point",
    "Region",
    "Written",
    "peak_px",
    "region_of",
    "teacher_forced",
    "trajectory_of",
    "write_reports",
]

Map = NDArray[np.float32]

_REGION_SHARE = 0.5
"""A region is the connected part around the peak above this share of it."""

_FINER = 4
"""A region's edge is interpolated between patches, to a quarter of one."""

_POINT_SHARE = 0.4
"""A local maximum above this share of the peak is a point of the trajectory."""


@dataclass(frozen=True)
class Written:
    """A sentence that the model wrote: `map` (grid, grid), `rows` (tokens, grid, grid)."""

    text: str
    map: Map
    rows: Map


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the image, in pixels of the original image."""

    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float
    centroid_x_px: float
    centroid_y_px: float


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A place that a sentence rests on, in pixels of the original image; `weight` in 0..1."""

    x_px: float
    y_px: float
    weight: float


@torch.no_grad()
def teacher_forced(model: EmbeddedModel, batch: Batch) -> tuple[Tensor, NDArray[np.float32]]:
    """Read the true reports; return the logits and the maps (batch, S, grid, grid)."""
    output = model(batch.images, batch.ids)
    maps = sentence_maps(output.attention, batch.sentence, sentences=batch.gaze.shape[1])
    return output.logits, maps.unflatten(-1, (model.grid, model.grid)).numpy()


@torch.no_grad()
def write_reports(
    model: EmbeddedModel, tokenizer: ReportTokenizer, images: Tensor
) -> list[list[Written]]:
    """Write a report for each image, then read it once more for the evidence of each sentence.

    Parameters
    ----------
    images
        uint8, shape (batch, 1, size, size).
    """
    reports = model.generate(images, start=tokenizer.start, end=tokenizer.report_end)
    longest = max(1, *(len(ids) for ids in reports))
    padding = [tokenizer.report_end] * longest
    padded = [[tokenizer.start, *ids, *padding][:longest] for ids in reports]
    attention = model(images, torch.tensor(padded)).attention
    rows = attention.unflatten(-1, (model.grid, model.grid)).numpy()  # row i predicts token i
    return [
        [
            Written(text, rows[i, place].mean(axis=0), rows[i, place])
            for text, place in tokenizer.segment(ids)
        ]
        for i, ids in enumerate(reports)
    ]


def peak_px(heatmap: Map, to_square: Affine) -> tuple[float, float]:
    """Return the strongest point of a map, in pixels of the original image."""
    x, y = peak_cell(heatmap)
    x_px, y_px = to_square.undo(x * STRIDE, y * STRIDE)
    return float(x_px), float(y_px)


def region_of(heatmap: Map, to_square: Affine, *, image_size: tuple[int, int]) -> Region:
    """Return the region around the peak of a map, cut to the image.

    Parameters
    ----------
    heatmap
        Shape (grid, grid), a density.
    to_square
        Original image pixels to pixels of the model's input.
    image_size
        (width, height) of the original image.
    """
    fine = ndimage.zoom(heatmap, _FINER, order=1, mode="nearest", grid_mode=True)
    parts, _ = ndimage.label(fine >= _REGION_SHARE * fine.max())
    peak = np.unravel_index(int(fine.argmax()), fine.shape)
    rows, columns = np.nonzero(parts == parts[peak])
    weight = fine[rows, columns]
    x = np.array([columns.min(), columns.max() + 1, np.average(columns + 0.5, weights=weight)])
    y = np.array([rows.min(), rows.max() + 1, np.average(rows + 0.5, weights=weight)])
    x, y = to_square.undo(x * STRIDE / _FINER, y * STRIDE / _FINER)
    x, y = np.clip(x, 0, image_size[0]), np.clip(y, 0, image_size[1])
    return Region(
        x0_px=float(x[0]),
        y0_px=float(y[0]),
        x1_px=float(x[1]),
        y1_px=float(y[1]),
        centroid_x_px=float(x[2]),
        centroid_y_px=float(y[2]),
    )


def trajectory_of(
    sentence: Written, to_square: Affine, *, image_size: tuple[int, int]
) -> tuple[Point, ...]:
    """Return the local maxima of a sentence's map, in the order in which its tokens attend them."""
    heatmap = sentence.map
    local = heatmap == ndimage.maximum_filter(heatmap, size=3)
    rows, columns = np.nonzero(local & (heatmap >= _POINT_SHARE * heatmap.max()))
    when = _mean_row(sentence.rows[:, rows, columns])
    x, y = to_square.undo((columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE)
    x, y = np.clip(x, 0, image_size[0]), np.clip(y, 0, image_size[1])
    weight = heatmap[rows, columns] / heatmap.max()
    return tuple(
        Point(x_px=float(x[i]), y_px=float(y[i]), weight=float(weight[i]))
        for i in np.argsort(when, kind="stable")
    )


def _mean_row(attention: Map) -> Sequence[float]:
    """Return for each cell the attention-weighted mean token index; `attention` (tokens, n)."""
    index = np.arange(len(attention))[:, None]
    mean: NDArray[np.float64] = (attention * index).sum(axis=0) / attention.sum(axis=0)
    return mean.tolist()  # type: ignore[no-any-return]
