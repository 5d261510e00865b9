"""Figures for papers: matplotlib functions that draw on given Axes, and what they draw."""

from gazekit.model.figures import DOUBLE_MM, FIGURE_KINDS, SINGLE_MM, FigureKind
from gazekit.report.figures.drawn import Drawn, Fixations, Saccades, Samples, SentenceSpan
from gazekit.report.figures.heatmap import draw_heatmap
from gazekit.report.figures.main_sequence import (
    MainSequence,
    draw_main_sequence,
    fit_main_sequence,
)
from gazekit.report.figures.paper import (
    paper_figure,
    paper_style,
    save_figure,
)
from gazekit.report.figures.scanpath import draw_scanpath
from gazekit.report.figures.source import open_drawn
from gazekit.report.figures.time_series import draw_time_series
from gazekit.report.figures.timeline import draw_timeline
from gazekit.report.figures.write import write_figure

__all__ = [
    "DOUBLE_MM",
    "FIGURE_KINDS",
    "SINGLE_MM",
    "Drawn",
    "FigureKind",
    "Fixations",
    "MainSequence",
    "Saccades",
    "Samples",
    "SentenceSpan",
    "draw_heatmap",
    "draw_main_sequence",
    "draw_scanpath",
    "draw_time_series",
    "draw_timeline",
    "fit_main_sequence",
    "open_drawn",
    "paper_figure",
    "paper_style",
    "save_figure",
    "write_figure",
]
