"""How does raw gaze become events? Eyes merged, gaps named and filled, detectors."""

from gazekit.clean.binocular import EyeChoice, merge_eyes
from gazekit.clean.chain import clean_samples, gaze_of
from gazekit.clean.detect import detect_events
from gazekit.clean.detectors import DETECTORS, TobiiIvt, check_detector, detect, tobii_ivt
from gazekit.clean.gaps import fill_gaps, find_gaps
from gazekit.clean.gaze import Gap, Gaze
from gazekit.clean.velocity import angular_velocity

__all__ = [
    "DETECTORS",
    "EyeChoice",
    "Gap",
    "Gaze",
    "TobiiIvt",
    "angular_velocity",
    "check_detector",
    "clean_samples",
    "detect",
    "detect_events",
    "fill_gaps",
    "find_gaps",
    "gaze_of",
    "merge_eyes",
    "tobii_ivt",
]
