"""Which gaze belongs to which sentence? Gaze leads speech, and each fixation has one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gazekit.align.sentences import Sentence

__all__ = ["Overlap", "Window", "assign_fixations", "sentence_windows"]

_Ints = NDArray[np.int64]
Overlap = Literal["lead", "share"]


@dataclass(frozen=True)
class Window:
    """The time whose gaze belongs to sentence `index`; microseconds, half-open."""

    index: int
    onset_us: int
    offset_us: int


def sentence_windows(
    sentences: Sequence[Sentence], *, lead_us: int, overlap: Overlap, start_us: int = 0
) -> list[Window]:
    """Place a window before and over each timed sentence; untimed ones have none.

    Each window reaches from `lead_us` before the sentence to its end, and not before `start_us`.

    ``"lead"``
        Neighbours meet where the later one's lead begins: gaze that precedes a sentence belongs
        to it, even while the one before is still spoken. The earlier keeps at least its first
        half.
    ``"share"``
        Windows overlap, and a fixation may stand in two key frames (as in GazeX,
        arXiv:2604.14316).
    """
    windows = []
    for sentence in sentences:
        if sentence.onset_us is not None and sentence.offset_us is not None:
            onset = max(start_us, sentence.onset_us - lead_us)
            windows.append(Window(sentence.index, onset, max(sentence.offset_us, onset)))
    windows.sort(key=lambda window: window.offset_us)
    if overlap == "share":
        return windows
    times = {s.index: (s.onset_us, s.offset_us) for s in sentences}
    for i in range(1, len(windows)):
        before, here = windows[i - 1], windows[i]
        if here.onset_us < before.offset_us:
            onset_us, offset_us = times[before.index]
            half = ((onset_us or 0) + (offset_us or 0)) // 2
            meet = max(here.onset_us, min(half, before.offset_us), before.onset_us)
            windows[i - 1] = Window(before.index, before.onset_us, meet)
            windows[i] = Window(here.index, meet, max(here.offset_us, meet))
    return windows


def assign_fixations(
    windows: Sequence[Window], onset_us: _Ints, offset_us: _Ints, *, overlap: Overlap
) -> list[tuple[_Ints, _Ints]]:
    """Say which fixations each window holds, and how long each lies inside it.

    Parameters
    ----------
    windows
        As `sentence_windows` made them.
    onset_us, offset_us
        int64, shape (n,), on the clock of the windows.
    overlap
        ``"lead"``: a fixation belongs to the one window that holds most of it; ``"share"``: to
        every window that it touches.

    Returns
    -------
    list of (index, inside_us)
        One pair of int64 arrays a window: fixations in time order, and microseconds inside.
    """
    if not windows or onset_us.size == 0:
        return [(np.zeros(0, np.int64), np.zeros(0, np.int64)) for _ in windows]
    starts = np.array([window.onset_us for window in windows])[:, None]
    ends = np.array([window.offset_us for window in windows])[:, None]
    inside = np.minimum(offset_us, ends) - np.maximum(onset_us, starts)
    inside = np.maximum(inside, 0)
    member = inside > 0
    if overlap == "lead":
        best = inside.argmax(axis=0)
        member &= np.arange(len(windows))[:, None] == best
    return [
        (np.flatnonzero(row).astype(np.int64), amount[row])
        for row, amount in zip(member, inside, strict=True)
    ]
