"""What does a worker do? It makes units, each written whole, and says what became of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from gazekit.build.config import BuildConfig
from gazekit.build.gaze import PlacedGaze, place_gaze
from gazekit.build.plan import ImageUnit, PlannedSource, ReadingUnit
from gazekit.build.reading import build_reading
from gazekit.build.rows import image_row
from gazekit.build.store import UnitRecord, load_parts, read_unit, write_unit
from gazekit.model.errors import GazekitError
from gazekit.model.schemas import table_of
from gazekit.read import Exclusion, ReadingInput, in_display_px

if TYPE_CHECKING:
    from gazekit.image import DisplayImage

__all__ = ["ImageTask", "ReadingTask", "Task"]


@dataclass(frozen=True)
class ImageTask:
    """Decode every copy of each image, and encode one as an 8-bit PNG."""

    units: tuple[ImageUnit, ...]
    root: Path
    config: BuildConfig

    def run(self) -> int:
        """Make the units; return how many."""
        for unit in self.units:
            self._make(unit)
        return len(self.units)

    def _make(self, unit: ImageUnit) -> None:
        record = unit.image.record
        png: bytes | None = None
        failed: dict[str, Exclusion] = {}
        for source, image in unit.copies.items():
            try:
                shown = image.load()
                if self.config.images.embed:
                    png = png or self._encode(shown)
            except GazekitError as error:
                failed[source] = Exclusion.because(
                    "image", record.image_id, reason="image_undecodable", error=error
                )
        made = UnitRecord(
            key=unit.key,
            unit_id=record.image_id,
            source="image",
            source_sha256="",
            excluded=tuple(failed.values()),
            tried=tuple(unit.copies),
            failed=tuple(failed),
        )
        rows = []
        if len(failed) < len(unit.copies):
            rows = [image_row(record, split=unit.split, png=png)]
        write_unit(self.root, made, {"images": table_of("images", rows)} if rows else {})

    def _encode(self, shown: "DisplayImage") -> bytes:
        from gazekit.image import encode_png

        return encode_png(shown.to_uint8(), max_px=self.config.images.max_px)


@dataclass(frozen=True)
class ReadingTask:
    """Build readings of one source, in one pass over its samples."""

    planned: PlannedSource
    units: tuple[ReadingUnit, ...]
    root: Path
    config: BuildConfig

    def run(self) -> int:
        """Make the units; return how many. A reading that cannot be built is left out.

        Where the gaze of a reading is placed already, its recording is not read again.
        """
        units = {u.reading.reading_id: u for u in self.units if not self._from_gaze(u)}
        while units:
            error = self._make_some(units)
            if units:
                # Sources read in the order of the names: the first that is left is at fault.
                failed = units.pop(next(iter(units)))
                self._leave_out(failed, error or GazekitError("the source did not give it"))
        return len(self.units)

    def _make_some(self, units: dict[str, ReadingUnit]) -> GazekitError | None:
        """Make units, taking them out of `units`, until the source ends or fails."""
        loaded = self.planned.source.load(list(units), self.planned.catalogue)
        while True:
            try:
                source = next(loaded, None)
            except GazekitError as error:
                return error
            if source is None:
                return None
            self._make(units.pop(source.reading.reading_id), source)

    def _from_gaze(self, unit: ReadingUnit) -> bool:
        """Make a reading from its placed gaze, and say whether that is there."""
        record = read_unit(self.root, unit.gaze_key)
        if record is None:
            return False
        placed = None
        if record.sections:
            placed = PlacedGaze.of(load_parts(self.root, unit.gaze_key))
        self._rows(unit, placed, record.excluded)
        return True

    def _make(self, unit: ReadingUnit, source: ReadingInput) -> None:
        try:
            placed = place_gaze(in_display_px(source), self.config)
        except GazekitError as error:
            self._leave_out(unit, error)
            return
        if isinstance(placed, Exclusion):
            self._gaze(unit, None, (placed,))
            return
        self._gaze(unit, placed, ())

    def _gaze(
        self, unit: ReadingUnit, placed: PlacedGaze | None, excluded: tuple[Exclusion, ...]
    ) -> None:
        """Keep the placed gaze, then make the rows."""
        made = self._record(unit, unit.gaze_key, excluded)
        write_unit(self.root, made, {} if placed is None else placed.tables())
        self._rows(unit, placed, excluded)

    def _rows(
        self, unit: ReadingUnit, placed: PlacedGaze | None, excluded: tuple[Exclusion, ...]
    ) -> None:
        tables: dict[str, pa.Table] = {}
        if placed is not None:
            parts = build_reading(placed, split=unit.split, config=self.config)
            tables, excluded = parts.tables, (*excluded, *parts.excluded)
        write_unit(self.root, self._record(unit, unit.key, excluded), tables)

    def _leave_out(self, unit: ReadingUnit, error: GazekitError) -> None:
        name = unit.reading.reading_id
        found = Exclusion.because("reading", name, reason="reading_damaged", error=error)
        self._gaze(unit, None, (found,))

    def _record(self, unit: ReadingUnit, key: str, excluded: tuple[Exclusion, ...]) -> UnitRecord:
        name = unit.reading.reading_id
        return UnitRecord(
            key=key,
            unit_id=name,
            source=self.planned.source.kind,
            source_sha256=self.planned.catalogue.hash_of(name),
            excluded=excluded,
        )


Task = ImageTask | ReadingTask
