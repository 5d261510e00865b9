"""How do a tracker's raw samples become gaze on the screen? Validity to NaN, device time mapped."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.clocks import ClockModel
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import schema_of

__all__ = ["mean_of_eyes", "raw_batch", "samples_of_raw", "samples_table"]

_Floats = NDArray[np.float64]

_EYES = ("left", "right")


def samples_of_raw(
    raw: pa.RecordBatch, screen: ScreenRecord, *, clock: ClockModel | None
) -> pa.Table:
    """Turn raw samples into table ``samples``.

    Parameters
    ----------
    raw
        A batch of table ``raw_samples``.
    screen
        The display whose area the normalised gaze refers to.
    clock
        Device to session time; None takes the session time that the vendor's library gave.
    """
    device, system = (raw.column(f"{c}_time_us").to_numpy() for c in ("device", "system"))
    time = system if clock is None else clock.to_session(device)
    columns: dict[str, NDArray[np.generic]] = {"time_us": time}
    depth = np.full((2, time.size), np.nan)
    for row, eye in enumerate(_EYES):
        valid = _numbers(raw, f"{eye}_gaze_valid", np.bool_)
        for axis, extent in (("x", screen.width_px), ("y", screen.height_px)):
            norm = _numbers(raw, f"{eye}_gaze_{axis}_norm", np.float64)
            columns[f"{eye}_{axis}_px"] = np.where(valid, norm * extent, np.nan)
        pupil_valid = _numbers(raw, f"{eye}_pupil_valid", np.bool_)
        pupil = _numbers(raw, f"{eye}_pupil_mm", np.float64)
        columns[f"{eye}_pupil_mm"] = np.where(pupil_valid, pupil, np.nan)
        origin_valid = _numbers(raw, f"{eye}_origin_valid", np.bool_)
        depth[row] = np.where(origin_valid, _numbers(raw, f"{eye}_origin_z_mm", np.float64), np.nan)
    columns["distance_mm"] = mean_of_eyes(*depth)
    return samples_table(columns)


def samples_table(columns: dict[str, NDArray[np.generic]]) -> pa.Table:
    """Make table ``samples`` from one array a column; a lone x or y is NaN as a pair."""
    for eye in _EYES:
        x, y = columns[f"{eye}_x_px"], columns[f"{eye}_y_px"]
        lost = np.isnan(x) | np.isnan(y)
        columns[f"{eye}_x_px"] = np.where(lost, np.nan, x)
        columns[f"{eye}_y_px"] = np.where(lost, np.nan, y)
    schema = schema_of("samples")
    return pa.Table.from_arrays(_arrays(columns, schema), schema=schema)


def raw_batch(columns: dict[str, NDArray[np.generic]]) -> pa.RecordBatch:
    """Make a batch of table ``raw_samples`` from one array a column."""
    schema = schema_of("raw_samples")
    return pa.RecordBatch.from_arrays(_arrays(columns, schema), schema=schema)


def _arrays(columns: dict[str, NDArray[np.generic]], schema: pa.Schema) -> list[pa.Array]:
    return [
        pa.array(columns[f.name].astype(f.type.to_pandas_dtype(), copy=False), f.type)
        for f in schema
    ]


def mean_of_eyes(left: _Floats, right: _Floats) -> _Floats:
    """Average two columns of lengths where both are positive, take the one that is, else NaN."""
    depth = np.stack([left, right])
    good = depth > 0
    count = good.sum(axis=0)
    total = np.where(good, depth, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _numbers(batch: pa.RecordBatch, name: str, dtype: type[np.generic]) -> NDArray[np.generic]:
    values: NDArray[np.generic] = batch.column(name).to_numpy(zero_copy_only=False)
    return values.astype(dtype, copy=False)
