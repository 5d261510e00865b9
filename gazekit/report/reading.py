"""What did one reader see and say in one reading: scanpath, heatmap, dictation, key frames."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.heatmap import render_heatmap
from gazekit.report.colour import step_colour
from gazekit.report.page import (
    LegendItem,
    Spoken,
    card,
    dictation,
    figure,
    note,
    number,
    row,
    strip,
    subheading,
)
from gazekit.report.picture import Box, Pixels, heatmap_overlay, image_svg, thumbnail
from gazekit.report.rows import Row
from gazekit.report.scanpath import scanpath_figure
from gazekit.report.table import Tone

__all__ = [
    "READING_LEGEND",
    "ReadingView",
    "keyframe_caption",
    "keyframe_figure",
    "keyframe_picture",
    "keyframe_strip",
    "reading_card",
]

READING_LEGEND = (
    LegendItem("time", "first to last fixation"),
    LegendItem("heat", "less to more looking time"),
    LegendItem("gaze", "observation box, from gaze; never truth"),
    LegendItem("finding", "finding box"),
)

_KEYFRAME_PX = 240
_MOST_KEYFRAMES = 12
_MOST_GRID = 120
_CORNERS = ("x0", "y0", "x1", "y1")


@dataclass(frozen=True)
class ReadingView:
    """The rows of one reading: its facts, image, fixations, sentences and key frames.

    `further`: they are those on a further image of its study.
    """

    reading: Row
    image: Row | None
    fixations: Sequence[Row]
    sentences: Sequence[Row]
    keyframes: Sequence[Row]
    further: bool = False

    @property
    def pixels(self) -> Pixels | None:
        """The stored picture as grey uint8 (rows, columns); None where the row has none."""
        stored = self.image["image"] if self.image else None
        data = stored.get("bytes") if isinstance(stored, Mapping) else None
        if not data:
            return None
        return np.asarray(Image.open(io.BytesIO(data)).convert("L"))

    @property
    def image_size(self) -> tuple[float, float]:
        """(width, height) that coordinates refer to, in pixels."""
        if self.image is None:
            return (1.0, 1.0)
        return float(self.image["width_px"]), float(self.image["height_px"])

    def series(self, name: str) -> NDArray[np.float64]:
        """Return one column of the fixations; float64, shape (n,)."""
        return np.array([fixation[name] for fixation in self.fixations], np.float64)


def reading_card(
    view: ReadingView, steps: Mapping[str, str], *, tone: Tone | None = None
) -> Markup:
    """Show one reading: scanpath and heatmap side by side, dictation, key frames."""
    name = str(view.reading["reading_id"])
    if view.further:
        name = f"{name}, {view.reading['image_id']}"
    pixels = view.pixels
    if pixels is None:
        missing = note("The dataset holds no picture of this reading's image.", tone="warn")
        return card(name, missing, _spoken(view, steps), subtitle=_subtitle(view.reading))
    blocks = [row(_scanpath(view, pixels), _heat(view, pixels), _spoken(view, steps))]
    if view.keyframes:
        blocks += [subheading("Key frames"), keyframe_strip(view, pixels)]
    if tone == "bad":
        blocks.insert(0, note("Outside the quality limits; see the table.", tone="bad"))
    return card(
        name, *blocks, subtitle=_subtitle(view.reading), key=f"reading-{name.replace(', ', '-')}"
    )


def keyframe_strip(view: ReadingView, pixels: Pixels, *, most: int = _MOST_KEYFRAMES) -> Markup:
    """Show the image with heat for each sentence, with gaze box and finding boxes."""
    small = thumbnail(pixels, max_px=_KEYFRAME_PX)
    frames = [keyframe_figure(frame, small) for frame in view.keyframes[:most]]
    drawn = strip(frames, label="Key frames, one for each sentence with gaze")
    left = len(view.keyframes) - most
    return drawn + note(f"{left} more key frames are in the dataset.") if left > 0 else drawn


def _scanpath(view: ReadingView, pixels: Pixels) -> Markup:
    return scanpath_figure(
        pixels,
        x_px=view.series("x_px"),
        y_px=view.series("y_px"),
        duration_us=view.series("duration_us"),
        image_size=view.image_size,
        boxes=_boxes(view.reading["findings"]),
        alt=f"Radiograph with the scanpath of {len(view.fixations)} fixations",
    )


def _heat(view: ReadingView, pixels: Pixels) -> Markup:
    small = thumbnail(pixels)
    heat = render_heatmap(
        view.series("x_px"),
        view.series("y_px"),
        weight=view.series("duration_us"),
        sigma_x_px=view.series("sigma_x_px"),
        sigma_y_px=view.series("sigma_y_px"),
        image_size=view.image_size,
        grid=_grid(small),
        normalise="max",
    )
    seconds = view.series("duration_us").sum() / 1e6
    drawn = image_svg(heatmap_overlay(small, heat), alt="Radiograph with the heatmap of the gaze")
    return figure(
        drawn, caption=f"Heatmap: {seconds:.1f} s of fixations, sigma one degree of visual angle."
    )


def keyframe_figure(frame: Row, small: Pixels) -> Markup:
    """Show one row of `keyframes` on its picture, with its time and its sentence under it."""
    return figure(keyframe_picture(frame, small), caption=keyframe_caption(frame))


def keyframe_caption(frame: Row) -> str:
    """Say when a row of `keyframes` was said, of how many fixations it is, and its sentence."""
    count = len(np.atleast_1d(np.array(frame["fixation_x_px"])))
    return f"{_when(frame)} · {count} fixations. {frame['text']}"


def keyframe_picture(frame: Row, small: Pixels) -> Markup:
    """Draw one row of `keyframes` on its picture: heat, gaze box, finding boxes."""
    size = (float(frame["image_width_px"]), float(frame["image_height_px"]))
    heat = render_heatmap(
        np.array(frame["fixation_x_px"], np.float64),
        np.array(frame["fixation_y_px"], np.float64),
        weight=np.array(frame["fixation_duration_us"], np.float64),
        sigma_x_px=np.array(frame["fixation_sigma_x_px"], np.float64),
        sigma_y_px=np.array(frame["fixation_sigma_y_px"], np.float64),
        image_size=size,
        grid=_grid(small),
        normalise="max",
    )
    boxes = _gaze_box(frame) + _boxes(frame["findings"])
    return image_svg(
        heatmap_overlay(small, heat),
        image_size=size,
        boxes=boxes,
        alt=f"Where the reader looked for: {frame['text']}",
    )


def _grid(small: Pixels) -> tuple[int, int]:
    rows, columns = small.shape
    scale = min(1.0, _MOST_GRID / max(rows, columns))
    return max(1, round(rows * scale)), max(1, round(columns * scale))


def _gaze_box(frame: Row) -> tuple[Box, ...]:
    found = {f"{n}_px": frame[f"gaze_{n}_px"] for n in _CORNERS}
    return _box(found, "gaze", "observation box, from gaze")


def _boxes(findings: Sequence[Row] | None) -> tuple[Box, ...]:
    present = [f for f in findings or () if f["assertion"] == "present"]
    return tuple(box for f in present for box in _box(f, "finding", str(f["label"])))


def _box(row_: Row, kind: Literal["gaze", "finding"], label: str) -> tuple[Box, ...]:
    x0, y0, x1, y1 = (row_[f"{name}_px"] for name in _CORNERS)
    if x0 is None or y0 is None or x1 is None or y1 is None:
        return ()
    return (Box(x0, y0, x1, y1, kind, label),)


def _spoken(view: ReadingView, steps: Mapping[str, str]) -> Markup:
    if not view.sentences:
        return note("No dictation.")
    codes = tuple(steps)
    return dictation(
        Spoken(
            text=str(s["text"]),
            code=None if s["step"] is None else str(s["step"]),
            step=steps.get(str(s["step"])),
            colour=step_colour(None if s["step"] is None else str(s["step"]), codes),
            when=_when(s),
            labels=", ".join(map(str, s["labels"])) if isinstance(s["labels"], list) else None,
        )
        for s in view.sentences
    )


def _when(sentence: Row) -> str | None:
    onset, offset = sentence["onset_us"], sentence["offset_us"]
    if not isinstance(onset, int) or not isinstance(offset, int):
        return None
    return f"{onset / 1e6:.1f}–{offset / 1e6:.1f} s"


def _subtitle(reading: Row) -> str:
    duration = reading["duration_us"]
    seconds = number(duration / 1e6, 1, unit=" s") if isinstance(duration, int) else "no duration"
    said = (
        f"Reader {reading['reader_id']} · image {reading['image_id']} · {reading['split']} · "
        f"{reading['outcome']} · {seconds} · {reading['n_fixations']} fixations · "
        f"{reading['n_sentences']} sentences · {reading['n_keyframes']} key frames"
    )
    return said + (" · simulated gaze" if reading["simulated"] else "")
