"""What an image looks like on the screen: display pixels, their window, and their identity."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.model.records import ImageRecord

__all__ = ["DisplayImage", "identify", "pixel_hash"]


def pixel_hash(pixels: NDArray[np.uint16]) -> str:
    """Return the SHA-256 of display pixels (uint16, little-endian, row-major), in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(pixels, dtype="<u2").data).hexdigest()


def identify(sha256: str) -> str:
    """Return the image id that a pixel hash gives: ``img-`` and its first 16 digits."""
    return f"img-{sha256[:16]}"


@dataclass(frozen=True, eq=False)
class DisplayImage:
    """An image as displayed.

    Parameters
    ----------
    pixels
        uint16, shape (rows, columns); larger is brighter, already inverted where the source
        asks for it. 0 is black whatever the window, where the source has padding.
    record
        Size, identity and default window of these pixels.
    """

    pixels: NDArray[np.uint16]
    record: ImageRecord

    @classmethod
    def of(
        cls,
        pixels: NDArray[np.uint16],
        window: tuple[float, float],
        *,
        window_source: str,
        photometric: str,
        bits_stored: int,
        patient_id: str | None = None,
        study_id: str | None = None,
        modality: str | None = None,
        view_position: str | None = None,
        pixel_spacing_mm: tuple[float, float] | None = None,
        pixel_aspect: float | None = None,
        source_to_display: tuple[float, float, float, float, float, float] | None = None,
    ) -> "DisplayImage":
        """Name the pixels by their hash and make the record.

        Parameters
        ----------
        pixels
            uint16, shape (rows, columns).
        window
            Display values shown as black and as white.
        """
        sha256 = pixel_hash(pixels)
        record = ImageRecord(
            image_id=identify(sha256),
            sha256=sha256,
            width_px=int(pixels.shape[1]),
            height_px=int(pixels.shape[0]),
            window_low=float(window[0]),
            window_high=float(window[1]),
            window_source=window_source,
            photometric=photometric,
            bits_stored=bits_stored,
            patient_id=patient_id,
            study_id=study_id,
            modality=modality,
            view_position=view_position,
            pixel_spacing_mm=pixel_spacing_mm,
            pixel_aspect=pixel_aspect,
            source_to_display=source_to_display,
        )
        return cls(pixels, record)

    def to_uint8(
        self, *, low: float | None = None, high: float | None = None, inverted: bool = False
    ) -> NDArray[np.uint8]:
        """Return what the screen shows, 0 black to 255 white; uint8, shape (rows, columns).

        Parameters
        ----------
        low, high
            Grey window in display values; the default window where None.
        inverted
            Swap black and white.
        """
        low = self.record.window_low if low is None else low
        high = self.record.window_high if high is None else high
        top = int(self.pixels.max(initial=0))
        steps = (np.arange(top + 1, dtype=np.float64) - low) / max(high - low, 1e-9)
        grey = np.rint(np.clip(steps, 0.0, 1.0) * 255.0).astype(np.uint8)
        shown: NDArray[np.uint8] = (255 - grey if inverted else grey)[self.pixels]
        return shown
