"""What a simulated reader does in one reading: looks, says, zooms; a function of time."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from gazekit.model.records import ScreenRecord, Word
from gazekit.model.viewport import Viewport
from gazekit.synthetic.dictation import SpokenSentence, dictate, speak
from gazekit.synthetic.gazeplan import GazePlan, fixation_us, fixed_point
from gazekit.synthetic.phantom import Phantom
from gazekit.synthetic.scanpath import Scanpath
from gazekit.synthetic.seeds import rng_of
from gazekit.synthetic.views import ViewAction

__all__ = ["SimulatedReading", "plan_reading"]

_Floats = NDArray[np.float64]

_FIXATIONS = pa.schema(
    [
        pa.field("onset_us", pa.int64(), nullable=False),
        pa.field("offset_us", pa.int64(), nullable=False),
        pa.field("x_px", pa.float64(), nullable=False),
        pa.field("y_px", pa.float64(), nullable=False),
        pa.field("sentence_index", pa.int32()),
        pa.field("label", pa.string(), nullable=False),
    ]
)
_LEAD_S, _LEAD_SPREAD_S = 1.0, 0.25
_LEAST_LEAD_S, _MOST_LEAD_S = 0.5, 1.9
_ZOOM_SHARE, _PAN_SHARE, _WINDOW_SHARE, _OFF_SHARE = 0.3, 0.4, 0.2, 0.02
_PAN_DEG_PX = 90.0
_ROOM_US = 160_000
"""A fixation and its saccade need so long; less is given to the fixation before."""


@dataclass(frozen=True)
class SimulatedReading:
    """One simulated reading with its truth; every time counts from the reading's onset.

    `fixations`: table onset_us, offset_us (int64), x_px, y_px (image px), sentence_index (null
    where the eye only wanders), label (target, scan, refit, off_image).
    """

    duration_us: int
    words: tuple[Word, ...]
    report: str
    sentences: tuple[SpokenSentence, ...]
    view_actions: tuple[ViewAction, ...]
    fixations: pa.Table
    path: Scanpath

    def gaze_at(self, time_us: ArrayLike) -> tuple[_Floats, _Floats, _Floats]:
        """Return x_px, y_px (image px) and eye_open (0 to 1) at moments; float64, shape (n,)."""
        gaze = self.path.at(time_us)
        return gaze.x_px, gaze.y_px, gaze.eye_open


def plan_reading(
    phantom: Phantom, *, seed: int, screen: ScreenRecord, viewport: Viewport
) -> SimulatedReading:
    """Plan how one reader reads one phantom.

    Parameters
    ----------
    phantom
        What is read.
    seed
        Of this reading; not negative.
    screen
        The display and the distance to it: it sets how long saccades take.
    viewport
        The view at the onset, fitted.
    """
    rng = rng_of(seed, "reading")
    sentences = dictate(phantom, rng)
    zoomed = tuple(
        s.finding_index is not None and s.labels != ("Cardiomegaly",) and rng.random() < _ZOOM_SHARE
        for s in sentences
    )
    pauses = _pauses(zoomed, rng)
    start = round(rng.uniform(2.4e6, 4.0e6))
    timed, words = speak(sentences, start, pauses, rng)
    plan = GazePlan(screen, viewport, rng)
    end = timed[-1].offset_us + round(rng.uniform(4e5, 8e5))
    _gaze(plan, phantom, timed, zoomed=zoomed, end_us=end, rng=rng)
    return SimulatedReading(
        duration_us=max(end, plan.now_us),
        words=words,
        report=" ".join(sentence.text for sentence in timed),
        sentences=timed,
        view_actions=tuple(plan.actions),
        fixations=pa.Table.from_arrays(
            [
                pa.array(c, f.type)
                for c, f in zip(zip(*plan.rows, strict=True), _FIXATIONS, strict=True)
            ],
            schema=_FIXATIONS,
        ),
        path=plan.path(),
    )


def _pauses(zoomed: tuple[bool, ...], rng: np.random.Generator) -> tuple[int, ...]:
    """Draw the silence before each sentence; after a zoomed look there is time to zoom out."""
    return tuple(
        round(1e6 * (rng.uniform(0.35, 0.85) + (3.2 if after_zoom else 0.0)))
        for after_zoom in (False, *zoomed[:-1])
    )


def _gaze(
    plan: GazePlan,
    phantom: Phantom,
    sentences: tuple[SpokenSentence, ...],
    *,
    zoomed: tuple[bool, ...],
    end_us: int,
    rng: np.random.Generator,
) -> None:
    leads = np.clip(
        rng.normal(_LEAD_S, _LEAD_SPREAD_S, len(sentences)), _LEAST_LEAD_S, _MOST_LEAD_S
    )
    starts = [s.onset_us - round(lead * 1e6) for s, lead in zip(sentences, leads, strict=True)]
    _wander(plan, phantom, starts[0], rng)
    if rng.random() < _WINDOW_SHARE:
        record = phantom.display.record
        span = record.window_high - record.window_low
        plan.window(record.window_low + 0.1 * span, record.window_high - 0.05 * span)
    for index, sentence in enumerate(sentences):
        until = starts[index + 1] if index + 1 < len(sentences) else end_us
        if zoomed[index]:
            _inspect(plan, sentence, index, rng)
        else:
            _attend(plan, sentence, index, until_us=until, rng=rng)
        _wander(plan, phantom, until, rng, near=sentence)


def _attend(
    plan: GazePlan, sentence: SpokenSentence, index: int, *, until_us: int, rng: np.random.Generator
) -> None:
    """Rest 2 to 5 times on the sentence's targets, in turn."""
    count = int(rng.integers(2, 6))
    first = int(rng.integers(len(sentence.targets)))
    for turn in range(count):
        box = sentence.targets[(first + turn) % len(sentence.targets)]
        if turn >= 2 and plan.now_us + 2 * _ROOM_US > until_us:  # noqa: PLR2004 - at least two
            return
        plan.look(*plan.visible(box), fixation_us(rng), label="target", sentence=index)


def _inspect(
    plan: GazePlan, sentence: SpokenSentence, index: int, rng: np.random.Generator
) -> None:
    """Zoom about the target, look, sometimes drag it nearer, and show all again."""
    box = sentence.targets[0]
    plan.zoom(*plan.visible(box), float(rng.uniform(1.5, 2.1)), sentence=index)
    for _ in range(int(rng.integers(1, 3))):
        plan.look(*plan.visible(box), fixation_us(rng), label="target", sentence=index)
    if rng.random() < _PAN_SHARE:
        x, y = plan.visible(box)
        by = _towards_middle(plan.view, x, y)
        if _can_return(plan.view.panned(*by)):
            plan.pan(x, y, by, sentence=index)
    plan.fit(sentence=index)


def _towards_middle(view: Viewport, x: float, y: float) -> tuple[float, float]:
    """Return the drag that brings an image point nearer to the middle, of about two degrees."""
    at_x, at_y = (float(v) for v in view.affine.apply(x, y))
    dx, dy = view.middle_px[0] - at_x, view.middle_px[1] - at_y
    length = max(float(np.hypot(dx, dy)), 1e-6)
    share = min(_PAN_DEG_PX, length) / length
    return dx * share, dy * share


def _can_return(view: Viewport) -> bool:
    """Say whether the point at which a return to the whole image moves nothing is in view."""
    x, y = fixed_point(view, view.refit())
    x0, y0, x1, y1 = view.shown_px
    return x0 < x < x1 and y0 < y < y1


def _wander(
    plan: GazePlan,
    phantom: Phantom,
    until_us: int,
    rng: np.random.Generator,
    *,
    near: SpokenSentence | None = None,
) -> None:
    """Look about until `until_us`: near what is being said, or anywhere on the lungs."""
    lungs = (phantom.regions["right_lung"], phantom.regions["left_lung"], phantom.regions["heart"])
    while until_us - plan.now_us > 2 * _ROOM_US:
        room = until_us - plan.now_us - _ROOM_US // 2
        length = min(fixation_us(rng), room)
        if rng.random() < _OFF_SHARE:
            plan.look(*_off_image(plan.view, rng), length, label="off_image")
            continue
        close = near is not None and rng.random() < 0.7  # noqa: PLR2004 - mostly
        boxes = near.targets if near is not None and close else lungs
        plan.look(*plan.visible(boxes[int(rng.integers(len(boxes)))]), length, label="scan")
    plan.stretch(until_us - _ROOM_US // 4)


def _off_image(view: Viewport, rng: np.random.Generator) -> tuple[float, float]:
    """Draw a point beside the image that is still on the viewer's rectangle, where there is one."""
    x0, y0, x1, y1 = view.area_px
    left, right = x0 + 0.05 * (x1 - x0), x1 - 0.05 * (x1 - x0)
    edge = left if rng.random() < 0.5 else right  # noqa: PLR2004 - even
    x, y = view.affine.undo(edge, rng.uniform(y0 + 0.2 * (y1 - y0), y1 - 0.2 * (y1 - y0)))
    return float(x), float(y)
