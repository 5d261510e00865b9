"""How does a session run with no window at all?"""

from capture.clock import SessionClock
from capture.scene import Scene
from capture.viewer import InputAct, Rectangle, image_area
from gazekit.image import DisplayImage
from gazekit.model.records import ScreenRecord

__all__ = ["HeadlessViewer"]

_REFRESH_HZ = 60.0
_LEAST_FRAME_US = 2_000


class HeadlessViewer:
    """A screen that nobody sees: frames pass at 60 Hz of the session clock, nothing is drawn.

    On a fast clock no frame is shorter than 2 ms of real time, so that a session leaves the
    processor to others.
    """

    def __init__(self, clock: SessionClock, screen: ScreenRecord) -> None:
        self._clock = clock
        self._screen = screen
        self._frame_us = round(max(1_000_000 / _REFRESH_HZ, _LEAST_FRAME_US * clock.speed))
        self._last_us = clock.now_us()

    @property
    def screen(self) -> ScreenRecord:
        """The screen of the protocol."""
        return self._screen

    @property
    def area_px(self) -> Rectangle:
        """The whole screen but the caption's strip."""
        return image_area((0.0, 0.0, float(self._screen.width_px), float(self._screen.height_px)))

    @property
    def cursor_px(self) -> tuple[float, float] | None:
        """None: there is no mouse."""
        return None

    def letter_px(self, height_px: float) -> float:
        """Return what most fixed-width writing comes to: 0.6 of its height."""
        return 0.6 * height_px

    @property
    def about(self) -> dict[str, str]:
        """No window."""
        return {"viewer": "headless"}

    def load(self, image: DisplayImage) -> None:
        """Do nothing: there is nothing to draw on."""

    def frame(self, scene: Scene) -> int:  # noqa: ARG002 - nothing is drawn
        """Wait for the next frame; return the session time."""
        self._clock.wait_until_us(self._last_us + self._frame_us)
        self._last_us = self._clock.now_us()
        return self._last_us

    def inputs(self) -> list[InputAct]:
        """Return nothing: there are no keys and no mouse."""
        return []

    def close(self) -> None:
        """Do nothing."""
