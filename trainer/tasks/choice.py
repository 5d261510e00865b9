"""Which task does a sample set now? A hash of seed, epoch and index draws from the stage's mix."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from trainer.config import Stage

__all__ = ["choose", "mixture_at", "number"]

_WHOLE = 1 << 64


def mixture_at(stages: Sequence[Stage], progress: float) -> dict[str, float]:
    """Return the weight of each task at a share of the run, 0 to 1; no stages is reports alone."""
    for stage in stages:
        if progress < stage.until:
            return {n: w for n, w in msgspec.structs.asdict(stage.tasks).items() if w > 0}
    return mixture_at(stages[-1:], 0.0) if stages and progress > 0 else {"report": 1.0}


def choose(mixture: Mapping[str, float], *parts: int) -> str:
    """Draw a task; `parts` are seed, epoch, index, and how many were tried before."""
    place = number("task", *parts) / _WHOLE * sum(mixture.values())
    for name, weight in mixture.items():
        place -= weight
        if place < 0:
            return name
    return list(mixture)[-1]  # rounding left a little


def number(*parts: object) -> int:
    """Return 64 bits that depend on `parts` alone, on every machine."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")
