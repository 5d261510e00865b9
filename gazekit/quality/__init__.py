"""How good is a gaze signal? The same figures live at the tracker and in the build."""

from gazekit.quality.disparity import disparity_deg
from gazekit.quality.loss import data_loss, effective_rate_hz, largest_gap_us
from gazekit.quality.precision import accuracy_deg, rms_s2s_deg, std_deg
from gazekit.quality.spread import bcea_deg2
from gazekit.quality.summary import (
    EyeQuality,
    Quality,
    QualityPart,
    measure,
    outside_limits,
    summarise,
)

__all__ = [
    "EyeQuality",
    "Quality",
    "QualityPart",
    "accuracy_deg",
    "bcea_deg2",
    "data_loss",
    "disparity_deg",
    "effective_rate_hz",
    "largest_gap_us",
    "measure",
    "outside_limits",
    "rms_s2s_deg",
    "std_deg",
    "summarise",
]
