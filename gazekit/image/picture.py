"""PNG, JPEG and TIFF pictures to display pixels."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.image.window import FULL_RANGE, PERCENTILE, percentile_window
from gazekit.model.display import DisplayImage
from gazekit.model.errors import DataError

__all__ = ["is_picture", "read_picture"]

_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_DEEP = 65535


def is_picture(head: bytes) -> bool:
    """Say whether the first bytes of a file are those of a PNG, a JPEG or a TIFF."""
    return head.startswith(_MAGIC)


def read_picture(
    path: Path, *, patient_id: str | None = None, study_id: str | None = None
) -> DisplayImage:
    """Read a picture; grey of 8 or 16 bits stays as it is, colour becomes its luma.

    A picture of 8 bits opens over its full range, one of 16 bits from its 0.5 to its 99.5
    percentile, because its range says nothing about how many bits it uses.

    Raises
    ------
    DataError
        It does not decode, has no pixels, or holds values that are no grey levels.
    """
    pixels, bits = _decode(path)
    deep = bits > 8  # noqa: PLR2004 - bits of a byte
    return DisplayImage.of(
        pixels,
        percentile_window(pixels) if deep else (0.0, 255.0),
        window_source=PERCENTILE if deep else FULL_RANGE,
        photometric="MONOCHROME2",
        bits_stored=bits,
        patient_id=patient_id,
        study_id=study_id,
    )


def _decode(path: Path) -> tuple[NDArray[np.uint16], int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=("PNG", "JPEG", "TIFF")) as picture:
                if picture.mode.startswith("I") or picture.mode == "F":
                    return _deep(np.asarray(picture), path), 16
                return np.asarray(picture.convert("L")).astype(np.uint16), 8
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise DataError(
            "the picture does not decode",
            where=path.name,
            remedy="it may be cut short: copy it again from its source",
        ) from error


def _deep(values: NDArray[np.generic], path: Path) -> NDArray[np.uint16]:
    whole = np.rint(values.astype(np.float64))
    if whole.size == 0 or not np.isfinite(whole).all() or whole.min() < 0 or whole.max() > _DEEP:
        raise DataError(
            "the grey levels do not fit 16 bits", where=path.name, expected=f"0 to {_DEEP}"
        )
    if (whole != values).any():
        raise DataError(
            "the grey levels are no whole numbers", where=path.name, remedy="save it with 16 bits"
        )
    return whole.astype(np.uint16)
