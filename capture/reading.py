"""How does one reading go: cross, image, view changes and words, end?

::

    cross --> image shown (reading_start) --> view changes, words --> image gone (reading_end)
                                                     |
                                                     `--> escape, Ctrl-C, a fault: aborted
"""

from dataclasses import dataclass

import msgspec

from capture.dictation import Dictation
from capture.eyes import AtImage, AtPoint
from capture.hands import SimulatedHands, moved
from capture.images import SessionImage
from capture.scene import Blank, Cross, ImageShown
from capture.station import Aborted, Station
from capture.viewer import InputAct
from gazekit.model.errors import GazekitError
from gazekit.model.records import Outcome
from gazekit.model.viewport import Viewport
from gazekit.synthetic import SimulatedReading

__all__ = ["Reading", "read_image_once"]

_FINISH_KEYS = ("space", "return", "enter")
_SECOND_US = 1_000_000


@dataclass(frozen=True)
class Reading:
    """What is read: an image, as which reading of the session; `plan` where it is simulated."""

    reading_id: str
    image: SessionImage
    order: int
    count: int
    plan: SimulatedReading | None = None

    @property
    def image_id(self) -> str:
        """The image."""
        return self.image.display.record.image_id


def read_image_once(station: Station, reading: Reading) -> Outcome:
    """Run one reading from the cross to its end; return its outcome.

    Raises
    ------
    Aborted, KeyboardInterrupt, GazekitError
        The session ends; the reading has been closed as aborted before.
    """
    viewer = station.stage.viewer
    viewer.load(reading.image.display)
    viewport = Viewport.fit(reading.image.display.record, viewer.area_px)
    _show_cross(station, viewport)
    look = None if reading.plan is None else AtImage(reading.plan)
    shown = ImageShown(viewport, _caption(reading))
    onset_us, acts = station.frame(
        shown, look=look, reading_id=reading.reading_id, cause="reading_start"
    )
    _mark_start(station, reading, onset_us)
    try:
        _look_around(station, reading, shown, onset_us, acts)
    except (Aborted, KeyboardInterrupt, GazekitError):
        _mark_end(station, reading, station.clock.now_us(), "aborted")
        raise
    end_us, _ = station.frame(Blank(), look=AtPoint(*viewport.middle_px), cause="reading_end")
    _mark_end(station, reading, end_us, "complete")
    return "complete"


def _caption(reading: Reading) -> str:
    keys = "space: finish   f: fit   i: invert   wheel: zoom   drag: pan   right drag: window"
    return f"{reading.order + 1} of {reading.count}   {keys}"


def _show_cross(station: Station, viewport: Viewport) -> None:
    x, y = viewport.middle_px
    seconds = station.protocol.reading.fixation_ms / 1000
    onset_us, end_us = station.hold(Cross(x, y), seconds, look=AtPoint(x, y))
    station.mark("fixation_cross", onset_us, duration_us=end_us - onset_us, x_px=x, y_px=y)


def _mark_start(station: Station, reading: Reading, onset_us: int) -> None:
    station.mark(
        "reading_start",
        onset_us,
        reading_id=reading.reading_id,
        image_id=reading.image_id,
        order=reading.order,
    )
    phantom = reading.image.phantom
    for finding in () if phantom is None else phantom.findings:
        station.writer.finding(msgspec.structs.replace(finding, reading_id=reading.reading_id))


def _mark_end(station: Station, reading: Reading, time_us: int, outcome: Outcome) -> None:
    station.mark("reading_end", time_us, reading_id=reading.reading_id, outcome=outcome)
    station.writer.sync()


def _look_around(
    station: Station, reading: Reading, shown: ImageShown, onset_us: int, acts: list[InputAct]
) -> None:
    """Show the image, and what hands make of it, until the reading is finished."""
    hands = None if reading.plan is None else SimulatedHands(reading.plan, onset_us)
    dictation = None if reading.plan is None else Dictation(reading.plan, reading.reading_id)
    latest_us = onset_us + round(station.protocol.reading.max_s * _SECOND_US)
    now_us = onset_us
    while True:
        if dictation is not None:
            dictation.write_spoken(station.writer, onset_us, now_us)
        if any(act.kind == "key" and act.key in _FINISH_KEYS for act in acts):
            return
        if hands is not None and hands.finished(now_us):
            return
        if now_us >= latest_us:
            station.mark("time_over", now_us)
            return
        shown, input_us, cause = _next_view(station, shown, acts, hands, now_us)
        now_us, acts = station.frame(
            shown, reading_id=reading.reading_id, input_us=input_us, cause=cause
        )


def _next_view(
    station: Station,
    shown: ImageShown,
    acts: list[InputAct],
    hands: SimulatedHands | None,
    now_us: int,
) -> tuple[ImageShown, int | None, str | None]:
    """Return the scene after all hands, when the last of them moved, and how."""
    viewport, input_us, cause = shown.viewport, None, None
    for act in acts:
        changed = moved(viewport, act, station.protocol.viewer)
        if changed != viewport:
            viewport, input_us, cause = changed, act.time_us, act.key or act.kind
    for due_us, kind, changed in () if hands is None else hands.due(viewport, now_us):
        viewport, input_us, cause = changed, due_us, f"simulated {kind}"
    return ImageShown(viewport, shown.caption), input_us, cause
