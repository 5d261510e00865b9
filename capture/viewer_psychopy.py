"""How are scenes shown in a PsychoPy window, and when was each first seen?"""

import os
import sys
import time
from typing import Any

from capture.clock import SessionClock
from capture.display_loss import DisplayGuard
from capture.draw_items import ItemPainter
from capture.gestures import Gestures
from capture.pages import PAGES, draw_cross, draw_target
from capture.painter import AMBER, DARK, Painter
from capture.scene import Blank, Cross, ImageShown, Panel, Scene, Target
from capture.viewer import CAPTION_PX, InputAct, Rectangle, image_area
from gazekit.image import DisplayImage
from gazekit.model.errors import DataError, UnfitError
from gazekit.model.geometry import Affine
from gazekit.model.protocol import ViewerPlan
from gazekit.model.records import ScreenRecord

__all__ = ["PsychopyViewer"]

_FRAME_S = 1 / 60
_CAPTION = 16.0
_CM_PER_MM = 0.1


class PsychopyViewer:
    """A window on the reader's screen; OpenGL draws the image, PsychoPy the rest.

    A scene that stays is not drawn again: the screen keeps it, and the time goes to others.

    Parameters
    ----------
    clock
        Flip times are read from it right after each flip, never from PsychoPy's own clock, which
        on Linux is the wall clock.
    screen
        The protocol's display: its size in mm and the viewing distance. For a simulated reader
        the actual resolution is taken, with pixels of the same size.
    window_px
        Width and height of the window; None is fullscreen.

    Raises
    ------
    UnfitError
        There is no display, or PsychoPy is not installed.
    """

    def __init__(
        self,
        clock: SessionClock,
        screen: ScreenRecord,
        *,
        window_px: tuple[int, int] | None,
        plan: ViewerPlan,
        simulated: bool,
    ) -> None:
        self._clock = clock
        self._simulated = simulated
        self._visual = _import_visual()
        self._window = _open_window(self._visual, screen, window_px, plan.background)
        handle = self._window.winHandle
        self._guard = DisplayGuard(handle)
        self._size = (int(handle.width), int(handle.height))
        self._gestures = Gestures(handle, clock, height_px=self._size[1], mouse=plan.mouse)
        self._find_place()
        self._screen = self._actual_screen(screen)
        from capture.texture import GreyTexture

        self._texture = GreyTexture()
        self._painter = Painter(self._visual, self._window, self._size)
        self._items = ItemPainter(self._visual, self._window, self._painter, self._centred)
        self._scene: Scene | None = None

    @property
    def screen(self) -> ScreenRecord:
        """The screen that the window stands on."""
        return self._screen

    @property
    def area_px(self) -> Rectangle:
        """The window's place on the screen, without the caption's strip."""
        left, top = self._gestures.origin_px
        width, height = self._size
        return image_area((left, top, left + width, top + height))

    @property
    def cursor_px(self) -> tuple[float, float] | None:
        """Where the mouse was last seen in the window."""
        return self._gestures.cursor_px

    def letter_px(self, height_px: float) -> float:
        """Return how wide a letter of fixed-width writing of this height is, screen pixels."""
        return self._items.letter_px(height_px)

    @property
    def about(self) -> dict[str, str]:
        """Versions, and how images are drawn."""
        import psychopy
        import pyglet
        from pyglet.gl import gl_info

        return {
            "viewer": "psychopy",
            "psychopy": psychopy.__version__,
            "pyglet": pyglet.version,
            "opengl": str(gl_info.get_renderer()),
            "image_filter": self._texture.filter,
        }

    def load(self, image: DisplayImage) -> None:
        """Put an image onto the graphics card."""
        try:
            self._texture.upload(image.pixels)
        except ValueError as error:
            raise DataError(str(error), where=image.record.image_id) from error
        self._scene = None

    def frame(self, scene: Scene) -> int:
        """Show `scene` for one frame; return the moment after the flip of a new scene's first.

        Raises
        ------
        UnfitError
            The display went away.
        """
        try:
            return self._frame(scene)
        finally:
            # Whatever a library says of a display that is gone, this is what it means.
            self._guard.check()

    def _frame(self, scene: Scene) -> int:
        if scene == self._scene:
            time.sleep(_FRAME_S)
            self._window.winHandle.dispatch_events()
            return self._clock.now_us()
        self._draw(scene)
        self._window.flip()
        shown_us = self._clock.now_us()
        self._scene = scene
        return shown_us

    def inputs(self) -> list[InputAct]:
        """Return keys, wheel and drags since the last call."""
        return self._gestures.take()

    def close(self) -> None:
        """Close the window."""
        if self._window is not None and not self._guard.lost:
            self._window.close()
        self._window = None

    def _find_place(self) -> None:
        self._window.flip()
        x, y = self._window.winHandle.get_location()
        self._gestures.origin_px = (float(x), float(y))

    def _actual_screen(self, plan: ScreenRecord) -> ScreenRecord:
        import msgspec

        here = self._window.winHandle.screen
        width, height = int(here.width), int(here.height)
        if not self._simulated:
            return msgspec.structs.replace(plan, width_px=width, height_px=height)
        return msgspec.structs.replace(
            plan,
            width_px=width,
            height_px=height,
            width_mm=plan.width_mm * width / plan.width_px,
            height_mm=plan.height_mm * height / plan.height_px,
        )

    def _draw(self, scene: Scene) -> None:
        if isinstance(scene, ImageShown):
            self._draw_image(scene)
        elif isinstance(scene, Cross):
            draw_cross(self._painter, scene, self._centred(scene.x_px, scene.y_px))
        elif isinstance(scene, Target):
            draw_target(self._painter, scene, self._centred(scene.x_px, scene.y_px))
        elif isinstance(scene, Panel):
            self._items.draw(scene.items)
        elif isinstance(scene, Blank):
            if scene.background is not None:
                self._painter.fill(scene.background)
        else:
            PAGES[type(scene)](self._painter, scene)
        if self._simulated:
            width, height = self._size
            unit = self._painter.scale
            place = (width / 2 - 90 * unit, (-height + CAPTION_PX * unit) / 2)
            self._painter.rectangle(place, (120 * unit, 22 * unit), DARK)
            self._painter.write("SIMULATED", place, _CAPTION, AMBER)

    def _draw_image(self, scene: ImageShown) -> None:
        left, top = self._gestures.origin_px
        viewport = scene.viewport
        to_window = Affine(1.0, 0.0, -left, 0.0, 1.0, -top)
        a, b, c, d, e, f = viewport.affine.values
        x0, y0, x1, y1 = viewport.area_px
        self._texture.draw(
            Affine(a, b, c + to_window.c, d, e, f + to_window.f),
            (x0 - left, y0 - top, x1 - left, y1 - top),
            window_size=self._size,
            greys=(viewport.low, viewport.high),
            inverted=viewport.inverted,
        )
        unit = self._painter.scale
        place = (-self._size[0] / 2 + 12 * unit, (-self._size[1] + CAPTION_PX * unit) / 2)
        self._painter.write(scene.caption, place, _CAPTION, align="left")
        self._items.draw(scene.items)

    def _centred(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Screen pixels to PsychoPy's: origin in the window's middle, y up."""
        left, top = self._gestures.origin_px
        return x_px - left - self._size[0] / 2, self._size[1] / 2 - (y_px - top)


def _import_visual() -> Any:  # noqa: ANN401 - an untyped module
    """Import psychopy.visual, quietly; without a display it would fail, so that is asked first."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise UnfitError(
            "there is no display to open a window on",
            where="DISPLAY",
            remedy="give --headless, or start it as: xvfb-run -s '-screen 0 1920x1080x24' capture "
            "run ...",
        )
    try:
        from psychopy import logging

        logging.console.setLevel(logging.CRITICAL)
        from psychopy import visual
    except ImportError as error:
        raise UnfitError(
            "PsychoPy is not installed",
            found=error.name,
            remedy="pip install 'gazekit[capture]', or give --headless",
        ) from error
    except Exception as error:  # pyglet's own classes for a display that does not answer
        raise UnfitError(
            f"the display does not answer: {type(error).__name__}",
            where=f"DISPLAY={os.environ.get('DISPLAY')}",
            remedy="check DISPLAY, or give --headless",
        ) from error
    return visual


def _open_window(
    visual: Any,  # noqa: ANN401 - an untyped module
    screen: ScreenRecord,
    size: tuple[int, int] | None,
    background: float,
) -> Any:  # noqa: ANN401 - a PsychoPy window
    from psychopy import monitors

    monitor = monitors.Monitor(
        "reading display",
        width=screen.width_mm * _CM_PER_MM,
        distance=screen.distance_mm * _CM_PER_MM,
        autoLog=False,
    )
    monitor.setSizePix((screen.width_px, screen.height_px))
    window = visual.Window(
        size=size or (screen.width_px, screen.height_px),
        fullscr=size is None,
        monitor=monitor,
        units="pix",
        color=(background,) * 3,
        colorSpace="rgb1",
        winType="pyglet",
        allowGUI=size is not None,
        checkTiming=False,
        autoLog=False,
    )
    window.mouseVisible = True  # a zoom needs a cursor, in fullscreen too
    return window
