"""What does a dataset keep of cleaned gaze, where samples are asked for?"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.align.fixations import image_of_states
from gazekit.clean import Gaze, off_image, off_screen
from gazekit.model.geometry import ViewTrack
from gazekit.model.schemas import dataset_schema, schema_of
from gazekit.read import ReadingInput

__all__ = ["cleaned_samples", "with_ids"]

_IDS = ("reading_id", "reader_id", "patient_id", "split")
_TABLE = "cleaned_samples"


def cleaned_samples(source: ReadingInput, gaze: Gaze) -> pa.Table:
    """Make the samples of one reading, without its ids; times from its onset.

    Each bears the image of its view, the first of the study where there is none. A gap that was
    not filled has no gaze; one that was is marked, and so is its gaze.
    """
    views = ViewTrack(source.views)
    records, screen = [image.record for image in source.images], source.screen
    x, y, index = views.to_image(gaze.time_us, gaze.x_px, gaze.y_px)
    which = image_of_states(views.states, records)[index]
    wide, high = (np.array([getattr(r, f"{s}_px") for r in records]) for s in ("width", "height"))
    size = (wide[which], high[which])
    time = gaze.time_us
    columns: dict[str, NDArray[np.generic]] = {
        "image_id": np.array([record.image_id for record in records], object)[which],
        "sample_index": np.arange(time.size),
        "time_us": time - source.reading.onset_us,
        "screen_x_px": gaze.x_px,
        "screen_y_px": gaze.y_px,
        "x_px": x,
        "y_px": y,
        "view_index": index,
        "gap": gaze.filled | ~gaze.valid,
        "filled": gaze.filled,
        "blink": _blinks(gaze),
        "off_screen": off_screen(screen, gaze.x_px, gaze.y_px),
        "off_image": off_image(views, time, gaze.x_px, gaze.y_px, size_px=size),
    }
    fields = [field for field in schema_of(_TABLE) if field.name not in _IDS]
    arrays = [
        pa.array(_as(columns[f.name], f.type), f.type, from_pandas=f.nullable) for f in fields
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _as(values: NDArray[np.generic], kind: pa.DataType) -> NDArray[np.generic]:
    return values if pa.types.is_string(kind) else values.astype(kind.to_pandas_dtype())


def with_ids(table: str, rows: pa.Table, ids: dict[str, str | None]) -> pa.Table:
    """Put the ids of a reading before its rows of table ``samples`` or ``audio``."""
    schema, n = dataset_schema(table), rows.num_rows
    arrays = [
        rows.column(field.name)
        if field.name in rows.column_names
        else pa.repeat(pa.scalar(ids[field.name], pa.string()), n)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _blinks(gaze: Gaze) -> NDArray[np.bool_]:
    """Mark the samples of blinks: those between the valid ones that bound such a gap."""
    marked = np.zeros(gaze.time_us.size, bool)
    for gap in gaze.gaps:
        if gap.cause == "blink":
            marked |= (gaze.time_us > gap.onset_us) & (gaze.time_us < gap.offset_us)
    return marked
