"""What does a session start with: images in this reader's order, tracker, record of the sitting?"""

import datetime as dt
import platform
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from capture.audio.opening import Sound
from capture.clock import SessionClock
from capture.drafting import Drafter
from capture.eyes import SimulatedEyes
from capture.images import SessionImage, images_of, studies_of
from capture.ordering import number_of
from capture.request import SessionRequest
from capture.resume import Earlier
from capture.trackers.base import Tracker
from capture.trackers.simulated import SimulatedTracker
from capture.trackers.stand_in import SIMULATED, stand_in
from capture.viewer import Viewer
from gazekit.model.errors import UsageError
from gazekit.model.protocol import Protocol, protocol_hash
from gazekit.model.records import ReaderRecord, SessionRecord
from gazekit.model.version import __version__

__all__ = ["Parts", "Study", "eyes_and_tracker", "session_record", "studies_to_read"]

_BY_NUMBER = {"by_reader", "latin_square", "blocks"}


@dataclass(frozen=True)
class Study:
    """What one reading shows, and its place in the plan of the whole study."""

    images: tuple[SessionImage, ...]
    order: int

    @property
    def image_id(self) -> str:
        """The first image."""
        return self.images[0].display.record.image_id


@dataclass(frozen=True)
class Parts:
    """What was made ready before the session folder is opened."""

    clock: SessionClock
    viewer: Viewer
    found: Tracker | None
    seed: int
    number: int
    studies: Sequence[Study]
    earlier: Earlier | None
    sound: Sound | None = None
    drafter: Drafter | None = None


def studies_to_read(
    request: SessionRequest, protocol: Protocol, *, seed: int, earlier: Earlier | None
) -> tuple[list[Study], int]:
    """Return what is to be read, in order, and the row of a counterbalanced order.

    Raises
    ------
    UsageError
        Nothing is left to be read.
    GazekitError
        The images are not fit.
    """
    number = _number(request, protocol, earlier)
    images = images_of(
        protocol.images,
        request.protocol.parent,
        seed=seed,
        number=number,
        given=request.images,
        limit=request.limit,
    )
    all_ = [Study(s, order) for order, s in enumerate(studies_of(images, protocol.images))]
    if earlier is None:
        return all_, number
    left = [study for study in all_ if not earlier.skips(study.image_id, protocol)]
    if not left:
        raise UsageError(
            "nothing is left to be read",
            where="--resume",
            found=f"all {len(all_)} readings are finished",
            remedy="leave --resume out to read them again",
        )
    return left, number


def _number(request: SessionRequest, protocol: Protocol, earlier: Earlier | None) -> int:
    if earlier is not None and earlier.record.session_number is not None:
        return earlier.record.session_number
    if protocol.images.order in _BY_NUMBER:
        return number_of(request.reader_id, request.session_number)
    return request.session_number or 0


def eyes_and_tracker(parts: Parts, request: SessionRequest) -> tuple[SimulatedEyes | None, Tracker]:
    """Return the tracker, and the eyes of a simulated reader where it has them."""
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


def session_record(
    request: SessionRequest, protocol: Protocol, parts: Parts, tracker: Tracker
) -> SessionRecord:
    """Make the record of the sitting, which is written first."""
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
        ethics=protocol.ethics,
        session_number=parts.number,
        planned=tuple(study.image_id for study in parts.studies),
        continues=None if parts.earlier is None else parts.earlier.record.session_id,
        simulated=tracker.info.simulated,
        speed=request.speed,
    )
