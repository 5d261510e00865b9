"""Which figures of a reading are there, in which formats and column widths?"""

from typing import Literal, get_args

__all__ = ["DOUBLE_MM", "FIGURE_FORMATS", "FIGURE_KINDS", "SINGLE_MM", "FigureKind"]

FigureKind = Literal["scanpath", "heatmap", "time-series", "main-sequence", "timeline"]

FIGURE_KINDS: tuple[FigureKind, ...] = get_args(FigureKind)

FIGURE_FORMATS = ("png", "svg", "pdf")

SINGLE_MM = 88.0
"""Width of one column, which fits Nature (89), IEEE (88.9) and Elsevier (90)."""

DOUBLE_MM = 180.0
"""Width of two columns, which fits Nature (183), IEEE (181) and Elsevier (190)."""
