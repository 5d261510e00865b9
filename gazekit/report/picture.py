"""How does an image get onto a page: thumbnails, heat laid over it, boxes drawn on it."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from gazekit.model.errors import DataError
from gazekit.report.colour import heat_rgb
from gazekit.report.page import figure

__all__ = [
    "THUMBNAIL_PX",
    "Box",
    "Pixels",
    "heatmap_overlay",
    "image_figure",
    "image_svg",
    "jpeg_bytes",
    "jpeg_uri",
    "png_uri",
    "thumbnail",
]

Pixels = NDArray[np.uint8]

THUMBNAIL_PX = 480
"""Longest side of an image on a page: legible, and a page of 24 readings stays under 5 MB."""

_JPEG_QUALITY = 80
_LEAST_HEAT = 0.04
_STROKE = {
    "gaze": ("#3fd0f2", "6 4"),
    "finding": ("#ffb000", "none"),
    "predicted": ("#ff6ac1", "none"),
}


@dataclass(frozen=True)
class Box:
    """A rectangle in image pixels, with who placed it."""

    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float
    kind: Literal["gaze", "finding", "predicted"]
    label: str | None = None


def thumbnail(image_u8: Pixels, *, max_px: int = THUMBNAIL_PX) -> Pixels:
    """Shrink a grey or RGB image so that no side is longer than `max_px`; never enlarge it."""
    rows, columns = image_u8.shape[:2]
    scale = max_px / max(rows, columns)
    if scale >= 1:
        return image_u8
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(Image.fromarray(image_u8).resize(size, Image.Resampling.BOX))


def jpeg_bytes(image_u8: Pixels) -> bytes:
    """Return a grey or RGB image as a JPEG file."""
    data = io.BytesIO()
    Image.fromarray(image_u8).save(data, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return data.getvalue()


def jpeg_uri(image_u8: Pixels) -> str:
    """Return a grey or RGB image as a JPEG data URI."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg_bytes(image_u8)).decode()}"


def png_uri(image_u8: Pixels) -> str:
    """Return a grey or RGB image as a PNG data URI, exactly."""
    data = io.BytesIO()
    Image.fromarray(image_u8).save(data, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


def heatmap_overlay(image_u8: Pixels, heatmap: ArrayLike, *, opacity: float = 0.75) -> Pixels:
    """Lay a heatmap over a grey image.

    Parameters
    ----------
    image_u8
        uint8, shape (rows, columns).
    heatmap
        Shape (r, c) over the whole image, any scale, not negative; resized to the image and
        divided by its maximum. A map of zeros leaves the image as it is.
    opacity
        Of the hottest place; cooler places let more of the image through.

    Returns
    -------
    ndarray
        uint8, shape (rows, columns, 3).
    """
    heat = np.nan_to_num(np.asarray(heatmap, np.float32))
    if heat.ndim != 2 or image_u8.ndim != 2:  # noqa: PLR2004 - planes
        raise DataError(
            "not a plane", expected="two dimensions", found=(image_u8.shape, heat.shape)
        )
    grey = np.repeat(image_u8[:, :, None], 3, axis=2)
    peak = float(heat.max(initial=0.0))
    if peak <= 0:
        return grey
    rows, columns = image_u8.shape
    wide = Image.fromarray(heat / peak).resize((columns, rows), Image.Resampling.BICUBIC)
    share = np.clip(np.asarray(wide), 0.0, 1.0)
    alpha = np.where(share < _LEAST_HEAT, 0.0, opacity * share**0.6)[:, :, None]
    laid: Pixels = np.rint(grey * (1 - alpha) + heat_rgb(share) * alpha).astype(np.uint8)
    return laid


def image_svg(
    image_u8: Pixels,
    *,
    alt: str,
    image_size: tuple[float, float] | None = None,
    boxes: Sequence[Box] = (),
    marks: Markup | None = None,
    max_px: int = THUMBNAIL_PX,
) -> Markup:
    """Return an SVG of the image with boxes and `marks` (in thumbnail pixels) over it.

    `image_size` is the (width, height) that coordinates refer to; None: the image's own.
    """
    small = thumbnail(image_u8, max_px=max_px)
    height, width = small.shape[:2]
    full = image_size or (image_u8.shape[1], image_u8.shape[0])
    scale = (width / full[0], height / full[1])
    drawn = Markup("").join(_box(box, scale, (width, height)) for box in boxes)
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-label="{alt}">'
        '<image width="{w}" height="{h}" href="{uri}"/>{drawn}{marks}</svg>'
    ).format(
        w=width, h=height, alt=alt, uri=jpeg_uri(small), drawn=drawn, marks=marks or Markup("")
    )


def image_figure(
    image_u8: Pixels,
    *,
    alt: str,
    caption: str | Markup | None = None,
    image_size: tuple[float, float] | None = None,
    boxes: Sequence[Box] = (),
    max_px: int = THUMBNAIL_PX,
) -> Markup:
    """Frame an image (grey or RGB uint8) with its boxes, alternative text and caption."""
    drawn = image_svg(image_u8, alt=alt, image_size=image_size, boxes=boxes, max_px=max_px)
    return figure(drawn, caption=caption)


def _box(box: Box, scale: tuple[float, float], size: tuple[int, int]) -> Markup:
    colour, dashes = _STROKE[box.kind]
    x0, x1 = (min(max(x * scale[0], 1), size[0] - 1) for x in (box.x0_px, box.x1_px))
    y0, y1 = (min(max(y * scale[1], 1), size[1] - 1) for y in (box.y0_px, box.y1_px))
    stroke = max(size) / 200
    return Markup(
        '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="none" stroke="{}"'
        ' stroke-width="{:.1f}" stroke-dasharray="{}"><title>{}</title></rect>'
    ).format(x0, y0, x1 - x0, y1 - y0, colour, stroke, dashes, box.label or box.kind)
