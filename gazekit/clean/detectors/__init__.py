"""Which event detectors are there? One file each, its paper cited, its defaults the paper's."""

from collections.abc import Callable
from typing import Any

import msgspec
import pyarrow as pa

from gazekit.clean.detectors.adaptive import Adaptive, adaptive
from gazekit.clean.detectors.default import Default, default
from gazekit.clean.detectors.engbert_kliegl import EngbertKliegl, engbert_kliegl
from gazekit.clean.detectors.i2mc import I2mc, i2mc
from gazekit.clean.detectors.idt import Idt, idt
from gazekit.clean.detectors.tobii_ivt import TobiiIvt, tobii_ivt
from gazekit.clean.gaze import Gaze
from gazekit.model.errors import UsageError, did_you_mean
from gazekit.model.records import ScreenRecord

__all__ = ["DETECTORS", "TobiiIvt", "check_detector", "detect", "tobii_ivt"]

_Detector = Callable[[Gaze, ScreenRecord, Any], pa.Table]

DETECTORS: dict[str, tuple[type[msgspec.Struct], _Detector]] = {
    "adaptive": (Adaptive, adaptive),
    "default": (Default, default),
    "engbert_kliegl": (EngbertKliegl, engbert_kliegl),
    "i2mc": (I2mc, i2mc),
    "idt": (Idt, idt),
    "tobii_ivt": (TobiiIvt, tobii_ivt),
}
"""Name to its parameters and the function; ``default`` is our own."""


def detect(
    gaze: Gaze, screen: ScreenRecord, *, detector: str, params: dict[str, float]
) -> pa.Table:
    """Run the detector of that name; see `check_detector` for what is refused."""
    chosen = check_detector(detector, params)
    return DETECTORS[detector][1](gaze, screen, chosen)


def check_detector(detector: str, params: dict[str, float]) -> msgspec.Struct:
    """Return the parameters of a detector, those not given at its paper's values.

    Raises
    ------
    UsageError
        There is no such detector, or it has no such parameter.
    """
    if detector not in DETECTORS:
        raise UsageError(
            "no such detector",
            expected=", ".join(sorted(DETECTORS)),
            found=detector,
            remedy=did_you_mean(detector, list(DETECTORS)),
        )
    struct = DETECTORS[detector][0]
    try:
        return msgspec.convert(params, struct)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"wrong parameter: {error}",
            where=f"detector {detector}",
            expected=", ".join(struct.__struct_fields__),
        ) from error
