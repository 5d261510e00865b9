"""How display pixels are kept and sent as PNG."""

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.display import DisplayImage, pixel_hash
from gazekit.model.errors import DataError
from gazekit.model.files import write_bytes
from gazekit.model.records import ImageRecord

__all__ = ["encode_png", "read_display_png", "write_display_png"]

_FAST = 1
"""zlib level: on 12-bit noise the higher levels cost ten times the time for a few per cent."""


def write_display_png(path: Path, image: DisplayImage, *, durable: bool = True) -> None:
    """Write the display pixels as a 16-bit grey PNG; nothing is lost.

    Parameters
    ----------
    path, image
        Where to, and what.
    durable
        Whole or absent under that name, whatever happens; False is for folders that are made
        anew when they are not finished, and saves two waits for the disk.
    """
    buffer = io.BytesIO()
    pixels = np.ascontiguousarray(image.pixels, np.uint16)
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=_FAST)
    if durable:
        write_bytes(path, buffer.getvalue())
    else:
        path.write_bytes(buffer.getvalue())


def read_display_png(path: Path, record: ImageRecord) -> DisplayImage:
    """Read what `write_display_png` wrote.

    Raises
    ------
    DataError
        The file is missing, is no 16-bit grey PNG, or holds other pixels than `record` names.
    """
    if not path.is_file():
        raise DataError("the image is missing", where=path.name, expected=record.image_id)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                mode, pixels = picture.mode, np.asarray(picture)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DataError("the PNG does not decode", where=path.name) from error
    if not mode.startswith("I"):
        raise DataError("not a 16-bit grey PNG", where=path.name, found=f"mode {mode}")
    pixels = pixels.astype(np.uint16)
    found = pixel_hash(pixels)
    if found != record.sha256:
        raise DataError(
            "the image is not the one that was shown",
            where=path.name,
            expected=record.sha256[:12],
            found=found[:12],
        )
    return DisplayImage(pixels, record)


def encode_png(pixels_u8: NDArray[np.uint8], *, max_px: int | None = None, level: int = 6) -> bytes:
    """Return grey or RGB pixels as PNG bytes.

    Parameters
    ----------
    pixels_u8
        uint8, shape (rows, columns) or (rows, columns, 3).
    max_px
        Longest side of the result; a larger picture is scaled down, a smaller one stays.
    level
        How hard to compress, 1 to 9; of a radiograph, 1 takes a quarter of the time of 6.
    """
    picture = Image.fromarray(np.ascontiguousarray(pixels_u8, np.uint8))
    longest = max(picture.size)
    if max_px is not None and longest > max_px:
        size = tuple(max(1, round(side * max_px / longest)) for side in picture.size)
        picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()
