"""How do a recording's events become a file? Read, clean, detect, write, a block at a time."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from gazekit.clean.detectors import check_detector
from gazekit.clean.memory import keep_freed_memory
from gazekit.clean.stream import detect_blocks
from gazekit.model.errors import DataError
from gazekit.model.files import atomic_path
from gazekit.model.schemas import schema_of
from gazekit.quality import Quality, summarise
from gazekit.read.samples_file import SamplesFile

__all__ = ["Detected", "detect_recording"]


class Detected(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a recording, and how good its gaze was.

    `counts`: events by kind; `off_screen`: share of samples with gaze beyond the display.
    """

    recording: str
    kind: str
    events: str
    detector: str
    params: dict[str, float]
    cleaning: dict[str, Any]
    counts: dict[str, int]
    off_screen: float
    quality: Quality


def detect_recording(
    recording: SamplesFile,
    out: Path,
    *,
    detector: str = "default",
    params: Mapping[str, float] | None = None,
    cleaning: Mapping[str, Any] | None = None,
) -> Detected:
    """Write the events of a recording as a Parquet file (table ``events``), whole or not at all.

    Raises
    ------
    UsageError
        No such detector or parameter.
    DataError
        The recording has no sample, is damaged, or goes back in time.
    """
    check_detector(detector, dict(params or {}))
    keep_freed_memory()
    parts, counts, off = [], Counter[str](), 0
    with atomic_path(out) as part:
        with pq.ParquetWriter(part, schema_of("events"), compression="zstd") as writer:
            blocks = detect_blocks(
                recording.chunks(),
                recording.screen,
                detector=detector,
                params=params,
                cleaning=cleaning,
            )
            for block in blocks:
                writer.write_table(block.events)
                counts.update(block.events.column("kind").to_pylist())
                parts.append(block.quality)
                off += block.off_screen
        quality = summarise(parts)
        if quality.n_samples == 0:
            raise DataError("the recording has no sample", where=recording.path.name)
    return Detected(
        recording=recording.path.name,
        kind=recording.kind,
        events=out.name,
        detector=detector,
        params=dict(params or {}),
        cleaning=dict(cleaning or {}),
        counts=dict(sorted(counts.items())),
        off_screen=off / quality.n_samples,
        quality=quality,
    )
