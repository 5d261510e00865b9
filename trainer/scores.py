"""What is counted on each held-out reading, before it is summed to figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gazekit.metrics import (
    Figure,
    SentenceLabeller,
    centre_prior,
    f1_counts,
    nss,
    point_in_box,
    pointing_game,
    ratio_figure,
)
from gazekit.model.geometry import Affine
from trainer.backbones.embedded import STRIDE
from trainer.corpus import Fixations, Sample, nth_gaze
from trainer.evidence import Map, Written, peak_px
from trainer.letterbox import letterbox_affine

__all__ = ["Baselines", "Tally", "count_evidence", "count_report"]

_Floats = NDArray[np.float64]


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


@dataclass
class Tally:
    """Numerators and denominators by figure; each entry belongs to one patient."""

    entries: dict[str, list[tuple[str, float, float]]] = field(default_factory=dict)

    def add(self, name: str, patient: str, top: float | None, bottom: float = 1.0) -> None:
        """Add one entry; None is a value that is not defined, and is left out."""
        if top is not None:
            self.entries.setdefault(name, []).append((patient, float(top), bottom))

    def figures(self, *, seed: int) -> dict[str, Figure]:
        """Sum to figures with their intervals; what cannot be computed is absent."""
        out = {}
        for name, rows in self.entries.items():
            patients, top, bottom = zip(*rows, strict=True)
            figure = ratio_figure(top, bottom, patients=patients, seed=seed)
            if figure is not None:
                out[name] = figure
        return out


def count_report(
    tally: Tally,
    sample: Sample,
    written: Sequence[Written],
    *,
    labeller: SentenceLabeller,
    placed: frozenset[str],
    size_px: int,
) -> None:
    """Count a generated report: finding labels, and lesions with label and place both right.

    `placed` are the labels that this dataset gives a place at all.
    """
    truth = frozenset().union(*(s.labels for s in sample.sentences))
    said = [(labeller(sentence.text), sentence) for sentence in written]
    predicted = frozenset().union(*(labels for labels, _ in said))
    tally.add("report_f1", sample.patient, *f1_counts(predicted, truth))
    boxes = sorted({box for sentence in sample.sentences for box in sentence.boxes})
    to_square = letterbox_affine(*sample.image_size, size_px=size_px)
    claims = [
        (label, *peak_px(sentence.map, to_square))
        for labels, sentence in said
        for label in sorted(labels & placed)
    ]
    if boxes or claims:
        hits = _matched(claims, boxes)
        tally.add("lesion_f1", sample.patient, 2 * hits, len(claims) + len(boxes))


def count_evidence(
    tally: Tally,
    sample: Sample,
    maps: NDArray[np.float32],
    *,
    stranger: Sample | None,
    baselines: Baselines,
    size_px: int,
) -> None:
    """Count the evidence maps of the dictated sentences: pointing game and NSS, with controls.

    `stranger` is another reading, whose gaze the maps should not predict as well; None where
    there is none.
    """
    to_square = letterbox_affine(*sample.image_size, size_px=size_px)
    for index, sentence in enumerate(sample.sentences):
        if not maps[index].any():  # cut off by the token limit
            continue
        rivals = {"": maps[index], "_centre": baselines.centre, "_train_mean": baselines.train_mean}
        for name, rival in rivals.items():
            if rival is None:
                continue
            if sentence.boxes:
                at = peak_px(rival, to_square)
                hit = pointing_game(*at, [box[1:] for box in sentence.boxes])
                tally.add(f"pointing{name}", sample.patient, hit)
            if sentence.fixations is not None:
                score = nss(rival, *_cells(sentence.fixations, to_square))
                tally.add(f"nss{name}", sample.patient, score)
        other = None if stranger is None else nth_gaze(stranger, index)
        if sentence.fixations is not None and stranger is not None and other is not None:
            theirs = letterbox_affine(*stranger.image_size, size_px=size_px)
            tally.add("nss_shuffled", sample.patient, nss(maps[index], *_cells(other, theirs)))


def _cells(fixations: Fixations, to_square: Affine) -> tuple[_Floats, _Floats]:
    x, y = to_square.apply(fixations.x_px, fixations.y_px)
    return x / STRIDE, y / STRIDE


def _matched(
    claims: Sequence[tuple[str, float, float]],
    boxes: Sequence[tuple[str, float, float, float, float]],
) -> int:
    """Count claims that fall into a box of their label; a box is taken once."""
    left = list(boxes)
    hits = 0
    for label, x, y in claims:
        match = next((b for b in left if b[0] == label and point_in_box(x, y, b[1:])), None)
        if match is not None:
            left.remove(match)
            hits += 1
    return hits
