"""Which tracker stands in for a real one, where it was asked for by its name?"""

from collections.abc import Callable
from pathlib import Path

from capture.clock import SessionClock
from capture.trackers.base import Tracker
from capture.trackers.mouse import MouseTracker
from capture.trackers.replay import ReplayTracker
from gazekit.model.errors import UsageError
from gazekit.model.records import ScreenRecord

__all__ = ["MOUSE", "REPLAY", "SIMULATED", "is_stand_in", "stand_in"]

SIMULATED = "simulated"
MOUSE = "mouse"
REPLAY = "replay:"


def is_stand_in(name: str) -> bool:
    """Say whether a tracker's name asks for none that measures eyes now."""
    return name in {SIMULATED, MOUSE} or name.startswith(REPLAY)


def stand_in(
    name: str,
    clock: SessionClock,
    *,
    screen: ScreenRecord,
    cursor: Callable[[], tuple[float, float] | None],
) -> Tracker:
    """Return the tracker that ``mouse`` or ``replay:PATH`` asks for.

    Raises
    ------
    UsageError, DataError
        The recording cannot be replayed, or it is neither.
    """
    if name == MOUSE:
        return MouseTracker(clock, cursor, screen=screen)
    if name.startswith(REPLAY):
        return ReplayTracker(clock, Path(name.removeprefix(REPLAY)))
    raise UsageError("no stand-in for a tracker", where="--tracker", found=repr(name))
