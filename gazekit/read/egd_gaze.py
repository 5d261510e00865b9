"""How do EGD-CXR's tracker records become gaze on the screen, and the view of the image?

The image was resized onto a canvas with black pads and shown full-screen on 1920 x 1080. The
published code divides by a height of 1080, its canvas may be 1024 high: the height follows from
the image and its pads, and gaze is mapped with that one (Karargyris et al. 2021,
doi:10.1038/s41597-021-00863-5, and its code). FPOG is the tracker's running fixation, BPOG the
gaze itself; X_ORIGINAL, Y_ORIGINAL are computed from FPOG and serve as a check only.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.geometry import Affine, image_px_per_degree
from gazekit.model.records import ImageRecord, ScreenRecord, ViewState
from gazekit.read.cells import cell_error, column_key
from gazekit.read.delimited import Delimited, numbers_of
from gazekit.read.inputs import GIVEN_FIXATIONS
from gazekit.read.raw import samples_table

__all__ = ["SCREEN", "Canvas", "Pads", "last_fixation_px", "read_fixations", "read_gaze"]

_Floats = NDArray[np.float64]

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=476.6, height_mm=268.1, distance_mm=650.0
)
"""The display; its pixels are published. 21.5 inches at 650 mm stand in for its size."""

_HEIGHTS = (1080, 1024)
_SLACK_PX = 2
_MAX_ERROR_PX = 4.0
_TIME = "Time (in secs)"


@dataclass(frozen=True)
class Pads:
    """Black borders around the image on the canvas, in canvas pixels."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Canvas:
    """The image on its canvas, and the canvas on the screen."""

    pads: Pads
    height_px: int
    expected: bool
    view: Affine
    clip_px: tuple[float, float, float, float]

    @classmethod
    def of(cls, pads: Pads, image: ImageRecord, *, where: str) -> "Canvas":
        """Derive the canvas's height from the image and its pads.

        Raises
        ------
        DataError
            The pads leave nothing of the canvas.
        """
        width = SCREEN.width_px - pads.left - pads.right
        if width <= 0 or min(pads.top, pads.bottom, pads.left, pads.right) < 0:
            raise DataError(
                "the pads do not fit the canvas", where=f"{where}, column image_left_pad",
                expected=f"pads from 0 that leave some of {SCREEN.width_px} px", found=pads,
            )  # fmt: skip
        derived = round(image.height_px * width / image.width_px) + pads.top + pads.bottom
        near = [h for h in _HEIGHTS if abs(h - derived) <= _SLACK_PX]
        height = near[0] if near else derived
        if height - pads.top - pads.bottom <= 0:
            raise DataError("the pads do not fit the canvas", where=where, found=pads)
        stretch = SCREEN.height_px / height
        along_x = width / _even(image.width_px)
        along_y = (height - pads.top - pads.bottom) / _even(image.height_px) * stretch
        top = pads.top * stretch
        clip = (
            float(pads.left), top,
            float(SCREEN.width_px - pads.right), (height - pads.bottom) * stretch,
        )  # fmt: skip
        view = Affine(along_x, 0.0, float(pads.left), 0.0, along_y, top)
        return cls(pads, height, bool(near), view, clip)

    def state(self, image: ImageRecord, reading_id: str) -> ViewState:
        """Return the one view of a reading: nobody could zoom, pan or window."""
        return ViewState(
            time_us=0,
            image_id=image.image_id,
            image_to_screen=self.view.values,
            clip_px=self.clip_px,
            reading_id=reading_id,
        )


def read_gaze(file: Delimited, canvas: Canvas) -> pa.Table:
    """Read the samples of one image: BPOG where valid, on the screen; pupils in mm.

    Raises
    ------
    DataError
        A column is missing, a cell is no number, a time goes back, or X_ORIGINAL contradicts the
        image's size.
    """
    columns = _read(file, (_TIME, "BPOGX", "BPOGY", "BPOGV"), _optional(file))
    time_us = _times(columns[_TIME], file)
    _check_published(columns, canvas, file)
    lost = np.full(time_us.size, np.nan)
    valid = columns["BPOGV"] == 1
    made: dict[str, NDArray[np.generic]] = {
        "time_us": time_us,
        "left_x_px": np.where(valid, columns["BPOGX"] * SCREEN.width_px, np.nan),
        "left_y_px": np.where(valid, columns["BPOGY"] * SCREEN.height_px, np.nan),
        "right_x_px": lost,
        "right_y_px": lost,
        "distance_mm": lost,
    }
    for eye, letter in (("left", "L"), ("right", "R")):
        pupil, seen = (columns.get(f"{letter}PMM{flag}", lost) for flag in ("", "V"))
        made[f"{eye}_pupil_mm"] = np.where((seen == 1) & (pupil > 0), pupil, np.nan)
    return samples_table(made)


def read_fixations(file: Delimited, canvas: Canvas, image: ImageRecord) -> pa.Table:
    """Read the tracker's own fixations of one image, those it calls valid; `GIVEN_FIXATIONS`."""
    columns = _read(file, ("FPOGX", "FPOGY", "FPOGS", "FPOGD", "FPOGV"))
    valid = columns["FPOGV"] == 1
    kept = {name: values[valid] for name, values in columns.items()}
    for name, values in columns.items():
        wrong = np.flatnonzero(~np.isfinite(values) & valid)
        if wrong.size:
            raise _fault(file, int(wrong[0]), name, "a number", "nothing")
    order = np.argsort(kept["FPOGS"], kind="stable")
    kept = {name: values[order] for name, values in kept.items()}
    screen_x, screen_y = kept["FPOGX"] * SCREEN.width_px, kept["FPOGY"] * SCREEN.height_px
    x, y = canvas.view.undo(screen_x, screen_y)
    sigma_x, sigma_y = image_px_per_degree(SCREEN, canvas.view, screen_x, screen_y)
    onset = np.rint(kept["FPOGS"] * 1e6).astype(np.int64)
    inside = (x >= 0) & (x < image.width_px) & (y >= 0) & (y < image.height_px)
    return pa.table(
        {
            "onset_us": onset,
            "offset_us": np.rint((kept["FPOGS"] + kept["FPOGD"]) * 1e6).astype(np.int64),
            "x_px": x,
            "y_px": y,
            "screen_x_px": screen_x,
            "screen_y_px": screen_y,
            "sigma_x_px": sigma_x,
            "sigma_y_px": sigma_y,
            "shown": inside.astype(np.float64),
            "view_index": np.zeros(onset.size, np.int64),
        },
        schema=GIVEN_FIXATIONS,
    )


def last_fixation_px(file: Delimited) -> tuple[float, float] | None:
    """Return the last valid fixation on the calibration image, screen px; None without one."""
    columns = _read(file, ("FPOGX", "FPOGY", "FPOGV"))
    x, y = columns["FPOGX"] * SCREEN.width_px, columns["FPOGY"] * SCREEN.height_px
    seen = np.flatnonzero((columns["FPOGV"] == 1) & np.isfinite(x) & np.isfinite(y))
    return (float(x[seen[-1]]), float(y[seen[-1]])) if seen.size else None


def _optional(file: Delimited) -> tuple[str, ...]:
    there = {column_key(name) for name in file.header()}
    wanted = ("LPMM", "LPMMV", "RPMM", "RPMMV", "FPOGX", "X_ORIGINAL")
    return tuple(name for name in wanted if column_key(name) in there)


def _read(
    file: Delimited, names: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, _Floats]:
    columns = numbers_of(file, (*names, *optional))
    if not columns:
        raise DataError("there is no record", where=file.where)
    return columns


def _times(seconds: _Floats, file: Delimited) -> NDArray[np.int64]:
    lost = np.flatnonzero(~np.isfinite(seconds))
    if lost.size:
        raise _fault(file, int(lost[0]), _TIME, "seconds", "nothing")
    time_us: NDArray[np.int64] = np.rint(seconds * 1e6).astype(np.int64)
    back = np.flatnonzero(np.diff(time_us) < 0)
    if back.size:
        at = int(back[0]) + 1
        raise _fault(file, at, _TIME, "a time after the row before", f"{seconds[at]:g}")
    return time_us


def _check_published(columns: dict[str, _Floats], canvas: Canvas, file: Delimited) -> None:
    """Compare the published place with ours; across the image the canvas's height is no matter."""
    if not {"FPOGX", "X_ORIGINAL"} <= columns.keys():
        return
    x = (columns["FPOGX"] * SCREEN.width_px - canvas.view.c) / canvas.view.a
    told = columns["X_ORIGINAL"]
    comparable = (told >= 0) & np.isfinite(x)
    if comparable.any():
        error = float(np.median(np.abs(x - told)[comparable]))
        if error > _MAX_ERROR_PX:
            at = int(np.flatnonzero(comparable)[0])
            raise _fault(
                file, at, "X_ORIGINAL", f"{x[at]:.0f} from the image's width and pads",
                f"{told[at]:.0f}",
            )  # fmt: skip


def _fault(file: Delimited, index: int, column: str, expected: object, found: object) -> DataError:
    row = file.first_row + index
    return cell_error(file.where, row, column, expected=expected, found=found)


def _even(size: int) -> int:
    """Return the size to which the published code pads an image: the next even one."""
    return size + size % 2
