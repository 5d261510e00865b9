"""Which step of a session follows which? An explicit table of states, run until the end.

::

    consent --> preflight --> position --> calibrate --> next <----------------------------.
       |  refused                             ^    ^      | |                              |
       v                                      |    |      | +--> drift --> reading --> after
     close                    forced, asked   |    |      |        |          ^  every step
       ^                                      |    `------+--------'          |  may end the
       |                                      `-- rest <--+ break, pause      |  session
       `--------------------------------------------------+ nothing left      |
                                                          `-------------------' no drift check

    next:   what the operator asked comes first, then forced calibration, breaks, the next reading
    after:  was gaze good? redo offered; notes on flags; backup; practice does not count
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from capture.after import after_reading
from capture.afterwards import afterwards
from capture.backup import Backup
from capture.consent import ask_consent
from capture.drift import check_drift
from capture.eyes import AtPoint
from capture.forcing import Forcing
from capture.images import SessionImage
from capture.pausing import pause
from capture.planning import plan_of
from capture.position import place_head
from capture.preflight import preflight
from capture.reading import Reading, read_image_once
from capture.scene import Text
from capture.shelf import Shelf
from capture.station import PROCEED, Station
from capture.validation import calibrate_and_validate
from gazekit.model.records import Outcome

__all__ = ["TABLE", "Course", "Item", "State", "run_course"]

State = Literal[
    "consent",
    "preflight",
    "position",
    "calibrate",
    "next",
    "drift",
    "reading",
    "after",
    "rest",
    "close",
    "ended",
]
_PAGE_S = 1.0
_MOST_FORCED = 2


@dataclass(frozen=True)
class Item:
    """A study that is still to be read: its place in the plan, and whether it counts."""

    images: tuple[SessionImage, ...]
    order: int
    practice: bool = False

    @property
    def image_id(self) -> str:
        """The first image, which names the reading."""
        return self.images[0].display.record.image_id


@dataclass
class Course:
    """What a session has before it and behind it.

    `queue`: what is still to be read. `done`: the ids of complete readings. `refused`: the reader
    did not consent.
    """

    station: Station
    shelf: Shelf
    queue: deque[Item]
    report: Callable[[str], None]
    backup: Backup | None = None
    backup_folder: Path | None = None
    done: list[str] = field(default_factory=list)
    refused: bool = False
    begun: int = 0
    last: Item | None = None
    last_reading: Reading | None = None
    last_outcome: Outcome | None = None
    last_end_us: int = 0
    drifted: int = 0
    left: int = 0
    total: int = 0
    forcing: Forcing = field(init=False)

    def __post_init__(self) -> None:
        """Count what is planned; in a session that goes on with another, what that one read too."""
        counted = [item for item in self.queue if not item.practice]
        self.left = len(counted)
        self.total = max((item.order + 1 for item in counted), default=0)
        self.forcing = Forcing(self.station.protocol, self.station.clock.now_us())


def run_course(course: Course) -> None:
    """Run a session from consent to its end; each state is recorded as it begins.

    Raises
    ------
    Aborted, KeyboardInterrupt, GazekitError
        The session ends early; a reading that was open has been closed as aborted.
    """
    state: State = "consent"
    while state != "ended":
        course.station.mark("state", course.station.clock.now_us(), name=state)
        step, allowed = TABLE[state]
        following = step(course)
        if following not in allowed:
            raise RuntimeError(f"{following} may not follow {state}")
        state = following


def _consent(course: Course) -> State:
    if ask_consent(course.station):
        return "preflight"
    course.refused = True
    return "close"


def _preflight(course: Course) -> State:
    preflight(course.station, studies=course.left, backup=course.backup_folder)
    if course.station.replayed:
        course.report("a recording is replayed: its gaze follows no target, nothing is validated")
        return "next"
    return "position" if course.station.protocol.session.position else "calibrate"


def _position(course: Course) -> State:
    place_head(course.station)
    return "calibrate"


def _calibrate(course: Course) -> State:
    calibrate_and_validate(course.station, course.report)
    course.station.operator.take("recalibrate")
    course.forcing.calibrated(course.station.clock.now_us())
    course.station.tally.reset()
    return "next"


def _next(course: Course) -> State:
    station = course.station
    if station.operator.take("redo") and course.last is not None:
        _read_again(course)
    replayed = station.replayed
    if station.operator.wants("pause"):
        return "rest"
    if station.operator.wants("recalibrate") and not replayed:
        return "calibrate"
    if not course.queue or station.over:
        return "close"
    if replayed:
        return "reading"
    return _due(course) or _checked(station)


def _due(course: Course) -> State | None:
    """Return what the protocol wants before the next reading, None where nothing."""
    station, now_us = course.station, course.station.clock.now_us()
    why = course.forcing.why_calibrate(now_us, station.tally.so_far().away_us)
    if why is not None:
        station.mark("recalibration_forced", now_us, why=why)
        course.report(f"calibration is due: {why}")
        return "calibrate"
    return "rest" if course.forcing.break_due(now_us) else None


def _checked(station: Station) -> State:
    checked = station.protocol.calibration.drift_check or station.operator.wants("drift_check")
    return "drift" if checked else "reading"


def _rest(course: Course) -> State:
    asked = course.station.operator.take("pause")
    pause(course.station, "asked" if asked else "planned")
    course.forcing.rested(course.station.clock.now_us())
    after = course.station.protocol.calibration.after_break
    return "calibrate" if after and course.queue else "next"


def _drift(course: Course) -> State:
    station = course.station
    station.operator.take("drift_check")
    if check_drift(station) == "well":
        course.drifted = 0
        return "reading"
    course.drifted += 1
    course.report(f"drift check: refused {course.drifted} times")
    if course.drifted <= _MOST_FORCED:
        return "calibrate"
    course.drifted = 0
    lines = ("Calibrating anew has not helped.", "Mind the light, the glasses and the seat.")
    page = Text("The drift check fails", lines, "r: calibrate again     g: go on as it is")
    if station.page(page, seconds=_PAGE_S, keys=("g", "r")) == "r":
        return "calibrate"
    station.mark("drift_accepted", station.clock.now_us())
    return "reading"


def _reading(course: Course) -> State:
    station, item = course.station, course.queue.popleft()
    session_id = station.writer.record.session_id
    reading = Reading(
        reading_id=f"{session_id}-{course.begun:03d}",
        images=item.images,
        order=item.order,
        count=course.total,
        plan=plan_of(station, item.images[0], course.begun),
        practice=item.practice,
    )
    course.begun += 1
    for image in item.images:
        course.shelf.wait(image.display.record.image_id)
    told = "practice" if item.practice else f"reading {item.order + 1} of {course.total}"
    course.report(told)
    course.last, course.last_reading = item, reading
    course.last_outcome, course.last_end_us = read_image_once(station, reading)
    if not item.practice:
        course.forcing.read()
    return "after"


def _after(course: Course) -> State:
    if course.last_reading is None or course.last is None:
        return "next"
    if course.last_outcome == "complete":
        course.done.append(course.last_reading.reading_id)
    again = after_reading(course.station, course.last_reading, course.report)
    if again or course.last_outcome == "redone":
        _read_again(course)
    elif not course.station.unattended:
        afterwards(course.station, course.last_reading)
    if course.backup is not None:
        course.backup.kick()
    return "next"


def _read_again(course: Course) -> None:
    """Put the last study before all others; a reading of it that was complete becomes `redone`."""
    if course.last is None or course.last_reading is None:
        return
    reading_id = course.last_reading.reading_id
    if course.last_outcome == "complete":
        # The same end once more: the later word holds, the time stays.
        end_us = course.last_end_us
        course.station.mark("reading_end", end_us, reading_id=reading_id, outcome="redone")
        course.done.remove(reading_id)
    course.queue.appendleft(course.last)
    course.last = course.last_reading = course.last_outcome = None


def _close(course: Course) -> State:
    station = course.station
    lines = ("The session is complete.",)
    if course.refused:
        lines = ("Nothing was recorded of the readings.",)
    middle = AtPoint(*station.middle_px)
    page = Text("Thank you", lines, "Press space to end")
    station.page(page, seconds=_PAGE_S, keys=PROCEED, look=middle)
    return "ended"


_Step = Callable[[Course], State]
TABLE: dict[State, tuple[_Step, frozenset[State]]] = {
    "consent": (_consent, frozenset({"preflight", "close"})),
    "preflight": (_preflight, frozenset({"position", "calibrate", "next"})),
    "position": (_position, frozenset({"calibrate"})),
    "calibrate": (_calibrate, frozenset({"next"})),
    "next": (_next, frozenset({"rest", "calibrate", "drift", "reading", "close"})),
    "rest": (_rest, frozenset({"calibrate", "next"})),
    "drift": (_drift, frozenset({"calibrate", "reading"})),
    "reading": (_reading, frozenset({"after"})),
    "after": (_after, frozenset({"next"})),
    "close": (_close, frozenset({"ended"})),
}
"""What each state does, and which may follow it."""
