"""What if the display goes away while a session runs? It ends as a fault, not as a dead program."""

import atexit
import ctypes
import os
import sys
from typing import Any

from gazekit.model.errors import EXIT_UNFIT, UnfitError

__all__ = ["DisplayGuard"]

_LIBRARY = "libX11.so.6"
_IGNORE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_INSTEAD_OF_EXIT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


class DisplayGuard:
    """Watches the X connection of a pyglet window.

    Xlib ends the whole program when its server is gone, with no chance to close a session.
    Since version 1.7 it can be told not to (``XSetIOErrorExitHandler``). The window must not be
    touched again; what libraries would do with it at the program's end is left out.
    """

    def __init__(self, handle: Any) -> None:  # noqa: ANN401 - a pyglet window
        self.lost = False
        if not sys.platform.startswith("linux"):
            return
        library = ctypes.CDLL(_LIBRARY)
        if not hasattr(library, "XSetIOErrorExitHandler"):
            return
        display = ctypes.cast(handle.display._display, ctypes.c_void_p)  # noqa: SLF001 - pyglet's only way
        # Kept: Xlib holds the bare pointers.
        self._handlers = (_IGNORE(lambda _: 0), _INSTEAD_OF_EXIT(self._on_loss))
        library.XSetIOErrorHandler.argtypes = [_IGNORE]
        library.XSetIOErrorExitHandler.argtypes = [
            ctypes.c_void_p,
            _INSTEAD_OF_EXIT,
            ctypes.c_void_p,
        ]
        library.XSetIOErrorHandler(self._handlers[0])
        library.XSetIOErrorExitHandler(display, self._handlers[1], None)

    def check(self) -> None:
        """Raise where the display is gone.

        Raises
        ------
        UnfitError
            It is.
        """
        if self.lost:
            raise UnfitError(
                "the display went away: the session is closed with what was recorded",
                where="DISPLAY",
                remedy="start the display again, then the session; finished readings are kept",
            )

    def _on_loss(self, *_: object) -> None:
        if not self.lost:
            self.lost = True
            # Registered last, called first: the libraries' own endings crash without a display.
            atexit.register(_leave)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_UNFIT)
