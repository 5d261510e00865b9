"""How good is a map, a place, a scanpath or a text? Plain numpy, each figure with its source."""

from gazekit.metrics.boxes import box_iou, point_in_box
from gazekit.metrics.interval import (
    Difference,
    Figure,
    Statistic,
    paired_difference,
    ratio,
    ratio_figure,
    sums_figure,
)
from gazekit.metrics.labels import SentenceLabeller, f1_counts
from gazekit.metrics.multimatch import MultiMatch, Simplify, multimatch
from gazekit.metrics.order import VisitOrder, kendall_tau, visit_order
from gazekit.metrics.pointing import peak_cell, pointing_game
from gazekit.metrics.reliability import icc2_1, icc_counts, icc_of_sums
from gazekit.metrics.saliency import (
    auc_judd,
    cc,
    centre_prior,
    cosine,
    information_gain,
    kld,
    nss,
    sauc,
    sim,
)
from gazekit.metrics.scanmatch import scanmatch
from gazekit.metrics.scanpath import Scanpath, dtw, edit_distance, stde
from gazekit.metrics.text import Bleu, bleu_counts, meteor_exact, rouge_l, words
from gazekit.metrics.votes import Votes, leave_one_out, majority, votes_of

__all__ = [
    "Bleu",
    "Difference",
    "Figure",
    "MultiMatch",
    "Scanpath",
    "SentenceLabeller",
    "Simplify",
    "Statistic",
    "VisitOrder",
    "Votes",
    "auc_judd",
    "bleu_counts",
    "box_iou",
    "cc",
    "centre_prior",
    "cosine",
    "dtw",
    "edit_distance",
    "f1_counts",
    "icc2_1",
    "icc_counts",
    "icc_of_sums",
    "information_gain",
    "kendall_tau",
    "kld",
    "leave_one_out",
    "majority",
    "meteor_exact",
    "multimatch",
    "nss",
    "paired_difference",
    "peak_cell",
    "point_in_box",
    "pointing_game",
    "ratio",
    "ratio_figure",
    "rouge_l",
    "sauc",
    "scanmatch",
    "sim",
    "stde",
    "sums_figure",
    "visit_order",
    "votes_of",
    "words",
]
