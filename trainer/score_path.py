"""How like the reader's own inspection is the one that a model would have a reader follow?"""

from collections.abc import Sequence

import numpy as np

from gazekit.metrics import Scanpath, edit_distance, multimatch, scanmatch, visit_order
from trainer.corpus import Fixations, Sample
from trainer.held_out import HeldOut, Renderer
from trainer.prediction import TrajectoryPoint
from trainer.region import points_of
from trainer.tally import Tally

__all__ = ["count_path", "predicted_path", "reader_path"]

_PARTS = ("shape", "direction", "length", "position", "duration")


def count_path(
    tally: Tally, item: HeldOut, predicted: Scanpath, paths: dict[str, Scanpath]
) -> None:
    """Count a predicted inspection, another reading's, and other readers', against the reader's.

    `paths` are the readers' own by reading. A path without times is not compared in duration.
    """
    truth = paths[item.sample.reading_id]
    _count(tally, item, predicted, truth, "")
    if item.stranger is not None:
        stranger = _scaled(paths[item.stranger.reading_id], item.stranger, item.sample)
        _count(tally, item, stranger, truth, "_shuffled")
    for _, peer in item.peers:
        _count(tally, item, paths[peer.reading_id], truth, "_readers")


def predicted_path(trajectory: Sequence[TrajectoryPoint]) -> Scanpath:
    """Return a predicted inspection as a scanpath; durations are 0 where none are known."""
    return Scanpath.of(
        [point.x_px for point in trajectory],
        [point.y_px for point in trajectory],
        np.array([point.duration_us or 0 for point in trajectory], np.int64),
    )


def reader_path(sample: Sample, renderer: Renderer) -> Scanpath:
    """Return where a reader dwelt, sentence by sentence, by the rule that a model's points follow.

    The sentence's gaze takes the place of the model's map, and its fixations, in order, that of
    the tokens' rows; the time of its fixations is shared by the weight of the points.
    """
    x: list[float] = []
    y: list[float] = []
    lasting: list[int] = []
    for sentence in sample.sentences:
        if sentence.fixations is None:
            continue
        heatmap = renderer.gaze(sample, sentence.fixations)
        if heatmap is None:
            continue
        rows = [renderer.gaze(sample, one) for one in _singly(sentence.fixations)]
        drawn = np.stack([row for row in rows if row is not None])
        points = points_of(heatmap, drawn, renderer.square(sample))
        whole, time_us = sum(p.weight for p in points), float(sentence.fixations.weight.sum())
        x += [point.x_px for point in points]
        y += [point.y_px for point in points]
        lasting += [round(time_us * point.weight / whole) for point in points]
    return Scanpath.of(x, y, np.array(lasting, np.int64))


def _singly(fixations: Fixations) -> list[Fixations]:
    """Return each fixation on its own."""
    of = fixations
    return [
        Fixations(
            of.x_px[i : i + 1],
            of.y_px[i : i + 1],
            of.weight[i : i + 1],
            of.sigma_x_px[i : i + 1],
            of.sigma_y_px[i : i + 1],
        )
        for i in range(of.x_px.size)
    ]


def _count(tally: Tally, item: HeldOut, ours: Scanpath, truth: Scanpath, suffix: str) -> None:
    if not len(ours) or not len(truth):
        return
    size, who = item.sample.image_size, item.who
    tally.add(f"scanmatch{suffix}", who, scanmatch(ours, truth, size_px=size, bin_ms=None))
    edits = edit_distance(ours, truth, size_px=size)
    tally.add(f"edit_distance{suffix}", who, edits / max(len(ours), len(truth)))
    alike = multimatch(ours, truth, size_px=size)
    if alike is not None:
        timed = ours.duration_us.any() and truth.duration_us.any()
        for part in _PARTS if timed else _PARTS[:-1]:
            tally.add(f"multimatch_{part}{suffix}", who, getattr(alike, part))
    order = visit_order(ours, truth, size_px=size)
    if order is not None:
        tally.add(f"order_tau{suffix}", who, order.tau)
        tally.add(f"order_exact{suffix}", who, float(order.exact))


def _scaled(path: Scanpath, of: Sample, onto: Sample) -> Scanpath:
    """Lay a path over another image, side by side of each."""
    return Scanpath(
        path.x_px * onto.image_size[0] / of.image_size[0],
        path.y_px * onto.image_size[1] / of.image_size[1],
        path.duration_us,
    )
