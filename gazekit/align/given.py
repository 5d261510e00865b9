"""What are fixations worth that a source gives ready-made? The same table, unknowns as NaN."""

import numpy as np
import pyarrow as pa

from gazekit.align.fixations import FixationTable

__all__ = ["given_fixations"]


def given_fixations(given: pa.Table) -> FixationTable:
    """Return fixations as a source gave them.

    Parameters
    ----------
    given
        Columns and units of `gazekit.read.GIVEN_FIXATIONS`, in time order.

    Returns
    -------
    FixationTable
        Their spread is not known: `dispersion_deg` is NaN.
    """
    columns = {name: given.column(name).to_numpy() for name in given.column_names}
    return FixationTable(
        **columns,
        dispersion_deg=np.full(given.num_rows, np.nan),
        image_index=np.zeros(given.num_rows, np.int64),
    )
