"""What does a session have at hand while it runs?"""

from dataclasses import dataclass

from capture.clock import SessionClock
from capture.eyes import Look, SimulatedEyes
from capture.recorder import Recorder
from capture.scene import Scene, Text
from capture.stage import Stage
from capture.trackers.base import Tracker
from capture.viewer import InputAct
from gazekit.model.protocol import Protocol
from gazekit.model.records import Event
from gazekit.model.session import SessionWriter

__all__ = ["Aborted", "Station"]

_SECOND_US = 1_000_000
_PROCEED = ("space", "return", "enter")


class Aborted(Exception):  # noqa: N818 - not an error: somebody ended the session
    """The session is ended from the keyboard; what was recorded is kept."""


@dataclass(frozen=True)
class Station:
    """The clock, the screen, the tracker and the session folder of a running session."""

    clock: SessionClock
    stage: Stage
    tracker: Tracker
    recorder: Recorder
    writer: SessionWriter
    protocol: Protocol
    seed: int
    eyes: SimulatedEyes | None

    @property
    def simulated(self) -> bool:
        """Say whether nobody sits before the screen."""
        return self.eyes is not None

    def frame(
        self,
        scene: Scene,
        *,
        look: Look | None = None,
        reading_id: str | None = None,
        input_us: int | None = None,
        cause: str | None = None,
    ) -> tuple[int, list[InputAct]]:
        """Show a frame; return when it was shown, and what the reader's hands did.

        Raises
        ------
        Aborted
            Escape was pressed or the window was closed.
        GazekitError
            The recorder failed.
        """
        shown_us = self.stage.show(
            scene, look=look, reading_id=reading_id, input_us=input_us, cause=cause
        )
        self.recorder.check()
        acts = self.stage.viewer.inputs()
        if any(act.kind == "close" or act.key == "escape" for act in acts):
            raise Aborted
        return shown_us, acts

    def mark(
        self,
        kind: str,
        time_us: int,
        *,
        duration_us: int | None = None,
        **value: str | float | bool | None,
    ) -> None:
        """Write an event."""
        self.writer.event(Event(time_us=time_us, kind=kind, duration_us=duration_us, value=value))

    def hold(self, scene: Scene, seconds: float, *, look: Look | None = None) -> tuple[int, int]:
        """Show a scene for so long; return when it was first shown and when it ended."""
        onset_us, _ = self.frame(scene, look=look)
        now_us = onset_us
        while now_us - onset_us < seconds * _SECOND_US:
            now_us, _ = self.frame(scene)
        return onset_us, now_us

    def page(
        self, page: Text, *, seconds: float, keys: tuple[str, ...] = _PROCEED, look: Look | None
    ) -> str:
        """Show a page until one of `keys` is pressed; a simulated reader takes `seconds`."""
        onset_us, acts = self.frame(page, look=look)
        while True:
            for act in acts:
                if act.kind == "key" and act.key in keys:
                    return act.key
            now_us, acts = self.frame(page)
            if self.simulated and now_us - onset_us >= seconds * _SECOND_US:
                return keys[0]
