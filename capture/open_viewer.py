"""Which viewer does a session get?"""

from capture.clock import SessionClock
from capture.request import SessionRequest
from capture.trackers.stand_in import is_stand_in
from capture.viewer import Viewer
from capture.viewer_headless import HeadlessViewer
from gazekit.model.protocol import Protocol
from gazekit.model.records import ScreenRecord

__all__ = ["open_viewer"]


def open_viewer(request: SessionRequest, protocol: Protocol, clock: SessionClock) -> Viewer:
    """Open the window that was asked for, or none.

    Raises
    ------
    UnfitError
        There is no display, or no PsychoPy.
    """
    plan = protocol.screen
    screen = ScreenRecord(
        width_px=plan.width_px,
        height_px=plan.height_px,
        width_mm=plan.width_mm,
        height_mm=plan.height_mm,
        distance_mm=plan.distance_mm,
    )
    if request.headless:
        return HeadlessViewer(clock, screen)
    from capture.viewer_psychopy import PsychopyViewer

    return PsychopyViewer(
        clock,
        screen,
        window_px=request.window_px,
        plan=protocol.viewer,
        simulated=is_stand_in(request.tracker),
    )
