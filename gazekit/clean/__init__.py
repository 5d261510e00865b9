"""How does raw gaze become events? Eyes merged, gaps named and filled, detectors."""

from gazekit.clean.binocular import EyeChoice, best_eye, merge_eyes
from gazekit.clean.blinks import BlinkRule, find_blinks
from gazekit.clean.chain import BlinkChoice, clean_samples, gaze_of
from gazekit.clean.detect import detect_events
from gazekit.clean.detectors import DETECTORS, TobiiIvt, check_detector, detect, tobii_ivt
from gazekit.clean.flags import off_image, off_screen
from gazekit.clean.gaps import fill_gaps, find_gaps
from gazekit.clean.gaze import Gap, Gaze
from gazekit.clean.given import GivenGaze, given_gaze
from gazekit.clean.smoothing import Smoothing, lookahead_ms, smooth
from gazekit.clean.velocity import angular_velocity

__all__ = [
    "DETECTORS",
    "BlinkChoice",
    "BlinkRule",
    "EyeChoice",
    "Gap",
    "Gaze",
    "GivenGaze",
    "Smoothing",
    "TobiiIvt",
    "angular_velocity",
    "best_eye",
    "check_detector",
    "clean_samples",
    "detect",
    "detect_events",
    "fill_gaps",
    "find_blinks",
    "find_gaps",
    "gaze_of",
    "given_gaze",
    "lookahead_ms",
    "merge_eyes",
    "off_image",
    "off_screen",
    "smooth",
    "tobii_ivt",
]
