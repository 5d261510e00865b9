"""Which image of a study is shown, and how does each stand, while the reader pages through them?"""

from collections.abc import Sequence

from capture.hands import action_of, moved
from capture.images import SessionImage
from capture.presets import presets_of
from capture.viewer import InputAct, Viewer
from gazekit.model.protocol import ViewerPlan
from gazekit.model.viewport import Viewport

__all__ = ["Lightbox"]


class Lightbox:
    """The images of one study before the reader; each keeps its own view when another is shown."""

    def __init__(self, viewer: Viewer, images: Sequence[SessionImage], plan: ViewerPlan) -> None:
        self._viewer = viewer
        self._images = images
        self._plan = plan
        self._views = [Viewport.fit(image.display.record, viewer.area_px) for image in images]
        self._presets = [presets_of(image.display) for image in images]
        self.index = 0
        viewer.load(images[0].display)

    @property
    def viewport(self) -> Viewport:
        """The view of the image that is shown."""
        return self._views[self.index]

    def put(self, viewport: Viewport) -> None:
        """Show the image in another view."""
        self._views[self.index] = viewport

    def act(self, act: InputAct) -> bool:
        """Do what a hand asked; say whether anything changed."""
        step = self._step(act)
        if step:
            return self.page(step)
        before = self.viewport
        self.put(moved(before, act, self._plan, self._presets[self.index]))
        return self.viewport != before

    def page(self, step: int) -> bool:
        """Show the image so many further on; say whether there was another."""
        index = min(max(self.index + step, 0), len(self._images) - 1)
        if index == self.index:
            return False
        self.index = index
        self._viewer.load(self._images[index].display)
        return True

    def _step(self, act: InputAct) -> int:
        if act.kind == "page":
            return -1 if act.dy > 0 else 1
        if act.kind == "key":
            steps = {"next_image": 1, "previous_image": -1}
            return steps.get(action_of(act.key, self._plan.keys) or "", 0)
        return 0
