"""How does one reading go: cross, image, view changes and words, end?

::

    cross --> image shown (reading_start) --> view changes, words --> image gone (reading_end)
                         ^  |                        |
                   resume|  | pause                  +--> the operator asks for it anew: redone
                         `--'                        `--> escape, Ctrl-C, a fault: aborted
"""

from dataclasses import dataclass

import msgspec

from capture.dictation import Dictation
from capture.eyes import AtImage, AtPoint
from capture.hands import SimulatedHands, action_of
from capture.images import SessionImage
from capture.lightbox import Lightbox
from capture.pausing import pause
from capture.scene import Blank, Cross, ImageShown
from capture.station import Aborted, Station
from capture.viewer import InputAct
from gazekit.model.errors import GazekitError
from gazekit.model.protocol import ViewerKeys
from gazekit.model.records import Outcome
from gazekit.synthetic import SimulatedReading

__all__ = ["Reading", "read_image_once"]

_SECOND_US = 1_000_000
_GLANCE_US = 2 * _SECOND_US
"""How long a simulated reader looks at each further image of a study."""


@dataclass(frozen=True)
class Reading:
    """What is read: a study, as which reading of the session; `plan` where it is simulated."""

    reading_id: str
    images: tuple[SessionImage, ...]
    order: int
    count: int
    plan: SimulatedReading | None = None
    practice: bool = False

    @property
    def image(self) -> SessionImage:
        """The image that is shown first, which names the reading."""
        return self.images[0]

    @property
    def image_id(self) -> str:
        """The first image."""
        return self.image.display.record.image_id


def read_image_once(station: Station, reading: Reading) -> tuple[Outcome, int]:
    """Run one reading from the cross to its end; return its outcome and when it ended.

    Raises
    ------
    Aborted, KeyboardInterrupt, GazekitError
        The session ends; the reading has been closed as aborted before.
    """
    box = Lightbox(station.stage.viewer, reading.images, station.protocol.viewer)
    asked = station.protocol.dictation
    dictation = Dictation(reading.plan, reading.reading_id, station.dictaphone, asked)
    _show_cross(station)
    look = None if reading.plan is None else AtImage(reading.plan)
    onset_us, acts = station.frame(
        _scene(station, reading, box, dictation),
        look=look,
        reading_id=reading.reading_id,
        cause="reading_start",
    )
    _mark_start(station, reading, onset_us)
    try:
        dictation.begin(onset_us)
        station.operator.reading_id = reading.reading_id
        station.tally.reset()
        outcome = _look_around(
            station, reading, box, dictation=dictation, onset_us=onset_us, acts=acts
        )
        end_us, _ = station.frame(Blank(), look=AtPoint(*station.middle_px), cause="reading_end")
    except (Aborted, KeyboardInterrupt, GazekitError):
        _mark_end(station, reading, station.clock.now_us(), "aborted")
        raise
    finally:
        dictation.end()
        station.operator.reading_id = None
    _mark_end(station, reading, end_us, outcome)
    return outcome, end_us


def _scene(station: Station, reading: Reading, box: Lightbox, dictation: Dictation) -> ImageShown:
    caption = _caption(station.protocol.viewer.keys, reading, box.index)
    meter = dictation.meter(station.clock, station.stage.viewer.area_px)
    return ImageShown(box.viewport, caption, meter)


def _caption(keys: ViewerKeys, reading: Reading, index: int) -> str:
    kind = "practice" if reading.practice else f"{reading.order + 1} of {reading.count}"
    parts = [kind]
    if len(reading.images) > 1:
        named = "/".join(names[0] for names in (keys.previous_image, keys.next_image) if names)
        parts.append(f"image {index + 1} of {len(reading.images)} ({named})")
    for what, names in (("finish", keys.finish), ("fit", keys.fit), ("1:1", keys.one_to_one)):
        parts += [f"{names[0]}: {what}"] if names else []
    for what, names in (("reset", keys.reset), ("invert", keys.invert)):
        parts += [f"{names[0]}: {what}"] if names else []
    presets = (keys.lung, keys.soft_tissue, keys.bone, keys.default, keys.full_range)
    shown = " ".join(names[0] for names in presets if names)
    return "   ".join([*parts, f"{shown}: windows"] if shown else parts)


def _show_cross(station: Station) -> None:
    x, y = station.middle_px
    seconds = station.protocol.reading.fixation_ms / 1000
    cross = Cross(x, y, station.background)
    onset_us, end_us = station.hold(cross, seconds, look=AtPoint(x, y))
    station.mark("fixation_cross", onset_us, duration_us=end_us - onset_us, x_px=x, y_px=y)


def _mark_start(station: Station, reading: Reading, onset_us: int) -> None:
    more: dict[str, bool] = {"practice": True} if reading.practice else {}
    station.mark(
        "reading_start",
        onset_us,
        reading_id=reading.reading_id,
        image_id=reading.image_id,
        order=reading.order,
        **more,
    )
    asked = station.protocol.dictation
    if reading.plan is not None and station.protocol.reading.dictation and asked.marks:
        return  # the simulated reader marks them afterwards
    phantom = reading.image.phantom
    for finding in () if phantom is None else phantom.findings:
        station.writer.finding(msgspec.structs.replace(finding, reading_id=reading.reading_id))


def _mark_end(station: Station, reading: Reading, time_us: int, outcome: Outcome) -> None:
    station.mark("reading_end", time_us, reading_id=reading.reading_id, outcome=outcome)
    station.writer.sync()


def _look_around(
    station: Station,
    reading: Reading,
    box: Lightbox,
    *,
    dictation: Dictation,
    onset_us: int,
    acts: list[InputAct],
) -> Outcome:
    """Show the image, and what hands make of it, until the reading is finished."""
    hands = None if reading.plan is None else SimulatedHands(reading.plan, onset_us)
    latest_us = onset_us + round(station.protocol.reading.max_s * _SECOND_US)
    finished: Outcome = "practice" if reading.practice else "complete"
    now_us = onset_us
    while True:
        dictation.turn(station.writer, acts, now_us)
        if station.operator.take("redo"):
            return "redone"
        if station.operator.take("pause"):
            dictation.pause()
            latest_us += pause(station, "asked")
            dictation.resume()
        if _is_finished(station, acts) or (hands is not None and hands.finished(now_us)):
            _glance(station, reading, box, dictation)
            return finished
        if station.over:
            return finished
        if now_us >= latest_us:
            station.mark("time_over", now_us)
            return finished
        input_us, cause = _act(box, acts, hands, now_us)
        now_us, acts = station.frame(
            _scene(station, reading, box, dictation),
            reading_id=reading.reading_id,
            input_us=input_us,
            cause=cause,
        )


def _is_finished(station: Station, acts: list[InputAct]) -> bool:
    keys = station.protocol.viewer.keys
    return any(act.kind == "key" and action_of(act.key, keys) == "finish" for act in acts)


def _act(
    box: Lightbox, acts: list[InputAct], hands: SimulatedHands | None, now_us: int
) -> tuple[int | None, str | None]:
    """Do what all hands ask; return when the last of them changed the view, and how."""
    input_us, cause = None, None
    for act in acts:
        if box.act(act):
            input_us, cause = act.time_us, act.key or act.kind
    for due_us, kind, changed in () if hands is None else hands.due(box.viewport, now_us):
        box.put(changed)
        input_us, cause = due_us, f"simulated {kind}"
    return input_us, cause


def _glance(station: Station, reading: Reading, box: Lightbox, dictation: Dictation) -> None:
    """Let a simulated reader look at the further images of the study, each for two seconds."""
    while reading.plan is not None and box.page(1):
        now_us, _ = station.frame(
            _scene(station, reading, box, dictation),
            look=AtPoint(*station.middle_px),
            reading_id=reading.reading_id,
            cause="simulated page",
        )
        until_us = now_us + _GLANCE_US
        while now_us < until_us:
            now_us, _ = station.frame(
                _scene(station, reading, box, dictation), reading_id=reading.reading_id
            )
