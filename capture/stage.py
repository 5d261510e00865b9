"""What is on the screen, and since when? Shows scenes and records every change of the view."""

import msgspec

from capture.eyes import Look, SimulatedEyes
from capture.scene import ImageShown, Scene
from capture.viewer import Viewer
from gazekit.model.records import ViewState
from gazekit.model.session import SessionWriter

__all__ = ["Stage"]


class Stage:
    """Puts scenes before the reader; each new view is recorded with the flip that showed it."""

    def __init__(
        self, viewer: Viewer, writer: SessionWriter, *, eyes: SimulatedEyes | None
    ) -> None:
        self.viewer = viewer
        self._writer = writer
        self._eyes = eyes
        self._last: ViewState | None = None

    def show(
        self,
        scene: Scene,
        *,
        look: Look | None = None,
        reading_id: str | None = None,
        input_us: int | None = None,
        cause: str | None = None,
    ) -> int:
        """Show `scene` for a frame and return when it was shown, session microseconds.

        Parameters
        ----------
        look
            What the simulated eyes do from this frame on; as before where None.
        reading_id, input_us, cause
            Recorded with the view state where this frame shows a new one.
        """
        flip_us = self.viewer.frame(scene)
        state = _state_of(scene, flip_us, reading_id)
        new = self._last is None or _differs(state, self._last)
        if new:
            state = msgspec.structs.replace(state, input_us=input_us, cause=cause)
            self._writer.view(state)
            self._last = state
        if self._eyes is not None:
            self._eyes.shown(flip_us, state if new else None, look)
        return flip_us


def _state_of(scene: Scene, time_us: int, reading_id: str | None) -> ViewState:
    if isinstance(scene, ImageShown):
        return scene.viewport.state(time_us, reading_id=reading_id)
    return ViewState(time_us=time_us)


def _differs(state: ViewState, last: ViewState) -> bool:
    bare = {"input_us": None, "cause": None}
    same_time = msgspec.structs.replace(last, time_us=state.time_us, **bare)
    return state != same_time
