"""What do EGD-CXR's tables hold, and how do they hang together, without the records themselves?"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gazekit.model.errors import DataError
from gazekit.model.geometry import angle_deg
from gazekit.read.delimited import Delimited
from gazekit.read.egd_gaze import SCREEN, last_fixation_px
from gazekit.read.egd_index import Stretch, calibration_of, index_records
from gazekit.read.exclusions import Exclusion
from gazekit.read.places import EgdPlaces, published_table

__all__ = ["EgdTables"]

_MASTER = ("dicom_id", "path", "patient_id")


class EgdTables:
    """What the tables hold, without the records themselves."""

    def __init__(self, places: EgdPlaces) -> None:
        self.places = places
        self.has_samples = places.samples.is_file()
        rows = list(published_table(places.master).rows(_MASTER))
        counts = Counter(row.text("dicom_id") for row in rows)
        self.twice = {name for name, count in counts.items() if count > 1}
        self.master = {row.text("dicom_id"): row for row in rows}
        self._all = index_records(places.records)
        self.stretches = [s for s in self._all if s.dicom_id in self.master]
        self._showings: dict[str, list[Stretch]] = defaultdict(list)
        for stretch in self.stretches:
            self._showings[stretch.dicom_id].append(stretch)
        self._places = _places(self.stretches)
        self._calibrations = self._checks()

    def file(self, stretch: Stretch) -> Delimited:
        """Return the records of one image."""
        return self._part(self.places.records, stretch)

    def showing(self, stretch: Stretch) -> int:
        """Return how many times the image had been shown before."""
        return self._showings[stretch.dicom_id].index(stretch)

    def place(self, stretch: Stretch) -> int:
        """Return how many images of the session had been shown before."""
        return self._places[stretch]

    def strangers(self) -> list[Exclusion]:
        """List records of images that the master sheet does not know, without their ids."""
        found = []
        for stretch in self._all:
            if stretch.dicom_id in self.master or calibration_of(stretch, self.master):
                continue
            where = f"session {stretch.session}, media {stretch.media}"
            error = DataError(
                "the image is not in the master sheet",
                where=f"{self.places.records.name}, row {stretch.row}, column DICOM_ID",
            )
            found.append(
                Exclusion.because("recording", where, reason="recording_damaged", error=error)
            )
        return found

    def accuracy_before(self, stretch: Stretch) -> float | None:
        """Return the error in degrees at the last calibration image before, in the session."""
        tick = stretch.first_tick
        known = [
            error
            for check, error in self._calibrations
            if check.session == stretch.session
            and tick is not None
            and check.first_tick is not None
            and check.first_tick <= tick
        ]
        return known[-1] if known else None

    def _checks(self) -> list[tuple[Stretch, float]]:
        """Measure gaze on the calibration image; its disc stood in the middle of the screen."""
        path = self.places.fixations if self.places.fixations.is_file() else self.places.records
        found = []
        for stretch in index_records(path):
            if not calibration_of(stretch, self.master):
                continue
            seen = last_fixation_px(self._part(path, stretch))
            if seen is not None:
                middle = SCREEN.width_px / 2, SCREEN.height_px / 2
                found.append((stretch, float(angle_deg(SCREEN, *seen, *middle))))
        return found

    @staticmethod
    def _part(path: Path, stretch: Stretch) -> Delimited:
        return replace(published_table(path), spans=stretch.spans, first_row=stretch.row)


def _places(stretches: Sequence[Stretch]) -> dict[Stretch, int]:
    """Return each image's place in its session, in the order in which they were shown."""
    counts: Counter[str] = Counter()
    places = {}
    for stretch in stretches:
        places[stretch] = counts[stretch.session]
        counts[stretch.session] += 1
    return places
