"""How does a reader of a page check a text against its image: hover a sentence, see its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from gazekit.report.colour import NO_STEP, heat_rgb, time_hex
from gazekit.report.markup import block
from gazekit.report.page import number
from gazekit.report.picture import Pixels, jpeg_uri, png_uri, thumbnail
from gazekit.report.table import ABSENT

__all__ = ["EvidenceSentence", "EvidenceStop", "evidence"]

_IMAGE_PX = 900
_OPACITY = 0.72
_STEPS = "ABCDEF"
_UNTIMED_MS = 450
_SHORTEST_MS = 120
_US_PER_MS = 1000


@dataclass(frozen=True)
class EvidenceSentence:
    """A sentence, its box x0, y0, x1, y1 in image pixels, and its map over the whole image."""

    text: str
    box: tuple[float, float, float, float]
    heatmap: NDArray[np.float32]
    code: str | None = None
    step: str | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class EvidenceStop:
    """A place of the inspection, in image pixels; `sentence` from 1. Times in microseconds."""

    x_px: float
    y_px: float
    sentence: int
    code: str | None = None
    onset_us: int | None = None
    duration_us: int | None = None


def evidence(
    image_u8: Pixels,
    sentences: Sequence[EvidenceSentence],
    stops: Sequence[EvidenceStop],
    *,
    image_size: tuple[int, int],
) -> Markup:
    """Show an image beside sentences that light their place, and a button that plays the stops.

    A page with this block names the script ``evidence.js``. Without scripts it shows the image,
    every box and every sentence.

    Parameters
    ----------
    image_u8
        uint8, shape (rows, columns).
    image_size
        (width, height) that coordinates refer to.
    """
    small = thumbnail(image_u8, max_px=_IMAGE_PX)
    height, width = small.shape[:2]
    scale = (width / image_size[0], height / image_size[1])
    heats = [_heat(i, one, width, height) for i, one in enumerate(sentences, 1)]
    boxes = [_box(i, one, scale) for i, one in enumerate(sentences, 1)]
    drawn = Markup("").join([*heats, *boxes, _legs(stops, scale), _stops(stops, scale, width)])
    picture = Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-label="The image, with the evidence of the '
        'lit sentence"><image width="{w}" height="{h}" href="{uri}"/>{drawn}</svg>'
    ).format(w=width, h=height, uri=jpeg_uri(small), drawn=drawn)
    shown = [
        {
            "text": one.text,
            "code": one.code,
            "step": one.step,
            "colour": _STEPS.index(one.code) if one.code and one.code in _STEPS else NO_STEP,
            "confidence": None if one.confidence is None else number(one.confidence, 2),
            "points": _counted(sum(stop.sentence == i for stop in stops)),
        }
        for i, one in enumerate(sentences, 1)
    ]
    timed = [_timed(stop, order) for order, stop in enumerate(stops, 1)]
    return block("evidence", picture, shown, timed, bool(stops))


def _counted(places: int) -> str:
    return f"{places} place" + ("" if places == 1 else "s")


def _timed(stop: EvidenceStop, order: int) -> dict[str, object]:
    lasts = _UNTIMED_MS if stop.duration_us is None else stop.duration_us / _US_PER_MS
    when = ABSENT if stop.onset_us is None else f"{stop.onset_us / 1e6:.1f} s"
    step = "" if stop.code is None else f", step {stop.code}"
    return {
        "sentence": stop.sentence,
        "x": f"{stop.x_px:.1f}",
        "y": f"{stop.y_px:.1f}",
        "lasts_ms": round(max(_SHORTEST_MS, lasts)),
        "says": f"Place {order}, at {when}: sentence {stop.sentence}{step}.",
    }


def _heat(number_: int, one: EvidenceSentence, width: int, height: int) -> Markup:
    heat = np.nan_to_num(one.heatmap)
    peak = float(heat.max(initial=0.0))
    if peak <= 0:
        return Markup("")
    share = np.clip(heat / peak, 0.0, 1.0)
    alpha = np.rint(255 * _OPACITY * share**0.6)[:, :, None]
    drawn = np.concatenate([heat_rgb(share), alpha], axis=2).astype(np.uint8)
    return Markup(
        '<image class="heat" data-lights="{}" width="{}" height="{}"'
        ' preserveAspectRatio="none" href="{}"/>'
    ).format(number_, width, height, png_uri(drawn))


def _box(number_: int, one: EvidenceSentence, scale: tuple[float, float]) -> Markup:
    x0, y0, x1, y1 = (v * scale[i % 2] for i, v in enumerate(one.box))
    return Markup(
        '<rect class="box" data-lights="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
        "<title>{}</title></rect>"
    ).format(number_, x0, y0, x1 - x0, y1 - y0, f"{number_}. {one.text}")


def _legs(stops: Sequence[EvidenceStop], scale: tuple[float, float]) -> Markup:
    return Markup("").join(
        Markup(
            '<line class="leg" data-leg x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"></line>'
        ).format(a.x_px * scale[0], a.y_px * scale[1], b.x_px * scale[0], b.y_px * scale[1])
        for a, b in pairwise(stops)
    )


def _stops(stops: Sequence[EvidenceStop], scale: tuple[float, float], width: int) -> Markup:
    radius = width / 48
    last = max(1, len(stops) - 1)
    return Markup("").join(
        Markup(
            '<g class="stop" data-drawn-stop><circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"'
            ' fill="{fill}" fill-opacity=".85" stroke="#0b0f12"/><text x="{x:.1f}" y="{t:.1f}"'
            ' font-size="{s:.1f}" font-weight="700" text-anchor="middle" fill="#0b0f12">{n}</text>'
            "</g>"
        ).format(
            x=stop.x_px * scale[0],
            y=stop.y_px * scale[1],
            r=radius,
            t=stop.y_px * scale[1] + radius * 0.4,
            s=radius * 1.1,
            n=i + 1,
            fill=time_hex(i / last),
        )
        for i, stop in enumerate(stops)
    )
