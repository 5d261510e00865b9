"""Are the clock, the disk and the power of this machine fit to record?"""

import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from capture.doctor.finding import Finding, green, red, yellow
from gazekit.model.protocol import Protocol

__all__ = ["bytes_of_session", "check_clock", "check_output_folder", "check_power"]

_CLOCK_READS = 20_000
_COARSE_NS = 100_000
_BLOCK = 60_000
_BLOCKS = 16
_SLOW_MS, _TOO_SLOW_MS = 100.0, 1000.0
_READING_BYTES_S = 260_000
_IMAGE_BYTES = 16_000_000
_SAFETY = 5
_SYNC_NAMES = ("dropbox", "onedrive", "icloud", "mobile documents", "google drive", "googledrive")
_SYNC_MARKS = (".dropbox", ".owncloud", ".sync", ".stfolder")
_SUPPLY = Path("/sys/class/power_supply")


def bytes_of_session(protocol: Protocol, images: int) -> int:
    """Return how much a session writes at most: gaze at 1200 Hz, sound at 48 kHz, the images."""
    return images * round(protocol.reading.max_s * _READING_BYTES_S + _IMAGE_BYTES)


def check_clock() -> Iterator[Finding]:
    """Yield whether the session clock is fine-grained and never goes back."""
    info = time.get_clock_info("perf_counter")
    reads = [time.perf_counter_ns() for _ in range(_CLOCK_READS)]
    steps = [after - before for before, after in itertools.pairwise(reads)]
    smallest = min((step for step in steps if step > 0), default=0)
    if min(steps) < 0 or not info.monotonic:
        yield red("clock", "the clock goes back", "update the system and its firmware")
    elif smallest == 0 or smallest > _COARSE_NS:
        yield red("clock", f"steps of {smallest / 1000:.0f} us", "update the system")
    else:
        yield green("clock", f"never goes back, smallest step {smallest} ns")


def check_output_folder(out: Path, need_bytes: int | None) -> Iterator[Finding]:
    """Yield whether `out` takes files, fast enough, has room, and is not copied to a cloud."""
    folder = next((path for path in (out, *out.resolve().parents) if path.is_dir()), Path.cwd())
    yield _not_synced(out)
    free = shutil.disk_usage(folder).free
    if need_bytes is None:
        yield green("disk", f"{free / 1e9:.1f} GB free")
    elif free < _SAFETY * need_bytes:
        yield red(
            "disk",
            f"{free / 1e9:.1f} GB free, a session may need {need_bytes / 1e9:.1f} GB",
            f"make room for five times that, or choose another --out than {folder.name}",
        )
    else:
        yield green("disk", f"{free / 1e9:.1f} GB free, a session needs {need_bytes / 1e9:.2f} GB")
    yield _write_speed(folder)


def _not_synced(out: Path) -> Finding:
    parts = [part.lower() for part in out.resolve().parts]
    for part in parts:
        if any(name in part for name in _SYNC_NAMES):
            break
    else:
        parents = (out.resolve(), *out.resolve().parents)
        marked = [path for path in parents if any((path / mark).exists() for mark in _SYNC_MARKS)]
        if not marked:
            return green("output folder", "is not copied to a cloud, as far as its name tells")
    remedy = "choose a local folder: gaze is health data, and syncing locks files"
    return red("output folder", "lies inside a folder that is synchronised", remedy)


def _write_speed(folder: Path) -> Finding:
    try:
        worst = _worst_write_ms(folder)
    except OSError as error:
        return red("writing", f"{error.strerror}", "choose a folder that you may write into")
    found = f"slowest of {_BLOCKS} writes with fsync: {worst:.0f} ms"
    if worst > _TOO_SLOW_MS:
        return red("writing", found, "record to a local solid-state disk")
    if worst > _SLOW_MS:
        return yellow("writing", found, "close other programs, or record to a faster disk")
    return green("writing", found)


def _worst_write_ms(folder: Path) -> float:
    worst = 0.0
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_BLOCKS):
            begun = time.perf_counter()
            file.write(bytes(_BLOCK))
            file.flush()
            os.fsync(file.fileno())
            worst = max(worst, time.perf_counter() - begun)
    return worst * 1000


def check_power() -> Iterator[Finding]:
    """Yield whether the machine hangs on the mains, where the system tells."""
    on_mains = _on_mains_windows() if sys.platform == "win32" else _on_mains_linux()
    sleep = "switch sleep and screen saver off for the day"
    if on_mains is None:
        yield yellow("power", "the system does not tell", f"plug it in; {sleep}")
    elif on_mains:
        yield green("power", f"on the mains; {sleep}")
    else:
        yield red("power", "runs on its battery", f"plug it in; {sleep}")


def _on_mains_linux() -> bool | None:
    if not _SUPPLY.is_dir():
        return None
    supplies = sorted(_SUPPLY.iterdir())
    online = [path / "online" for path in supplies if (path / "online").is_file()]
    if online:
        return any(path.read_text("ascii").strip() == "1" for path in online)
    # A desktop lists no supply at all; a laptop lists at least its battery.
    return None if supplies else True


def _on_mains_windows() -> bool | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("ac_line", ctypes.c_byte),
            ("battery_flag", ctypes.c_byte),
            ("battery_percent", ctypes.c_byte),
            ("system_flag", ctypes.c_byte),
            ("battery_s", ctypes.c_ulong),
            ("battery_full_s", ctypes.c_ulong),
        )

    status = Status()
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    if not kernel.GetSystemPowerStatus(ctypes.byref(status)):
        return None
    return {0: False, 1: True}.get(status.ac_line)
