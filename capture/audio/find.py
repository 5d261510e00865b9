"""Which microphone does a session get?"""

from typing import Literal

from capture.audio.microphone import Microphone
from capture.audio.simulated import SimulatedMicrophone
from capture.clock import SessionClock
from gazekit.model.errors import UnfitError, UsageError
from gazekit.model.protocol import DictationPlan
from gazekit.synthetic import Voice

__all__ = ["AUTO", "NONE", "SIMULATED", "SPOKEN", "check_microphone", "find_microphone"]

AUTO: Literal["auto"] = "auto"
NONE: Literal["none"] = "none"
SIMULATED: Literal["simulated"] = "simulated"
SPOKEN: Literal["espeak"] = "espeak"
"""A simulated microphone before which espeak-ng speaks the planned sentences."""


def check_microphone(name: str | None, *, simulated: bool, speed: float) -> str:
    """Return which microphone is meant: `name`, or what goes with the tracker where it is None.

    Raises
    ------
    UsageError
        A simulated microphone with a real tracker, or a real one on a clock that is not real time.
    """
    usual = AUTO if speed == 1.0 else NONE
    meant = name or (SIMULATED if simulated else usual)
    if meant in {SIMULATED, SPOKEN} and not simulated:
        raise UsageError(
            "a simulated microphone belongs to a simulated session",
            where="--microphone",
            found=meant,
            remedy="give auto, none or a part of the microphone's name",
        )
    if meant not in {SIMULATED, SPOKEN, NONE} and speed != 1.0:
        raise UsageError(
            "a real microphone runs in real time",
            where="--microphone",
            remedy="leave --speed out, or give --microphone simulated",
        )
    return meant


def find_microphone(
    meant: str, plan: DictationPlan, clock: SessionClock, *, seed: int = 0
) -> tuple[Microphone | None, str | None]:
    """Return the microphone, and why there is none where one was looked for.

    What the protocol names or the system has may be absent, and the session goes on without
    sound; what the command line names must be there.

    Raises
    ------
    UnfitError
        The microphone that `meant` names is not there.
    """
    if meant == NONE:
        return None, None
    if meant in {SIMULATED, SPOKEN}:
        return SimulatedMicrophone(clock, Voice(), rate_hz=plan.rate_hz, seed=seed), None
    from capture.audio.portaudio import PortaudioMicrophone

    if meant != AUTO:
        return PortaudioMicrophone(clock, rate_hz=plan.rate_hz, name=meant), None
    try:
        return PortaudioMicrophone(clock, rate_hz=plan.rate_hz, name=plan.device), None
    except UnfitError as error:
        return None, error.what
