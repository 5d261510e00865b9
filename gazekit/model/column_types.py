"""What do the nested columns hold? Words, findings, clusters and encoded images as Arrow types."""

import pyarrow as pa

__all__ = ["CLUSTER_TYPE", "FILE_TYPE", "FINDING_TYPE", "IMAGE_TYPE", "WORD_TYPE"]

_I64, _I32, _I16 = pa.int64(), pa.int32(), pa.int16()
_F32, _STR = pa.float32(), pa.string()

WORD_TYPE = pa.struct([("text", _STR), ("onset_us", _I64), ("offset_us", _I64)])
FINDING_TYPE = pa.struct(
    [
        ("label", _STR),
        ("assertion", _STR),
        ("origin", _STR),
        ("certainty", _I16),
        ("shape", _STR),
        ("x0_px", _F32),
        ("y0_px", _F32),
        ("x1_px", _F32),
        ("y1_px", _F32),
    ]
)
CLUSTER_TYPE = pa.struct(
    [
        ("order", _I16),
        ("onset_us", _I64),
        ("offset_us", _I64),
        ("time_us", _I64),
        ("duration_us", _I64),
        ("n_fixations", _I32),
        ("centroid_x_px", _F32),
        ("centroid_y_px", _F32),
        ("x0_px", _F32),
        ("y0_px", _F32),
        ("x1_px", _F32),
        ("y1_px", _F32),
    ]
)
"""A place of a key frame's gaze, in the order in which they were looked at.

`order`: from 0. `onset_us`, `offset_us`: first and last gaze in it; `time_us`: the mean. All from
the reading's onset. `duration_us`: gaze in it. `n_fixations`: null where raw samples made it.
Centroid and box in image px, from gaze and never truth; the box is null where the map has none.
"""
FILE_TYPE = pa.struct([("bytes", pa.binary()), ("path", _STR)])
"""A whole file and a name for it, as Hugging Face datasets has pictures and sound."""
IMAGE_TYPE = FILE_TYPE
