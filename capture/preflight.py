"""Is everything that a reading needs at work right now? Shown green or red before the reader sits.

What can be known without a running session (packages, screens, power) is `capture doctor`'s.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from capture.audio.level import QUIETEST_DB
from capture.scene import CheckLine, Checklist, Entry, Text
from capture.station import PROCEED, Station

__all__ = ["check_lines", "preflight"]

_LISTEN_S = 1.2
_FIRST_SAMPLE_S = 10.0
"""Of real time: a tracker that is there delivers long before; so does a busy computer."""
_LEAST_ROWS = 2
"""A rate needs two."""
_PAGE_S = 1.0
_RATE_US = 1_000_000
_RATE_SHARE = 0.1
_OLDEST_US = 500_000
_LEAST_FREE = 1_000_000_000
_GB = 1_000_000_000
_US = 1_000_000


def preflight(station: Station, *, studies: int, backup: Path | None) -> None:
    """Listen to the tracker, show every check, and go on where all is green.

    A red check can be passed over with a typed reason, which is recorded.

    Raises
    ------
    Aborted
        The operator left it at that.
    """
    while True:
        station.hold(Text("Checking ..."), _LISTEN_S)
        _await_samples(station)
        lines = tuple(check_lines(station, studies=studies, backup=backup))
        for line in lines:
            what = f"{line.name}: {'ok' if line.ok else 'NOT OK'}, {line.found}"
            station.writer.log("info" if line.ok else "warning", what)
        red = [line.name for line in lines if not line.ok]
        station.mark("preflight", station.clock.now_us(), red=", ".join(red) or None)
        key = _shown(station, lines)
        if key in PROCEED:
            return
        if key == "o":
            _overridden(station, red)
            return


def _await_samples(station: Station) -> None:
    """Give a tracker on a busy computer its time; what has not come by then does not come."""
    give_up_s = time.monotonic() + _FIRST_SAMPLE_S
    while time.monotonic() < give_up_s:
        times = station.recorder.latest(_RATE_US).column("system_time_us").to_numpy()
        if times.size >= _LEAST_ROWS and _young(station, int(times[-1])):
            return
        station.frame(Text("Waiting for the tracker ..."))


def _shown(station: Station, lines: tuple[CheckLine, ...]) -> str:
    if all(line.ok for line in lines):
        page = Checklist("Ready", lines, "space: go on     r: check again     escape: end")
        return station.page(page, seconds=_PAGE_S, keys=(*PROCEED, "r"))
    page = Checklist(
        "Not ready", lines, "r: check again     o: go on with a reason     escape: end"
    )
    return station.page(page, seconds=_PAGE_S, keys=("o", "r"))


def _overridden(station: Station, red: list[str]) -> None:
    page = Entry("Why is it done nevertheless?", (", ".join(red),), foot="type it, press return")
    reason = station.ask(
        page,
        answer="simulated operator",
        check=lambda text: "" if len(text) >= 3 else "a reason is needed",  # noqa: PLR2004
    )
    station.mark("preflight_overridden", station.clock.now_us(), red=", ".join(red), reason=reason)


def check_lines(station: Station, *, studies: int, backup: Path | None) -> Iterator[CheckLine]:
    """Yield the checks: tracker, samples, screen, images, microphone, disk, backup, consent."""
    info = station.tracker.info
    name = " ".join(part for part in (info.kind, info.model, info.serial) if part)
    yield CheckLine(
        "Tracker", ok=True, found="SIMULATED, nobody is recorded" if info.simulated else name
    )
    yield from _samples(station)
    screen = station.stage.viewer.screen
    shown = f"{screen.width_px} x {screen.height_px} px, {screen.width_mm:.0f} x "
    shown += f"{screen.height_mm:.0f} mm at {screen.distance_mm:.0f} mm"
    yield CheckLine("Screen", ok=True, found=shown)
    yield CheckLine("Images", ok=True, found=_images(studies))
    yield from _microphone(station)
    yield _disk("Disk", station.writer.layout.root)
    if backup is not None:
        yield _disk("Backup", backup)
    protocol = station.protocol
    if protocol.consent and protocol.ethics:
        yield CheckLine("Consent", ok=True, found=f"{protocol.consent}, ethics {protocol.ethics}")


def _images(studies: int) -> str:
    return f"{studies} to read, all of them decoded" if studies else "none: calibration alone"


def _microphone(station: Station) -> Iterator[CheckLine]:
    """Say whether sound comes, where the session records it; a trial needs none."""
    dictaphone, trial = station.dictaphone, station.tracker.info.simulated
    if dictaphone is None:
        return
    level = dictaphone.level
    if level is None:
        found, well = "none: gaze is recorded without sound", trial
        remedy = "connect it, then end this session and start another"
    else:
        well = trial or level.db > QUIETEST_DB
        found = f"{level.db:.0f} dB" if level.db > QUIETEST_DB else "silent"
        found = "SIMULATED" if trial else found
        remedy = "switch it on, speak, then press r"
    yield CheckLine("Microphone", ok=well, found=found, remedy=remedy)


def _samples(station: Station) -> Iterator[CheckLine]:
    remedy = "check the tracker's cable and Tobii's Eye Tracker Manager, then press r"
    samples = station.recorder.latest(_RATE_US)
    times = samples.column("system_time_us").to_numpy()
    if times.size < _LEAST_ROWS:
        found = f"none has come in {_FIRST_SAMPLE_S:.0f} s"
        yield CheckLine("Samples", ok=False, found=found, remedy=remedy)
        return
    rate = float(_US / np.median(np.diff(times)))
    nominal = station.tracker.info.rate_hz
    # What stands in for a tracker is as slow as this computer is busy; a tracker is not.
    well = abs(rate - nominal) <= _RATE_SHARE * nominal or station.tracker.info.simulated
    found = f"{rate:.0f} Hz of {nominal:.0f} Hz"
    yield CheckLine("Rate", ok=well, found=found, remedy="close other programs, then press r")
    young = _young(station, int(times[-1]))
    age_us = station.clock.now_us() - int(times[-1])
    found = f"the last is {max(age_us, 0) / 1000:.0f} ms old"
    yield CheckLine("Samples", ok=young, found=found, remedy=remedy)


def _young(station: Station, time_us: int) -> bool:
    # On a clock that runs faster than time the program itself is slow, not the tracker.
    return station.clock.now_us() - time_us <= _OLDEST_US or station.clock.speed != 1.0


def _disk(name: str, folder: Path) -> CheckLine:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return CheckLine(
            name, ok=False, found=f"not there: {error.strerror}", remedy="connect it, then press r"
        )
    found = f"{free / _GB:.0f} GB free"
    return CheckLine(name, ok=free >= _LEAST_FREE, found=found, remedy="make room, then press r")
