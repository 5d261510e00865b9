"""What does a session have at hand while it runs?"""

import dataclasses
import random
from collections.abc import Callable
from dataclasses import dataclass

from capture.audio.dictaphone import Dictaphone
from capture.clock import SessionClock
from capture.drafting import Drafter
from capture.eyes import AtPoint, Look, SimulatedEyes
from capture.operator import Operator
from capture.recorder import Recorder
from capture.scene import Checklist, Entry, HeadGuide, Scene, Target, Text, ValidationShown
from capture.stage import Stage
from capture.tally import Tally
from capture.trackers.base import Tracker
from capture.viewer import InputAct
from gazekit.model.protocol import Protocol
from gazekit.model.records import Event
from gazekit.model.session import SessionWriter

__all__ = ["PROCEED", "Aborted", "Page", "Station"]

_SECOND_US = 1_000_000
PROCEED = ("space", "return", "enter")
"""The keys that go on from a page."""
_SHRINK_US = 500_000
_SMALLEST = 0.25
_LONGEST_ENTRY = 200

Page = Text | Checklist | HeadGuide | ValidationShown
"""What waits for a key."""


class Aborted(Exception):  # noqa: N818 - not an error: somebody ended the session
    """The session is ended by somebody; what was recorded is kept."""


@dataclass(frozen=True)
class Station:
    """The clock, the screen, the tracker and the session folder of a running session.

    `background` is the grey, 0 to 1, on which targets and crosses stand. `unattended`: there is
    nobody at the keys, and nothing to be seen.
    """

    clock: SessionClock
    stage: Stage
    tracker: Tracker
    recorder: Recorder
    writer: SessionWriter
    protocol: Protocol
    seed: int
    eyes: SimulatedEyes | None
    operator: Operator
    tally: Tally
    background: float | None = None
    dictaphone: Dictaphone | None = None
    drafter: Drafter | None = None
    unattended: bool = False

    @property
    def simulated(self) -> bool:
        """Say whether nobody sits before the screen."""
        return self.eyes is not None or self.unattended

    @property
    def replayed(self) -> bool:
        """Say whether a recording is played in place of a tracker."""
        return self.tracker.info.kind == "replay"

    @property
    def over(self) -> bool:
        """Say whether a recording that is replayed has come to its end."""
        return self.replayed and bool(getattr(self.tracker, "ended", False))

    @property
    def middle_px(self) -> tuple[float, float]:
        """The middle of the rectangle in which images appear, in screen pixels."""
        x0, y0, x1, y1 = self.stage.viewer.area_px
        return (x0 + x1) / 2, (y0 + y1) / 2

    def random(self, *parts: object) -> random.Random:
        """Return a generator that the session's seed and `parts` decide."""
        return random.Random(repr((self.seed, *parts)))  # noqa: S311 - an order, no secret

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
            Escape was pressed, the window was closed, or the operator stopped the session.
        GazekitError
            The recorder failed.
        """
        shown_us = self.stage.show(
            scene, look=look, reading_id=reading_id, input_us=input_us, cause=cause
        )
        self.recorder.check()
        for line in () if self.dictaphone is None else self.dictaphone.messages():
            self.recorder.tell(line)
        acts = self.operator.listen(self.stage.viewer.inputs(), shown_us)
        if self.operator.take("stop"):
            self.mark("emergency_stop", shown_us)
            raise Aborted
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

    def hold_target(self, x_px: float, y_px: float, seconds: float) -> tuple[int, int]:
        """Show a target that shrinks and then stays; return when it was shown and when it ended."""
        onset_us, _ = self.frame(self.target(x_px, y_px, 1.0), look=AtPoint(x_px, y_px))
        now_us = onset_us
        while now_us - onset_us < seconds * _SECOND_US:
            left = 1.0 - min(1.0, (now_us - onset_us) / _SHRINK_US)
            now_us, _ = self.frame(self.target(x_px, y_px, left))
        return onset_us, now_us

    def target(self, x_px: float, y_px: float, left: float) -> Target:
        """Return a target of which the share `left`, 1 to 0, is still to be shrunk."""
        largest = self.protocol.calibration.target_px
        radius = largest * (_SMALLEST + (1.0 - _SMALLEST) * left)
        return Target(x_px, y_px, radius, self.background)

    def page(
        self,
        page: Page,
        *,
        seconds: float,
        keys: tuple[str, ...] = PROCEED,
        look: Look | None = None,
        anew: Callable[[], Page] | None = None,
    ) -> str:
        """Show a page until one of `keys` is pressed; a simulated reader takes `seconds`.

        `anew` makes the page of each further frame, where it changes while it is shown.
        """
        onset_us, acts = self.frame(page, look=look)
        while True:
            for act in acts:
                if act.kind == "key" and act.key in keys:
                    return act.key
            now_us, acts = self.frame(page if anew is None else anew())
            if self.simulated and now_us - onset_us >= seconds * _SECOND_US:
                return keys[0]

    def ask(self, page: Entry, *, answer: str, check: Callable[[str], str] | None = None) -> str:
        """Let a line be typed; return it. A simulated reader types `answer`.

        `check` returns why a line is not taken, "" where it is.
        """
        if self.simulated:
            self.frame(page)
            return answer
        text = page.text
        onset_us, acts = self.frame(page)
        self.mark("question", onset_us, title=page.title)
        while True:
            for act in acts:
                if act.kind == "text":
                    text = (text + act.key)[:_LONGEST_ENTRY]
                elif act.kind == "key" and act.key == "backspace":
                    text = text[:-1]
                elif act.kind == "key" and act.key in {"return", "enter"}:
                    why = "" if check is None else check(text.strip())
                    if not why:
                        return text.strip()
                    page = dataclasses.replace(page, remark=why)
            page = dataclasses.replace(page, text=text)
            _, acts = self.frame(page)
