"""Stored grey values of a DICOM image to display pixels and the window they open with."""

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from gazekit.image.window import PERCENTILE, percentile_window, usable

__all__ = ["GreyImage", "grey_of"]

_DEEPEST = 16


@dataclass(frozen=True)
class GreyImage:
    """Display pixels (uint16, larger is brighter) and the window they open with."""

    pixels: NDArray[np.uint16]
    window: tuple[float, float]
    window_source: str
    bits: int


@dataclass(frozen=True)
class _Levels:
    """Values on a grid of whole numbers from 0 to `top`; modality value = `slope` v + `offset`."""

    values: NDArray[np.int64]
    top: int
    slope: float
    offset: float

    def place(self, modality: float) -> float:
        return (modality - self.offset) / self.slope


def grey_of(source: Dataset, stored: NDArray[np.generic]) -> GreyImage:
    """Return the display pixels of a monochrome image.

    Parameters
    ----------
    source
        The data set with its bit depth, rescale, VOI and presentation attributes.
    stored
        Integers, shape (rows, columns), as decoded.

    Raises
    ------
    ValueError
        More than 16 bits, or a rescale slope of 0.
    """
    bits = int(source.BitsStored)
    if not 1 <= bits <= _DEEPEST or stored.ndim != 2:  # noqa: PLR2004 - rows and columns
        raise ValueError("expected up to 16 bits and one grey plane")
    clean = _stored_bits(source, stored, bits)
    shown = ~_padding(source, clean)
    levels, window, window_source = _voi(source, _modality(source, clean, bits), clean)
    pixels = np.clip(levels.values, 0, levels.top)
    if _inverted(source) != (levels.slope < 0):
        pixels = levels.top - pixels
        window = None if window is None else (levels.top - window[0], levels.top - window[1])
    window = None if window is None else (min(window), max(window))
    display = np.where(shown, pixels, 0).astype(np.uint16)
    if window is None or not usable(window, display, shown):
        window, window_source = percentile_window(display, shown), PERCENTILE
    return GreyImage(display, window, window_source, bits)


def _stored_bits(source: Dataset, stored: NDArray[np.generic], bits: int) -> NDArray[np.int64]:
    """Keep the bits that belong to the value: old files hide overlays in the others."""
    shift = max(int(source.get("HighBit", bits - 1)) + 1 - bits, 0)
    whole = stored.astype(np.int64)
    compressed = source.file_meta.TransferSyntaxUID.is_encapsulated
    whole = (whole if compressed else whole >> shift) & ((1 << bits) - 1)
    if int(source.get("PixelRepresentation", 0)) == 1:
        whole = np.where(whole >= 1 << (bits - 1), whole - (1 << bits), whole)
    return whole


def _padding(source: Dataset, stored: NDArray[np.int64]) -> NDArray[np.bool_]:
    value = _padding_value(source, "PixelPaddingValue")
    if value is None:
        return np.zeros(stored.shape, np.bool_)
    limit = _padding_value(source, "PixelPaddingRangeLimit")
    low, high = sorted((value, value if limit is None else limit))
    padding: NDArray[np.bool_] = (stored >= low) & (stored <= high)
    return padding


def _padding_value(source: Dataset, name: str) -> int | None:
    """Return a padding attribute; pydicom hands it over as bytes where the VR was unknown."""
    value = source.get(name)
    if isinstance(value, bytes):
        return int.from_bytes(value[:2], "little")
    return None if value is None else int(value)


def _modality(source: Dataset, stored: NDArray[np.int64], bits: int) -> _Levels:
    signed = int(source.get("PixelRepresentation", 0)) == 1
    least = -(1 << (bits - 1)) if signed else 0
    lut = _lut(source, "ModalityLUTSequence")
    if lut is not None:
        table = lut.LUTDescriptor
        values = _to_modality(source, stored).astype(np.int64)
        return _Levels(values, (1 << int(table[2])) - 1, 1.0, 0.0)
    slope = _first(source.get("RescaleSlope"))
    slope = 1.0 if slope is None else slope
    if slope == 0 or not np.isfinite(slope):
        raise ValueError("the rescale slope is 0")
    offset = float(source.get("RescaleIntercept", 0) or 0) + slope * least
    return _Levels(stored - least, (1 << bits) - 1, slope, offset)


def _to_modality(source: Dataset, stored: NDArray[np.int64]) -> NDArray[np.generic]:
    """Return modality values; pydicom asks numpy for a type of as many bits as a LUT has."""
    lut = _lut(source, "ModalityLUTSequence")
    if lut is not None:
        table = copy.deepcopy(lut)
        table.LUTDescriptor = [*list(table.LUTDescriptor)[:2], _DEEPEST]
        deep = Dataset()
        deep.file_meta = source.file_meta
        deep.ModalityLUTSequence = [table]
        return np.asarray(apply_modality_lut(stored, deep))
    without = copy.copy(source)
    without.pop("ModalityLUTSequence", None)
    if _first(source.get("RescaleSlope")) is None:
        without.pop("RescaleSlope", None)
    return np.asarray(apply_modality_lut(stored, without))


def _lut(source: Dataset, name: str) -> Dataset | None:
    """Return the first table of a sequence; files are seen whose table is there and empty."""
    items = source.get(name)
    if not items or not (items[0].get("LUTDescriptor") and items[0].get("LUTData")):
        return None
    item: Dataset = items[0]
    return item


def _voi(
    source: Dataset, levels: _Levels, stored: NDArray[np.int64]
) -> tuple[_Levels, tuple[float, float] | None, str]:
    """Return the levels, the window on them, and where it came from."""
    lut = _lut(source, "VOILUTSequence")
    if lut is not None:
        top = (1 << int(lut.LUTDescriptor[2])) - 1
        modality = _to_modality(source, stored)
        values = apply_voi_lut(np.rint(modality).astype(np.int64), source, prefer_lut=True)
        return _Levels(values.astype(np.int64), top, 1.0, 0.0), (0.0, float(top)), "voi_lut"
    window = _asked_window(source)
    if window is None:
        return levels, None, PERCENTILE
    return levels, (levels.place(window[0]), levels.place(window[1])), "dicom_window"


def _asked_window(source: Dataset) -> tuple[float, float] | None:
    """Return the modality values shown as black and white by the first window (C.11.2.1.2)."""
    try:
        centre, width = (_first(source.get(n)) for n in ("WindowCenter", "WindowWidth"))
    except (TypeError, ValueError):
        return None
    if centre is None or width is None:
        return None
    if str(source.get("VOILUTFunction") or "LINEAR") == "LINEAR":
        centre, width = centre - 0.5, width - 1
    if width <= 0:
        return None
    return centre - width / 2, centre + width / 2


def _first(value: object) -> float | None:
    if value is None or value == "":
        return None
    several = isinstance(value, (list, tuple)) or hasattr(value, "__getitem__")
    return float(value[0] if several and not isinstance(value, str) else value)  # type: ignore[index, arg-type]


def _inverted(source: Dataset) -> bool:
    """Say whether small values are bright; MONOCHROME1 and INVERSE together invert once."""
    return bool(
        source.get("PhotometricInterpretation") == "MONOCHROME1"
        or source.get("PresentationLUTShape") == "INVERSE"
    )
