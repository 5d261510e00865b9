"""Where do pixels go when an image is cropped or scaled? The affine is in the record."""

import msgspec
import numpy as np
from PIL import Image

from gazekit.model.display import DisplayImage, identify, pixel_hash
from gazekit.model.errors import DataError
from gazekit.model.geometry import Affine

__all__ = ["content_box", "crop", "resize"]


def content_box(image: DisplayImage) -> tuple[int, int, int, int]:
    """Return (x0, y0, x1, y1), the smallest box around everything that is not black.

    Padding is black in display pixels, so that this is the image without its padded border; the
    whole image where all is black.
    """
    lit = image.pixels > 0
    columns, rows = np.flatnonzero(lit.any(axis=0)), np.flatnonzero(lit.any(axis=1))
    if columns.size == 0:
        return 0, 0, image.record.width_px, image.record.height_px
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def crop(image: DisplayImage, box_px: tuple[int, int, int, int]) -> DisplayImage:
    """Cut (x0, y0, x1, y1) out of an image; ``source_to_display`` of the record says so.

    Raises
    ------
    DataError
        The box is empty or leaves the image.
    """
    x0, y0, x1, y1 = box_px
    width, height = image.record.width_px, image.record.height_px
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise DataError(
            "the box is not in the image",
            where=image.record.image_id,
            expected=f"inside {width} x {height} px",
            found=list(box_px),
        )
    cut = np.ascontiguousarray(image.pixels[y0:y1, x0:x1])
    return _placed(image, DisplayImage(cut, image.record), Affine(1, 0, -x0, 0, 1, -y0))


def resize(image: DisplayImage, size_px: tuple[int, int]) -> DisplayImage:
    """Scale an image to (width, height); ``source_to_display`` of the record says so.

    Raises
    ------
    DataError
        A side is not positive.
    """
    width, height = size_px
    if min(size_px) < 1:
        raise DataError("the size is empty", where=image.record.image_id, found=list(size_px))
    picture = Image.fromarray(image.pixels.astype(np.float32))
    scaled = np.asarray(picture.resize((width, height), Image.Resampling.BOX, reducing_gap=None))
    pixels = np.clip(np.rint(scaled), 0, np.iinfo(np.uint16).max).astype(np.uint16)
    across, down = width / image.record.width_px, height / image.record.height_px
    return _placed(image, DisplayImage(pixels, image.record), Affine(across, 0, 0, 0, down, 0))


def _placed(before: DisplayImage, after: DisplayImage, step: Affine) -> DisplayImage:
    """Return `after` with a record of its own: its pixels' hash, size, spacing and affine."""
    record = before.record
    earlier = record.source_to_display
    whole = step if earlier is None else step.after(Affine(*earlier))
    spacing, aspect = record.pixel_spacing_mm, record.pixel_aspect
    sha256 = pixel_hash(after.pixels)
    return DisplayImage(
        after.pixels,
        msgspec.structs.replace(
            record,
            image_id=identify(sha256),
            sha256=sha256,
            width_px=int(after.pixels.shape[1]),
            height_px=int(after.pixels.shape[0]),
            pixel_spacing_mm=spacing and (spacing[0] / step.e, spacing[1] / step.a),
            pixel_aspect=_aspect(aspect, step.a / step.e),
            source_to_display=(whole.a, whole.b, whole.c, whole.d, whole.e, whole.f),
        ),
    )


def _aspect(before: float | None, factor: float) -> float | None:
    ratio = (before or 1.0) * factor
    return None if abs(ratio - 1) < 1e-3 else ratio  # noqa: PLR2004 - rounded to whole pixels
