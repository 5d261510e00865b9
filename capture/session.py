"""How does a session go, from the first check to the closed folder?

::

    request, station checked --> window --> folder opened --> course --> closed --> backup whole
                                                                |  (see `capture.course`)
                                                                `--> escape, stop, fault: the same
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path

from capture.audio.opening import look_for_sound, open_dictaphone
from capture.background import mean_grey
from capture.backup import Backup
from capture.checks import (
    check_consent,
    check_display_area,
    check_output,
    check_reader,
    check_screen_size,
)
from capture.clock import SessionClock
from capture.closing import closing, terminable, until_recording
from capture.course import Course, Item, run_course
from capture.drafting import Drafter
from capture.eyes import SimulatedEyes
from capture.images import practice_images
from capture.open_viewer import open_viewer
from capture.opening import Parts, eyes_and_tracker, session_record, studies_to_read
from capture.operator import Operator
from capture.protocol_check import sound_protocol
from capture.recorder import Recorder
from capture.request import Ending, SessionRequest, SessionResult, check_request
from capture.resume import Earlier, find_earlier
from capture.shelf import Shelf
from capture.stage import Stage
from capture.station import Aborted, Station
from capture.sync.note import note_sync_test
from capture.tally import Tally
from capture.trackers.base import Tracker
from capture.trackers.find import find_tracker
from capture.trackers.stand_in import SIMULATED, is_stand_in
from gazekit.model.errors import UsageError
from gazekit.model.protocol import Protocol, protocol_hash
from gazekit.model.session import SessionWriter

__all__ = ["run_session"]

_Report = Callable[[str], None]


def run_session(request: SessionRequest, report: _Report) -> SessionResult:
    """Run a session; `report` takes lines for the operator.

    Raises
    ------
    GazekitError
        The request, the images or this station are not fit (then nothing was written), or the
        session had to end (then its folder is closed, and the readings before are kept).
    """
    protocol = sound_protocol(request.protocol)
    check_reader(request.reader_id, protocol)
    check_request(request)
    if not is_stand_in(request.tracker):
        check_consent(protocol)
    earlier = _earlier(request, report)
    seed = protocol.seed if request.seed is None else request.seed
    seed = seed if earlier is None else earlier.record.seed
    clock = SessionClock(request.speed)
    found = None if is_stand_in(request.tracker) else find_tracker(request.tracker)
    studies, number = studies_to_read(request, protocol, seed=seed, earlier=earlier)
    sound = look_for_sound(
        request.microphone, protocol, clock, simulated=request.tracker == SIMULATED, seed=seed
    )
    drafter = None if request.whisper is None else Drafter(request.whisper)
    _check_station(request, protocol, found, len(studies))
    _backup_folder(request, protocol)
    viewer = open_viewer(
        clock,
        protocol.screen,
        plan=protocol.viewer,
        headless=request.headless,
        window_px=request.window_px,
        simulated=is_stand_in(request.tracker),
    )
    try:
        if found is not None:
            check_screen_size(viewer.screen, protocol)
        parts = Parts(clock, viewer, found, seed, number, studies, earlier, sound, drafter)
        with terminable():
            return _record(request, protocol, parts, report)
    finally:
        viewer.close()


def _earlier(request: SessionRequest, report: _Report) -> Earlier | None:
    if request.resume is None:
        return None
    earlier, mended = find_earlier(
        request.out,
        request.resume,
        reader_id=request.reader_id,
        protocol_sha256=protocol_hash(request.protocol),
    )
    more = " (it was cut, and is mended now)" if mended else ""
    report(f"continuing {earlier.record.session_id}: {len(earlier.done)} readings are done{more}")
    return earlier


def _check_station(
    request: SessionRequest, protocol: Protocol, found: Tracker | None, studies: int
) -> None:
    if found is not None:
        check_display_area(found.display_mm, protocol)
    check_output(request.out, studies)


def _record(
    request: SessionRequest, protocol: Protocol, parts: Parts, report: _Report
) -> SessionResult:
    eyes, tracker = eyes_and_tracker(parts, request)
    record = session_record(request, protocol, parts, tracker)
    writer = SessionWriter(request.out, record, request.protocol.read_bytes())
    with until_recording(writer):
        station, tell = _station(
            protocol,
            parts,
            writer,
            seen=(eyes, tracker),
            report=report,
            unattended=tracker.info.kind == "replay"
            and parts.viewer.about.get("viewer") == "headless",
        )
        course = _course(station, request, parts, tell)
        told = f"session {record.session_id}: {len(parts.studies)} to read"
        tell(f"{told}, tracker {tracker.info.kind}")
        note_sync_test(station, request.out)
    ending: Ending = "complete"
    with closing(station, request.reader_id):
        course.shelf.start()
        try:
            run_course(course)
            ending = "refused" if course.refused else "complete"
        except Aborted:
            ending = "aborted"
        except KeyboardInterrupt:
            ending = "interrupted"
        finally:
            course.shelf.stop()
            if course.backup is not None:
                course.backup.stop()
        if ending != "complete":
            tell(f"{ending}: the session is closed with {len(course.done)} complete readings")
            station.mark(f"session_{ending}", station.clock.now_us())
    whole = _finish_backup(course.backup, report)
    return SessionResult(
        session=str(station.writer.layout.root),
        ending=ending,
        readings=len(course.done),
        samples=station.recorder.rows,
        backup_whole=whole,
    )


def _station(
    protocol: Protocol,
    parts: Parts,
    writer: SessionWriter,
    *,
    seen: tuple[SimulatedEyes | None, Tracker],
    report: _Report,
    unattended: bool,
) -> tuple[Station, _Report]:
    eyes, tracker = seen
    given = protocol.calibration.background
    displays = (image.display for study in parts.studies for image in study.images)
    tally = Tally()
    dictaphone = open_dictaphone(parts.sound, protocol, writer, parts.clock)
    station = Station(
        clock=parts.clock,
        stage=Stage(parts.viewer, writer, eyes=eyes),
        tracker=tracker,
        recorder=Recorder(tracker, writer, parts.clock),
        writer=writer,
        protocol=protocol,
        seed=parts.seed,
        eyes=eyes,
        operator=Operator(writer),
        tally=tally,
        background=mean_grey(displays) if given is None else given,
        dictaphone=dictaphone,
        drafter=parts.drafter,
        unattended=unattended,
    )

    def tell(text: str) -> None:
        report(text)
        writer.log("info", text, time_us=parts.clock.now_us())

    station.recorder.tell = tell
    station.recorder.watchers.append(tally.add)
    station.recorder.position_watchers.append(tally.add_position)
    return station, tell


def _course(station: Station, request: SessionRequest, parts: Parts, tell: _Report) -> Course:
    protocol = station.protocol
    count = 0 if parts.earlier is not None else protocol.session.practice
    practice = practice_images(protocol.images, count, seed=parts.seed)
    queue = [Item((image,), order, practice=True) for order, image in enumerate(practice)]
    queue += [Item(study.images, study.order) for study in parts.studies]
    folder = _backup_folder(request, protocol)

    def failed(text: str) -> None:
        tell(text)
        station.mark("backup_failed", station.clock.now_us(), problem=text)

    backup = None if folder is None else Backup(station.writer.layout.root, folder, failed)
    images = [image for item in queue for image in item.images]
    return Course(
        station=station,
        shelf=Shelf(station.writer, images),
        queue=deque(queue),
        report=tell,
        backup=backup,
        backup_folder=folder,
    )


def _backup_folder(request: SessionRequest, protocol: Protocol) -> Path | None:
    """Return where the session is copied to; the folder itself may come later, as a disk does."""
    folder = request.backup
    if folder is None and protocol.session.backup is not None:
        folder = request.protocol.parent / Path(protocol.session.backup)
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(
            "the backup needs a folder",
            where="--backup" if request.backup else "session.backup",
            found=f"a file: {folder.name}",
            remedy="name a folder on another disk",
        )
    return folder


def _finish_backup(backup: Backup | None, report: _Report) -> bool | None:
    """Copy the closed session; say whether the copy is whole, None where none is wanted."""
    if backup is None:
        return None
    problems = backup.final()
    for problem in problems:
        report(f"the backup is not whole: {problem}; copy the session's folder by hand")
    if not problems:
        report("the backup is whole: every file has the same SHA-256")
    return not problems
