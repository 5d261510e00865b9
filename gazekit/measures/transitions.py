"""From which region did gaze go to which, and how often?"""

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

import pyarrow as pa

from gazekit.measures.regions import Region, by_reading, membership

__all__ = ["transitions"]

_SCHEMA = pa.schema(
    [
        ("reading_id", pa.string()),
        ("from_region", pa.string()),
        ("to_region", pa.string()),
        ("count", pa.int64()),
    ]
)


def transitions(
    fixations: pa.Table, regions: Mapping[str, Region], *, size_px: tuple[float, float]
) -> pa.Table:
    """Count the moves between regions from one fixation to the next.

    Holmqvist et al. (2011), "Eye Tracking: A comprehensive guide to methods and measures",
    chapter 6. To stay in a region is no transition. Where regions overlap, a fixation belongs to
    the first of them.

    Parameters
    ----------
    fixations, regions, size_px
        See `gazekit.measures.dwell`.

    Returns
    -------
    pyarrow.Table
        One row a reading and pair that occurred, in order of first occurrence; a region that is
        null is outside all of them.
    """
    held = membership(fixations, regions, size_px=size_px)
    names = [*regions, None]
    rows = []
    for reading, at in by_reading(fixations):
        place = [next((k for k, inside in enumerate(line) if inside), -1) for line in held[at]]
        moves = Counter(pairwise(place))
        rows += [
            {"reading_id": reading, "from_region": names[a], "to_region": names[b], "count": n}
            for (a, b), n in moves.items()
            if a != b
        ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
