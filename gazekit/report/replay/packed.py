"""How do gaze samples get onto a page in few bytes? As zigzag varints of their differences.

Times as second differences: at a steady rate they are 0 or 1. Places as differences in steps of
`STEP_PX`, of the seen samples only; no place is off by more than half a step. What rarely changes
(state, image) as runs. ``replay_samples.js`` opens it.
"""

import base64

import numpy as np
from numpy.typing import NDArray

from gazekit.report.replay.recording import SEEN, GazeSamples

__all__ = ["STEP_PX", "break_us_of", "packed_samples", "varints"]

STEP_PX = 1 / 16
"""Image pixels; a place on the page is within 1/32 of a pixel of the recorded one."""

_LEAST_BREAK_US = 2_000
_BREAK_STEPS = 2.5
_SEVEN_BITS = 128
_MOST_BYTES = 9


def packed_samples(samples: GazeSamples) -> dict[str, object]:
    """Return the samples as JSON takes them; see the module's docstring."""
    seen = samples.state == SEEN
    count = int(samples.time_us.size)
    return {
        "count": count,
        "seen": int(seen.sum()),
        "step_px": STEP_PX,
        "break_us": break_us_of(samples.time_us),
        "time": _text(_differences(_differences(samples.time_us))),
        "x": _text(_differences(_steps(samples.x_px[seen]))),
        "y": _text(_differences(_steps(samples.y_px[seen]))),
        "state_runs": _runs(samples.state),
        "image_runs": _runs(samples.image),
    }


def break_us_of(time_us: NDArray[np.int64]) -> int:
    """Return the longest step in time that is no gap: two and a half usual ones."""
    if time_us.size < 2:  # noqa: PLR2004 - a step needs two
        return _LEAST_BREAK_US
    return max(_LEAST_BREAK_US, round(_BREAK_STEPS * float(np.median(np.diff(time_us)))))


def varints(values: NDArray[np.int64]) -> bytes:
    """Return whole numbers as zigzag varints: seven bits a byte, the low ones first."""
    left = (values.astype(np.int64) << 1) ^ (values >> 63)
    parts = np.zeros((values.size, _MOST_BYTES), np.uint8)
    used = np.ones(values.size, np.int64)
    for place in range(_MOST_BYTES):
        parts[:, place] = left % _SEVEN_BITS
        left >>= 7
        more = left > 0
        parts[more, place] |= _SEVEN_BITS
        used += more
    kept = np.arange(_MOST_BYTES)[None, :] < used[:, None]
    return parts[kept].tobytes()


def _steps(places: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(places / STEP_PX).astype(np.int64)


def _differences(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.diff(values, prepend=np.int64(0))


def _text(values: NDArray[np.int64]) -> str:
    return base64.b64encode(varints(values)).decode()


def _runs(values: NDArray[np.generic]) -> list[tuple[int, int]]:
    if values.size == 0:
        return []
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    return [(int(i), int(values[i])) for i in (0, *changes)]
