"""What must an eye tracker do for a session?

::

    SDK thread or poll      append and return: no I/O
         v
    Tracker.drain()         called by the recorder's thread a few times a second
         v
    raw_samples batch
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import pyarrow as pa

from gazekit.model.records import EventValue, TrackerRecord

__all__ = ["Calibrator", "KeepsCalibration", "Notice", "Tracker"]


@dataclass(frozen=True)
class Notice:
    """What a tracker says of itself, beside what it measures.

    `kind`: the vendor's own name, such as ``connection_lost`` or ``stream_buffer_overflow``.
    `time_us`: session clock. `value`: what it says more.
    """

    time_us: int
    kind: str
    value: EventValue = field(default_factory=dict)


class Calibrator(Protocol):
    """The tracker's own calibration; every call but `start` and `stop` may block for a second."""

    def start(self) -> None:
        """Enter calibration mode."""

    def collect(self, x_norm: float, y_norm: float) -> bool:
        """Collect data while the target at this place of the display is looked at; was it good?"""

    def discard(self, x_norm: float, y_norm: float) -> None:
        """Forget what was collected at this place."""

    def compute(self) -> bool:
        """Compute the calibration and apply it; did it succeed?"""

    def stop(self) -> None:
        """Leave calibration mode; always called, also after a failure."""


@runtime_checkable
class KeepsCalibration(Protocol):
    """A calibrator whose calibrations can be kept, so that the best of several is taken back."""

    def saved(self) -> bytes | None:
        """Return the calibration that is in use, None where there is none."""

    def restore(self, data: bytes) -> None:
        """Use a calibration that `saved` returned."""


class Tracker(Protocol):
    """An eye tracker that delivers ``raw_samples`` and ``clock`` batches when drained.

    `start` and `stop` are called from the main thread, everything that drains from the recorder's
    thread alone. A simulated tracker and one that needs no calibration of its own has
    no `calibrator`.
    """

    @property
    def info(self) -> TrackerRecord:
        """The tracker as it named itself."""

    @property
    def display_mm(self) -> tuple[float, float] | None:
        """Width and height of the display that the tracker was set up for, where it knows."""

    @property
    def lost_rows(self) -> int:
        """Samples that did not fit into the queue since the start; any is fatal."""

    @property
    def calibrator(self) -> Calibrator | None:
        """The tracker's own calibration, where it has one."""

    def start(self) -> None:
        """Begin to sample."""

    def stop(self) -> None:
        """End sampling; what was sampled before can still be drained."""

    def drain(self) -> pa.RecordBatch | None:
        """Return the samples since the last call, None where there are none."""

    def drain_clock(self) -> pa.RecordBatch | None:
        """Return the clock pairs since the last call, None where there are none."""

    def drain_streams(self) -> Mapping[str, pa.RecordBatch]:
        """Return what came of further streams since the last call, by `SessionLayout.STREAMS`."""

    def drain_notices(self) -> Sequence[Notice]:
        """Return what the tracker said of itself since the last call, oldest first."""
