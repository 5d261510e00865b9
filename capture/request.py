"""What is a session asked to be, and what did it come to?"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from capture.trackers.find import check_tracker
from capture.trackers.sim_plan import SimPlan
from capture.trackers.stand_in import MOUSE, REPLAY, SIMULATED
from gazekit.model.errors import UsageError

__all__ = ["Ending", "SessionRequest", "SessionResult", "check_request"]

Ending = Literal["complete", "aborted", "interrupted", "refused"]


@dataclass(frozen=True)
class SessionRequest:
    """What `capture run` was asked for; `window_px` None is fullscreen.

    `session_number`: row of a counterbalanced order. `resume`: the session to continue, ``latest``
    for the newest of this reader. `backup`: in place of the protocol's. `microphone`: None is
    what goes with the tracker. `whisper`: weights for drafts of reports.
    """

    protocol: Path
    reader_id: str
    out: Path
    tracker: str
    headless: bool = False
    speed: float = 1.0
    seed: int | None = None
    images: Path | None = None
    limit: int | None = None
    window_px: tuple[int, int] | None = None
    session_number: int | None = None
    resume: str | None = None
    backup: Path | None = None
    microphone: str | None = None
    whisper: Path | None = None
    sim: SimPlan = field(default_factory=SimPlan)


class SessionResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a session came to; `backup_whole` None where no backup was wanted."""

    session: str
    ending: Ending
    readings: int
    samples: int
    backup_whole: bool | None = None


def check_request(request: SessionRequest) -> None:
    """Refuse what does not go together.

    Raises
    ------
    UsageError
        No such tracker; a real one with a clock that is not real time, or without the whole screen.
    """
    check_tracker(request.tracker)
    if request.tracker != SIMULATED and request.sim != SimPlan():
        raise UsageError(
            "only the simulated tracker can be set",
            where="--sim",
            remedy="leave --sim out, or give --tracker simulated",
        )
    if request.tracker == SIMULATED:
        return
    if request.tracker.startswith(REPLAY):
        return
    if request.tracker == MOUSE:
        _check_mouse(request)
        return
    if request.speed != 1.0:
        raise UsageError(
            "only a simulated session can run faster than time",
            where="--speed",
            found=request.speed,
            remedy="leave --speed out, or give --tracker simulated",
        )
    if request.headless:
        raise UsageError(
            "a real tracker needs a window to look at",
            where="--headless",
            remedy="leave --headless out, or give --tracker simulated",
        )
    if request.window_px is not None:
        raise UsageError(
            "a real tracker needs the whole screen",
            where="--window",
            remedy="leave --window out, or give --tracker simulated",
        )


def _check_mouse(request: SessionRequest) -> None:
    if request.headless:
        raise UsageError(
            "the mouse needs a window to move in",
            where="--headless",
            remedy="leave --headless out, or give --tracker simulated",
        )
    if request.speed != 1.0:
        raise UsageError(
            "a hand cannot move faster than time",
            where="--speed",
            found=request.speed,
            remedy="leave --speed out, or give --tracker simulated",
        )
