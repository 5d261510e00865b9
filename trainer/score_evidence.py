"""How well does a sentence's map tell where its finding is, and where its reader looked?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.metrics import (
    auc_judd,
    box_iou,
    cc,
    centre_prior,
    cosine,
    icc_counts,
    kld,
    nss,
    pointing_game,
    sauc,
    sim,
)
from trainer.corpus import Sentence, nth_gaze
from trainer.held_out import HeldOut, Renderer, like_sentence
from trainer.region import Map, Region, observed_px, peak_px, region_of
from trainer.square import Square
from trainer.tally import Tally

__all__ = ["Baselines", "Others", "count_evidence", "overlap_of"]

_Floats = NDArray[np.float64]

_MOST_OTHERS = 4000
"""Fixations on other images that sAUC is held against, at even steps of all of them."""

_HIT_30, _HIT_50 = 0.3, 0.5


@dataclass(frozen=True)
class Baselines:
    """Maps that know nothing about the image, on the model's grid: the bar to clear."""

    centre: Map
    train_mean: Map | None

    @classmethod
    def on(cls, grid: int, targets: Sequence[Map]) -> "Baselines":
        """Make the centre prior, and the mean of the train split's gaze maps."""
        mean = np.stack(targets).mean(axis=0) if targets else None
        return cls(centre_prior((grid, grid)).astype(np.float32), mean)


@dataclass(frozen=True)
class Others:
    """Every fixation of a split in cells, and the image it was made on."""

    x: _Floats
    y: _Floats
    image: NDArray[np.str_]

    @classmethod
    def of(cls, items: Sequence[HeldOut], renderer: Renderer) -> "Others":
        """Gather the fixations, at even steps where there are many."""
        x, y, image = [np.empty(0)], [np.empty(0)], [np.empty(0, np.str_)]
        for item in items:
            square = renderer.square(item.sample)
            for sentence in item.sample.sentences:
                if sentence.fixations is not None:
                    places = sentence.fixations
                    at = square.to_cells(places.x_px, places.y_px, grid=renderer.grid)
                    x.append(at[0])
                    y.append(at[1])
                    image.append(np.full(at[0].size, item.sample.image_id))
        step = max(1, -(-sum(map(len, x)) // _MOST_OTHERS))
        return cls(
            np.concatenate(x)[::step], np.concatenate(y)[::step], np.concatenate(image)[::step]
        )

    def than(self, image_id: str) -> tuple[_Floats, _Floats]:
        """Return those on other images."""
        other = self.image != image_id
        return self.x[other], self.y[other]


@dataclass(frozen=True)
class _Case:
    """One dictated sentence under the eye of a map."""

    item: HeldOut
    sentence: Sentence
    square: Square
    gaze: Map | None
    looked_px: _Floats
    others: tuple[_Floats, _Floats]


def count_evidence(
    tally: Tally,
    item: HeldOut,
    maps: NDArray[np.float32],
    *,
    baselines: Baselines,
    renderer: Renderer,
    others: Others,
) -> None:
    """Count the maps of the dictated sentences, beside what they are compared with."""
    far = others.than(item.sample.image_id)
    for index, sentence in enumerate(item.sample.sentences):
        if not maps[index].any():  # cut off by the token limit
            continue
        gaze = None
        if sentence.fixations is not None:
            gaze = renderer.gaze(item.sample, sentence.fixations)
        square = renderer.square(item.sample)
        looked = np.array([] if gaze is None else observed_px(gaze, square))
        case = _Case(item, sentence, square, gaze, looked, far)
        for suffix, rival in _rivals(case, index, maps[index], baselines, renderer):
            if sentence.boxes:
                _count_place(tally, case, rival, suffix)
            if gaze is not None and suffix != "_own_gaze":
                _count_gaze(tally, case, rival, suffix)


def overlap_of(region: Region, sentence: Sentence) -> float:
    """Return the overlap of a region with the best of a sentence's true boxes."""
    boxes = [box[1:] for box in sentence.boxes]
    return float(box_iou([region.box], boxes).max())


def _rivals(
    case: _Case, index: int, own: Map, baselines: Baselines, renderer: Renderer
) -> Iterator[tuple[str, Map]]:
    """Yield the model's map and those that it is compared with, by suffix."""
    yield "", own
    yield "_centre", baselines.centre
    if baselines.train_mean is not None:
        yield "_train_mean", baselines.train_mean
    if case.gaze is not None:
        yield "_own_gaze", case.gaze
    stranger = case.item.stranger
    foreign = None if stranger is None else nth_gaze(stranger, index)
    if stranger is not None and foreign is not None:
        drawn = renderer.gaze(stranger, foreign)
        if drawn is not None:
            yield "_shuffled", drawn
    for _, peer in case.item.peers:
        like = like_sentence(peer, case.sentence)
        if like is not None and like.fixations is not None:
            drawn = renderer.gaze(peer, like.fixations)
            if drawn is not None:
                yield "_readers", drawn


def _count_place(tally: Tally, case: _Case, heatmap: Map, suffix: str) -> None:
    who, labels = case.item.who, case.sentence.labels
    region = region_of(heatmap, case.square)
    boxes = np.array([box[1:] for box in case.sentence.boxes])
    overlap = overlap_of(region, case.sentence)
    centres = np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)])
    centroid = np.array([region.centroid_x_px, region.centroid_y_px])
    apart = np.hypot(*(centres - centroid).T)
    nearest = centres[int(apart.argmin())]
    values = {
        "pointing": float(pointing_game(*peak_px(heatmap, case.square), list(boxes))),
        "miou": overlap,
        "iou_30": float(overlap >= _HIT_30),
        "iou_50": float(overlap >= _HIT_50),
        "centroid_error": float(apart.min()) / case.square.diagonal_px,
    }
    for name, value in values.items():
        tally.add(f"{name}{suffix}", who, value, findings=labels)
    _count_icc(tally, case, ("centroid_icc", suffix), centroid, nearest)


def _count_gaze(tally: Tally, case: _Case, heatmap: Map, suffix: str) -> None:
    fixations, gaze, who = case.sentence.fixations, case.gaze, case.item.who
    if fixations is None or gaze is None:
        return
    x, y = case.square.to_cells(fixations.x_px, fixations.y_px, grid=len(heatmap))
    values = {
        "nss": nss(heatmap, x, y),
        "cc": cc(heatmap, gaze),
        "sim": sim(heatmap, gaze),
        "kl": kld(gaze, heatmap),
        "auc_judd": auc_judd(heatmap, x, y),
        "sauc": sauc(heatmap, x, y, other_x=case.others[0], other_y=case.others[1]),
        "gaze_cosine": cosine(heatmap, gaze),
    }
    for name, value in values.items():
        tally.add(f"{name}{suffix}", who, value, findings=case.sentence.labels)
    ours = np.array(observed_px(heatmap, case.square))
    _count_icc(tally, case, ("gaze_icc", suffix), ours, case.looked_px)


def _count_icc(
    tally: Tally, case: _Case, name: tuple[str, str], ours: _Floats, theirs: _Floats
) -> None:
    """Count a pair of centroids for the ICC, as shares of the image's sides."""
    size = np.array(case.square.image_size)
    (x, y), (true_x, true_y) = (ours / size).tolist(), (theirs / size).tolist()
    who, labels = case.item.who, case.sentence.labels
    base, suffix = name
    tally.add(f"{base}_x{suffix}", who, *icc_counts(x, true_x), findings=labels)
    tally.add(f"{base}_y{suffix}", who, *icc_counts(y, true_y), findings=labels)
