"""How long, how often and how soon was each region looked at?"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.measures.regions import Region, by_reading, column, membership

__all__ = ["dwell"]

_SCHEMA = pa.schema(
    [
        ("reading_id", pa.string()),
        ("region", pa.string()),
        ("n_fixations", pa.int64()),
        ("dwell_us", pa.int64()),
        ("dwell_share", pa.float64()),
        ("first_onset_us", pa.int64()),
        ("visits", pa.int64()),
        ("first_visit_us", pa.int64()),
    ]
)


def dwell(
    fixations: pa.Table, regions: Mapping[str, Region], *, size_px: tuple[float, float]
) -> pa.Table:
    """Measure how each reading looked at each region.

    The terms are those of Holmqvist et al. (2011), "Eye Tracking: A comprehensive guide to methods
    and measures", chapters 6 and 12.

    Parameters
    ----------
    fixations
        Table ``fixations`` of a dataset: of readings of one image.
    regions, size_px
        See `gazekit.measures.membership`.

    Returns
    -------
    pyarrow.Table
        One row a reading and region. ``n_fixations``; ``dwell_us``: their summed duration;
        ``dwell_share``: of the summed duration of all the reading's fixations, NaN without any;
        ``first_onset_us``: time to first fixation, from the reading's onset, null where it was
        never looked at; ``visits``: runs of successive fixations in it, so that revisits are one
        less; ``first_visit_us``: summed duration of the first run, null without one.
    """
    held = membership(fixations, regions, size_px=size_px)
    onset = column(fixations, "onset_us", np.int64)
    duration = column(fixations, "duration_us", np.int64)
    rows = [
        {"reading_id": reading, "region": name, **_row(held[at, k], onset[at], duration[at])}
        for reading, at in by_reading(fixations)
        for k, name in enumerate(regions)
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _row(
    inside: NDArray[np.bool_], onset: NDArray[np.generic], duration: NDArray[np.generic]
) -> dict[str, object]:
    at = np.flatnonzero(inside)
    total = float(duration.sum())
    begins = inside & ~np.concatenate([[False], inside[:-1]])
    visit = np.cumsum(begins)
    first = duration[inside & (visit == 1)].sum() if at.size else None
    spent = int(duration[inside].sum())
    return {
        "n_fixations": int(at.size),
        "dwell_us": spent,
        "dwell_share": spent / total if total > 0 else float("nan"),
        "first_onset_us": int(onset[at[0]]) if at.size else None,
        "visits": int(begins.sum()),
        "first_visit_us": None if first is None else int(first),
    }
