"""Do the tracker and the microphone answer, and is the microphone heard?"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from capture.doctor.finding import Finding, green, red, yellow
from capture.trackers.base import Tracker
from capture.trackers.find import find_tracker
from gazekit.model.errors import GazekitError
from gazekit.model.protocol import ScreenPlan

__all__ = ["check_microphone", "check_tracker_device"]

_PATIENCE_S = 30.0
_LISTEN_S = 0.6
_SILENT_DB, _LOUD_DB = -75.0, -1.0
_TOLERANCE_MM = 5.0
_NOT_REAL = {"simulated", "mouse", "replay"}


def check_tracker_device(name: str, plan: ScreenPlan | None) -> Iterator[Finding]:
    """Yield whether a tracker answers, which, and whether it was set up for the display."""
    if name.partition(":")[0] in _NOT_REAL:
        yield yellow("tracker", f"{name}: for trials only, every record is stamped with it")
        return
    try:
        tracker = _in_time(lambda: find_tracker(name))
    except GazekitError as error:
        yield red("tracker", error.what, error.remedy or "connect the tracker and switch it on")
        return
    except Exception as error:  # noqa: BLE001 - a vendor's package may raise anything
        yield red("tracker", f"its package fails: {type(error).__name__}", "install it anew")
        return
    if tracker is None:
        yield red(
            "tracker", f"its package does not answer in {_PATIENCE_S:g} s", "restart the tracker"
        )
        return
    yield _described(tracker)
    yield from _display_area(tracker, plan)


def _described(tracker: Tracker) -> Finding:
    info = tracker.info
    serial = "no serial"
    if info.serial:
        serial = f"serial #{hashlib.sha256(info.serial.encode()).hexdigest()[:8]}"
    words = (info.model or info.kind, f"firmware {info.firmware or 'unknown'}", serial)
    return green("tracker", f"{', '.join(words)}, {info.rate_hz:g} Hz")


def _display_area(tracker: Tracker, plan: ScreenPlan | None) -> Iterator[Finding]:
    found = tracker.display_mm
    if found is None or plan is None:
        return
    words = f"{found[0]:.0f} x {found[1]:.0f} mm"
    off = max(abs(found[0] - plan.width_mm), abs(found[1] - plan.height_mm))
    if off > _TOLERANCE_MM:
        yield red(
            "display area",
            f"the tracker was set up for {words}, the protocol says "
            f"{plan.width_mm:g} x {plan.height_mm:g} mm",
            "set it up in Tobii's Eye Tracker Manager, or measure it into the protocol",
        )
    else:
        yield green("display area", words)


def _in_time(find: Callable[[], Tracker]) -> Tracker | None:
    """Call a vendor's blocking search in a thread; None where it takes too long."""
    result: list[Tracker | Exception] = []

    def run() -> None:
        try:
            result.append(find())
        except Exception as error:  # noqa: BLE001 - raised below, in the caller's thread
            result.append(error)

    thread = threading.Thread(target=run, name="find tracker", daemon=True)
    thread.start()
    thread.join(_PATIENCE_S)
    if not result:
        return None
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]


def check_microphone(*, needed: bool, listen: bool) -> Iterator[Finding]:
    """Yield which microphone the system gives, and how loud the room is through it."""
    worse = red if needed else yellow
    try:
        import sounddevice
    except (ImportError, OSError):
        yield worse("microphone", "sound is not installed", "see the check of sound above")
        return
    try:
        device: dict[str, Any] = dict(sounddevice.query_devices(kind="input"))
    except (sounddevice.PortAudioError, ValueError):
        yield worse(
            "microphone", "none is connected", "connect one and choose it in the system's settings"
        )
        return
    name = f"{device['name']}, {device['default_samplerate']:.0f} Hz"
    if not listen:
        yield green("microphone", name)
        return
    try:
        level = _heard_db(sounddevice, device)
    except sounddevice.PortAudioError as error:
        yield worse("microphone", f"{name}: {error}", "close other programs that use it")
        return
    yield _judged(name, level)


def _heard_db(sounddevice: Any, device: dict[str, Any]) -> float:  # noqa: ANN401 - a module
    import numpy as np

    rate = int(device["default_samplerate"])
    frames = round(_LISTEN_S * rate)
    heard = sounddevice.rec(frames, samplerate=rate, channels=1, dtype="float32", blocking=True)
    return float(20 * np.log10(max(float(np.abs(heard).max()), 1e-6)))


def _judged(name: str, level_db: float) -> Finding:
    found = f"{name}, peak {level_db:.0f} dB"
    if level_db < _SILENT_DB:
        return yellow("microphone", f"{found}: silent", "switch it on, speak, and look again")
    if level_db > _LOUD_DB:
        return yellow("microphone", f"{found}: too loud", "turn its gain down")
    return green("microphone", found)
