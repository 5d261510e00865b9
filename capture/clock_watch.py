"""What do the host's other clocks show beside the session clock, and was one of them set?"""

import sys
import time
from collections.abc import Callable, Mapping

import pyarrow as pa

from capture.clock import SessionClock
from capture.trackers.base import Notice
from gazekit.model.clocks import STEP_US
from gazekit.model.schemas import schema_of

__all__ = ["ClockWatch"]

_READ = Callable[[], int]
_NS_PER_S = 1_000_000_000


class ClockWatch:
    """Reads other clocks between two readings of the session clock; from one thread.

    No time of day is kept: a clock counts from its first reading here. A clock that is set while
    the session runs changes nothing in it, but is noticed.

    Parameters
    ----------
    read
        Clock to a function that returns its nanoseconds; the wall clock, and PsychoPy's where it
        is loaded, if None. The sound's clock is kept with the sound (table ``audio_blocks``).
    """

    def __init__(self, clock: SessionClock, read: Mapping[str, _READ] | None = None) -> None:
        self._clock = clock
        self._given = read
        self._first_us: dict[str, int] = {}
        self._offset_us: dict[str, int] = {}

    def look(self) -> tuple[pa.RecordBatch, list[Notice]]:
        """Return a reading of every clock (table ``pairs``), and a notice for each that was set."""
        rows, notices = [], []
        for name, read in (_clocks() if self._given is None else self._given).items():
            request_us = self._clock.now_us()
            shown_us = read() // 1000
            response_us = self._clock.now_us()
            other_us = shown_us - self._first_us.setdefault(name, shown_us)
            rows.append((name, request_us, other_us, response_us))
            offset_us = other_us - (request_us + response_us) // 2
            step_us = offset_us - self._offset_us.get(name, offset_us)
            self._offset_us[name] = offset_us
            if abs(step_us) > STEP_US:
                notices.append(
                    Notice(response_us, "clock_step", {"clock": name, "step_us": step_us})
                )
        schema = schema_of("pairs")
        columns = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(schema)]
        return pa.RecordBatch.from_arrays(columns, schema=schema), notices


def _clocks() -> dict[str, _READ]:
    clocks: dict[str, _READ] = {"wall": time.time_ns}
    psychopy = sys.modules.get("psychopy.clock")
    if psychopy is not None and hasattr(psychopy, "getTime"):
        get_time: Callable[[], float] = psychopy.getTime
        clocks["psychopy"] = lambda: int(get_time() * _NS_PER_S)
    return clocks
