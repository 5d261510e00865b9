"""Is there a display to show images on, and is it the protocol's?"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from capture.doctor.finding import Finding, green, red, yellow
from gazekit.model.protocol import ScreenPlan

__all__ = ["check_screen"]

_PATIENCE_S = 20.0
_TOLERANCE_MM = 5.0
_LEAST_HZ = 50.0
_SOFTWARE_GL = ("llvmpipe", "softpipe", "swrast", "GDI Generic")


def check_screen(plan: ScreenPlan | None) -> Iterator[Finding]:
    """Yield what the first screen is, against the protocol's, and whether OpenGL draws on it."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and not named:
        yield red(
            "display",
            "DISPLAY is not set",
            "run it at the station's own desktop; for a trial without one: xvfb-run -a capture ...",
        )
        return
    answer, why = _asked()
    if answer is None:
        yield why
        return
    if not answer["screens"]:
        yield red("display", "no screen", "connect the reading display and switch it on")
        return
    if len(answer["screens"]) > 1:
        yield yellow(
            "displays",
            f"{len(answer['screens'])} screens",
            "the images must stand on the tracker's screen; make it the first one",
        )
    yield from _one(answer["screens"][0], plan)
    yield _gl(answer["gl"])


def _asked() -> tuple[dict[str, Any] | None, Finding]:
    """Ask in another process; return its answer, or the finding that says why there is none."""
    fault = red("display", "the display does not answer", "log in at the desktop, check the cable")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "capture.doctor.ask_screen"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return None, fault
    if done.returncode == 0:
        return json.loads(done.stdout), fault
    if "No module named" in done.stderr:
        remedy = "type: pip install 'gazekit[capture]'"
        return None, yellow("display", "cannot be measured without PyQt6", remedy)
    return None, fault


def _one(screen: dict[str, Any], plan: ScreenPlan | None) -> Iterator[Finding]:
    size = f"{screen['width_px']} x {screen['height_px']} px"
    if plan is None:
        yield yellow("screen size", size, "give the protocol to compare the screen with it")
    elif (screen["width_px"], screen["height_px"]) != (plan.width_px, plan.height_px):
        yield red(
            "screen size",
            f"{size}, the protocol says {plan.width_px} x {plan.height_px} px",
            "set the display's resolution, or measure this display into the protocol",
        )
    else:
        yield green("screen size", f"{size}, as in the protocol")
    yield _millimetres(screen, plan)
    refresh = screen["refresh_hz"]
    if refresh < _LEAST_HZ:
        yield yellow("refresh", f"{refresh:.0f} Hz", "set the display to 60 Hz or more")
    else:
        yield green("refresh", f"{refresh:.0f} Hz as the system says; not measured")


def _millimetres(screen: dict[str, Any], plan: ScreenPlan | None) -> Finding:
    wide, tall = screen["width_mm"], screen["height_mm"]
    if not (wide and tall):
        return yellow(
            "screen in mm", "the system does not know", "measure the active area with a ruler"
        )
    found = f"{wide:.0f} x {tall:.0f} mm as the display says"
    if plan is None:
        return yellow("screen in mm", found, "measure the active area into the protocol")
    off = max(abs(wide - plan.width_mm), abs(tall - plan.height_mm))
    if off > _TOLERANCE_MM:
        return yellow(
            "screen in mm",
            f"{found}, the protocol says {plan.width_mm:g} x {plan.height_mm:g} mm",
            "measure the active area with a ruler: it sets every degree of visual angle",
        )
    return green("screen in mm", found)


def _gl(found: str | None) -> Finding:
    if found is None:
        remedy = "install the graphics driver (Linux: apt install libgl1 libgl1-mesa-dri libegl1)"
        return red("graphics", "OpenGL does not start", remedy)
    if any(name in found for name in _SOFTWARE_GL):
        remedy = "drawn by the processor, fine for trials; use a graphics driver with readers"
        return yellow("graphics", found, remedy)
    return green("graphics", found)
