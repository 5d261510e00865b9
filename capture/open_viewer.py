"""Which viewer does a program get: a window, or none?"""

from capture.clock import SessionClock
from capture.viewer import Viewer
from capture.viewer_headless import HeadlessViewer
from gazekit.model.protocol import ScreenPlan, ViewerPlan
from gazekit.model.records import ScreenRecord

__all__ = ["open_viewer"]


def open_viewer(
    clock: SessionClock,
    screen_plan: ScreenPlan,
    *,
    plan: ViewerPlan,
    headless: bool,
    window_px: tuple[int, int] | None,
    simulated: bool,
) -> Viewer:
    """Open the window that was asked for, or none; `window_px` None is the whole screen.

    Raises
    ------
    UnfitError
        There is no display, or no PsychoPy.
    """
    screen = ScreenRecord(
        width_px=screen_plan.width_px,
        height_px=screen_plan.height_px,
        width_mm=screen_plan.width_mm,
        height_mm=screen_plan.height_mm,
        distance_mm=screen_plan.distance_mm,
    )
    if headless:
        return HeadlessViewer(clock, screen)
    from capture.viewer_psychopy import PsychopyViewer

    return PsychopyViewer(clock, screen, window_px=window_px, plan=plan, simulated=simulated)
