"""How does a session rest: a pause that the operator asks for, a break that the protocol plans?"""

from typing import Literal

from capture.scene import Text
from capture.station import PROCEED, Station

__all__ = ["Why", "pause"]

Why = Literal["asked", "planned"]
_PAUSE_S = 1.0
_SECOND_US = 1_000_000


def pause(station: Station, why: Why) -> int:
    """Hide everything until it goes on; return how long that took, in microseconds.

    A pause that the operator asked for ends by the operator's word alone (the same hidden key, or
    the monitor); a planned break ends when the reader presses space, too.
    """
    page = Text("Pause", ("Please wait.",))
    if why == "planned":
        page = Text("Break", ("Rest your eyes; you may leave your seat.",), "space: go on")
    station.operator.take("resume")
    onset_us, acts = station.frame(page)
    now_us = onset_us
    while not station.operator.take("resume", "pause"):
        if why == "planned" and any(act.kind == "key" and act.key in PROCEED for act in acts):
            break
        if station.simulated and now_us - onset_us >= _PAUSE_S * _SECOND_US:
            break
        now_us, acts = station.frame(page)
    station.mark("pause", onset_us, duration_us=now_us - onset_us, why=why)
    return now_us - onset_us
