"""How must a radiograph be turned to hang as radiographs do, and where do its pixels go?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Turn", "turn_of"]

_ALONG_ROW, _DOWN = "LRAP", "FH"


@dataclass(frozen=True)
class Turn:
    """First swap rows and columns, then mirror; nothing of it for most images."""

    transposed: bool = False
    mirrored: bool = False
    upended: bool = False

    def pixels(self, pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Return the pixels as they hang; uint16, (rows, columns)."""
        turned = pixels.T if self.transposed else pixels
        turned = turned[:, ::-1] if self.mirrored else turned
        turned = turned[::-1] if self.upended else turned
        return np.ascontiguousarray(turned)

    def affine(
        self, width: int, height: int
    ) -> tuple[float, float, float, float, float, float] | None:
        """Return the affine from stored to hung pixels of a stored size, None where the same."""
        if self == Turn():
            return None
        if self.transposed:
            width, height = height, width
        across, x0 = (-1.0, float(width)) if self.mirrored else (1.0, 0.0)
        down, y0 = (-1.0, float(height)) if self.upended else (1.0, 0.0)
        if self.transposed:
            return 0.0, across, x0, down, 0.0, y0
        return across, 0.0, x0, 0.0, down, y0

    def pair(self, pair: tuple[float, float] | None) -> tuple[float, float] | None:
        """Return a (row, column) pair as it is after the turn."""
        return pair[::-1] if pair is not None and self.transposed else pair

    def ratio(self, ratio: float | None) -> float | None:
        """Return a height over a width as it is after the turn."""
        return 1 / ratio if ratio is not None and self.transposed else ratio


def turn_of(orientation: Sequence[str]) -> Turn:
    """Return the turn that a patient orientation asks for (PS3.3 C.7.6.1.1.1).

    Frontal radiographs hang with the patient's left on the viewer's right, feet down; lateral
    ones may face either way. An orientation that is absent, oblique or no pair asks for none.

    Parameters
    ----------
    orientation
        Where rows run to and where columns run to, such as ``("L", "F")``; upper case.
    """
    if len(orientation) != 2 or not all(len(part) == 1 for part in orientation):  # noqa: PLR2004
        return Turn()
    along, down = orientation
    transposed = along in _DOWN and down in _ALONG_ROW
    if transposed:
        along, down = down, along
    if along not in _ALONG_ROW or down not in _DOWN:
        return Turn()
    return Turn(transposed, along == "R", down == "H")
