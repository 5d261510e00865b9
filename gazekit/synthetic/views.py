"""What a simulated reader does to the view, and what the view is after it."""

from dataclasses import dataclass
from typing import Literal

from gazekit.model.viewport import Viewport

__all__ = ["ViewAction"]


@dataclass(frozen=True)
class ViewAction:
    """One act on the view, at a moment from the reading's onset.

    `args`: ``zoom`` x_px, y_px (screen), factor; ``pan`` dx_px, dy_px (screen); ``window`` low,
    high (display values); ``fit`` none. They are the arguments of the same acts of `Viewport`.
    """

    time_us: int
    kind: Literal["zoom", "pan", "window", "fit"]
    args: tuple[float, ...] = ()

    def applied(self, view: Viewport) -> Viewport:
        """Return the view after the act."""
        if self.kind == "zoom":
            return view.zoomed_about(self.args[0], self.args[1], self.args[2])
        if self.kind == "pan":
            return view.panned(self.args[0], self.args[1])
        if self.kind == "window":
            return view.windowed(self.args[0], self.args[1])
        return view.refit()
