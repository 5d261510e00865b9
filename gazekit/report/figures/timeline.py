"""When was which step of the review dictated, and when was what looked at?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from gazekit.report.figures.drawn import SentenceSpan
from gazekit.report.figures.paper import CATEGORIES, axes_or_current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_timeline"]

_NO_STEP = "no step"
_TALL = 0.72
_GREY = "#8a8a8a"


def draw_timeline(
    sentences: Sequence[SentenceSpan],
    steps: Mapping[str, str],
    *,
    duration_us: float,
    fixations_us: ArrayLike | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a lane for each review step, with its sentences as bars in time.

    Parameters
    ----------
    sentences
        In the order dictated; those without a time are counted in the title, not drawn.
    steps
        Code to name, in the protocol's order, such as ``{"A": "Airways"}``.
    duration_us
        How long the reading took.
    fixations_us
        Shape (k, 2), onset and offset of fixations, a lane beneath; None draws none.
    ax
        Where to draw; pyplot's current Axes where None.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = axes_or_current(ax)
    lanes = _lanes(sentences, steps)
    untimed = 0
    for number, sentence in enumerate(sentences, start=1):
        if sentence.onset_us is None or sentence.offset_us is None:
            untimed += 1
            continue
        lane = lanes.index(_lane_of(sentence, steps))
        _bar(axes, sentence, number, lane)
    names = [f"{code}  {steps[code]}" if code in steps else code for code in lanes]
    if fixations_us is not None:
        spans = np.asarray(fixations_us, np.float64).reshape(-1, 2) / 1e6
        widths = [(onset, offset - onset) for onset, offset in spans]
        axes.broken_barh(widths, (len(lanes) - _TALL / 2, _TALL), facecolor=_GREY, lw=0)
        names.append("fixations")
    _dress(axes, names, duration_us)
    said = f"{len(sentences)} sentences, numbered as dictated"
    axes.set_title(said + (f"; {untimed} without a time" if untimed else ""), loc="left")
    return axes


def _lanes(sentences: Sequence[SentenceSpan], steps: Mapping[str, str]) -> list[str]:
    lanes = list(steps)
    if any(_lane_of(sentence, steps) == _NO_STEP for sentence in sentences):
        lanes.append(_NO_STEP)
    return lanes


def _lane_of(sentence: SentenceSpan, steps: Mapping[str, str]) -> str:
    return _NO_STEP if sentence.step is None or sentence.step not in steps else sentence.step


def _bar(axes: "Axes", sentence: SentenceSpan, number: int, lane: int) -> None:
    onset, offset = (sentence.onset_us or 0) / 1e6, (sentence.offset_us or 0) / 1e6
    colour = CATEGORIES[lane % len(CATEGORIES)] if sentence.step else _GREY
    bottom = lane - _TALL / 2
    axes.broken_barh([(onset, offset - onset)], (bottom, _TALL), facecolor=colour, lw=0)
    axes.annotate(
        str(number),
        ((onset + offset) / 2, lane),
        ha="center",
        va="center",
        fontsize=5,
        color="white" if colour == CATEGORIES[0] else "black",  # the one dark colour
        clip_on=True,
    )


def _dress(axes: "Axes", names: Sequence[str], duration_us: float) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, max(duration_us / 1e6, 0.001))
    axes.set_xlabel("time from the reading's onset (s)")
    axes.set_axisbelow(True)
    axes.grid(axis="x", lw=0.3, color="#cccccc")
    axes.spines[["top", "right", "left"]].set_visible(False)
