"""How does a session go, from the first check to the closed folder?

::

    checks --> intro, consent --> validation --> cross, reading (for each image) --> end --> closed
                     |                |                    |
                     `----------------+--------------------+--> escape, Ctrl-C, fault: closed too
"""

import datetime as dt
import platform
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass

from capture.checks import check_display_area, check_output, check_reader, check_screen_size
from capture.clock import SessionClock
from capture.closing import closing
from capture.eyes import AtPoint, SimulatedEyes
from capture.images import SessionImage, as_phantom, images_of
from capture.open_viewer import open_viewer
from capture.reading import Reading, read_image_once
from capture.recorder import Recorder
from capture.request import SIMULATED, Ending, SessionRequest, SessionResult, check_request
from capture.scene import Text
from capture.stage import Stage
from capture.station import Aborted, Station
from capture.trackers.base import Tracker
from capture.trackers.find import find_tracker
from capture.trackers.simulated import SimulatedTracker
from capture.trackers.stand_in import is_stand_in, stand_in
from capture.validation import calibrate_and_validate
from capture.viewer import Viewer
from gazekit.image import write_display_png
from gazekit.model.protocol import Protocol, load_protocol, protocol_hash
from gazekit.model.records import ReaderRecord, SessionRecord
from gazekit.model.session import SessionWriter
from gazekit.model.version import __version__
from gazekit.model.viewport import Viewport
from gazekit.synthetic import SimulatedReading, plan_reading

__all__ = ["run_session"]

_PAGE_S = 1.0
_Report = Callable[[str], None]


def run_session(request: SessionRequest, report: _Report) -> SessionResult:
    """Run a session; `report` takes lines for the operator.

    Raises
    ------
    GazekitError
        The request, the images or this station are not fit (then nothing was written), or the
        session had to end (then its folder is closed, and the readings before are kept).
    """
    protocol = load_protocol(request.protocol)
    check_reader(request.reader_id, protocol)
    check_request(request)
    seed = protocol.seed if request.seed is None else request.seed
    clock = SessionClock(request.speed)
    found = None if is_stand_in(request.tracker) else find_tracker(request.tracker)
    images = images_of(
        protocol.images,
        request.protocol.parent,
        seed=seed,
        given=request.images,
        limit=request.limit,
    )
    if found is not None:
        check_display_area(found.display_mm, protocol)
    check_output(request.out, len(images))
    viewer = open_viewer(request, protocol, clock)
    try:
        if found is not None:
            check_screen_size(viewer.screen, protocol)
        return _record(request, protocol, _Parts(clock, viewer, found, seed), images, report)
    finally:
        viewer.close()


@dataclass(frozen=True)
class _Parts:
    """What was made ready before the session folder is opened."""

    clock: SessionClock
    viewer: Viewer
    found: Tracker | None
    seed: int


def _record(
    request: SessionRequest,
    protocol: Protocol,
    parts: _Parts,
    images: list[SessionImage],
    report: _Report,
) -> SessionResult:
    eyes, tracker = _eyes_and_tracker(parts, request)
    record = _session_record(request, protocol, parts, tracker)
    writer = SessionWriter(request.out, record, request.protocol.read_bytes())
    station = Station(
        clock=parts.clock,
        stage=Stage(parts.viewer, writer, eyes=eyes),
        tracker=tracker,
        recorder=Recorder(tracker, writer, parts.clock),
        writer=writer,
        protocol=protocol,
        seed=parts.seed,
        eyes=eyes,
    )

    def tell(text: str) -> None:
        report(text)
        writer.log("info", text, time_us=parts.clock.now_us())

    station.recorder.tell = tell
    tell(f"session {record.session_id}: {len(images)} images, tracker {tracker.info.kind}")
    done: list[str] = []
    ending: Ending = "complete"
    with closing(station, request.reader_id):
        try:
            _go(station, images, done, tell)
        except Aborted:
            ending = "aborted"
        except KeyboardInterrupt:
            ending = "interrupted"
        if ending != "complete":
            tell(f"{ending}: the session is closed with {len(done)} complete readings")
            station.mark(f"session_{ending}", station.clock.now_us())
    return SessionResult(
        session=str(writer.layout.root),
        ending=ending,
        readings=len(done),
        samples=station.recorder.rows,
    )


def _eyes_and_tracker(
    parts: _Parts, request: SessionRequest
) -> tuple[SimulatedEyes | None, Tracker]:
    if parts.found is not None:
        return None, parts.found
    viewer, screen = parts.viewer, parts.viewer.screen
    if request.tracker != SIMULATED:
        return None, stand_in(
            request.tracker, parts.clock, screen=screen, cursor=lambda: viewer.cursor_px
        )
    eyes = SimulatedEyes(parts.clock.now_us(), screen.width_px / 2, screen.height_px / 2)
    return eyes, SimulatedTracker(
        parts.clock, eyes, screen=screen, seed=parts.seed, plan=request.sim
    )


def _session_record(
    request: SessionRequest, protocol: Protocol, parts: _Parts, tracker: Tracker
) -> SessionRecord:
    now = dt.datetime.now(dt.timezone.utc)
    return SessionRecord(
        session_id=f"{request.reader_id}-{secrets.token_hex(4)}",
        created_at=now.isoformat(timespec="seconds"),
        protocol=request.protocol.stem,
        protocol_sha256=protocol_hash(request.protocol),
        seed=parts.seed,
        reader=ReaderRecord(reader_id=request.reader_id),
        screen=parts.viewer.screen,
        tracker=tracker.info,
        software={
            "gazekit": __version__,
            "python": platform.python_version(),
            "system": sys.platform,
            **parts.viewer.about,
        },
        consent=protocol.consent,
        simulated=tracker.info.simulated,
        speed=request.speed,
    )


def _go(station: Station, images: list[SessionImage], done: list[str], report: _Report) -> None:
    """Do everything that the reader sees."""
    for image in images:
        path = station.writer.image(image.display.record)
        write_display_png(path, image.display)
    _welcome(station)
    if station.tracker.info.kind == "replay":
        report("a recording is replayed: its gaze follows no target, so nothing is validated")
    else:
        calibrate_and_validate(station, report)
    session_id = station.writer.record.session_id
    for order, image in enumerate(images):
        reading = Reading(
            reading_id=f"{session_id}-{order:03d}",
            image=image,
            order=order,
            count=len(images),
            plan=_plan(station, image, order),
        )
        report(f"reading {order + 1} of {len(images)}")
        read_image_once(station, reading)
        done.append(reading.reading_id)
    foot = "Press space to end"
    station.page(Text("Thank you", ("The session is complete.",), foot), seconds=_PAGE_S, look=None)


def _welcome(station: Station) -> None:
    protocol = station.protocol
    lines = [f"{step.code}   {step.name}" for step in protocol.steps]
    foot = "Press space to start"
    if protocol.consent is not None:
        lines.append(f"Consent: {protocol.consent}")
        foot = "Press space to agree and start"
    screen = station.stage.viewer.screen
    middle = AtPoint(screen.width_px / 2, screen.height_px / 2)
    station.page(Text(protocol.title, tuple(lines), foot), seconds=_PAGE_S, look=middle)
    if protocol.consent is not None:
        station.mark("consent", station.clock.now_us(), reference=protocol.consent)


def _plan(station: Station, image: SessionImage, order: int) -> SimulatedReading | None:
    if not station.simulated:
        return None
    viewer = station.stage.viewer
    return plan_reading(
        image.phantom or as_phantom(image.display),
        seed=station.seed * 1000 + order,
        screen=viewer.screen,
        viewport=Viewport.fit(image.display.record, viewer.area_px),
    )
