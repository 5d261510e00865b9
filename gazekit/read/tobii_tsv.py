"""How is a recording of the old Tobii SDK (TX300 and its time) read? One TSV file a recording.

Columns: ``Time`` in microseconds of the device, ``LGazePos2dx`` ... normalised to the display,
``LEyePos3dz`` in mm, ``LPupilDm`` in mm, ``LValidity`` from 0 (sure) to 4 (lost). Gaze that is
missing stands as -1 with validity 4; validity 2 and above is not used (Tobii SDK Developer Guide
3.0: "2 or higher should be discarded").
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord
from gazekit.read.delimited import Delimited
from gazekit.read.raw import mean_of_eyes, samples_table
from gazekit.read.recording import Chunk, OneFile

__all__ = ["TobiiTsvFile", "is_tobii_tsv", "read_tobii_tsv"]

_MAX_VALIDITY = 1
_EYES = {"left": "L", "right": "R"}
_COLUMNS = (
    "Time",
    *(
        f"{eye}{name}"
        for eye in "LR"
        for name in ("GazePos2dx", "GazePos2dy", "EyePos3dz", "PupilDm", "Validity")
    ),
)


def read_tobii_tsv(path: Path, screen: ScreenRecord) -> pa.Table:
    """Read one recording into table ``samples``; time is the device's.

    Raises
    ------
    DataError
        Not a tab-separated file with the old SDK's columns and numbers, or no row in it.
    """
    try:
        options = pc.ConvertOptions(include_columns=list(_COLUMNS))
        raw = pc.read_csv(
            path, parse_options=pc.ParseOptions(delimiter="\t"), convert_options=options
        )
        columns = {
            name: raw.column(name).cast(pa.int64() if name == "Time" else pa.float64()).to_numpy()
            for name in _COLUMNS
        }
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        raise DataError(
            "not a recording of the old Tobii SDK",
            where=path.name,
            expected="a TSV file with Time, LGazePos2dx, LValidity, ...",
            found=str(error).splitlines()[0] if path.is_file() else "no such file",
        ) from error
    if raw.num_rows == 0:
        raise DataError("the recording has no row", where=path.name)
    return samples_table(_converted(columns, screen))


def _converted(
    raw: dict[str, NDArray[np.generic]], screen: ScreenRecord
) -> dict[str, NDArray[np.generic]]:
    columns: dict[str, NDArray[np.generic]] = {"time_us": raw["Time"]}
    depths = []
    for eye, letter in _EYES.items():
        x, y = (raw[f"{letter}GazePos2d{axis}"].astype(np.float64) for axis in "xy")
        lost = (raw[f"{letter}Validity"].astype(np.float64) > _MAX_VALIDITY) | (
            (x == -1.0) & (y == -1.0)
        )
        columns[f"{eye}_x_px"] = np.where(lost, np.nan, x * screen.width_px)
        columns[f"{eye}_y_px"] = np.where(lost, np.nan, y * screen.height_px)
        pupil = raw[f"{letter}PupilDm"].astype(np.float64)
        columns[f"{eye}_pupil_mm"] = np.where(lost | (pupil <= 0), np.nan, pupil)
        depth = raw[f"{letter}EyePos3dz"].astype(np.float64)
        depths.append(np.where(lost, np.nan, depth))
    columns["distance_mm"] = mean_of_eyes(*depths)
    return columns


def is_tobii_tsv(path: Path) -> bool:
    """Tell whether a file is a recording of the old SDK, by its header."""
    try:
        return set(_COLUMNS) <= set(Delimited(path, "\t").header())
    except DataError:
        return False


class TobiiTsvFile(OneFile):
    """One recording; read whole, since the old SDK wrote one file for each trial."""

    def chunks(self) -> Iterator[Chunk]:
        """Read it, as one chunk."""
        yield Chunk(read_tobii_tsv(self.path, self.screen))
