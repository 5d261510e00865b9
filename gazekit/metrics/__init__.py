"""How good is a map, a place, a scanpath or a text? Plain numpy, each figure with its source."""

from gazekit.metrics.boxes import box_iou, point_in_box
from gazekit.metrics.interval import Figure, ratio_figure
from gazekit.metrics.labels import SentenceLabeller, f1_counts
from gazekit.metrics.multimatch import MultiMatch, Simplify, multimatch
from gazekit.metrics.pointing import peak_cell, pointing_game
from gazekit.metrics.reliability import icc2_1
from gazekit.metrics.saliency import (
    auc_judd,
    cc,
    centre_prior,
    information_gain,
    kld,
    nss,
    sauc,
    sim,
)
from gazekit.metrics.scanmatch import scanmatch
from gazekit.metrics.scanpath import Scanpath, dtw, edit_distance, stde

__all__ = [
    "Figure",
    "MultiMatch",
    "Scanpath",
    "SentenceLabeller",
    "Simplify",
    "auc_judd",
    "box_iou",
    "cc",
    "centre_prior",
    "dtw",
    "edit_distance",
    "f1_counts",
    "icc2_1",
    "information_gain",
    "kld",
    "multimatch",
    "nss",
    "peak_cell",
    "point_in_box",
    "pointing_game",
    "ratio_figure",
    "sauc",
    "scanmatch",
    "sim",
    "stde",
]
