"""How do many small record batches become one?"""

from collections.abc import Sequence

import pyarrow as pa

__all__ = ["join_batches"]


def join_batches(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch | None:
    """Return one batch with all rows in order, None where there are none."""
    filled = [batch for batch in batches if batch.num_rows]
    if not filled:
        return None
    if len(filled) == 1:
        return filled[0]
    return pa.Table.from_batches(filled).combine_chunks().to_batches()[0]
