"""Is the run to stop? SIGTERM and the time limit are looked at between steps, never within."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["stop_asked"]


@contextmanager
def stop_asked(max_seconds: float | None = None) -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether SIGTERM came or `max_seconds` have passed.

    The handler before is put back at the end. Outside the main thread, where Python allows no
    handlers, only the time counts.
    """
    end = None if max_seconds is None else time.monotonic() + max_seconds
    asked = threading.Event()

    def due() -> bool:
        return asked.is_set() or (end is not None and time.monotonic() >= end)

    if threading.current_thread() is not threading.main_thread():
        yield due
        return

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = signal.signal(signal.SIGTERM, ask)
    try:
        yield due
    finally:
        signal.signal(signal.SIGTERM, before)
