"""How well do the clocks of a session follow its own? The tracker's, and the host's others."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from gazekit.model.clocks import ClockQuality, clock_quality
from gazekit.model.schemas import schema_of
from gazekit.model.session import iter_clock, iter_pairs

__all__ = ["clocks_of"]


def clocks_of(root: Path) -> list[ClockQuality]:
    """Return the quality of every clock that was read in a session folder; [] where none was.

    The tracker's comes first, as ``tracker``. The sound's clock is kept with the sound, see
    `gazekit.model.dictation.AudioSegment`.
    """
    pairs = _table(iter_pairs(root), "pairs")
    found = _qualities("tracker", _table(iter_clock(root), "clock"), "device_us")
    for name in sorted(set(pairs.column("clock").to_pylist())):
        rows = pairs.filter(pa.array(np.array(pairs.column("clock").to_pylist()) == name))
        found += _qualities(name, rows, "other_us")
    return found


def _table(batches: Iterable[pa.RecordBatch], table: str) -> pa.Table:
    return pa.Table.from_batches(batches, schema=schema_of(table))


def _qualities(name: str, pairs: pa.Table, column: str) -> list[ClockQuality]:
    if not pairs.num_rows:
        return []
    request, other, response = (
        pairs.column(c).to_numpy() for c in ("request_us", column, "response_us")
    )
    return [clock_quality(name, request, other, response)]
