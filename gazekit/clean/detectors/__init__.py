"""Which event detectors are there? One file each, its paper cited, its defaults the paper's."""

from collections.abc import Callable
from typing import Any

import msgspec
import pyarrow as pa

from gazekit.clean.detectors.tobii_ivt import TobiiIvt, tobii_ivt
from gazekit.clean.gaze import Gaze
from gazekit.model.errors import UsageError, did_you_mean
from gazekit.model.records import ScreenRecord

__all__ = ["DETECTORS", "TobiiIvt", "detect", "tobii_ivt"]

_Detector = Callable[[Gaze, ScreenRecord, Any], pa.Table]

DETECTORS: dict[str, tuple[type[msgspec.Struct], _Detector]] = {
    "default": (TobiiIvt, tobii_ivt),
    "tobii_ivt": (TobiiIvt, tobii_ivt),
}
"""Name to its parameters and the function; ``default`` is the one that a build takes."""


def detect(
    gaze: Gaze, screen: ScreenRecord, *, detector: str, params: dict[str, float]
) -> pa.Table:
    """Run the detector of that name.

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
    struct, run = DETECTORS[detector]
    try:
        chosen = msgspec.convert(params, struct)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"wrong parameter: {error}",
            where=f"detector {detector}",
            expected=", ".join(struct.__struct_fields__),
        ) from error
    return run(gaze, screen, chosen)
