"""How fixations, saccades, blinks and acts on the view follow each other in one reading."""

import numpy as np

from gazekit.model.geometry import angle_deg, screen_px_per_degree
from gazekit.model.records import ScreenRecord
from gazekit.model.viewport import Viewport
from gazekit.synthetic.anatomy import Box
from gazekit.synthetic.scanpath import Scanpath, saccade_us
from gazekit.synthetic.views import ViewAction

__all__ = ["GazePlan", "fixation_us", "fixed_point"]

_MEDIAN_MS, _SPREAD = 260.0, 0.36
_SHORTEST_MS, _LONGEST_MS = 120.0, 900.0
_STILL_US = 320_000
"""The eye rests at least so long before and after an act on the view."""
_BLINK_GAP_US = 4_500_000
_PAN_STEP_US, _PAN_STEPS = 25_000, 20
_MARGIN = 0.06


def fixation_us(rng: np.random.Generator, *, scale: float = 1.0) -> int:
    """Draw the duration of a fixation: log-normal, median 260 ms, 120 to 900 ms."""
    drawn = _MEDIAN_MS * scale * float(np.exp(rng.normal(0.0, _SPREAD)))
    return round(min(max(drawn, _SHORTEST_MS), _LONGEST_MS) * 1000)


class GazePlan:
    """A reading's gaze while it is being planned; `now_us` is where it has come to."""

    def __init__(self, screen: ScreenRecord, view: Viewport, rng: np.random.Generator) -> None:
        self.view = view
        self.now_us = 0
        self.actions: list[ViewAction] = []
        self.rows: list[tuple[int, int, float, float, int | None, str]] = []
        self._screen = screen
        self._rng = rng
        self._places: list[tuple[float, float, float]] = []
        self._blinks: list[tuple[int, int]] = []
        self._next_blink_us = self._draw_blink(0)

    def look(
        self, x: float, y: float, duration_us: int, *, label: str, sentence: int | None = None
    ) -> None:
        """Move the eye to an image point and rest there; a blink may hide the way."""
        screen_x, screen_y = (float(v) for v in self.view.affine.apply(x, y))
        if self.rows:
            self._move(screen_x, screen_y)
        self._places.append((screen_x, screen_y, self.view.zoom))
        self.rows.append((self.now_us, self.now_us + duration_us, x, y, sentence, label))
        self.now_us += duration_us

    def stretch(self, until_us: int) -> None:
        """Let the last fixation end at `until_us`, as where no other fits in before it."""
        if self.rows and until_us > self.now_us:
            onset, _, *rest = self.rows[-1]
            self.rows[-1] = (onset, until_us, *rest)  # type: ignore[assignment]
            self.now_us = until_us

    def zoom(self, x: float, y: float, factor: float, *, sentence: int) -> None:
        """Look at an image point and zoom about it; it stays under the eye."""
        self.look(x, y, 2 * _STILL_US, label="target", sentence=sentence)
        at = tuple(float(v) for v in self.view.affine.apply(x, y))
        self._act(ViewAction(self.now_us - _STILL_US, "zoom", (at[0], at[1], factor)))

    def pan(self, x: float, y: float, by_px: tuple[float, float], *, sentence: int) -> None:
        """Look at an image point and drag it in small steps; the eye goes with it."""
        length = _PAN_STEPS * _PAN_STEP_US
        self.look(x, y, 2 * _STILL_US + length, label="target", sentence=sentence)
        start = self.now_us - _STILL_US - length
        step = by_px[0] / _PAN_STEPS, by_px[1] / _PAN_STEPS
        for index in range(_PAN_STEPS):
            self._act(ViewAction(start + index * _PAN_STEP_US, "pan", step))

    def fit(self, *, sentence: int) -> None:
        """Look at the one point that both views show at the same place, and show all again."""
        fitted = self.view.refit()
        x, y = fixed_point(self.view, fitted)
        self.look(x, y, 2 * _STILL_US, label="refit", sentence=sentence)
        self._act(ViewAction(self.now_us - _STILL_US, "fit"))

    def window(self, low: float, high: float) -> None:
        """Change the grey window in the middle of the last fixation, which is made long enough."""
        onset = self.rows[-1][0]
        self.stretch(onset + 2 * _STILL_US)
        self._act(ViewAction(onset + _STILL_US, "window", (low, high)))

    def visible(self, box: Box) -> tuple[float, float]:
        """Draw a point of a box, denser in its middle, that the view shows."""
        spread = self._rng.normal(0.0, 0.36, 2).clip(-0.92, 0.92)
        x = (box[0] + box[2]) / 2 + spread[0] * (box[2] - box[0]) / 2
        y = (box[1] + box[3]) / 2 + spread[1] * (box[3] - box[1]) / 2
        x0, y0, x1, y1 = self.view.shown_px
        in_x, in_y = _MARGIN * (x1 - x0), _MARGIN * (y1 - y0)
        return float(np.clip(x, x0 + in_x, x1 - in_x)), float(np.clip(y, y0 + in_y, y1 - in_y))

    def path(self) -> Scanpath:
        """Return the gaze as a function of time."""
        rows = np.array([row[:4] for row in self.rows], np.float64).T
        places = np.array(self._places, np.float64).T
        along_x, along_y = screen_px_per_degree(self._screen, places[0], places[1])
        return Scanpath(
            onset_us=rows[0].astype(np.int64),
            offset_us=rows[1].astype(np.int64),
            x_px=rows[2],
            y_px=rows[3],
            deg_px=(along_x + along_y) / 2 / places[2],
            blinks_us=np.array(self._blinks, np.int64).reshape(-1, 2),
            phase=self._rng.uniform(0.0, 2.0 * np.pi, (4, 2)),
        )

    def _act(self, action: ViewAction) -> None:
        self.view = action.applied(self.view)
        self.actions.append(action)

    def _move(self, screen_x: float, screen_y: float) -> None:
        before = self.rows[-1]
        from_x, from_y = self.view.affine.apply(before[2], before[3])
        amplitude = angle_deg(self._screen, from_x, from_y, screen_x, screen_y)
        length = int(saccade_us(amplitude))
        if self.now_us >= self._next_blink_us:
            blink = round(self._rng.uniform(200_000, 320_000))
            self._blinks.append((self.now_us, self.now_us + blink))
            length = max(length, blink)
            self._next_blink_us = self._draw_blink(self.now_us + length)
        self.now_us += length

    def _draw_blink(self, after_us: int) -> int:
        return after_us + round(500_000 + self._rng.exponential(_BLINK_GAP_US))


def fixed_point(a: Viewport, b: Viewport) -> tuple[float, float]:
    """Return the image point that two views of different zoom show at the same screen point."""
    one, two = a.affine, b.affine
    return (two.c - one.c) / (one.a - two.a), (two.f - one.f) / (one.e - two.e)
