"""How good is a gaze signal? The same figures live at the tracker and in the build."""

from gazekit.quality.loss import data_loss, effective_rate_hz, largest_gap_us
from gazekit.quality.precision import accuracy_deg, rms_s2s_deg, std_deg

__all__ = [
    "accuracy_deg",
    "data_loss",
    "effective_rate_hz",
    "largest_gap_us",
    "rms_s2s_deg",
    "std_deg",
]
