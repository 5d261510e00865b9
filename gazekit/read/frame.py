"""Where is gaze on an image that was turned, when a source gave it on the pixels of the file?"""

from dataclasses import replace

import msgspec
import numpy as np
import pyarrow as pa

from gazekit.model.geometry import Affine
from gazekit.model.records import FindingRecord, ViewState
from gazekit.read.inputs import ReadingInput

__all__ = ["in_display_px"]


def in_display_px(source: ReadingInput) -> ReadingInput:
    """Return a reading whose views, fixations and findings refer to the displayed pixels.

    A reading is returned as it is where the image was not turned, or where it refers to displayed
    pixels already, as every recorded session does.
    """
    turn = source.image.record.source_to_display
    if turn is None or not source.image.gaze_in_file:
        return source
    affine = Affine(*turn)
    return replace(
        source,
        views=tuple(_view(view, affine) for view in source.views),
        fixations=None if source.fixations is None else _fixations(source.fixations, affine),
        findings=tuple(_finding(finding, affine) for finding in source.findings),
    )


def _view(view: ViewState, turn: Affine) -> ViewState:
    if view.image_to_screen is None:
        return view
    shown = Affine(*view.image_to_screen).after(turn.inverse())
    return msgspec.structs.replace(view, image_to_screen=shown.values)


def _fixations(fixations: pa.Table, turn: Affine) -> pa.Table:
    x, y = turn.apply(fixations.column("x_px").to_numpy(), fixations.column("y_px").to_numpy())
    wide, high = (fixations.column(f"sigma_{axis}_px").to_numpy() for axis in "xy")
    moved = {
        "x_px": x,
        "y_px": y,
        "sigma_x_px": np.hypot(turn.a * wide, turn.b * high),
        "sigma_y_px": np.hypot(turn.d * wide, turn.e * high),
    }
    for name, values in moved.items():
        place = fixations.schema.get_field_index(name)
        fixations = fixations.set_column(place, fixations.schema.field(place), pa.array(values))
    return fixations


def _finding(finding: FindingRecord, turn: Affine) -> FindingRecord:
    corners = (finding.x0_px, finding.y0_px, finding.x1_px, finding.y1_px)
    if None in corners:
        return finding
    x, y = turn.apply(np.array(corners[::2], np.float64), np.array(corners[1::2], np.float64))
    return msgspec.structs.replace(
        finding,
        x0_px=float(x.min()),
        y0_px=float(y.min()),
        x1_px=float(x.max()),
        y1_px=float(y.max()),
    )
