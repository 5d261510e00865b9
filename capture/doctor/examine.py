"""Which checks make up the examination of a station, and in which order?"""

from collections.abc import Iterator
from pathlib import Path

from capture.doctor.devices import check_microphone, check_tracker_device
from capture.doctor.finding import Finding
from capture.doctor.machine import bytes_of_session, check_clock, check_output_folder, check_power
from capture.doctor.screen import check_screen
from capture.doctor.software import check_software
from capture.doctor.study import Study, check_study

__all__ = ["examine"]


def examine(
    protocol: Path | None, out: Path, *, tracker: str = "auto", listen: bool = True
) -> Iterator[Finding]:
    """Yield the findings of every check, each as soon as it is known.

    Parameters
    ----------
    protocol
        The study's protocol; without one the screen and the disk are not compared with it.
    out
        The folder that sessions will be written into; need not be there yet.
    tracker
        The kind of tracker that the sessions will use.
    listen
        Open the microphone for a moment to tell its level.
    """
    study = Study()
    if protocol is not None:
        yield from check_study(protocol, study)
    plan = study.protocol
    yield from check_software(tracker)
    yield from check_screen(None if plan is None else plan.screen)
    yield from check_tracker_device(tracker, None if plan is None else plan.screen)
    yield from check_microphone(needed=plan is None or plan.reading.dictation, listen=listen)
    yield from check_clock()
    need = None if plan is None else bytes_of_session(plan, max(study.images, 1))
    yield from check_output_folder(out, need)
    yield from check_power()
