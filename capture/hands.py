"""How does what a hand does change the view?"""

import dataclasses
from collections.abc import Iterator, Mapping

import msgspec

from capture.presets import PRESETS
from capture.viewer import InputAct
from gazekit.model.protocol import ViewerKeys, ViewerPlan
from gazekit.model.viewport import Viewport
from gazekit.synthetic import SimulatedReading

__all__ = ["SimulatedHands", "action_of", "moved"]

_ZOOM_PER_NOTCH = 1.15
_WINDOW_DRAG_PX = 400.0
"""Dragging this far down or right doubles the width, or moves the level by one width."""
_Windows = Mapping[str, tuple[float, float]]


def action_of(key: str, keys: ViewerKeys) -> str | None:
    """Return what a key does while an image is shown, by the protocol; None for nothing."""
    bound = msgspec.structs.asdict(keys)
    return next((action for action, names in bound.items() if key in names), None)


def moved(
    viewport: Viewport, act: InputAct, plan: ViewerPlan, presets: _Windows | None = None
) -> Viewport:
    """Return the viewport after `act`; the same where it changes nothing or is not allowed.

    Wheel: zoom about the cursor. Drag: pan. Right drag: down widens the grey window, right
    raises its level. Keys, as the protocol binds them: fit, one to one, reset, invert, presets.
    """
    if act.kind == "zoom" and plan.zoom:
        return viewport.zoomed_about(act.x_px, act.y_px, _ZOOM_PER_NOTCH**act.dy)
    if act.kind == "pan" and plan.pan:
        return viewport.panned(act.dx, act.dy)
    if act.kind == "window" and plan.window:
        return _windowed(viewport, act.dx, act.dy)
    if act.kind == "key":
        return _by_key(viewport, action_of(act.key, plan.keys), plan, presets or {})
    return viewport


def _by_key(
    viewport: Viewport, action: str | None, plan: ViewerPlan, presets: _Windows
) -> Viewport:
    if action == "fit":
        return viewport.refit()
    if action == "one_to_one" and plan.zoom:
        return viewport.zoomed_about(*viewport.middle_px, 1.0 / viewport.zoom)
    if action == "reset":
        return Viewport.fit(viewport.image, viewport.area_px)
    if action == "invert":
        return dataclasses.replace(viewport, inverted=not viewport.inverted)
    if action in PRESETS and action in presets and plan.window:
        return viewport.windowed(*presets[action])
    return viewport


def _windowed(viewport: Viewport, dx: float, dy: float) -> Viewport:
    width = viewport.high - viewport.low
    level = (viewport.high + viewport.low) / 2 + dx / _WINDOW_DRAG_PX * width
    width *= 2.0 ** (dy / _WINDOW_DRAG_PX)
    return viewport.windowed(level - width / 2, level + width / 2)


class SimulatedHands:
    """The simulated reader's hands: planned acts become due as the reading goes on."""

    def __init__(self, plan: SimulatedReading, onset_us: int) -> None:
        self._actions = list(plan.view_actions)
        self._onset_us = onset_us
        self._end_us = onset_us + plan.duration_us

    def due(self, viewport: Viewport, now_us: int) -> Iterator[tuple[int, str, Viewport]]:
        """Yield (when, kind, viewport after it) for every act that is due by `now_us`."""
        while self._actions and self._onset_us + self._actions[0].time_us <= now_us:
            action = self._actions.pop(0)
            viewport = action.applied(viewport)
            yield self._onset_us + action.time_us, action.kind, viewport

    def finished(self, now_us: int) -> bool:
        """Say whether the reading is over."""
        return now_us >= self._end_us
