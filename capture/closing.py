"""How is a session folder closed, whatever ends the session?"""

import contextlib
import signal
from collections.abc import Iterator

from capture.station import Station
from gazekit.model.errors import GazekitError
from gazekit.model.session import SessionWriter, read_events

__all__ = ["closing", "terminable", "until_recording"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def closing(station: Station, who: str) -> Iterator[None]:
    """Record inside; close the folder whatever happens, and let no second Ctrl-C cut that short."""
    writer, recorder = station.writer, station.recorder
    writer.audit(who, "session started")
    with terminable():
        try:
            recorder.start()
            yield
            writer.audit(who, "session ended")
        except GazekitError as error:
            # A full disk takes no word about itself; the fault itself goes on to the operator.
            with contextlib.suppress(GazekitError, OSError):
                writer.log("error", error.what, time_us=station.clock.now_us())
                writer.audit(who, "session ended by a fault")
            raise
        finally:
            for sig in _SIGNALS:
                signal.signal(sig, signal.SIG_IGN)
            try:
                recorder.stop()
                if station.dictaphone is not None:
                    station.dictaphone.close()
            finally:
                _end_readings(station)
                _close(writer)
    recorder.check()


@contextlib.contextmanager
def until_recording(writer: SessionWriter) -> Iterator[None]:
    """Close the folder that was just made where something ends the session before it records."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(GazekitError, OSError):
            writer.close()
        raise


def _end_readings(station: Station) -> None:
    """End as aborted what an interrupt cut between the words of its start and the reading."""
    root = station.writer.layout.root
    with contextlib.suppress(GazekitError, OSError):
        events = read_events(root)
        ended = {e.value.get("reading_id") for e in events if e.kind == "reading_end"}
        for event in events:
            reading_id = event.value.get("reading_id")
            if event.kind == "reading_start" and reading_id not in ended:
                now_us = station.clock.now_us()
                station.mark("reading_end", now_us, reading_id=str(reading_id), outcome="aborted")


def _close(writer: SessionWriter) -> None:
    try:
        writer.close()
    except (GazekitError, OSError) as error:
        why = error.what if isinstance(error, GazekitError) else error.strerror or str(error)
        raise GazekitError(
            f"the session could not be closed, what was recorded is kept: {why}",
            where=writer.layout.root.name,
            remedy=f"make room on the disk, then type: capture recover {writer.layout.root}",
        ) from error


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Let a request to terminate end what is inside as Ctrl-C does; restore the handlers after."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {sig: signal.getsignal(sig) for sig in _SIGNALS}
    for sig in before:
        signal.signal(sig, interrupt)
    try:
        yield
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)
