"""Is the software there: Python, PsychoPy, sound, the trackers' packages?"""

import importlib.metadata
import platform
import sys
from collections.abc import Iterator

from capture.doctor.finding import Finding, green, red, yellow

__all__ = ["check_software"]

_FIRST, _LAST = (3, 10), (3, 12)
_INSTALL = "type: pip install 'gazekit[capture]'"
_TRACKERS = ("TittaPy", "tobii-research")


def check_software(tracker: str) -> Iterator[Finding]:
    """Yield one finding for Python and for each package that a session with `tracker` needs."""
    yield _python()
    for name, use in (("psychopy", "the reader's window"), ("PyQt6", "monitor and launcher")):
        yield _package(name, use)
    yield _portaudio()
    versions = {name: _version(name) for name in _TRACKERS}
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if found:
        yield green("tracker packages", found)
    elif tracker in {"auto", "titta", "tobii"}:
        yield red("tracker packages", "neither TittaPy nor tobii-research is installed", _INSTALL)
    else:
        yield yellow("tracker packages", "none; none is needed for this kind of tracker")


def _python() -> Finding:
    found = platform.python_version()
    if _FIRST <= sys.version_info[:2] <= _LAST:
        return green("python", found)
    return red("python", found, "use Python 3.10, 3.11 or 3.12: PsychoPy needs it")


def _package(name: str, use: str) -> Finding:
    version = _version(name)
    return red(name, f"not installed: {use}", _INSTALL) if version is None else green(name, version)


def _portaudio() -> Finding:
    """Load the library itself: the package installs without it on Linux."""
    try:
        import sounddevice
        import soundfile  # noqa: F401 - asked for, not used
    except ImportError as error:
        return red("sound", f"{error.name} is not installed", _INSTALL)
    except OSError as error:
        remedy = "type: apt install libportaudio2 libsndfile1"
        return red("sound", f"a library is missing: {error}", remedy)
    return green("sound", str(sounddevice.get_portaudio_version()[1]).partition(",")[0])


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
