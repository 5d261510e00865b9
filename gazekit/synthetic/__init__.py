"""Simulated studies whose truth is known: phantoms, a reader, a dictation, a tracker."""

from gazekit.synthetic.phantom import Phantom, make_phantom
from gazekit.synthetic.reader import SimulatedReading, plan_reading
from gazekit.synthetic.sensor import Sensor
from gazekit.synthetic.views import ViewAction

__all__ = [
    "Phantom",
    "Sensor",
    "SimulatedReading",
    "ViewAction",
    "make_phantom",
    "plan_reading",
]
