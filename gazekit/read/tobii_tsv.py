"""How is a recording of the old Tobii SDK (TX300 and its time) read? One TSV file a recording.

Columns: ``Time`` in microseconds of the device, ``LGazePos2dx`` ... normalised to the display,
``LEyePos3dz`` in mm, ``LPupilDm`` in mm, ``LValidity`` from 0 (sure) to 4 (lost). Gaze that is
missing stands as -1 with validity 4; validity 2 and above is not used (Tobii SDK Developer Guide
3.0: "2 or higher should be discarded").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray

from gazekit.model.errors import DataError, GazekitError
from gazekit.model.files import sha256_bytes, sha256_file
from gazekit.model.geometry import Affine
from gazekit.model.records import ImageRecord, ReadingRecord, ScreenRecord, ViewState
from gazekit.model.viewport import Viewport
from gazekit.read.description import Placement, ReadingEntry, SourceDescription, load_description
from gazekit.read.exclusions import Exclusion
from gazekit.read.inputs import Catalogue, ImageSource, ReadingInput
from gazekit.read.raw import samples_table

__all__ = ["TobiiTsvSource", "read_tobii_tsv"]

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
        depths.append(np.where(lost | (depth <= 0), np.nan, depth))
    left, right = depths
    both = np.where(np.isnan(left), right, np.where(np.isnan(right), left, (left + right) / 2))
    columns["distance_mm"] = both
    return columns


@dataclass(frozen=True)
class TobiiTsvSource:
    """Recordings listed by a source description."""

    path: Path

    @property
    def kind(self) -> str:
        """Its name in ``readings.source``."""
        return "tobii_tsv"

    def catalogue(self) -> Catalogue:
        """Decode the images, which names them; what cannot be read is left out with a reason."""
        description = load_description(self.path)
        readings: list[ReadingRecord] = []
        images: dict[str, ImageSource] = {}
        excluded: list[Exclusion] = []
        decoded: dict[tuple[str, str | None, str | None], ImageSource | GazekitError] = {}
        for order, entry in enumerate(description.reading):
            key = (entry.image, entry.patient, entry.study)
            if key not in decoded:
                decoded[key] = self._image(entry)
            image = decoded[key]
            if isinstance(image, GazekitError):
                excluded.append(
                    Exclusion.because(
                        "reading", entry.reading_id, reason="image_undecodable", error=image
                    )
                )
                continue
            try:
                samples = read_tobii_tsv(self._beside(entry.recording), description.screen)
            except GazekitError as error:
                excluded.append(
                    Exclusion.because(
                        "recording", entry.reading_id, reason="recording_damaged", error=error
                    )
                )
                continue
            images[image.record.image_id] = image
            readings.append(_reading(entry, image.record, order, samples))
        return Catalogue(
            sha256=self._hash(description),
            readings=tuple(readings),
            images=images,
            simulated=description.source.simulated,
            excluded=tuple(excluded),
        )

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Read these readings, one recording at a time."""
        description = load_description(self.path)
        entries = {entry.reading_id: entry for entry in description.reading}
        for reading in catalogue.readings:
            if reading.reading_id not in reading_ids:
                continue
            entry, image = entries[reading.reading_id], catalogue.images[reading.image_id]
            yield ReadingInput(
                reading=reading,
                source=self.kind,
                source_sha256=catalogue.sha256,
                screen=description.screen,
                samples=read_tobii_tsv(self._beside(entry.recording), description.screen),
                views=(_view(entry.placement, image.record, description.screen, reading.onset_us),),
                image=image,
                simulated=description.source.simulated,
                dictated=False,
            )

    def _beside(self, name: str) -> Path:
        return self.path.parent / name

    def _image(self, entry: ReadingEntry) -> ImageSource | GazekitError:
        from gazekit.image import read_image

        path = self._beside(entry.image)
        try:
            shown = read_image(path, patient_id=entry.patient, study_id=entry.study)
        except GazekitError as error:
            return error
        return ImageSource(shown.record, path, stored=False)

    def _hash(self, description: SourceDescription) -> str:
        names = {n for entry in description.reading for n in (entry.recording, entry.image)}
        files = [self.path, *(self._beside(name) for name in sorted(names))]
        return sha256_bytes("".join(sha256_file(f) for f in files if f.is_file()).encode())


def _reading(
    entry: ReadingEntry, image: ImageRecord, order: int, samples: pa.Table
) -> ReadingRecord:
    times = samples.column("time_us").to_numpy()
    return ReadingRecord(
        reading_id=entry.reading_id,
        reader_id=entry.reader,
        image_id=image.image_id,
        onset_us=int(times[0]),
        offset_us=int(times[-1]) + int(np.median(np.diff(times))) if times.size > 1 else None,
        outcome="complete",
        patient_id=entry.patient,
        study_id=entry.study,
        order=order,
    )


def _view(
    placement: Placement, image: ImageRecord, screen: ScreenRecord, onset_us: int
) -> ViewState:
    whole = (0.0, 0.0, float(screen.width_px), float(screen.height_px))
    if placement == "fit":
        return Viewport.fit(image, whole).state(onset_us)
    x0, y0, x1, y1 = placement
    view = Affine((x1 - x0) / image.width_px, 0.0, x0, 0.0, (y1 - y0) / image.height_px, y0)
    return ViewState(
        time_us=onset_us, image_id=image.image_id, image_to_screen=view.values, clip_px=whole
    )
