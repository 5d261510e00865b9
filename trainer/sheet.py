"""What does a batch teach? Its pictures with the gaze, boxes and words that supervise them."""

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from gazekit.model.version import DISCLAIMER
from trainer.backbones.protocol import Words
from trainer.config import TrainConfig
from trainer.data import Batch, Split, StepBatches
from trainer.letterbox import letterbox_affine

__all__ = ["sheet_png"]

_TILE_IN, _TEXT_IN, _DPI = 2.1, 0.78, 110
_FOOT_IN = 0.3
_LETTERS = 34
_LINES = 4
_BACKGROUND, _TEXT, _FAINT, _BOX = "#14171A", "#F2F4F5", "#A9B2B9", "#56B4E9"


def sheet_png(
    split: Split,
    tokenizer: Words,
    config: TrainConfig,
    *,
    step: int = 0,
    readings: int = 6,
    simulated: bool = False,
) -> bytes:
    """Draw the first readings of the batch of a step, as the model and the losses get them.

    Each row is a sequence; each tile the model's own input with one supervised sentence: its gaze
    on the patch grid in colour, the boxes of its findings, the words that its rows predict.

    Returns
    -------
    bytes
        A PNG.
    """
    batch = StepBatches(split, tokenizer, config)[step]
    count = min(readings, len(batch.rows))
    columns = max(1, int(batch.sentence[:count].max()) + 1)
    size = (columns * _TILE_IN, count * (_TILE_IN + _TEXT_IN) + _FOOT_IN)
    figure = Figure(figsize=size, dpi=_DPI, facecolor=_BACKGROUND)
    FigureCanvasAgg(figure)  # draws without a display
    for place in range(count):
        for sentence in range(columns):
            top = 1 - place * (_TILE_IN + _TEXT_IN) / size[1]
            height = _TILE_IN / size[1]
            axes = figure.add_axes((sentence / columns, top - height, 0.985 / columns, height))
            axes.set_axis_off()
            if (batch.sentence[place] == sentence).any():
                _picture(axes, batch, place, sentence, config=config)
                for box in _boxes(split, batch, place, sentence, side=config.model.image_px):
                    axes.add_patch(box)
            words = _words(batch, place, sentence, tokenizer)
            figure.text(
                sentence / columns + 0.004,
                top - height - 0.05 / size[1],
                words,
                color=_TEXT if batch.gaze_mask[place, sentence] else _FAINT,
                fontsize=6.5,
                va="top",
            )
    kind = "Simulated data. " if simulated else ""
    figure.text(0.004, 0.006, f"Step {step}. {kind}{DISCLAIMER}", color=_FAINT, fontsize=6.5)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor=_BACKGROUND)
    return buffer.getvalue()


def _picture(axes: Axes, batch: Batch, place: int, sentence: int, *, config: TrainConfig) -> None:
    side = config.model.image_px
    extent = (0, side, side, 0)
    axes.imshow(batch.images[place, 0].numpy(), cmap="gray", vmin=0, vmax=255, extent=extent)
    if batch.gaze_mask[place, sentence]:
        grid = config.model.grid
        gaze = batch.gaze[place, sentence].numpy().reshape(grid, grid)
        alpha = 0.75 * gaze / gaze.max()
        axes.imshow(
            gaze, cmap="inferno", alpha=alpha, extent=extent, interpolation="nearest", zorder=2
        )
    axes.set_xlim(0, side)
    axes.set_ylim(side, 0)


def _boxes(
    split: Split, batch: Batch, place: int, sentence: int, *, side: int
) -> Sequence[Rectangle]:
    """Return the boxes of a dictated sentence's findings; other tasks have theirs in words."""
    if batch.tasks and batch.tasks[place] not in {"report", "trajectory"}:
        return []
    sample = split.samples[batch.rows[place]]
    affine = letterbox_affine(*sample.image_size, size_px=side)
    style: dict[str, Any] = {"fill": False, "edgecolor": _BOX, "linewidth": 1.3, "zorder": 3}
    drawn = []
    for _, x0, y0, x1, y1 in sample.sentences[sentence].boxes:
        x, y = affine.apply(np.array([x0, x1]), np.array([y0, y1]))
        drawn.append(Rectangle((x[0], y[0]), x[1] - x[0], y[1] - y[0], **style))
    return drawn


def _words(batch: Batch, place: int, sentence: int, tokenizer: Words) -> str:
    rows: NDArray[np.bool_] = (batch.sentence[place] == sentence).numpy()
    if not rows.any():
        return ""
    text = " ".join(tokenizer.decode(batch.targets[place].numpy()[rows].tolist()))
    if sentence == 0:
        task = batch.tasks[place] if batch.tasks else "report"
        text = f"[{task}] {text}"
    if not batch.gaze_mask[place, sentence]:
        text += " (no gaze)"
    lines = textwrap.wrap(text, _LETTERS)
    return "\n".join([*lines[: _LINES - 1], "..."] if len(lines) > _LINES else lines)
