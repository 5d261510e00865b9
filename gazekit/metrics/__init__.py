"""How good a map, a place or a text is: plain numpy, each figure with its definition and source."""

from gazekit.metrics.boxes import box_iou, point_in_box
from gazekit.metrics.interval import Figure, ratio_figure
from gazekit.metrics.labels import SentenceLabeller, f1_counts
from gazekit.metrics.pointing import peak_cell, pointing_game
from gazekit.metrics.saliency import auc_judd, cc, centre_prior, kld, nss, sim

__all__ = [
    "Figure",
    "SentenceLabeller",
    "auc_judd",
    "box_iou",
    "cc",
    "centre_prior",
    "f1_counts",
    "kld",
    "nss",
    "peak_cell",
    "point_in_box",
    "pointing_game",
    "ratio_figure",
    "sim",
]
