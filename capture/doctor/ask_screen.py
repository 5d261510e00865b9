"""Which screens are there, and can they draw? Asked in a process of its own, printed as JSON.

Qt ends the process where a display does not answer, so whoever asks must not be that process.
"""

import json
import sys

__all__ = ["ask"]


def ask() -> dict[str, object]:
    """Return screens (name, pixels, millimetres, refresh) and what OpenGL says of itself."""
    from PyQt6.QtGui import QGuiApplication

    app = QGuiApplication(["capture doctor"])
    screens = []
    for screen in app.screens():
        size, scale = screen.geometry(), screen.devicePixelRatio()
        physical = screen.physicalSize()
        screens.append(
            {
                "name": screen.name(),
                "width_px": round(size.width() * scale),
                "height_px": round(size.height() * scale),
                "width_mm": physical.width(),
                "height_mm": physical.height(),
                "refresh_hz": screen.refreshRate(),
            }
        )
    return {"platform": app.platformName(), "screens": screens, "gl": _gl()}


def _gl() -> str | None:
    """Return version and renderer of OpenGL; None where there is none."""
    from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext
    from PyQt6.QtOpenGL import (
        QOpenGLFunctions_2_0,
        QOpenGLVersionFunctionsFactory,
        QOpenGLVersionProfile,
    )

    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return None
    profile = QOpenGLVersionProfile()
    profile.setVersion(2, 0)
    functions = QOpenGLVersionFunctionsFactory.get(profile, context)
    if not isinstance(functions, QOpenGLFunctions_2_0):
        return None
    version, renderer = functions.glGetString(0x1F02), functions.glGetString(0x1F01)
    context.doneCurrent()
    return f"OpenGL {version}, {renderer}"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ask()))
