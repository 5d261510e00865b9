"""Simulated studies whose truth is known: phantoms, a reader, a dictation, a tracker."""

from gazekit.synthetic.dicom import write_dicom
from gazekit.synthetic.phantom import Phantom, make_phantom
from gazekit.synthetic.reader import SimulatedReading, plan_reading
from gazekit.synthetic.sensor import Sensor
from gazekit.synthetic.study import StudyPlan, StudyRecord, write_study
from gazekit.synthetic.views import ViewAction
from gazekit.synthetic.voice import Utterance, Voice, bursts, clicks, synthesised

__all__ = [
    "Phantom",
    "Sensor",
    "SimulatedReading",
    "StudyPlan",
    "StudyRecord",
    "Utterance",
    "ViewAction",
    "Voice",
    "bursts",
    "clicks",
    "make_phantom",
    "plan_reading",
    "synthesised",
    "write_dicom",
    "write_study",
]
