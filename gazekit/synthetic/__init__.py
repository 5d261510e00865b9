"""Simulated studies whose truth is known: phantoms, a reader, a dictation, a tracker."""

from gazekit.synthetic.dicom import write_dicom
from gazekit.synthetic.phantom import Phantom, make_phantom
from gazekit.synthetic.reader import SimulatedReading, plan_reading
from gazekit.synthetic.sensor import Sensor
from gazekit.synthetic.study import StudyPlan, StudyRecord, write_study
from gazekit.synthetic.views import ViewAction

__all__ = [
    "Phantom",
    "Sensor",
    "SimulatedReading",
    "StudyPlan",
    "StudyRecord",
    "ViewAction",
    "make_phantom",
    "plan_reading",
    "write_dicom",
    "write_study",
]
